import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { comesWithAnother } from '../../src/token/arrivals.js';

/** Runs these as callbacks of one turn of the event loop, as Node runs those of requests that have queued up. */
function inOneTurn(...callbacks: readonly (() => void)[]): Promise<void> {
  return new Promise((resolve) => {
    for (const callback of callbacks) setImmediate(callback);
    setImmediate(resolve);
  });
}

afterEach(async () => {
  vi.useRealTimers();
  // One turn ends the flags of the last one.
  await turn();
  await turn();
});

describe('a new token', () => {
  it('is alone where it is the only one', () => {
    expect(comesWithAnother()).toBe(false);
  });

  it('comes with another one that was handed over in the same go', () => {
    expect([comesWithAnother(), comesWithAnother(), comesWithAnother()]).toEqual([false, true, true]);
  });

  it('is alone where each waits for the one before, however many they are', async () => {
    for (let index = 0; index < 100; index++) {
      expect(comesWithAnother()).toBe(false);
      await Promise.resolve();
    }
  });

  it('comes with another one of a later callback in the same turn', async () => {
    const found: boolean[] = [];
    const arrive = () => {
      found.push(comesWithAnother());
    };
    await inOneTurn(arrive, arrive, arrive);
    expect(found).toEqual([false, true, true]);
  });

  it('is alone in the next turn', async () => {
    const found: boolean[] = [];
    const arrive = () => {
      found.push(comesWithAnother());
    };
    await inOneTurn(arrive, arrive);
    await turn();
    await inOneTurn(arrive);
    expect(found).toEqual([false, true, false]);
  });

  it('is alone again behind one that waited, while fake timers stand still', async () => {
    vi.useFakeTimers({ toFake: ['setImmediate', 'setTimeout', 'queueMicrotask'] });
    const found: boolean[] = [];
    for (let index = 0; index < 3; index++) {
      found.push(comesWithAnother());
      await turn();
      await turn();
    }
    expect(found).toEqual([false, false, false]);
  });
});
