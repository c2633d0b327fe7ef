import { describe, expect, it } from 'vitest';
import { fastest, figures, verdict } from '../engine/ratios.js';
import { interleaved, rotated, samplesOf } from '../engine/rounds.js';
import { spreadOf } from '../engine/statistics.js';

describe('rounds', () => {
  it('measure everyone once a round, begin with another each time, and throw the first rounds away', async () => {
    const order: string[] = [];
    const samples = await interleaved(
      ['a', 'b', 'c'],
      { before: 2, counted: 3 },
      async (contender, round) => {
        order.push(contender);
        return round;
      },
    );
    expect(order.join('')).toBe('abcbcacababcbca');
    expect([...samples]).toEqual([
      ['a', [2, 3, 4]],
      ['b', [2, 3, 4]],
      ['c', [2, 3, 4]],
    ]);
  });

  it('wait for one contender before the next begins', async () => {
    let running = 0;
    let most = 0;
    await interleaved(['a', 'b'], { before: 0, counted: 2 }, async () => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
      return 0;
    });
    expect(most).toBe(1);
  });

  it('rotate nothing without complaint', () => {
    expect(rotated([], 3)).toEqual([]);
  });

  it('know who was not measured', () => {
    expect(() => samplesOf(new Map<string, number[]>(), 'jose')).toThrow('jose was not measured');
  });
});

describe('a comparison', () => {
  const samples = new Map([
    ['floor', [100, 200, 400]],
    ['ours', [90, 180, 360]],
    ['peer', [50, 100, 300]],
  ]);

  it('gives everyone a ratio to the reference', () => {
    expect(figures(samples, 'floor').map(({ contender, ratio }) => [contender, ratio?.median])).toEqual([
      ['floor', 1],
      ['ours', 0.9],
      ['peer', 0.5],
    ]);
  });

  it('finds the fastest by the median', () => {
    expect(fastest(samples, ['peer', 'ours'])).toBe('ours');
    expect(() => fastest(samples, [])).toThrow('nobody');
  });

  it.each([
    [[1.04, 1.05, 1.06, 0.99, 1.04], 'slower'],
    [[0.95, 0.94, 0.96, 1.01, 0.95], 'faster'],
    [[1.2, 0.99, 1.3, 0.98, 1.1], 'none'],
    [[1, 1, 1], 'none'],
  ])('of two builds, %j, is a difference where three quarters of the rounds agree: %s', (ratios, found) => {
    expect(verdict(spreadOf(ratios))).toBe(found);
  });
});
