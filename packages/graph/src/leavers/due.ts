/** When something is to be done next. A clock that is set back makes it due, and does not put it off. */
export class Due {
  readonly #now: () => number;
  #setAt = Number.POSITIVE_INFINITY;
  #at = Number.NEGATIVE_INFINITY;

  constructor(now: () => number) {
    this.#now = now;
  }

  get isDue(): boolean {
    const now = this.#now();
    return now >= this.#at || now < this.#setAt;
  }

  /** Makes it due after so many milliseconds. */
  in(milliseconds: number): void {
    this.#setAt = this.#now();
    this.#at = this.#setAt + milliseconds;
  }
}

const FIRST = 1000;
const LONGEST = 300_000;

/**
 * Returns how long to wait after a failure, in milliseconds: as long as Graph asks, else from 1 second on twice as long each time, for
 * at most 5 minutes.
 *
 * @param failures how many there were without success in between; at least 1
 */
export function pauseAfter(failures: number, retryAfter: number | undefined): number {
  return Math.max(Math.min(FIRST * 2 ** Math.min(failures - 1, 20), LONGEST), retryAfter ?? 0);
}
