import { readFileSync } from 'node:fs';

/**
 * Tokens that occupy no heap of their own: each is made a string when it is asked for, as one that comes from a socket,
 * and is garbage when nobody keeps it.
 */
export class TokenFile {
  readonly #bytes: Buffer;
  readonly #ends: readonly number[];

  constructor(file: string) {
    this.#bytes = readFileSync(file);
    const ends: number[] = [];
    for (let end = this.#bytes.indexOf(10); end !== -1; end = this.#bytes.indexOf(10, end + 1))
      ends.push(end);
    this.#ends = [...ends, this.#bytes.length];
  }

  get length(): number {
    return this.#ends.length;
  }

  at(index: number): string {
    const end = this.#ends[index];
    if (end === undefined)
      throw new RangeError(`There are ${this.length} tokens, and none has number ${index}.`);
    const start = index === 0 ? 0 : (this.#ends[index - 1] as number) + 1;
    return this.#bytes.toString('latin1', start, end);
  }
}
