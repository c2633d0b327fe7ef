import { expect, it } from 'vitest';
import { allSettled } from '../../src/keys/all-settled.js';

it('what all have done is done', async () => {
  await expect(allSettled([])).resolves.toBeUndefined();
  await expect(allSettled([Promise.resolve(1), Promise.resolve(2)])).resolves.toBeUndefined();
});

it('a failure is told when the others have come to their end, and the first of several', async () => {
  let done = false;
  let finish = (): void => {};
  const slow = new Promise<void>((resolve) => {
    finish = () => {
      done = true;
      resolve();
    };
  });
  const [one, other] = [new Error('one'), new Error('other')];
  const told = allSettled([slow, Promise.reject(one), Promise.reject(other)]).catch((error: unknown) => [
    error,
    done,
  ]);
  await Promise.resolve();
  finish();
  expect(await told).toEqual([one, true]);
});
