/** So many marks share a place; a further one takes that of the oldest of them. */
const WAYS = 4;
/** 2^32 over the golden ratio: marks that differ anywhere get places that differ (Knuth, The Art of Computer Programming 6.4). */
const SPREAD = 0x9e3779b1;

/**
 * Marks of tokens that came once, in a table that never grows: a mark that is displaced is noted anew when its token comes
 * again. Of as many as it is made for, in a row, the first is still there with a probability of 96 %.
 */
export class SeenOnce {
  /** Bits of a place's number. */
  readonly #bits: number;
  /** 0 where none is yet: a token with the mark 0 counts as one that came before. Made when it is first needed. */
  #marks: Int32Array | undefined;

  /** @param count so many marks in a row should be told from others: 8 to 16 bytes are taken for each */
  constructor(count: number) {
    this.#bits = Math.max(0, Math.ceil(Math.log2((2 * count) / WAYS)));
  }

  /**
   * Whether a mark is there; if not, it is from now on.
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
