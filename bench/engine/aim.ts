import type { Spread } from './statistics.js';

/** A bound that a measured value is held against. */
export type Bound = { readonly atLeast: number } | { readonly atMost: number };

/** What was aimed at, what was measured, and whether that is good enough. */
export interface Aim {
  /** `of crypto.verify`, `of fast-jwt (cache)`, `heap per token, bytes`. */
  readonly what: string;
  readonly unit: '×' | 'B' | 'ms';
  readonly bound: Bound;
  readonly measured: Spread;
  /** By the median. */
  readonly met: boolean;
  /** Worse by more than half in every single round: not noise, whatever the machine was busy with. */
  readonly gross: boolean;
}

export function aim(what: string, measured: Spread, bound: Bound, unit: Aim['unit'] = '×'): Aim {
  const { median, least, most } = measured;
  const [met, near] =
    'atLeast' in bound
      ? [median >= bound.atLeast, most >= bound.atLeast / 2]
      : [median <= bound.atMost, least <= bound.atMost * 2];
  // Milliseconds are of the machine: only what is held against something of the same run tells more.
  return { what, unit, bound, measured, met, gross: !near && unit !== 'ms' };
}
