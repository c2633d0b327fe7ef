import { describe, expect, it } from 'vitest';
import type { LeaverJobs, LeaverQueue } from '../../src/index.js';

/** A queue of a test, with a clock. */
export interface TestQueue {
  readonly queue: LeaverQueue;
  advance(milliseconds: number): void;
}

const NAME = 'leavers:test';
const job = (key: string, text = '') => ({ key, text });

/** What a feed expects of every queue. */
export function queueContract(name: string, make: () => Promise<TestQueue>): void {
  describe(name, () => {
    const opened = async (): Promise<TestQueue & { readonly jobs: LeaverJobs }> => {
      const made = await make();
      return { ...made, jobs: made.queue.open(NAME) };
    };

    it('gives each job to one process, the oldest first, and urgent ones before', async () => {
      const { jobs, advance } = await opened();
      await jobs.put([job('a', 'first')]);
      advance(1);
      await jobs.put([job('b')]);
      advance(1);
      await jobs.put([job('c')], { urgent: true });
      expect(await jobs.count()).toEqual({ waiting: 3, tried: 0 });
      const taken = [
        await jobs.take(1000),
        await jobs.take(1000),
        await jobs.take(1000),
        await jobs.take(1000),
      ];
      expect(taken.map((one) => one && [one.key, one.text, one.attempts])).toEqual([
        ['c', '', 1],
        ['a', 'first', 1],
        ['b', '', 1],
        undefined,
      ]);
      expect(await jobs.count()).toEqual({ waiting: 0, tried: 3 });
    });

    it('keeps names apart', async () => {
      const { jobs, queue } = await opened();
      await jobs.put([job('a')]);
      expect(await queue.open('leavers:other').take(1000)).toBeUndefined();
      expect(await queue.open(NAME).take(1000)).toMatchObject({ key: 'a' });
    });

    it('makes one job of several with a key, and keeps what was told last', async () => {
      const { jobs } = await opened();
      await jobs.put([job('a', 'removed'), job('b'), job('a', '')]);
      await jobs.put([job('b', 'disabled')]);
      expect(await jobs.count()).toMatchObject({ waiting: 2 });
      expect(await jobs.take(1000)).toMatchObject({ key: 'a', text: 'removed' });
      expect(await jobs.take(1000)).toMatchObject({ key: 'b', text: 'disabled' });
    });

    it('ends a job that is done', async () => {
      const { jobs, advance } = await opened();
      await jobs.put([job('a')]);
      const taken = await jobs.take(1000);
      expect(await jobs.done(taken as never)).toBe(true);
      advance(2000);
      expect(await jobs.take(1000)).toBeUndefined();
      expect(await jobs.count()).toEqual({ waiting: 0, tried: 0 });
    });

    it('gives a job again whose process has ended, and takes nothing from that one any more', async () => {
      const { jobs, advance } = await opened();
      await jobs.put([job('a', 'removed')]);
      const lost = await jobs.take(1000);
      advance(999);
      expect(await jobs.take(1000)).toBeUndefined();
      advance(1);
      const second = await jobs.take(1000);
      expect(second).toMatchObject({ key: 'a', text: 'removed', attempts: 2 });
      expect([await jobs.done(lost as never), await jobs.retry(lost as never, 0)]).toEqual([false, false]);
      expect(await jobs.take(1000)).toBeUndefined();
      advance(1000);
      expect(await jobs.take(1000)).toMatchObject({ key: 'a' });
    });

    it('gives a job that failed again after a time, and counts the attempts', async () => {
      const { jobs, advance } = await opened();
      await jobs.put([job('a', 'removed')]);
      expect(await jobs.retry((await jobs.take(1000)) as never, 5000)).toBe(true);
      advance(4999);
      expect(await jobs.take(1000)).toBeUndefined();
      advance(1);
      expect(await jobs.take(1000)).toMatchObject({ text: 'removed', attempts: 2 });
    });

    it('gives a job that was put while it was worked on again afterwards, and not before', async () => {
      const { jobs } = await opened();
      await jobs.put([job('a', 'disabled'), job('b', 'disabled')]);
      const first = await jobs.take(1000);
      const second = await jobs.take(1000);
      await jobs.put([job('a'), job('b', 'removed')], { urgent: true });
      expect(await jobs.take(1000)).toBeUndefined();
      await jobs.done(first as never);
      await jobs.retry(second as never, 5000);
      const taken = [await jobs.take(1000), await jobs.take(1000)];
      expect(new Set(taken.map((one) => `${one?.key} ${one?.text} ${one?.attempts}`))).toEqual(
        new Set(['a  1', 'b removed 2']),
      );
    });

    it('gives a job that is done again after a time, or at once when it is put', async () => {
      const { jobs, advance } = await opened();
      await jobs.put([job('a', 'disabled')]);
      await jobs.done((await jobs.take(1000)) as never, { againIn: 60_000 });
      expect(await jobs.count()).toEqual({ waiting: 0, tried: 0 });
      advance(60_000);
      const again = await jobs.take(1000);
      expect(again).toMatchObject({ key: 'a', text: '', attempts: 1 });
      await jobs.done(again as never, { againIn: 60_000 });
      await jobs.put([job('a')]);
      expect(await jobs.take(1000)).toMatchObject({ key: 'a' });
    });

    it('remembers texts', async () => {
      const { jobs } = await opened();
      expect(await jobs.recall('delta')).toBeUndefined();
      expect(await jobs.remember('delta', 'a link')).toBe(true);
      expect(await jobs.recall('delta')).toBe('a link');
      expect(await jobs.remember('sign-ins', 'a time', { forMs: 60_000 })).toBe(true);
      expect(await jobs.recall('sign-ins')).toBe('a time');
    });

    it('has one leader, and another when its time has ended or it resigns', async () => {
      const { jobs, advance } = await opened();
      expect(await jobs.lead('one', 1000)).toBe(true);
      expect(await jobs.lead('two', 1000)).toBe(false);
      advance(900);
      expect(await jobs.lead('one', 1000)).toBe(true);
      advance(900);
      expect(await jobs.lead('two', 1000)).toBe(false);
      advance(100);
      expect(await jobs.lead('two', 1000)).toBe(true);
      expect(await jobs.lead('one', 1000)).toBe(false);
      await jobs.resign('one');
      expect(await jobs.lead('one', 1000)).toBe(false);
      await jobs.resign('two');
      expect(await jobs.lead('one', 1000)).toBe(true);
    });

    it('lets a process that has lost the lead write nothing', async () => {
      const { jobs, advance } = await opened();
      await jobs.lead('one', 1000);
      expect(await jobs.remember('delta', 'of one', { claim: 'one' })).toBe(true);
      advance(1000);
      expect(await jobs.remember('delta', 'late', { claim: 'one' })).toBe(false);
      await jobs.lead('two', 1000);
      expect(await jobs.remember('delta', 'later', { claim: 'one' })).toBe(false);
      expect(await jobs.recall('delta')).toBe('of one');
      expect(await jobs.remember('delta', 'of two', { claim: 'two' })).toBe(true);
    });
  });
}
