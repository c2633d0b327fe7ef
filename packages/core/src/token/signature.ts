import { constants, type KeyObject, verify } from 'node:crypto';
import type { Algorithm } from '../options.js';
import type { CompactJws } from './compact-jws.js';
import { heldSignature, heldSignedPart, holdToken, releaseToken } from './token-bytes.js';

/** RFC 7518 section 3.5: the salt is as long as the hash. */
const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };

/** Whether the token's signature was made with the private half of this key. */
export function signatureHolds(
  { token, signedEnd }: Pick<CompactJws, 'token' | 'signedEnd'>,
  key: KeyObject,
  algorithm: Algorithm,
): boolean {
  const verifier = algorithm === 'PS256' ? { key, ...PSS } : { key, padding: constants.RSA_PKCS1_PADDING };
  try {
    holdToken(token, signedEnd);
    return verify('sha256', heldSignedPart(), verifier, heldSignature());
  } finally {
    releaseToken();
  }
}
