import { type Duration, secondsOf } from '@entra-guard/core';

/** The clock of one local Entra: the real one or the test's, and what it was advanced by. */
export class Clock {
  readonly #base: () => number;
  #ahead = 0;

  /** @param base returns milliseconds since the epoch */
  constructor(base: () => number) {
    this.#base = base;
  }

  /** Returns milliseconds since the epoch. Bound, so that validators can be given it. */
  readonly now = (): number => this.#base() + this.#ahead;

  /** @throws ConfigurationError for anything but a duration */
  advance(duration: Duration): void {
    this.#ahead += secondsOf('entra.advance(...)', duration) * 1000;
  }
}
