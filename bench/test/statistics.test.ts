import { describe, expect, it } from 'vitest';
import { quantile, ratioOf, spreadOf } from '../engine/statistics.js';

describe('quantile', () => {
  it.each([
    { samples: [7], share: 0.5, expected: 7 },
    { samples: [3, 1, 2], share: 0.5, expected: 2 },
    { samples: [4, 1, 3, 2], share: 0.5, expected: 2.5 },
    { samples: [4, 1, 3, 2], share: 0.25, expected: 1.75 },
    { samples: [4, 1, 3, 2], share: 0.75, expected: 3.25 },
    { samples: [10, 9, 8, 7, 6, 5, 4, 3, 2, 1], share: 0.99, expected: 9.91 },
    { samples: [2, 1], share: 0, expected: 1 },
    { samples: [2, 1], share: 1, expected: 2 },
    // As numbers, not as text.
    { samples: [9, 100, 20], share: 0.5, expected: 20 },
  ])('of $samples at $share is $expected', ({ samples, share, expected }) => {
    expect(quantile(samples, share)).toBeCloseTo(expected, 10);
  });

  it('leaves the samples in their order', () => {
    const samples = [3, 1, 2];
    quantile(samples, 0.5);
    expect(samples).toEqual([3, 1, 2]);
  });

  it('of nothing is an error, not a number', () => {
    expect(() => quantile([], 0.5)).toThrow('no samples');
  });
});

describe('a spread', () => {
  it('is the median between the quartiles and the ends', () => {
    expect(spreadOf([5, 1, 4, 2, 3])).toEqual({ median: 3, q1: 2, q3: 4, least: 1, most: 5, samples: 5 });
  });

  it('is not moved by one round that went wrong', () => {
    expect(spreadOf([100, 101, 99, 100, 1]).median).toBe(100);
  });
});

describe('a ratio', () => {
  it('is taken round by round, so that a slow round of the machine does not show in it', () => {
    const slowLater = [100, 50, 25];
    const alsoSlow = [200, 100, 50];
    expect(ratioOf(slowLater, alsoSlow)).toMatchObject({ median: 0.5, q1: 0.5, q3: 0.5, samples: 3 });
  });

  it('of unequal rounds is an error', () => {
    expect(() => ratioOf([1, 2], [1])).toThrow('2 rounds of one and 1 of the other');
  });
});
