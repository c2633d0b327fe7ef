import { TextDecoder } from 'node:util';
import { wipe } from './wipe.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** What no character of the alphabet stands for. */
const NONE = 64;
/** What each byte stands for. */
const VALUES = new Uint8Array(256).fill(NONE);
for (const [value, character] of [...ALPHABET].entries()) VALUES[character.charCodeAt(0)] = value;

/**
 * Decodes base64url without padding, in its one canonical form (RFC 7515 section 2, RFC 4648 section 3.5): two spellings of
 * one token would be two tokens to whoever compares them. Node's decoder is not strict, so that what it has decoded would have
 * to be looked through again, and its vector instructions slow some processors down while they verify the signature.
 *
 * @param source ASCII, from `start` up to but not including `end`
 * @param target long enough for all that is decoded
 * @returns how many bytes were decoded; -1 for what is not canonical, and for nothing
 */
export function decodeBase64url(source: Uint8Array, start: number, end: number, target: Uint8Array): number {
  const rest = (end - start) % 4;
  const whole = end - rest;
  // All values together: one that stands for nothing shows in them.
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
    // Bits that are not used are zero, or the same bytes could be written in several ways.
    if ((rest === 2 ? b & 0b1111 : c & 0b11) !== 0) return -1;
    target[length++] = (a << 2) | (b >> 4);
    if (rest === 3) target[length++] = (b << 4) | (c >> 2);
  }
  return length === 0 || seen >= NONE ? -1 : length;
}

function valueAt(source: Uint8Array, at: number): number {
  return VALUES[source[at] as number] as number;
}

/** Saves making a buffer for each part. It is emptied after each use: nothing of a token stays in it. */
const scratch = Buffer.alloc(12_288);
// From Node: jsdom has none.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The same, for a part that holds text.
 *
 * @param source ASCII, of at most 16 KiB
 * @returns `undefined` for what is not canonical; '' for broken UTF-8
 */
export function decodeBase64urlText(source: Uint8Array, start: number, end: number): string | undefined {
  const length = decodeBase64url(source, start, end, scratch);
  try {
    if (length < 0) return undefined;
    const decoded = scratch.toString('utf8', 0, length);
    // What stands for broken bytes may also have been written as itself.
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
