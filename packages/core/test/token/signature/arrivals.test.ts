import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { comesInCrowd, NO_CROWD } from '../../../src/token/signature/arrivals.js';

/** Runs these as callbacks of one turn of the event loop, as Node runs those of requests that have queued up. */
function inOneTurn(callbacks: readonly (() => void)[]): Promise<void> {
  return new Promise((resolve) => {
    for (const callback of callbacks) setImmediate(callback);
    setImmediate(resolve);
  });
}

const alone = (count: number): readonly boolean[] => Array<boolean>(count).fill(false);
const crowd = (count: number): readonly boolean[] => Array<boolean>(count).fill(true);

/** What is found of tokens that come one by one by callbacks of the same turn. */
async function found(count: number): Promise<readonly boolean[]> {
  const answers: boolean[] = [];
  const arrive = () => {
    answers.push(comesInCrowd());
  };
  await inOneTurn(Array.from({ length: count }, () => arrive));
  return answers;
}

afterEach(async () => {
  vi.useRealTimers();
  // What was noted is of no turn but its own.
  await turn();
});

describe('a new token', () => {
  it(`is in a crowd where ${NO_CROWD} others were handed over in the same go`, () => {
    const answers = Array.from({ length: NO_CROWD + 3 }, () => comesInCrowd());
    expect(answers).toEqual([...alone(NO_CROWD), ...crowd(3)]);
  });

  it('is in no crowd where each waits for the one before, however many they are', async () => {
    for (let index = 0; index < 10 * NO_CROWD; index++) {
      expect(comesInCrowd()).toBe(false);
      await Promise.resolve();
    }
  });

  it(`is in a crowd where ${NO_CROWD} others came by earlier callbacks of the same turn`, async () => {
    expect(await found(NO_CROWD + 3)).toEqual([...alone(NO_CROWD), ...crowd(3)]);
  });

  it('is in no crowd of another turn', async () => {
    for (let time = 0; time < 5; time++) {
      expect(await found(NO_CROWD)).toEqual(alone(NO_CROWD));
      await turn();
    }
  });

  it('is in no crowd behind one that waited, while fake timers stand still', async () => {
    vi.useFakeTimers({ toFake: ['setImmediate', 'setTimeout', 'queueMicrotask'] });
    for (let index = 0; index < 2 * NO_CROWD; index++) {
      expect(comesInCrowd()).toBe(false);
      await turn();
    }
  });
});
