import { constants, type KeyObject, type VerifyKeyObjectInput, verify } from 'node:crypto';
import type { Algorithm } from '../../options/options.js';
import { type SignedToken, tokenBytes } from './token-bytes.js';

/** The salt is as long as the hash (RFC 7518 section 3.5). */
const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };

/** The hash of both algorithms. */
export const HASH = 'sha256';

/**
 * Tells whether the token's signature was made with the private half of this key.
 *
 * @param key of type `rsa`, made from a JWK of type RSA
 */
export function signatureHolds(jws: SignedToken, key: KeyObject, algorithm: Algorithm): boolean {
  return tokenBytes.withSignature(jws, (signed, signature) =>
    verify(HASH, signed, verifierOf(key, algorithm), signature),
  );
}

/** Returns a key, with its padding unless that is the default. */
export function verifierOf(key: KeyObject, algorithm: Algorithm): KeyObject | VerifyKeyObjectInput {
  // PKCS #1 v1.5 (RS256) is the default for RSA keys. Verifying with a key in an object takes Node 24 two thirds
  // longer.
  return algorithm === 'PS256' ? { key, ...PSS } : key;
}
