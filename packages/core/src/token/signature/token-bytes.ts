import { decodeBase64url, decodeBase64urlText } from './base64url.js';
import { wipe } from './wipe.js';

/** Largest accepted token in characters. Entra's tokens are 1 to 4 kB; Node takes 16 KiB of headers by default. */
export const MAX_TOKEN_LENGTH = 16_384;

/** A signed token, and where what was signed ends. */
export interface SignedToken {
  /** As it was sent, in ASCII: three parts, of which the third is canonical base64url or empty. */
  readonly token: string;
  /** Where the second part ends, and with it what is signed. */
  readonly signedEnd: number;
}

/** Four numbers of 32 bits. */
export type Sums = readonly [number, number, number, number];

/**
 * Reads tokens as bytes. The same buffers serve one token after another, since allocating them would take longer than the
 * checks of a token's claims. Each method wipes what it wrote before it returns, so that no token stays in memory.
 */
export class TokenBytes {
  readonly #bytes = Buffer.alloc(MAX_TOKEN_LENGTH);
  /** The same bytes, four at a time. */
  readonly #words = new Int32Array(this.#bytes.buffer, this.#bytes.byteOffset, MAX_TOKEN_LENGTH / 4);
  readonly #signature = Buffer.alloc(MAX_TOKEN_LENGTH);
  /** What a key of 2048 bits makes: saves a new view for nearly every token. */
  readonly #usualSignature = this.#signature.subarray(0, 256);
  /** How many of its bytes may have been written. */
  #signatureLength = 0;

  /**
   * The texts of the first two parts, if all three are canonical base64url. An unsigned token, whose third part is empty, is
   * refused by its `alg`, which tells more than its form.
   *
   * @param token of at most {@link MAX_TOKEN_LENGTH} characters
   * @param headerIsKnown leaves the header out
   * @returns `undefined` for anything else; '' for a part of broken UTF-8
   */
  parts(
    token: string,
    headerEnd: number,
    signedEnd: number,
    headerIsKnown: boolean,
  ): { readonly header: string; readonly payload: string } | undefined {
    const written = this.#bytes.write(token, 'utf8');
    try {
      // Beyond ASCII a character takes several bytes, none of which is base64url. Where the buffer is full and the numbers
      // agree all the same, decoding finds them.
      if (written !== token.length) return undefined;
      if (signedEnd + 1 < written && this.#decodeSignature(signedEnd + 1, written) < 0) return undefined;
      const header = headerIsKnown ? '' : decodeBase64urlText(this.#bytes, 0, headerEnd);
      const payload = decodeBase64urlText(this.#bytes, headerEnd + 1, signedEnd);
      return header === undefined || payload === undefined ? undefined : { header, payload };
    } finally {
      this.#wipe(written);
    }
  }

  /** Calls `use` with what was signed, header and payload as they were sent, and with the signature. Keep neither. */
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
   * Sums up the bytes of a token: four polynomials over every fourth word of it.
   *
   * @param text what is longer than {@link MAX_TOKEN_LENGTH} counts as far as that
   * @param to written to
   */
  sumUp(text: string, [a, b, c, d]: Sums, to: [number, number, number, number]): void {
    const words = this.#words;
    const written = this.#bytes.write(text, 'utf8');
    let [first, second, third, fourth] = [1, 1, 1, 1];
    // Behind its end there are zeros.
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

/** For every token of this thread: no method waits. */
export const tokenBytes = new TokenBytes();
