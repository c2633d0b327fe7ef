import { constants, createHmac, createPublicKey, type JsonWebKey, type KeyObject, sign } from 'node:crypto';
import {
  documents,
  KEY,
  LOGIN,
  makeKey,
  OTHER_TENANT,
  STRANGER,
  type TestKey,
  tenantPages,
  v2Issuer,
} from '../../support/forger.js';

const SECOND = makeKey('second');
const WEAK = makeKey('weak', 1024);
const LONGEST_KID = 'k'.repeat(256);
const TOO_LONG_KID = 'k'.repeat(300);

const republished = ({ jwk }: TestKey, changes: Record<string, string>): JsonWebKey => ({
  ...jwk,
  ...changes,
});

/** The key set that both libraries get: a valid key, and two keys again in every other role. */
export const PUBLISHED: readonly JsonWebKey[] = [
  republished(KEY, {}),
  republished(SECOND, {}),
  republished(KEY, { kid: 'twin' }),
  republished(SECOND, { kid: 'twin' }),
  republished(KEY, { kid: LONGEST_KID }),
  republished(KEY, { kid: TOO_LONG_KID }),
  republished(KEY, { kid: 'template', issuer: `${LOGIN}/{tenantid}/v2.0` }),
  republished(KEY, { kid: 'foreign', issuer: v2Issuer(OTHER_TENANT) }),
  republished(KEY, { kid: 'for RS256', alg: 'RS256' }),
  republished(KEY, { kid: 'for PS256', alg: 'PS256' }),
  republished(KEY, { kid: 'for encryption', use: 'enc' }),
  republished(WEAK, {}),
];

/** The kid of a published key that serves another tenant only. */
export const FOREIGN_KID = 'foreign';

/** One tenant's documents, v1 and v2, with {@link PUBLISHED} as the key set. */
export const authority = documents(
  Object.fromEntries(
    Object.entries(tenantPages()).map(([url, page]) => [
      url,
      url.endsWith('/keys') ? { keys: PUBLISHED } : page,
    ]),
  ),
);

/** One way to sign a token. */
export interface Signer {
  /** The `kid` of the header, unless it is edited. */
  readonly kid: string;
  readonly alg: string;
  /** Makes the signature, base64url. */
  readonly signature: (text: string) => string;
}

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');

function rsa(
  { privateKey }: { readonly privateKey: KeyObject },
  kid: string,
  hash = 'sha256',
  alg = 'RS256',
): Signer {
  const key = { key: privateKey, padding: constants.RSA_PKCS1_PADDING };
  return { kid, alg, signature: (text) => sign(hash, bytesOf(text), key).toString('base64url') };
}

function pss({ privateKey }: TestKey, kid: string, alg = 'PS256'): Signer {
  const key = { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  return { kid, alg, signature: (text) => sign('sha256', bytesOf(text), key).toString('base64url') };
}

function hmac(secret: string | Buffer): Signer {
  return {
    kid: KEY.kid,
    alg: 'HS256',
    signature: (text) => createHmac('sha256', secret).update(bytesOf(text)).digest('base64url'),
  };
}

/** The public key, as PEM, for its use as an HMAC secret (RFC 8725, section 2.1). */
const publicPem = createPublicKey(KEY.privateKey).export({ type: 'spki', format: 'pem' });

/** Signers by what they are. The first ones are valid. */
export const SIGNERS = {
  published: rsa(KEY, KEY.kid),
  second: rsa(SECOND, SECOND.kid),
  'one of two keys of one kid': rsa(KEY, 'twin'),
  'the other of two keys of one kid': rsa(SECOND, 'twin'),
  'the longest kid': rsa(KEY, LONGEST_KID),
  'a key whose template names this tenant': rsa(KEY, 'template'),
  'a key for RS256': rsa(KEY, 'for RS256'),
  'a kid that is too long': rsa(KEY, TOO_LONG_KID),
  'a key of another tenant': rsa(KEY, FOREIGN_KID),
  'a key for PS256': rsa(KEY, 'for PS256'),
  'a key for PS256, with PS256': pss(KEY, 'for PS256'),
  'a key for encryption': rsa(KEY, 'for encryption'),
  'a weak key': rsa(WEAK, WEAK.kid),
  'a stranger': rsa(STRANGER, STRANGER.kid),
  'a stranger under a published kid': rsa(STRANGER, KEY.kid),
  'another published key': rsa(SECOND, KEY.kid),
  PS256: pss(KEY, KEY.kid),
  'PS256, called RS256': pss(KEY, KEY.kid, 'RS256'),
  RS384: rsa(KEY, KEY.kid, 'sha384', 'RS384'),
  RS512: rsa(KEY, KEY.kid, 'sha512', 'RS512'),
  'SHA-1, called RS256': rsa(KEY, KEY.kid, 'sha1'),
  'RS256, called RS512': rsa(KEY, KEY.kid, 'sha256', 'RS512'),
  'HS256 with the public key': hmac(publicPem),
  'HS256 with the modulus': hmac(Buffer.from(KEY.jwk.n ?? '', 'base64url')),
  'HS256 with nothing': hmac(''),
  none: { kid: KEY.kid, alg: 'none', signature: () => '' },
  'none, with something behind it': { kid: KEY.kid, alg: 'none', signature: () => 'AAAA' },
  'no signature, called RS256': { kid: KEY.kid, alg: 'RS256', signature: () => '' },
} as const satisfies Record<string, Signer>;

export type SignerName = keyof typeof SIGNERS;

/** Valid signers. Whether their tokens are accepted depends on the claims alone. */
export const HONEST: readonly SignerName[] = [
  'published',
  'second',
  'one of two keys of one kid',
  'the other of two keys of one kid',
  'the longest kid',
  'a key whose template names this tenant',
  'a key for RS256',
];
