import type { KeyObject } from 'node:crypto';
import { printable } from '../base/printable.js';
import { decrypt, encrypt, NONCE_BYTES, TAG_BYTES } from './aes-gcm.js';

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
  const { nonce, ciphertext, tag } = encrypt(key, Buffer.from(header), text);
  const sealed = Buffer.concat([nonce, ciphertext, tag]);
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
  const header = Buffer.from(sealed.slice(0, sealed.length - (body as string).length - 1));
  const text = decrypt(key, header, {
    nonce: bytes.subarray(0, NONCE_BYTES),
    ciphertext: bytes.subarray(NONCE_BYTES, -TAG_BYTES),
    tag: bytes.subarray(-TAG_BYTES),
  });
  return text === undefined ? { state: 'seal' } : { state: 'opened', text };
}
