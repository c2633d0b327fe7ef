import { randomInt } from 'node:crypto';
import { type Sums, tokenBytes } from './signature/token-bytes.js';

/** Random odd numbers of 32 bits, different in each process, so that an attacker can't compute the sums of a text. */
const multipliers: Sums = [oddNumber(), oddNumber(), oddNumber(), oddNumber()];
const sums: [number, number, number, number] = [0, 0, 0, 0];

/**
 * Tells whether a text is the token by which a caller was authenticated. Holds only the token's length and a number of
 * 64 bits. Every new token needs one, and summing up takes a fifth of the time of SHA-256. To make another text match,
 * an attacker would need the token itself and this process's multipliers.
 */
export class TokenPrint {
  readonly #length: number;
  readonly #high: number;
  readonly #low: number;

  /** @param token the authenticated token */
  constructor(token: string) {
    tokenBytes.sumUp(token, multipliers, sums);
    this.#length = token.length;
    this.#high = sums[0] ^ Math.imul(sums[1], multipliers[2]);
    this.#low = sums[2] ^ Math.imul(sums[3], multipliers[0]);
  }

  isOf(text: string): boolean {
    if (text.length !== this.#length) return false;
    const other = new TokenPrint(text);
    return other.#high === this.#high && other.#low === this.#low;
  }
}

function oddNumber(): number {
  return randomInt(0x8000_0000) * 2 + 1;
}
