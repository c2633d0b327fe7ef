import { NOW } from '../../support/forger.js';

/** The clock of one row. It starts a second after the sample tokens were issued. */
export class Clock {
  #time = NOW;

  /** Milliseconds since the epoch. */
  readonly now = (): number => this.#time;

  advance(milliseconds: number): void {
    this.#time += milliseconds;
  }
}
