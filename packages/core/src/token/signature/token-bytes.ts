import { decodeBase64url, decodeBase64urlText } from './base64url.js';
import { wipe } from './wipe.js';

/** Largest accepted token in characters. Entra's tokens are 1 to 4 kB; Node takes 16 KiB of headers by default. */
export const MAX_TOKEN_LENGTH = 16_384;

/** A signed token, and where its signed part ends. */
export interface SignedToken {
  /** As it was sent, in ASCII: three parts, of which the third is canonical base64url or empty. */
  readonly token: string;
  /** Where the second part, and with it the signed part, ends. */
  readonly signedEnd: number;
}

/** Four numbers of 32 bits. */
export type Sums = readonly [number, number, number, number];

/**
 * Reads tokens as bytes. Reuses its buffers, because allocating them would take longer than the checks of a token's
 * claims. Each method wipes what it wrote before it returns, so that no token stays in memory.
 */
export class TokenBytes {
  readonly #bytes = Buffer.alloc(MAX_TOKEN_LENGTH);
  /** `#bytes` as words of four bytes. */
  readonly #words = new Int32Array(this.#bytes.buffer, this.#bytes.byteOffset, MAX_TOKEN_LENGTH / 4);
  readonly #signature = Buffer.alloc(MAX_TOKEN_LENGTH);
  /** The view for the signature of a 2048-bit key, which saves a new one for nearly every token. */
  readonly #usualSignature = this.#signature.subarray(0, 256);
  /** How many bytes of `#signature` may have been written. */
  #signatureLength = 0;

  /**
   * Returns the texts of the first two parts, if all three are canonical base64url. Accepts an empty third part: the
   * check `algorithm` refuses an unsigned token with a better reason.
   *
   * @param token of at most {@link MAX_TOKEN_LENGTH} characters
   * @param headerIsKnown whether to skip the header
   * @returns the texts, '' for a part with invalid UTF-8; `undefined` for anything but canonical base64url
   */
  parts(
    token: string,
    headerEnd: number,
    signedEnd: number,
    headerIsKnown: boolean,
  ): { readonly header: string; readonly payload: string } | undefined {
    const written = this.#bytes.write(token, 'utf8');
    try {
      // A character beyond ASCII takes several bytes, none of which is base64url. If the buffer is full, the lengths
      // may still agree, but then decoding fails.
      if (written !== token.length) return undefined;
      if (signedEnd + 1 < written && this.#decodeSignature(signedEnd + 1, written) < 0) return undefined;
      const header = headerIsKnown ? '' : decodeBase64urlText(this.#bytes, 0, headerEnd);
      const payload = decodeBase64urlText(this.#bytes, headerEnd + 1, signedEnd);
      return header === undefined || payload === undefined ? undefined : { header, payload };
    } finally {
      this.#wipe(written);
    }
  }

  /**
   * Calls `use` with the signed bytes, which are header and payload as sent, and with the signature. `use` must not
   * keep them.
   */
  withSignature<T>({ token, signedEnd }: SignedToken, use: (signed: Buffer, signature: Buffer) => T): T {
    const written = this.#bytes.write(token, 'latin1');
    try {
      const length = Math.max(0, this.#decodeSignature(signedEnd + 1, written));
      const usual = length === this.#usualSignature.length;
      return use(
        this.#bytes.subarray(0, signedEnd),
        usual ? this.#usualSignature : this.#signature.subarray(0, length),
      );
    } finally {
      this.#wipe(written);
    }
  }

  /**
   * Sums up the bytes of a token: four polynomials, each over every fourth word.
   *
   * @param text counts up to {@link MAX_TOKEN_LENGTH} characters
   * @param to receives the sums
   */
  sumUp(text: string, [a, b, c, d]: Sums, to: [number, number, number, number]): void {
    const words = this.#words;
    const written = this.#bytes.write(text, 'utf8');
    let [first, second, third, fourth] = [1, 1, 1, 1];
    // The buffer holds zeros after the end of the text.
    for (let at = 0; at << 2 < written; at += 4) {
      first = (Math.imul(first, a) + (words[at] as number)) | 0;
      second = (Math.imul(second, b) + (words[at + 1] as number)) | 0;
      third = (Math.imul(third, c) + (words[at + 2] as number)) | 0;
      fourth = (Math.imul(fourth, d) + (words[at + 3] as number)) | 0;
    }
    to[0] = first;
    to[1] = second;
    to[2] = third;
    to[3] = fourth;
    this.#wipe(written);
  }

  /** @returns how many bytes were decoded; -1 for what is not canonical, and for nothing */
  #decodeSignature(start: number, end: number): number {
    this.#signatureLength = Math.ceil(((end - start) * 3) / 4);
    return decodeBase64url(this.#bytes, start, end, this.#signature);
  }

  #wipe(written: number): void {
    wipe(this.#bytes, written);
    wipe(this.#signature, this.#signatureLength);
    this.#signatureLength = 0;
  }
}

/** One for all tokens of this thread, because no method is asynchronous. */
export const tokenBytes = new TokenBytes();
