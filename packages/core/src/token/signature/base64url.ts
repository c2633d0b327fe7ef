import { TextDecoder } from 'node:util';
import { wipe } from './wipe.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** The value of a byte that is not in the alphabet. */
const NONE = 64;
/** The value of each byte. */
const VALUES = new Uint8Array(256).fill(NONE);
for (const [value, character] of [...ALPHABET].entries()) VALUES[character.charCodeAt(0)] = value;

/**
 * Decodes base64url without padding, in its canonical form only (RFC 7515 section 2, RFC 4648 section 3.5). Otherwise
 * one token would have several spellings, which code that compares tokens takes for different ones. Node's decoder is
 * not strict, so its result would have to be checked again. Its vector instructions also slow some processors down
 * during signature checks.
 *
 * @param source ASCII, read from `start` up to but not including `end`
 * @param target receives the bytes; long enough for all of them
 * @returns how many bytes were decoded; -1 for empty or non-canonical input
 */
export function decodeBase64url(source: Uint8Array, start: number, end: number, target: Uint8Array): number {
  const rest = (end - start) % 4;
  const whole = end - rest;
  // All values combined by OR, so that an invalid one shows at the end.
  let seen = 0;
  let length = 0;
  for (let at = start; at < whole; at += 4) {
    const a = valueAt(source, at);
    const b = valueAt(source, at + 1);
    const c = valueAt(source, at + 2);
    const d = valueAt(source, at + 3);
    seen |= a | b | c | d;
    target[length] = (a << 2) | (b >> 4);
    target[length + 1] = (b << 4) | (c >> 2);
    target[length + 2] = (c << 6) | d;
    length += 3;
  }
  if (rest === 1) return -1;
  if (rest > 1) {
    const a = valueAt(source, whole);
    const b = valueAt(source, whole + 1);
    const c = rest === 3 ? valueAt(source, whole + 2) : 0;
    seen |= a | b | c;
    // Unused bits must be zero, or one sequence of bytes would have several spellings.
    if ((rest === 2 ? b & 0b1111 : c & 0b11) !== 0) return -1;
    target[length++] = (a << 2) | (b >> 4);
    if (rest === 3) target[length++] = (b << 4) | (c >> 2);
  }
  return length === 0 || seen >= NONE ? -1 : length;
}

function valueAt(source: Uint8Array, at: number): number {
  return VALUES[source[at] as number] as number;
}

/** One buffer for all parts, which saves allocations. Wiped after each use, so that no token stays in it. */
const scratch = Buffer.alloc(12_288);
// Imported from Node, because jsdom has no global one.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Like {@link decodeBase64url}, for a part that holds UTF-8 text.
 *
 * @param source ASCII, of at most 16 KiB
 * @returns the text; `undefined` for non-canonical base64url; '' for invalid UTF-8
 */
export function decodeBase64urlText(source: Uint8Array, start: number, end: number): string | undefined {
  const length = decodeBase64url(source, start, end, scratch);
  try {
    if (length < 0) return undefined;
    const decoded = scratch.toString('utf8', 0, length);
    // U+FFFD replaces invalid bytes, but may also be a character of the text.
    return decoded.includes('\ufffd') ? strictText(scratch.subarray(0, length)) : decoded;
  } finally {
    wipe(scratch, Math.ceil(((end - start) * 3) / 4));
  }
}

function strictText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return '';
  }
}
