const ALPHABET = /^[A-Za-z0-9_-]+$/;
/** The last characters whose unused low bits are zero, for a rest of two and of three characters. */
const LAST_OF_TWO = /[AQgw]$/;
const LAST_OF_THREE = /[AEIMQUYcgkosw048]$/;

/**
 * Decodes base64url without padding, and only in its one canonical form (RFC 7515 section 2, RFC 4648 section 3.5): two
 * spellings of one token would be two tokens to whoever compares them.
 *
 * @returns `undefined` for anything else
 */
export function decodeBase64url(text: string): Buffer | undefined {
  if (!ALPHABET.test(text)) return undefined;
  const rest = text.length % 4;
  if (rest === 1) return undefined;
  if (rest === 2 && !LAST_OF_TWO.test(text)) return undefined;
  if (rest === 3 && !LAST_OF_THREE.test(text)) return undefined;
  return Buffer.from(text, 'base64url');
}
