import { constants, type KeyObject, verify } from 'node:crypto';
import type { Algorithm } from '../options.js';
import type { CompactJws } from './compact-jws.js';
import { heldSignature, heldSignedPart, holdToken, releaseToken } from './token-bytes.js';

/** RFC 7518 section 3.5: the salt is as long as the hash. */
const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };

/**
 * Whether the token's signature was made with the private half of this key.
 *
 * @param key of type `rsa`, as a JWK of type RSA makes it
 */
export function signatureHolds(
  { token, signedEnd }: Pick<CompactJws, 'token' | 'signedEnd'>,
  key: KeyObject,
  algorithm: Algorithm,
): boolean {
  // What makes PKCS #1 v1.5 of RS256 is the default for such keys. A key in an object takes Node 24 two thirds longer.
  const verifier = algorithm === 'PS256' ? { key, ...PSS } : key;
  try {
    holdToken(token, signedEnd);
    return verify('sha256', heldSignedPart(), verifier, heldSignature());
  } finally {
    releaseToken();
  }
}
