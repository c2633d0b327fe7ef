/** How many marks share a place. A further one replaces the oldest of them. */
const WAYS = 4;
/** 2^32 divided by the golden ratio, which spreads marks over the places (Knuth, The Art of Computer Programming 6.4). */
const SPREAD = 0x9e3779b1;

/**
 * Marks of tokens that came once, in a table that never grows. A displaced mark is noted again when its token comes
 * again. After as many marks as the table is made for, the first is still there with a probability of 96 %.
 */
export class SeenOnce {
  /** How many bits the number of a place has. */
  readonly #bits: number;
  /** 0 in a free place, so a token with the mark 0 may count as seen at its first use. Allocated at first use. */
  #marks: Int32Array | undefined;

  /** @param count how many marks to keep; takes 8 to 16 bytes for each */
  constructor(count: number) {
    this.#bits = Math.max(0, Math.ceil(Math.log2((2 * count) / WAYS)));
  }

  /**
   * Tells whether a mark was noted before, and notes it.
   *
   * @param mark a whole number of 32 bits
   */
  note(mark: number): boolean {
    this.#marks ??= new Int32Array(WAYS << this.#bits);
    const marks = this.#marks;
    const place = this.#bits === 0 ? 0 : Math.imul(mark, SPREAD) >>> (32 - this.#bits);
    const first = place * WAYS;
    for (let at = first; at < first + WAYS; at++) if (marks[at] === mark) return true;
    marks.copyWithin(first + 1, first, first + WAYS - 1);
    marks[first] = mark;
    return false;
  }

  clear(): void {
    this.#marks = undefined;
  }
}
