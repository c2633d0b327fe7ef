const FIRST = 1000;
const LAST = 30_000;
const LONGEST_ASKED = 300_000;

/** The pause after failures: exponential, with jitter and a cap, or what the other side asked for. */
export class RetryPause {
  #failures = 0;
  #failedAt = 0;
  #until: number | undefined;

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  /** No attempt before this time, milliseconds since the epoch. */
  get until(): number | undefined {
    return this.#until;
  }

  /** Whether to wait still. A failure in the future means that the clock was set back: nobody knows how long ago it was. */
  holds(now: number): boolean {
    return this.#until !== undefined && now < this.#until && now >= this.#failedAt;
  }

  /**
   * @param asked seconds that the other side asked for (`Retry-After`); at most five minutes of it are kept to
   * @returns the end of the pause, milliseconds since the epoch
   */
  failed(now: number, asked: number): number {
    this.#failures++;
    const backOff = Math.min(LAST, FIRST * 2 ** Math.min(this.#failures - 1, 10));
    const jittered = backOff * (0.75 + Math.random() / 4);
    this.#failedAt = now;
    this.#until = now + Math.max(jittered, Math.min(asked * 1000, LONGEST_ASKED));
    return this.#until;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#until = undefined;
  }
}
