/**
 * How long a token may live, in seconds: one value for all processes with a prefix, the largest that any of them was started with.
 * Records end by it. With a smaller value than others have, a process would let records end while others still accept the tokens.
 */
export class LongestToken {
  readonly #own: number;
  readonly #announced = new Map<string, number>();
  #value: number;

  /** @param own what this process was started with */
  constructor(own: number) {
    this.#own = own;
    this.#value = own;
  }

  get value(): number {
    return this.#value;
  }

  /** Whether a value of at least that of this process was announced. */
  get isAnnounced(): boolean {
    return Math.max(0, ...this.#announced.values()) >= this.#own;
  }

  /** A process has announced its value. @returns whether that has raised the value of all */
  announce(id: string, seconds: number): boolean {
    this.#announced.set(id, seconds);
    return this.#settle();
  }

  /** An operator has taken an announcement back. @returns whether it was one */
  withdraw(id: string): boolean {
    if (!this.#announced.delete(id)) return false;
    this.#settle();
    return true;
  }

  #settle(): boolean {
    const before = this.#value;
    this.#value = Math.max(this.#own, ...this.#announced.values());
    return this.#value > before;
  }
}
