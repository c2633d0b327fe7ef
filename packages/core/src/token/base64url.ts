/** Decoding into one buffer saves making one for each part. It is emptied after each use: nothing of a token stays in it. */
const scratch = Buffer.alloc(12_288);
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Decodes base64url without padding, and only in its one canonical form (RFC 7515 section 2, RFC 4648 section 3.5): two
 * spellings of one token would be two tokens to whoever compares them. What is encoded again is what was given.
 *
 * @returns `undefined` for anything else
 */
export function decodeBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return isCanonical(text, bytes.length) ? bytes : undefined;
}

/** What the last character may be, by the length over multiples of four: one whose unused bits are zero. */
const LAST = [
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
  '',
  'AQgw',
  'AEIMQUYcgkosw048',
] as const;

/**
 * Whether text is the one canonical form of so many bytes. Node's decoder passes over what it does not know, which shows in
 * the length, and takes base64's own characters, unused bits and characters that are ASCII but for their upper byte, which
 * does not. To encode the bytes again and compare would take six times as long.
 */
function isCanonical(text: string, length: number): boolean {
  return (
    length === Math.floor((text.length * 3) / 4) &&
    (LAST[text.length % 4] as string).includes(text.at(-1) ?? ' ') &&
    !text.includes('+') &&
    !text.includes('/') &&
    Buffer.byteLength(text) === text.length
  );
}

/**
 * The same, for a part that holds text of at most 16 KiB.
 *
 * @returns `undefined` for what is not canonical; '' for broken UTF-8
 */
export function decodeBase64urlText(text: string): string | undefined {
  const length = scratch.write(text, 'base64url');
  try {
    if (!isCanonical(text, length)) return undefined;
    const decoded = scratch.toString('utf8', 0, length);
    // What stands for broken bytes may also have been written as itself.
    return decoded.includes('\ufffd') ? strictText(scratch.subarray(0, length)) : decoded;
  } finally {
    scratch.fill(0, 0, length);
  }
}

function strictText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return '';
  }
}
