import type { LocalEntra } from '@entra-guard/testing';
import { sentenceOf } from '../../../support/sentences.js';
import { bearer, challenge, get, type HttpRow, type Refused } from '../row.js';

/** RFC 6750 section 3.1: a request without credentials is told where to get some, and no error. */
const missing: Refused = {
  status: 401,
  code: 'credentials_missing',
  challenge: 'Bearer realm="{tenant}"',
};
const malformed: Refused = {
  status: 400,
  code: 'credentials_malformed',
  challenge: challenge('invalid_request', sentenceOf('credentials_malformed')),
};
const granted = { status: 200, body: { kind: 'user', scopes: ['Orders.Read'] } } as const;

const ada = (entra: LocalEntra) => entra.user('ada', { scp: 'Orders.Read' });

export const credentialRows: readonly HttpRow[] = [
  {
    name: 'a token in one Bearer header is read',
    request: (entra) => get('/orders', bearer(ada(entra))),
    expect: granted,
  },
  { name: 'no credentials are 401 without an error code', request: () => get('/orders'), expect: missing },
  {
    name: 'Basic credentials are none of ours: 401 without an error code',
    request: () => get('/orders', ['Authorization', 'Basic YWRhOnNlY3JldA==']),
    expect: missing,
  },
  {
    name: 'a DPoP token is none of ours: 401 without an error code',
    request: (entra) => get('/orders', ['Authorization', `DPoP ${ada(entra).token}`]),
    expect: missing,
  },
  {
    name: 'an empty Authorization header is malformed',
    request: () => get('/orders', ['Authorization', '']),
    expect: malformed,
  },
  {
    name: 'Bearer without a token is malformed',
    request: () => get('/orders', ['Authorization', 'Bearer']),
    expect: malformed,
  },
  {
    name: 'a token without its scheme is none of ours',
    request: (entra) => get('/orders', ['Authorization', ada(entra).token]),
    expect: missing,
  },
  {
    name: 'two tokens in one header are malformed',
    request: (entra) => get('/orders', ['Authorization', `Bearer ${ada(entra).token} ${ada(entra).token}`]),
    expect: malformed,
  },
  {
    name: 'two credentials joined by a comma are malformed',
    request: (entra) =>
      get('/orders', ['Authorization', `Bearer ${ada(entra).token}, Bearer ${ada(entra).token}`]),
    expect: malformed,
  },
  {
    name: 'trailing garbage after the token is malformed',
    request: (entra) => get('/orders', ['Authorization', `Bearer ${ada(entra).token};charset=utf-8`]),
    expect: malformed,
  },
  {
    name: 'a tab between scheme and token is malformed',
    request: (entra) => get('/orders', ['Authorization', `Bearer\t${ada(entra).token}`]),
    expect: malformed,
  },
  {
    name: 'a token in quotes is malformed',
    request: (entra) => get('/orders', ['Authorization', `Bearer "${ada(entra).token}"`]),
    expect: malformed,
  },
  {
    name: 'the scheme is not case-sensitive: bearer will do',
    request: (entra) => get('/orders', ['Authorization', `bearer ${ada(entra).token}`]),
    expect: granted,
  },
  {
    name: 'the header name is not case-sensitive',
    request: (entra) => get('/orders', ['aUTHORIZATION', `BEARER ${ada(entra).token}`]),
    expect: granted,
  },
  {
    name: 'several spaces between scheme and token are allowed',
    request: (entra) => get('/orders', ['Authorization', `Bearer   ${ada(entra).token}`]),
    expect: granted,
  },
  {
    name: 'two Authorization headers are malformed, though the first is good',
    request: (entra) => get('/orders', bearer(ada(entra)), bearer(entra.user('eve', { scp: 'Orders.Read' }))),
    expect: malformed,
  },
  {
    name: 'two Authorization headers are malformed, though both say the same',
    request: (entra) => {
      const header = bearer(ada(entra));
      return get('/orders', header, header);
    },
    expect: malformed,
  },
  {
    name: 'a second Authorization header under another spelling is seen',
    request: (entra) => get('/orders', bearer(ada(entra)), ['authorization', 'Basic YWRhOnNlY3JldA==']),
    expect: malformed,
  },
  {
    name: 'a token in the query is not read (RFC 9700 section 4.3.2)',
    request: (entra) => get(`/orders?access_token=${ada(entra).token}`),
    expect: missing,
  },
  {
    name: 'a token in the body is not read',
    request: (entra) => ({
      method: 'POST',
      path: '/orders',
      headers: [['Content-Type', 'application/x-www-form-urlencoded']],
      body: `access_token=${entra.user('ada', { scp: 'Orders.Write' }).token}`,
    }),
    expect: missing,
  },
  {
    name: 'a token in a cookie is not read',
    request: (entra) => get('/orders', ['Cookie', `access_token=${ada(entra).token}`]),
    expect: missing,
  },
  {
    name: 'a token in another header is not read',
    request: (entra) => get('/orders', ['X-Forwarded-Authorization', `Bearer ${ada(entra).token}`]),
    expect: missing,
  },
  {
    name: 'HEAD without credentials is refused as GET is, without a body',
    request: () => ({ method: 'HEAD', path: '/orders', headers: [] }),
    expect: missing,
  },
  {
    name: 'HEAD with a refused token has no body',
    request: (entra) => ({ method: 'HEAD', path: '/orders', headers: [bearer(entra.wrong.expired())] }),
    expect: {
      status: 401,
      code: 'token_expired',
      challenge: challenge('invalid_token', sentenceOf('token_expired')),
    },
  },
  {
    name: 'HEAD with a good token is granted as GET is',
    request: (entra) => ({ method: 'HEAD', path: '/orders', headers: [bearer(ada(entra))] }),
    expect: { status: 200 },
  },
];
