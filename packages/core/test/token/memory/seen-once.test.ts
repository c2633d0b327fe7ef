import { describe, expect, it } from 'vitest';
import { SeenOnce } from '../../../src/token/memory/seen-once.js';

/** Numbers of 32 bits without order, and none of them twice: steps of a generator with the full period. */
function marks(count: number, seed = 1): readonly number[] {
  const made: number[] = [];
  for (let mark = seed; made.length < count; mark = (Math.imul(mark, 1_664_525) + 1_013_904_223) | 0) {
    made.push(mark);
  }
  return made;
}

describe('marks of tokens that came once', () => {
  it('are there when they come again, and not before', () => {
    const seen = new SeenOnce(100);
    for (const mark of [7, -7, 2 ** 31 - 1, -(2 ** 31)]) {
      expect(seen.note(mark)).toBe(false);
      expect(seen.note(mark)).toBe(true);
    }
    expect(seen.note(8)).toBe(false);
  });

  it.each([1, 2, 3])('the last four are there even where only %i should be', (count) => {
    const seen = new SeenOnce(count);
    const some = marks(12);
    for (const mark of some) seen.note(mark);
    expect(some.slice(-4).map((mark) => seen.note(mark))).toEqual([true, true, true, true]);
  });

  it('the oldest leaves first where many share a place', () => {
    const seen = new SeenOnce(1);
    for (const mark of [1, 2, 3, 4, 5]) seen.note(mark);
    expect([5, 4, 3, 2].map((mark) => seen.note(mark))).toEqual([true, true, true, true]);
    expect(seen.note(1)).toBe(false);
    expect(seen.note(2)).toBe(false);
  });

  it('nearly all of as many as they are made for are there, however many came before', () => {
    const seen = new SeenOnce(10_000);
    for (const mark of marks(100_000, 5)) seen.note(mark);
    const some = marks(10_000, 99);
    for (const mark of some) seen.note(mark);
    expect(some.filter((mark) => seen.note(mark)).length).toBeGreaterThan(9600);
  });

  it('leave at last', () => {
    const seen = new SeenOnce(10);
    const first = marks(10);
    for (const mark of first) seen.note(mark);
    for (const mark of marks(1000, 77)) seen.note(mark);
    expect(first.filter((mark) => seen.note(mark))).toEqual([]);
  });

  it('are all gone after clear', () => {
    const seen = new SeenOnce(10);
    seen.note(7);
    seen.clear();
    expect(seen.note(7)).toBe(false);
  });
});
