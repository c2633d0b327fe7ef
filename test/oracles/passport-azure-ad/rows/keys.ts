import { createHmac, generateKeyPairSync } from 'node:crypto';
import type { Pages } from '../../../support/authority-server.js';
import {
  KEY,
  LOGIN,
  makeKey,
  OTHER_TENANT,
  STRANGER,
  signed,
  TENANT,
  type TestKey,
  userClaims,
  v2Issuer,
  WELL_KNOWN,
} from '../../../support/forger.js';
import { invalidToken, sentenceOf } from '../../../support/sentences.js';
import type { Contender, Outcome } from '../contender.js';
import { published } from '../published.js';
import type { Row } from '../row.js';
import type { Ask } from '../stand.mjs';
import { user } from '../tokens.js';

const KEYS = `${LOGIN}/${TENANT}/discovery/v2.0/keys`;
const METADATA = `${LOGIN}/${TENANT}/v2.0${WELL_KNOWN}`;
const NEXT = makeKey('next');
const SMALL = makeKey('small', 1024);
const BIG = makeKey('big', 3072);
const token = user();
const MINUTE = 60_000;

const named = (key: TestKey, changes: object = {}): object => ({
  ...key.jwk,
  issuer: `${LOGIN}/{tenantid}/v2.0`,
  ...changes,
});
const keys = (...list: readonly object[]): Pages => ({ [KEYS]: { keys: list } });
const without = (member: string): object =>
  Object.fromEntries(Object.entries(named(KEY)).filter(([name]) => name !== member));
const algorithms = (...list: readonly unknown[]): Pages => ({
  [METADATA]: { ...(published()[METADATA] as object), id_token_signing_alg_values_supported: list },
});
const EC = {
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }),
  kid: KEY.kid,
  use: 'sig',
};

