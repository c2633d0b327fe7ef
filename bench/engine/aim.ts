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
  /** Worse by more than half: not noise, whatever the machine was busy with. */
  readonly gross: boolean;
}

export function aim(what: string, measured: Spread, bound: Bound, unit: Aim['unit'] = '×'): Aim {
  const { median } = measured;
  if ('atLeast' in bound) {
    return {
      what,
      unit,
      bound,
      measured,
      met: median >= bound.atLeast,
      gross: !(median >= bound.atLeast / 2),
    };
  }
  return { what, unit, bound, measured, met: median <= bound.atMost, gross: !(median <= bound.atMost * 2) };
}
