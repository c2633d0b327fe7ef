import { type Duration, secondsOf } from '@entra-guard/core';

/** The clock of one local Entra: the real one or the test's, and what it was advanced by. */
export class Clock {
  readonly #base: () => number;
  readonly #listeners = new Set<() => void>();
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
    for (const listener of this.#listeners) listener();
  }

  /** Calls back after each advance. @returns a function that ends it */
  readonly onAdvance = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };
}