export const keyRows: readonly Row[] = [
  {
    name: 'an unknown kid',
    token: user({}, { kid: 'unknown' }),
    original: '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
    ours: `401; ${invalidToken('signing_key_not_found')}`,
  },
  {
    name: 'no kid',
    token: user({}, { kid: undefined }),
    original: '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
    ours: `401; ${invalidToken('token_malformed')}`,
  },
  {
    name: 'an empty kid',
    token: user({}, { kid: '' }),
    original: '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
    ours: `401; ${invalidToken('token_malformed')}`,
  },
  {
    name: 'a number as kid',
    token: user({}, { kid: 7 }),
    original: '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
    ours: `401; ${invalidToken('token_malformed')}`,
  },
  {
    name: 'an object as kid',
    token: user({}, { kid: {} }),
    original: '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
    ours: `401; ${invalidToken('token_malformed')}`,
  },
  {
    name: 'a kid of __proto__',
    token: user({}, { kid: '__proto__' }),
    original: '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
    ours: `401; ${invalidToken('signing_key_not_found')}`,
  },
  {
    name: 'a kid in capitals',
    token: user({}, { kid: KEY.kid.toUpperCase() }),
    original: '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
    ours: `401; ${invalidToken('signing_key_not_found')}`,
  },
  {
    name: 'a kid of 5,000 characters',
    token: user({}, { kid: 'k'.repeat(5000) }),
    original: '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
    ours: `401; ${invalidToken('token_malformed')}`,
  },
  {
    name: 'kid and x5t alike, as version 1 tokens have it',
    token: user({}, { x5t: KEY.kid }),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'kid, and an x5t that names no key',
    token: user({}, { x5t: 'other' }),
    original: '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'an x5t and no kid',
    token: user({}, { kid: undefined, x5t: KEY.kid }),
    original: '200, user {}, authInfo claims',
    ours: `401; ${invalidToken('token_malformed')}`,
    legacy: '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
  },
  {
    name: 'a key of the header (jwk)',
    token: signed(userClaims(), { jwk: STRANGER.jwk }, { key: STRANGER }),
    original: '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
    ours: `401; ${invalidToken('signing_key_not_found')}`,
  },
  {
    name: 'a foreign key under a known kid',
    token: signed(userClaims(), { kid: KEY.kid }, { key: STRANGER }),
    original: '401; In Strategy.prototype.jwtVerify: cannot verify token',
    ours: `401; ${invalidToken('signature_invalid')}`,
  },
  {
    name: 'a foreign key under its own kid',
    token: signed(userClaims(), {}, { key: STRANGER }),
    original: '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
    ours: `401; ${invalidToken('signing_key_not_found')}`,
  },
  {
    name: 'alg none',
    token: signed(userClaims(), { kid: KEY.kid }, { by: 'none' }),
    original: '401; In Strategy.prototype.jwtVerify: cannot verify token',
    ours: `401; ${invalidToken('algorithm_not_allowed')}`,
  },
  {
    name: 'alg none, with a signature',
    token: user({}, { alg: 'none' }),
    original: '401; In Strategy.prototype.jwtVerify: cannot verify token',
    ours: `401; ${invalidToken('algorithm_not_allowed')}`,
  },
  {
    name: 'HS256 with the public key',
    token: signed(userClaims(), { kid: KEY.kid }, { by: 'HS256' }),
    original: '401; In Strategy.prototype.jwtVerify: cannot verify token',
    ours: `401; ${invalidToken('algorithm_not_allowed')}`,
  },
  {
    name: 'HS256 with the public key in PEM, where the metadata lists HS256',
    token: hs256(),
    documents: algorithms('RS256', 'HS256'),
    original: '200, user {}, authInfo claims',
    ours: `401; ${invalidToken('algorithm_not_allowed')}`,
    legacy: '401; In Strategy.prototype.jwtVerify: cannot verify token',
  },
  {
    name: 'PS256',
    token: signed(userClaims(), { kid: KEY.kid }, { by: 'PS256' }),
    original: '401; In Strategy.prototype.jwtVerify: cannot verify token',
    ours: `401; ${invalidToken('algorithm_not_allowed')}`,
  },
  {
    name: 'PS256, where the metadata lists it',
    token: signed(userClaims(), { kid: KEY.kid }, { by: 'PS256' }),
    documents: algorithms('RS256', 'PS256'),
    original: '200, user {}, authInfo claims',
    ours: `401; ${invalidToken('algorithm_not_allowed')}`,
    legacy: '401; In Strategy.prototype.jwtVerify: cannot verify token',
  },
  {
    name: 'RS512 in the header of an RS256 signature',
    token: user({}, { alg: 'RS512' }),
    original: '401; In Strategy.prototype.jwtVerify: cannot verify token',
    ours: `401; ${invalidToken('algorithm_not_allowed')}`,
  },
  {
    name: 'alg in lower case',
    token: user({}, { alg: 'rs256' }),
    original: '401; In Strategy.prototype.jwtVerify: cannot verify token',
    ours: `401; ${invalidToken('algorithm_not_allowed')}`,
  },
  {
    name: 'no alg',
    token: user({}, { alg: undefined }),
    original: '401; In Strategy.prototype.jwtVerify: cannot verify token',
    ours: `401; ${invalidToken('algorithm_not_allowed')}`,
  },
  {
    name: 'metadata that lists no algorithm',
    token,
    documents: { [METADATA]: { issuer: v2Issuer(TENANT), jwks_uri: KEYS } },
    original: '401; In Strategy.prototype.jwtVerify: cannot verify token',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'metadata whose list of algorithms is empty',
    token,
    documents: algorithms(),
    original: '401; In Strategy.prototype.jwtVerify: cannot verify token',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'metadata that lists none and RS256',
    token,
    documents: algorithms('none', 'RS256'),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'a key of 1024 bits',
    token: user({}, {}, SMALL),
    documents: keys(named(SMALL)),
    original: '200, user {}, authInfo claims',
    ours: `503 with Retry-After: ${sentenceOf('keys_unavailable')}`,
  },
  {
    name: 'a key of 3072 bits',
    token: user({}, {}, BIG),
    documents: keys(named(BIG)),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'a key for encryption',
    token,
    documents: keys(named(KEY, { use: 'enc' })),
    original: '200, user {}, authInfo claims',
    ours: `503 with Retry-After: ${sentenceOf('keys_unavailable')}`,
  },
  {
    name: 'a key without use',
    token,
    documents: keys(without('use')),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'a key for another algorithm',
    token,
    documents: keys(named(KEY, { alg: 'RS512' })),
    original: '200, user {}, authInfo claims',
    ours: `503 with Retry-After: ${sentenceOf('keys_unavailable')}`,
  },
  {
    name: 'a key without kty',
    token,
    documents: keys(without('kty')),
    original: '200, user {}, authInfo claims',
    ours: `503 with Retry-After: ${sentenceOf('keys_unavailable')}`,
  },
  {
    name: 'a key without a modulus',
    token,
    documents: keys(without('n')),
    original: '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
    ours: `503 with Retry-After: ${sentenceOf('keys_unavailable')}`,
  },
  {
    name: 'a key without an exponent',
    token,
    documents: keys(without('e')),
    original: '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
    ours: `503 with Retry-After: ${sentenceOf('keys_unavailable')}`,
  },
  {
    name: 'a key of another kind under the kid',
    token,
    documents: keys(EC),
    original: '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
    ours: `503 with Retry-After: ${sentenceOf('keys_unavailable')}`,
  },
  {
    name: 'a broken key before the good one',
    token,
    documents: keys({ kid: 'broken' }, named(KEY)),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'null among the keys',
    token,
    documents: { [KEYS]: { keys: [null, named(KEY)] } },
    original: '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'the kid twice, the foreign key first',
    token,
    documents: keys(named(STRANGER, { kid: KEY.kid }), named(KEY)),
    original: '401; In Strategy.prototype.jwtVerify: cannot verify token',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'a key that names the issuer of another tenant',
    token,
    documents: keys(named(KEY, { issuer: v2Issuer(OTHER_TENANT) })),
    original: '200, user {}, authInfo claims',
    ours: `401; ${invalidToken('signing_key_not_found')}`,
    legacy: '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
  },
  {
    name: 'a key that names no issuer',
    token,
    documents: keys(without('issuer')),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'a new key is published, and signs at once',
    token: user({}, {}, NEXT),
    play: async (contender, ask, documents) => {
      const before = await contender.ask({ headers: [['Authorization', `Bearer ${token}`]] });
      contender.authority.publish({ ...documents, ...published([NEXT, KEY]) });
      await contender.advance(5 * MINUTE);
      const after = await contender.ask(ask);
      await contender.advance(24 * MINUTE);
      const nearly = await contender.ask(ask);
      await contender.advance(2 * MINUTE);
      return [before, after, nearly, await contender.ask(ask)];
    },
    original: [
      '200, user {}, authInfo claims',
      '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
      '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
      '200, user {}, authInfo claims',
    ],
    ours: [
      '200, user {}, authInfo claims',
      '200, user {}, authInfo claims',
      '200, user {}, authInfo claims',
      '200, user {}, authInfo claims',
    ],
  },
  {
    name: 'a key is withdrawn: 29, 31 and 61 minutes later',
    token,
    play: async (contender, ask, documents) => {
      const before = await contender.ask(ask);
      contender.authority.publish({ ...documents, ...published([NEXT]) });
      await contender.advance(29 * MINUTE);
      const soon = await contender.ask(ask);
      await contender.advance(2 * MINUTE);
      const later = await contender.ask(ask);
      await contender.advance(30 * MINUTE);
      return [before, soon, later, await untilRefused(contender, ask)];
    },
    original: [
      '200, user {}, authInfo claims',
      '200, user {}, authInfo claims',
      '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
      '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
    ],
    ours: [
      '200, user {}, authInfo claims',
      '200, user {}, authInfo claims',
      '200, user {}, authInfo claims',
      `401; ${invalidToken('signing_key_not_found')}`,
    ],
    legacy: [
      '200, user {}, authInfo claims',
      '200, user {}, authInfo claims',
      '200, user {}, authInfo claims',
      '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
    ],
  },
  {
    name: 'a made-up kid, then a good token',
    token,
    play: async (contender, ask) => {
      const made = await contender.ask({
        headers: [['Authorization', `Bearer ${user({}, { kid: 'made-up' })}`]],
      });
      return [made, await contender.ask(ask)];
    },
    original: [
      '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
      '200, user {}, authInfo claims',
    ],
    ours: [`401; ${invalidToken('signing_key_not_found')}`, '200, user {}, authInfo claims'],
  },
];

