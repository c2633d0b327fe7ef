import type { WhenStale } from './options.js';

const ASK_EVERY = 1000;

/** What is asked of whom while records are stale. */
export class Staleness {
  readonly #whenStale: () => WhenStale;
  #askedAt = Number.NEGATIVE_INFINITY;
  #answer: WhenStale = 'refuse';
  #stale = true;

  /** Records are stale until they were read for the first time. */
  constructor(whenStale: () => WhenStale) {
    this.#whenStale = whenStale;
    this.#answer = this.#ask();
  }

  /** Whether records are stale. */
  get stale(): boolean {
    return this.#stale;
  }

  /** Whether callers are refused whom no known record refuses. */
  get refuses(): boolean {
    return this.#stale && this.#answer !== 'accept';
  }

  /**
   * Looks again.
   *
   * @param stale whether records are stale now
   * @returns whether anything has changed about {@link stale} or {@link refuses}
   */
  update(stale: boolean): boolean {
    const before = `${this.#stale} ${this.refuses}`;
    this.#stale = stale;
    if (stale && performance.now() - this.#askedAt >= ASK_EVERY) this.#answer = this.#ask();
    return before !== `${this.#stale} ${this.refuses}`;
  }

  #ask(): WhenStale {
    this.#askedAt = performance.now();
    try {
      return this.#whenStale() === 'accept' ? 'accept' : 'refuse';
    } catch {
      return 'refuse';
    }
  }
}
