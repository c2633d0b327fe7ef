import { constants, type KeyObject, verify } from 'node:crypto';
import type { Algorithm } from '../options.js';

const PADDING: Readonly<Record<Algorithm, { readonly padding: number; readonly saltLength?: number }>> = {
  RS256: { padding: constants.RSA_PKCS1_PADDING },
  // RFC 7518 section 3.5: the salt is as long as the hash.
  PS256: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 },
};

/** Whether the signature over the text was made with the private half of this key. */
export function signatureHolds(
  signedText: string,
  signature: Buffer,
  key: KeyObject,
  algorithm: Algorithm,
): boolean {
  return verify('sha256', Buffer.from(signedText, 'latin1'), { key, ...PADDING[algorithm] }, signature);
}
