import { NOW } from '../../support/forger.js';

/** The time of one row, which begins a second after the sample tokens were issued. */
export class Clock {
  #time = NOW;

  /** Milliseconds since the epoch. */
  readonly now = (): number => this.#time;

  advance(milliseconds: number): void {
    this.#time += milliseconds;
  }
}
