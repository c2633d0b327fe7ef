import { vi } from 'vitest';
import { NOW } from '../support/forger.js';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/**
 * The clock of a run. `Date` and `performance.now` follow it, because the other libraries read them. `Math.random` is
 * constant, because back-off is jittered. Timers are real: only requests that hang wait for one.
 */
export class Clock {
  #time = NOW;
  #monotonic = 1_000_000;

  /** Milliseconds since the epoch. */
  readonly now = (): number => this.#time;

  install(): void {
    vi.useFakeTimers({ toFake: ['Date'], now: this.#time });
    vi.spyOn(performance, 'now').mockImplementation(() => this.#monotonic);
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
  }

  uninstall(): void {
    vi.restoreAllMocks();
    vi.useRealTimers();
  }

  /** Lets time pass. */
  advance(milliseconds: number): void {
    this.#monotonic += milliseconds;
    this.step(milliseconds);
  }

  /** Sets the clock forward or back. No time passes. */
  step(milliseconds: number): void {
    this.#time += milliseconds;
    if (vi.isFakeTimers()) vi.setSystemTime(this.#time);
  }
}
