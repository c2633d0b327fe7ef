// What the core takes from Node where it reads options and the form of a token, for a browser. The alias in
// steps/token-page.mjs puts it in the place of node:util and node:crypto.

/** Of node:util. */
export const TextDecoder = globalThis.TextDecoder;

/** Of node:crypto: only the option `keys.seed` needs it, which this page does not offer. */
export function createHash(): never {
  throw new Error('This page computes no hashes.');
}

/** Bytes with the methods of Node's `Buffer` that are called: `write` in UTF-8, and `toString`. */
class Bytes extends Uint8Array {
  write(text: string): number {
    const bytes = new TextEncoder().encode(text).subarray(0, this.length);
    this.set(bytes);
    return bytes.length;
  }

  override toString(_encoding = 'utf8', start = 0, end = this.length): string {
    return new globalThis.TextDecoder().decode(this.subarray(start, end));
  }
}

/** Like `Buffer.from(text, 'base64url')`. Throws for other text, which the form of a token has refused before. */
function from(text: string): Bytes {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return new Bytes(Array.from(binary, (character) => character.charCodeAt(0)));
}

Object.assign(globalThis, { Buffer: { alloc: (length: number) => new Bytes(length), from } });
