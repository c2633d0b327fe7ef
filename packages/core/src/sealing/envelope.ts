import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import { printable } from '../base/printable.js';

/** NIST SP 800-38D: AES-256-GCM with a random nonce of 96 bits and a tag of 128. */
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The version of envelopes that this release writes and reads. */
const VERSION = 1;

/** Longer than the envelope of any token. Longer texts are refused unread. */
const MAX_LENGTH = 131_072;

/**
 * The result of opening. `form`: the text is not an envelope. `version` and `key`: it names a version or a key that is
 * not known here, which is not authenticated. `seal`: it was changed, or sealed with another secret.
 */
export type Opened =
  | { readonly state: 'opened'; readonly text: string }
  | { readonly state: 'form' | 'seal' }
  | { readonly state: 'version' | 'key'; readonly found: string };

/**
 * Seals text as `{purpose}.v1.{key ID}.{nonce, ciphertext and tag}`. The parts before the last are authenticated but
 * not encrypted.
 */
export function sealEnvelope(purpose: string, id: string, key: KeyObject, text: string): string {
  const header = `${purpose}.v${VERSION}.${id}`;
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(header));
  const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `${header}.${sealed.toString('base64url')}`;
}

/** @param keyFor returns the key with an ID; `undefined` if there is none */
export function openEnvelope(
  purpose: string,
  sealed: unknown,
  keyFor: (id: string) => KeyObject | undefined,
): Opened {
  if (typeof sealed !== 'string' || sealed.length > MAX_LENGTH) return { state: 'form' };
  const parts = /^([a-z-]+)\.v([1-9][0-9]{0,3})\.([A-Za-z0-9._-]{1,64})\.([A-Za-z0-9_-]+)$/.exec(sealed);
  const [, found, version, id, body] = parts ?? [];
  if (found !== purpose) return { state: 'form' };
  if (version !== String(VERSION)) return { state: 'version', found: `v${version}` };
  const key = keyFor(id as string);
  if (key === undefined) return { state: 'key', found: printable(id) };
  const bytes = Buffer.from(body as string, 'base64url');
  // Refuses other spellings of these bytes, which would be different texts that open.
  if (bytes.length < NONCE_BYTES + TAG_BYTES || bytes.toString('base64url') !== body)
    return { state: 'form' };
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(sealed.slice(0, sealed.length - (body as string).length - 1)));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    return { state: 'opened', text: Buffer.concat([text, decipher.final()]).toString('utf8') };
  } catch {
    return { state: 'seal' };
  }
}
