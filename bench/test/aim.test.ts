import { describe, expect, it } from 'vitest';
import { aim, type Bound } from '../engine/aim.js';
import { spreadOf } from '../engine/statistics.js';

describe('an aim', () => {
  it.each<{ measured: number; bound: Bound; met: boolean; gross: boolean }>([
    { measured: 0.9, bound: { atLeast: 0.88 }, met: true, gross: false },
    { measured: 0.88, bound: { atLeast: 0.88 }, met: true, gross: false },
    { measured: 0.87, bound: { atLeast: 0.88 }, met: false, gross: false },
    { measured: 0.43, bound: { atLeast: 0.88 }, met: false, gross: true },
    { measured: 20, bound: { atMost: 25 }, met: true, gross: false },
    { measured: 25, bound: { atMost: 25 }, met: true, gross: false },
    { measured: 26, bound: { atMost: 25 }, met: false, gross: false },
    { measured: 51, bound: { atMost: 25 }, met: false, gross: true },
    { measured: Number.NaN, bound: { atLeast: 1 }, met: false, gross: true },
    { measured: Number.NaN, bound: { atMost: 1 }, met: false, gross: true },
  ])('$bound with $measured measured: met $met, gross $gross', ({ measured, bound, met, gross }) => {
    expect(aim('of the floor', spreadOf([measured]), bound)).toMatchObject({ met, gross });
  });

  it('is judged by the median, not by the best round', () => {
    expect(aim('of the floor', spreadOf([0.5, 0.6, 2]), { atLeast: 1 }).met).toBe(false);
  });

  it('is far missed only if every round missed it by half', () => {
    expect(aim('of the floor', spreadOf([0.1, 0.2, 0.5]), { atLeast: 1 }).gross).toBe(false);
    expect(aim('of the floor', spreadOf([0.1, 0.2, 0.4]), { atLeast: 1 }).gross).toBe(true);
    expect(aim('heap', spreadOf([1, 9, 9]), { atMost: 1 }, 'B').gross).toBe(false);
    expect(aim('heap', spreadOf([3, 9, 9]), { atMost: 1 }, 'B').gross).toBe(true);
  });

  it('in milliseconds is never far missed: how fast the machine is was not measured', () => {
    expect(aim('loading', spreadOf([900]), { atMost: 25 }, 'ms')).toMatchObject({ met: false, gross: false });
  });
});
