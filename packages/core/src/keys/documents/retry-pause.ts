const FIRST = 1000;
const LAST = 30_000;
const LONGEST_ASKED = 300_000;

/** The pause after failures: exponential, with jitter and a limit, or as long as `Retry-After` asked for. */
export class RetryPause {
  #failures = 0;
  #failedAt = 0;
  #until: number | undefined;

  /** How many attempts failed since the last success. */
  get failures(): number {
    return this.#failures;
  }

  /** No attempt is made before this time, in milliseconds since the epoch. */
  get until(): number | undefined {
    return this.#until;
  }

  /**
   * Tells whether the pause still lasts. It does not if the failure is in the future: the clock was set back, so the
   * time since is unknown.
   */
  holds(now: number): boolean {
    return this.#until !== undefined && now < this.#until && now >= this.#failedAt;
  }

  /**
   * @param asked the answer's `Retry-After` in seconds; counts up to five minutes
   * @returns the end of the pause, in milliseconds since the epoch
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
