import { invalidRequest } from '../../../support/sentences.js';
import type { Row } from '../row.js';
import type { Ask } from '../stand.mjs';
import { user } from '../tokens.js';

const token = user();
const header = (value: string): Ask => ({ headers: [['Authorization', value]] });
const FORM = [['Content-Type', 'application/x-www-form-urlencoded']] as const;
const JSON_BODY = [['Content-Type', 'application/json']] as const;
const form = (body: string, headers: Ask = {}): Ask => ({
  method: 'POST',
  body,
  ...headers,
  headers: [...FORM, ...(headers.headers ?? [])],
});

export const location: readonly Row[] = [
  {
    name: 'a token in the header',
    token,
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'a token in the header, Express 4 and Passport 0.6',
    generation: 'old',
    token,
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'a token in the header of a POST',
    token,
    request: { method: 'POST' },
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  { name: 'no token', original: '401; token is not found', ours: '401; Bearer' },
  {
    name: 'no token, Express 4 and Passport 0.6',
    generation: 'old',
    original: '401; token is not found',
    ours: '401; Bearer',
  },
  {
    name: 'no token, custom callback',
    host: 'callback',
    original: 'callback(error null, user false, info "token is not found"); no challenge',
    ours: 'callback(error null, user false, info "Bearer", status 401); no challenge',
  },
  {
    name: 'scheme in lower case',
    request: header(`bearer ${token}`),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'scheme in capitals',
    request: header(`BEARER ${token}`),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'two spaces after the scheme',
    request: header(`Bearer  ${token}`),
    original: '401; token is not found',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'a tab after the scheme',
    request: header(`Bearer\t${token}`),
    original: '401; token is not found',
    ours: `400; ${invalidRequest('header')}`,
  },
  {
    name: 'a space after the token',
    request: header(`Bearer ${token} `),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'a word after the token',
    request: header(`Bearer ${token} x`),
    original: '401; token is not found',
    ours: `400; ${invalidRequest('header')}`,
  },
  {
    name: 'a comma after the token',
    request: header(`Bearer ${token},`),
    original: '401; error: invalid_token',
    ours: `400; ${invalidRequest('header')}`,
    legacy: '401; token is not found',
  },
  {
    name: 'the token in quotes',
    request: header(`Bearer "${token}"`),
    original: '401; error: invalid_token',
    ours: `400; ${invalidRequest('header')}`,
    legacy: '401; token is not found',
  },
  {
    name: 'the token without a scheme',
    request: header(token),
    original: '401; token is not found',
    ours: '401; Bearer',
  },
  {
    name: 'the scheme without a token',
    request: header('Bearer'),
    original: '401; token is not found',
    ours: `400; ${invalidRequest('header')}`,
  },
  {
    name: 'the scheme and a space',
    request: header('Bearer '),
    original: '401; token is not found',
    ours: `400; ${invalidRequest('header')}`,
  },
  {
    name: 'an empty header',
    request: header(''),
    original: '401; token is not found',
    ours: `400; ${invalidRequest('header')}`,
  },
  {
    name: 'Basic',
    request: header('Basic YWRhOnNlY3JldA=='),
    original: '401; token is not found',
    ours: '401; Bearer',
  },
  {
    name: 'Basic with the token',
    request: header(`Basic ${token}`),
    original: '401; token is not found',
    ours: '401; Bearer',
  },
  {
    name: 'the scheme JWT',
    request: header(`JWT ${token}`),
    original: '401; token is not found',
    ours: '401; Bearer',
  },
  {
    name: 'a scheme that begins with Bearer',
    request: header(`BearerX ${token}`),
    original: '401; token is not found',
    ours: '401; Bearer',
  },
  {
    name: 'the header twice, with the token in both',
    request: {
      headers: [
        ['Authorization', `Bearer ${token}`],
        ['Authorization', `Bearer ${token}`],
      ],
    },
    original: '200, user {}, authInfo claims',
    ours: `400; ${invalidRequest('header')}`,
    legacy: '401; token is not found',
  },
  {
    name: 'the header twice, with Basic after it',
    request: {
      headers: [
        ['Authorization', `Bearer ${token}`],
        ['Authorization', 'Basic YTpi'],
      ],
    },
    original: '200, user {}, authInfo claims',
    ours: `400; ${invalidRequest('header')}`,
    legacy: '401; token is not found',
  },
  {
    name: 'the name of the header in lower case',
    request: { headers: [['authorization', `Bearer ${token}`]] },
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'the token in X-Authorization',
    request: { headers: [['X-Authorization', `Bearer ${token}`]] },
    original: '401; token is not found',
    ours: '401; Bearer',
  },
  {
    name: 'the token in a cookie',
    request: { headers: [['Cookie', `access_token=${token}`]] },
    original: '401; token is not found',
    ours: '401; Bearer',
  },
  {
    name: "the token in App Service's header",
    request: { headers: [['X-MS-TOKEN-AAD-ACCESS-TOKEN', token]] },
    original: '401; token is not found',
    ours: '401; Bearer',
  },
  {
    name: 'the token in a form',
    request: form(`access_token=${token}`),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'the token in a form, Express 4 and Passport 0.6',
    generation: 'old',
    request: form(`access_token=${token}`),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'the token in a JSON body',
    request: { method: 'POST', headers: JSON_BODY, body: JSON.stringify({ access_token: token }) },
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'the token in a JSON body of a PUT',
    request: { method: 'PUT', headers: JSON_BODY, body: JSON.stringify({ access_token: token }) },
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'the token in a form that came with GET',
    request: form(`access_token=${token}`, { method: 'GET' }),
    original: '200, user {}, authInfo claims',
    ours: '401; Bearer',
    legacy: '401; token is not found',
  },
  {
    name: 'the token in a form with other fields',
    request: form(`a=1&access_token=${token}&b=2`),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'the token twice in a form',
    request: form(`access_token=${token}&access_token=${token}`),
    original: '401; error: invalid_token',
    ours: `400; ${invalidRequest('body')}`,
    legacy:
      '401; In Strategy.prototype.authenticate: access_token cannot be passed in both request header and body',
  },
  {
    name: 'the token in a nested field of a form',
    request: form(`access_token[a]=${token}`),
    original: '401; error: invalid_token',
    ours: `400; ${invalidRequest('body')}`,
    legacy:
      '401; In Strategy.prototype.authenticate: access_token cannot be passed in both request header and body',
  },
  {
    name: 'a number as access_token in a JSON body',
    request: { method: 'POST', headers: JSON_BODY, body: '{"access_token":7}' },
    original: '401; error: invalid_token',
    ours: `400; ${invalidRequest('body')}`,
    legacy:
      '401; In Strategy.prototype.authenticate: access_token cannot be passed in both request header and body',
  },
  {
    name: 'true as access_token in a JSON body',
    request: { method: 'POST', headers: JSON_BODY, body: '{"access_token":true}' },
    original: '401; error: invalid_token',
    ours: `400; ${invalidRequest('body')}`,
    legacy:
      '401; In Strategy.prototype.authenticate: access_token cannot be passed in both request header and body',
  },
  {
    name: 'a list as access_token in a JSON body',
    request: { method: 'POST', headers: JSON_BODY, body: JSON.stringify({ access_token: [token] }) },
    original: '401; error: invalid_token',
    ours: `400; ${invalidRequest('body')}`,
    legacy:
      '401; In Strategy.prototype.authenticate: access_token cannot be passed in both request header and body',
  },
  {
    name: 'an empty access_token in a form',
    request: form('access_token='),
    original: '401; token is not found',
    ours: '401; Bearer',
  },
  {
    name: 'an empty access_token in a form, with the header',
    token,
    request: form('access_token='),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'the token in the header and in a form',
    token,
    request: form(`access_token=${token}`),
    original:
      '401; In Strategy.prototype.authenticate: access_token cannot be passed in both request header and body',
    ours: `400; ${invalidRequest('header and body')}`,
  },
  {
    name: 'the token in a form, with Basic',
    request: form(`access_token=${token}`, header('Basic YTpi')),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'the token in a form, with a broken header',
    request: form(`access_token=${token}`, header('Bearer a b')),
    original: '200, user {}, authInfo claims',
    ours: `400; ${invalidRequest('header')}`,
    legacy:
      '401; In Strategy.prototype.authenticate: access_token cannot be passed in both request header and body',
  },
  {
    name: 'the token in a form, in a field of another name',
    request: form(`token=${token}`),
    original: '401; token is not found',
    ours: '401; Bearer',
  },
  {
    name: 'the token in the query',
    request: { path: `/?access_token=${token}` },
    original:
      '401; In Strategy.prototype.authenticate: access_token should be passed in request header or body. query is unsupported',
    ours: `400; ${invalidRequest('query')}`,
  },
  {
    name: 'the token in the header and in the query',
    token,
    request: { path: `/?access_token=${token}` },
    original:
      '401; In Strategy.prototype.authenticate: access_token should be passed in request header or body. query is unsupported',
    ours: `400; ${invalidRequest('query')}`,
  },
  {
    name: 'the token in the header, and an empty one in the query',
    token,
    request: { path: '/?access_token=' },
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'the token in the header, and other things in the query',
    token,
    request: { path: '/?a=1&token=x' },
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'the token in a form and in the query',
    request: form(`access_token=${token}`, { path: '/?access_token=x' }),
    original:
      '401; In Strategy.prototype.authenticate: access_token should be passed in request header or body. query is unsupported',
    ours: `400; ${invalidRequest('query')}`,
  },
  {
    name: 'a token with HEAD',
    token,
    request: { method: 'HEAD' },
    original: '200, user undefined, authInfo undefined',
    ours: '200, user undefined, authInfo undefined',
  },
  {
    name: 'a preflight, which has no token',
    request: {
      method: 'OPTIONS',
      headers: [
        ['Origin', 'https://app.example'],
        ['Access-Control-Request-Method', 'GET'],
      ],
    },
    original: '401; token is not found',
    ours: '401; Bearer',
  },
  {
    name: 'a token in the header, custom callback',
    host: 'callback',
    token,
    original: 'callback(error null, user {}, info claims)',
    ours: 'callback(error null, user {}, info claims)',
  },
];
