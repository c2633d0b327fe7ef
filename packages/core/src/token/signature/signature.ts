import { constants, type KeyObject, type VerifyKeyObjectInput, verify } from 'node:crypto';
import type { Algorithm } from '../../options/options.js';
import { type SignedToken, tokenBytes } from './token-bytes.js';

/** RFC 7518 section 3.5: the salt is as long as the hash. */
const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };

/** What the signature of both algorithms is taken over. */
export const HASH = 'sha256';

/**
 * Whether the token's signature was made with the private half of this key.
 *
 * @param key of type `rsa`, as a JWK of type RSA makes it
 */
export function signatureHolds(jws: SignedToken, key: KeyObject, algorithm: Algorithm): boolean {
  return tokenBytes.withSignature(jws, (signed, signature) =>
    verify(HASH, signed, verifierOf(key, algorithm), signature),
  );
}

/** A key, and how it is to be used where that is not its default. */
export function verifierOf(key: KeyObject, algorithm: Algorithm): KeyObject | VerifyKeyObjectInput {
  // PKCS #1 v1.5, which RS256 is, is the default for such keys. A key in an object takes Node 24 two thirds longer.
  return algorithm === 'PS256' ? { key, ...PSS } : key;
}
