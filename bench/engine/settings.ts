import type { Rounds } from './rounds.js';
import type { Clock } from './stopwatch.js';

/** How much is measured. Times in seconds. */
export interface Settings {
  readonly short: boolean;
  /** What rates are taken by. */
  readonly clock: Clock;
  /** Rounds without HTTP. */
  readonly rounds: Rounds;
  /** Rounds over HTTP. */
  readonly httpRounds: Rounds;
  /** Tokens of one round in which each is new. */
  readonly newTokens: number;
  /** New tokens of one round over HTTP. */
  readonly newHttpTokens: number;
  /** New tokens, or requests, of each round that are not counted: caches are cold after the others' turns. */
  readonly lead: number;
  /** Tokens in rotation. */
  readonly rotation: number;
  /** Seconds of one round in which tokens come again. */
  readonly repeat: number;
  /** Seconds of one round over HTTP. */
  readonly httpRepeat: number;
  /** Connections that are kept open; one request at a time on each. */
  readonly connections: number;
  /** Tokens remembered while the heap is weighed. */
  readonly remembered: number;
  /** The larger number of remembered tokens; the smaller one is a tenth of it. */
  readonly manyRemembered: number;
  /** New tokens in each simulated hour. */
  readonly churn: number;
  /** Fresh processes for each package that is loaded. */
  readonly loads: Rounds;
  /** Seconds of steady arrivals, with and without junk. */
  readonly steady: number;
  readonly steadyRounds: Rounds;
}

export const FULL: Settings = {
  short: false,
  clock: 'wall',
  rounds: { before: 3, counted: 9 },
  httpRounds: { before: 2, counted: 7 },
  newTokens: 2500,
  newHttpTokens: 3000,
  lead: 500,
  rotation: 5000,
  repeat: 0.25,
  httpRepeat: 0.7,
  connections: 32,
  remembered: 10_000,
  manyRemembered: 100_000,
  churn: 1500,
  loads: { before: 1, counted: 11 },
  steady: 2,
  steadyRounds: { before: 3, counted: 4 },
};

/**
 * For CI: gross regressions alone, by processor time, since such machines are shared. Processor time includes V8's
 * compilers, which are busy for the first thousands of new tokens: four rounds before are not counted.
 */
export const SHORT: Settings = {
  short: true,
  clock: 'processor',
  rounds: { before: 4, counted: 5 },
  httpRounds: { before: 1, counted: 4 },
  newTokens: 1000,
  newHttpTokens: 600,
  lead: 100,
  rotation: 600,
  repeat: 0.1,
  httpRepeat: 0.4,
  connections: 16,
  remembered: 1000,
  manyRemembered: 20_000,
  churn: 50,
  loads: { before: 1, counted: 3 },
  steady: 1,
  steadyRounds: { before: 1, counted: 2 },
};