/** Keys are refreshed in the background, so the first requests are still answered with the old keys. */
async function untilRefused(contender: Contender, ask: Ask): Promise<Outcome> {
  for (let left = 500; ; left--) {
    const outcome = await contender.ask(ask);
    const refused = outcome.kind === 'answer' && outcome.status !== 200;
    if (refused || left === 0) return outcome;
  }
}

/** Signs with HS256. The secret is the PEM that the original makes of the public key. */
function hs256(): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${encode({ typ: 'JWT', alg: 'HS256', kid: KEY.kid })}.${encode(userClaims())}`;
  return `${text}.${createHmac('sha256', pkcs1Pem()).update(text).digest('base64url')}`;
}

function pkcs1Pem(): string {
  const { n = '', e = '' } = KEY.jwk;
  const integer = (bytes: Buffer): Buffer => {
    const positive = (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
    return Buffer.concat([Buffer.of(2), length(positive.length), positive]);
  };
  const numbers = Buffer.concat([n, e].map((one) => integer(Buffer.from(one, 'base64url'))));
  const der = Buffer.concat([Buffer.of(0x30), length(numbers.length), numbers]);
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN RSA PUBLIC KEY-----\n${lines.join('\n')}\n-----END RSA PUBLIC KEY-----\n`;
}

function length(bytes: number): Buffer {
  if (bytes < 128) return Buffer.of(bytes);
  return bytes < 256 ? Buffer.of(0x81, bytes) : Buffer.of(0x82, bytes >> 8, bytes & 0xff);
}
