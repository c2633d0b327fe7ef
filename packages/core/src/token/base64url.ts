/** Decoding into one buffer saves making one for each part. It is emptied after each use: nothing of a token stays in it. */
const scratch = Buffer.alloc(12_288);
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Decodes base64url without padding, and only in its one canonical form (RFC 7515 section 2, RFC 4648 section 3.5): two
 * spellings of one token would be two tokens to whoever compares them. What is encoded again must be what was given.
 *
 * @returns `undefined` for anything else
 */
export function decodeBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return text !== '' && bytes.toString('base64url') === text ? bytes : undefined;
}

/**
 * The same, for a part that holds text of at most 16 KiB.
 *
 * @returns `undefined` for what is not canonical; '' for broken UTF-8
 */
export function decodeBase64urlText(text: string): string | undefined {
  const length = scratch.write(text, 'base64url');
  try {
    if (text === '' || scratch.toString('base64url', 0, length) !== text) return undefined;
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
