import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';

/** NIST SP 800-38D: AES-256-GCM with a random nonce of 96 bits and a tag of 128. */
const CIPHER = 'aes-256-gcm';
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;

/** What encryption gives. */
export interface Encrypted {
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

/**
 * Encrypts text.
 *
 * @param key 32 bytes
 * @param aad what is authenticated and not encrypted
 */
export function encrypt(key: KeyObject, aad: Uint8Array, text: string): Encrypted {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(aad);
  const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return { nonce, ciphertext, tag: cipher.getAuthTag() };
}

/** @returns the text; `undefined` if anything was changed, or it was encrypted with another key */
export function decrypt(
  key: KeyObject,
  aad: Uint8Array,
  { nonce, ciphertext, tag }: Encrypted,
): string | undefined {
  // With its length said: Node.js otherwise takes a tag of 4 bytes.
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(aad);
  decipher.setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
