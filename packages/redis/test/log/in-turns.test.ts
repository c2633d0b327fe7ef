import { afterEach, expect, it, vi } from 'vitest';
import { inTurns } from '../../src/log/in-turns.js';

afterEach(() => {
  vi.useRealTimers();
});

/** Goes through things that take so many milliseconds each, by a clock that only they advance. */
async function turnsFor(things: number, milliseconds: number): Promise<number> {
  vi.useFakeTimers({ toFake: ['performance'] });
  let turns = 0;
  let going = true;
  const others = () => {
    turns++;
    if (going) setImmediate(others);
  };
  setImmediate(others);
  let gone = 0;
  await inTurns({ [Symbol.iterator]: () => new Array(things).values() }, () => {
    gone++;
    vi.advanceTimersByTime(milliseconds);
  });
  going = false;
  expect(gone).toBe(things);
  return turns;
}

it('what takes long lets others have their turn after a few milliseconds, however few things there are', async () => {
  // 100 ms of work, looked at after each 16 things of half a millisecond.
  expect(await turnsFor(200, 0.5)).toBeGreaterThanOrEqual(10);
});

it('what takes no time is done in one turn', async () => {
  expect(await turnsFor(10_000, 0)).toBe(0);
});
