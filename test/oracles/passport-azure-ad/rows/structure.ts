import { KEY, signed, userClaims } from '../../../support/forger.js';
import { invalidRequest, invalidToken } from '../../../support/sentences.js';
import type { Row } from '../row.js';
import { user } from '../tokens.js';

const [head = '', payload = '', signature = ''] = user().split('.');
const encode = (text: string): string => Buffer.from(text).toString('base64url');
const withHeader = (header: unknown): string => signed(userClaims(), header);
/** Makes a token of any parts, with a valid signature. */
const raw = (header: string, body: string): string => signed(body, header);
const good = JSON.stringify({ typ: 'JWT', alg: 'RS256', kid: KEY.kid });

export const structure: readonly Row[] = [
  {
    name: 'a word instead of a token',
    token: 'word',
    original: '401; error: invalid_token',
    ours: `401; ${invalidToken('token_malformed')}`,
  },
  {
    name: 'a token of two parts',
    token: `${head}.${payload}`,
    original: '401; error: invalid_token',
    ours: `401; ${invalidToken('token_malformed')}`,
  },
  {
    name: 'a token of two parts and a dot',
    token: `${head}.${payload}.`,
    original: '401; In Strategy.prototype.jwtVerify: cannot verify token',
    ours: `401; ${invalidToken('signature_invalid')}`,
  },
  {
    name: 'a token of four parts',
    token: `${head}.${payload}.${signature}.x`,
    original: '401; error: invalid_token',
    ours: `401; ${invalidToken('token_malformed')}`,
  },
  {
    name: 'a token of five parts, as encrypted ones have them',
    token: `${head}.a.b.c.d`,
    original: '401; error: invalid_token',
    ours: `401; ${invalidToken('token_malformed')}`,
  },
  {
    name: 'three dots instead of a token',
    token: '...',
    original: '401; error: invalid_token',
    ours: `401; ${invalidToken('token_malformed')}`,
  },
  {
    name: 'two dots instead of a token',
    token: '..',
    original: '401; error: invalid_token',
    ours: `401; ${invalidToken('token_malformed')}`,
  },
  {
    name: 'no header',
    token: `.${payload}.${signature}`,
    original: '401; error: invalid_token',
    ours: `401; ${invalidToken('token_malformed')}`,
  },
  {
    name: 'no payload',
    token: `${head}..${signature}`,
    original: '401; error: invalid_token',
    ours: `401; ${invalidToken('token_malformed')}`,
  },
  {
    name: 'a header that is not JSON',
    token: raw('no JSON', JSON.stringify(userClaims())),
    original: '401; error: invalid_token',
    ours: `401; ${invalidToken('token_malformed')}`,
    legacy: '401; In Strategy.prototype.jwtVerify: cannot verify token',
  },
  {
    name: 'a header that is null',
    token: raw('null', JSON.stringify(userClaims())),
    original: '401; error: invalid_token',
    ours: `401; ${invalidToken('token_malformed')}`,
    legacy: '401; In Strategy.prototype.jwtVerify: cannot verify token',
  },
  {
    name: 'a header that is a list',
    token: raw('[]', JSON.stringify(userClaims())),
    original: '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
    ours: `401; ${invalidToken('token_malformed')}`,
    legacy: '401; In Strategy.prototype.jwtVerify: cannot verify token',
  },
  {
    name: 'an empty object as header',
    token: raw('{}', JSON.stringify(userClaims())),
    original: '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
    ours: `401; ${invalidToken('algorithm_not_allowed')}`,
    legacy: '401; In Strategy.prototype.jwtVerify: cannot verify token',
  },
  {
    name: 'a payload that is not JSON',
    token: raw(good, 'no JSON'),
    original: '401; error: invalid_token',
    ours: `401; ${invalidToken('token_malformed')}`,
    legacy: '401; In Strategy.prototype.jwtVerify: cannot verify token',
  },
  {
    name: 'a payload that is null',
    token: raw(good, 'null'),
    original: '401; In Strategy.prototype.jwtVerify: cannot verify token',
    ours: `401; ${invalidToken('token_malformed')}`,
  },
  {
    name: 'a payload that is a list',
    token: raw(good, '[]'),
    original: '401; In Strategy.prototype.jwtVerify: cannot verify token',
    ours: `401; ${invalidToken('token_malformed')}`,
  },
  {
    name: 'a payload that is a text',
    token: raw(good, '"ada"'),
    original: '401; In Strategy.prototype.jwtVerify: cannot verify token',
    ours: `401; ${invalidToken('token_malformed')}`,
  },
  {
    name: 'a payload that is a number',
    token: raw(good, '7'),
    original: '401; In Strategy.prototype.jwtVerify: cannot verify token',
    ours: `401; ${invalidToken('token_malformed')}`,
  },
  {
    name: 'an empty object as payload',
    token: raw(good, '{}'),
    original: '401; In Strategy.prototype.jwtVerify: cannot verify token',
    ours: `401; ${invalidToken('issuer_not_accepted')}`,
  },
  {
    name: 'a payload with white space around',
    token: raw(good, ` ${JSON.stringify(userClaims())}\n`),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'a claim twice',
    token: raw(good, JSON.stringify(userClaims()).replace('{', '{"aud":"other",')),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: '__proto__ in the payload',
    token: raw(good, JSON.stringify(userClaims()).replace('{', '{"__proto__":{"roles":["Admin"]},')),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'another payload under the signature',
    token: `${head}.${encode(JSON.stringify(userClaims({ scp: 'Orders.Write' })))}.${signature}`,
    original: '401; In Strategy.prototype.jwtVerify: cannot verify token',
    ours: `401; ${invalidToken('signature_invalid')}`,
  },
  {
    name: 'a signature that is cut short',
    // No 333 characters are valid base64url. 334 characters would be valid in one of sixteen cases.
    token: `${head}.${payload}.${signature.slice(0, -9)}`,
    original: '401; In Strategy.prototype.jwtVerify: cannot verify token',
    ours: `401; ${invalidToken('token_malformed')}`,
    legacy: '401; error: invalid_token',
  },
  {
    name: 'a signature with padding',
    token: `${head}.${payload}.${signature}==`,
    original: '401; error: invalid_token',
    ours: `401; ${invalidToken('token_malformed')}`,
  },
  {
    name: 'base64 instead of base64url',
    token: `${head}.${payload}.${Buffer.from(signature, 'base64url').toString('base64')}`,
    original: '401; error: invalid_token',
    ours: `401; ${invalidToken('token_malformed')}`,
  },
  {
    name: 'a bit in the signature that counts for nothing',
    token: `${head}.${payload}.${lastCharacterChanged(signature)}`,
    original: '200, user {}, authInfo claims',
    ours: `401; ${invalidToken('token_malformed')}`,
    legacy: '401; error: invalid_token',
  },
  {
    name: 'white space in the payload part',
    request: {
      headers: [['Authorization', `Bearer ${head}.${payload.slice(0, 9)}\t${payload.slice(9)}.${signature}`]],
    },
    original: '401; error: invalid_token',
    ours: `400; ${invalidRequest('header')}`,
    legacy: '401; token is not found',
  },
  {
    name: 'typ in lower case',
    token: withHeader({ typ: 'jwt' }),
    original: '401; In Strategy.prototype.jwtVerify: cannot verify token',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'typ of at+jwt',
    token: withHeader({ typ: 'at+jwt' }),
    original: '401; In Strategy.prototype.jwtVerify: cannot verify token',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'no typ',
    token: withHeader({ typ: undefined }),
    original: '401; In Strategy.prototype.jwtVerify: cannot verify token',
    ours: `401; ${invalidToken('token_malformed')}`,
  },
  {
    name: 'typ of another kind',
    token: withHeader({ typ: 'secevent+jwt' }),
    original: '401; In Strategy.prototype.jwtVerify: cannot verify token',
    ours: `401; ${invalidToken('token_malformed')}`,
  },
  {
    name: 'crit in the header',
    token: withHeader({ crit: ['exp'], exp: 1 }),
    original: '200, user {}, authInfo claims',
    ours: `401; ${invalidToken('token_malformed')}`,
    legacy: '401; In Strategy.prototype.jwtVerify: cannot verify token',
  },
  {
    name: 'an unknown member of the header',
    token: withHeader({ extra: 1 }),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'a nonce in the header, as tokens for Microsoft Graph have it',
    token: withHeader({ nonce: 'x' }),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  { name: 'a token of 20 KB', token: user({ padding: 'x'.repeat(12_000) }), original: '431', ours: '431' },
  {
    name: 'a token of 8 KB, with many groups',
    token: user({
      groups: Array.from(
        { length: 140 },
        (_, index) => `aaaaaaaa-0000-1111-2222-${String(index).padStart(12, '0')}`,
      ),
    }),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
];

/** Changes a bit that decoders ignore: the last character of a 2048-bit signature has four of them. */
function lastCharacterChanged(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(text.slice(-1));
  return text.slice(0, -1) + alphabet.charAt(last ^ 1);
}
