import { constants, type KeyObject, verify } from 'node:crypto';
import type { Algorithm } from '../options.js';
import { MAX_TOKEN_LENGTH } from './compact-jws.js';

/** RFC 7518 section 3.5: the salt is as long as the hash. */
const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };

/** Saves making a buffer for each token. It is emptied after each use. */
const scratch = Buffer.alloc(MAX_TOKEN_LENGTH);

/**
 * Whether the signature over the text was made with the private half of this key.
 *
 * @param signedText base64url and dots, no longer than a token
 */
export function signatureHolds(
  signedText: string,
  signature: Buffer,
  key: KeyObject,
  algorithm: Algorithm,
): boolean {
  const length = scratch.write(signedText, 'latin1');
  try {
    const verifier = algorithm === 'PS256' ? { key, ...PSS } : { key, padding: constants.RSA_PKCS1_PADDING };
    return verify('sha256', scratch.subarray(0, length), verifier, signature);
  } finally {
    scratch.fill(0, 0, length);
  }
}
