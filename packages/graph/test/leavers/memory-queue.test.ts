import { expect, it } from 'vitest';
import { memoryQueue } from '../../src/index.js';
import { queueContract } from '../support/queue-contract.js';

function clocked() {
  let time = 1_790_000_000_000;
  const queue = memoryQueue({ now: () => time });
  return {
    queue,
    advance: (milliseconds: number) => {
      time += milliseconds;
    },
  };
}

queueContract('a queue in memory', async () => clocked());

it('forgets a text when its time has ended, and keeps memory for those that have not', async () => {
  const { queue, advance } = clocked();
  const jobs = queue.open('leavers:test');
  await jobs.remember('a', 'short', { forMs: 1000 });
  await jobs.remember('b', 'long');
  advance(1000);
  expect(await jobs.recall('a')).toBeUndefined();
  for (let count = 0; count < 2100; count++) await jobs.remember(`c${count}`, 'x', { forMs: 1000 });
  expect(await jobs.recall('b')).toBe('long');
});

it('is not shared, and uses the clock of the machine', async () => {
  const queue = memoryQueue();
  expect(queue.shared).toBe(false);
  const jobs = queue.open('leavers:test');
  await jobs.put([{ key: 'a', text: '' }]);
  expect(await jobs.take(1000)).toMatchObject({ key: 'a' });
  await queue.close();
});
