import type { KeyObject } from 'node:crypto';
import { decrypt, encrypt, NONCE_BYTES, type Sealing, TAG_BYTES } from '@entra-guard/core/downstream';

/** The version of entries that this release writes and reads. */
const VERSION = 1;
/** Longest entry that is opened, in bytes: of a token, and of a refresh token. */
const LONGEST = 262_144;

/**
 * The result of opening. `form`: the bytes are not an entry. `version` and `key`: they name a version or a key that is not known here,
 * as those of a newer process. `seal`: they were changed, moved from another place, or sealed with another secret.
 */
export type OpenedEntry =
  | { readonly state: 'opened'; readonly text: string }
  | { readonly state: 'form' | 'version' | 'seal' }
  | { readonly state: 'key'; readonly id: string };

/**
 * Seals an entry for one place: `version(1) ‖ length of the ID(1) ‖ key ID ‖ nonce(12) ‖ tag(16) ‖ ciphertext`. What comes before the
 * nonce, and the place, are authenticated but not encrypted. Each place has its own key.
 *
 * @param place the store's key
 */
export function sealEntry(sealing: Sealing, id: string, place: string, text: string): Buffer {
  const name = Buffer.from(id, 'latin1');
  const header = Buffer.concat([Buffer.from([VERSION, name.length]), name]);
  const aad = Buffer.concat([header, Buffer.from(place)]);
  const { nonce, ciphertext, tag } = encrypt(keyFor(sealing, id, place) as KeyObject, aad, text);
  return Buffer.concat([header, nonce, tag, ciphertext]);
}

/** Opens what {@link sealEntry} has sealed for this place. */
export function openEntry(sealing: Sealing, place: string, given: Uint8Array): OpenedEntry {
  if (!(given instanceof Uint8Array) || given.length > LONGEST) return { state: 'form' };
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
  const [version, length = 0] = bytes;
  const start = 2 + length;
  if (
    version === undefined ||
    length === 0 ||
    length > 64 ||
    bytes.length < start + NONCE_BYTES + TAG_BYTES
  ) {
    return { state: 'form' };
  }
  if (version !== VERSION) return { state: 'version' };
  const id = bytes.toString('latin1', 2, start);
  if (!/^[A-Za-z0-9._-]+$/.test(id)) return { state: 'form' };
  const key = keyFor(sealing, id, place);
  if (key === undefined) return { state: 'key', id };
  const [tagAt, textAt] = [start + NONCE_BYTES, start + NONCE_BYTES + TAG_BYTES];
  const text = decrypt(key, Buffer.concat([bytes.subarray(0, start), Buffer.from(place)]), {
    nonce: bytes.subarray(start, tagAt),
    tag: bytes.subarray(tagAt, textAt),
    ciphertext: bytes.subarray(textAt),
  });
  return text === undefined ? { state: 'seal' } : { state: 'opened', text };
}

function keyFor(sealing: Sealing, id: string, place: string): KeyObject | undefined {
  return sealing.derive(id, `downstream/v1 ${place}`);
}
