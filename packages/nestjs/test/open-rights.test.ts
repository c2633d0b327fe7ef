import type { AuthContext, HttpAnswer } from '@entra-guard/core';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Lasting } from '../src/contexts/context-adapter.js';
import { OpenRights } from '../src/open-rights.js';

const MINUTE = 60_000;
const answer = { status: 401, headers: {}, body: { code: 'token_expired' } } as unknown as HttpAnswer;
const until = (expiresAt: number) => ({ expiresAt }) as AuthContext;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Something that stays open; the judge says how long. */
function open(verdicts: () => Promise<AuthContext>, expiresAt: number) {
  const judged: number[] = [];
  const rights = new OpenRights(
    {
      judge: () => {
        judged.push(Date.now());
        return verdicts();
      },
      toAnswer: () => answer,
    },
    MINUTE,
    () => Date.now(),
  );
  const ended: number[] = [];
  let leave = () => {};
  const lasting: Lasting = {
    key: {},
    name: 'a connection',
    end: () => void ended.push(Date.now()),
    onEnded: (listener) => {
      leave = listener;
    },
  };
  const watch = (auth = until(expiresAt)) => rights.watch(lasting, auth, () => ({ headers: {} }));
  watch();
  return { rights, judged, ended, watch, leave: () => leave() };
}

it('is judged again each interval, and right after the expiry of its token', async () => {
  const { judged } = open(async () => until(90_000), 90_000);
  await vi.advanceTimersByTimeAsync(90_001);
  expect(judged).toEqual([60_000, 90_001]);
});

it('is asked each second while an expired token is tolerated, and ended when it no longer is', async () => {
  const { rights, judged, ended } = open(
    () => (Date.now() < 12_500 ? Promise.resolve(until(10_000)) : Promise.reject(new Error('expired'))),
    10_000,
  );
  await vi.advanceTimersByTimeAsync(20_000);
  expect(judged).toEqual([10_001, 11_001, 12_001, 13_001]);
  expect(ended).toEqual([13_001]);
  expect(rights.size).toBe(0);
});

it('is watched once, however often it is let pass, and by the newest expiry', async () => {
  const { rights, judged, watch } = open(async () => until(200_000), 90_000);
  watch(until(200_000));
  expect(rights.size).toBe(1);
  await vi.advanceTimersByTimeAsync(2 * MINUTE);
  expect(judged).toEqual([60_000, 120_000]);
});

it('is forgotten when it ends by itself', async () => {
  const { rights, judged, ended, leave } = open(() => Promise.reject(new Error('expired')), 10_000);
  leave();
  expect(rights.size).toBe(0);
  await vi.advanceTimersByTimeAsync(5 * MINUTE);
  expect(judged).toEqual([]);
  expect(ended).toEqual([]);
});

it('is not ended a second time when it ends while it is judged', async () => {
  let refuse: (reason: Error) => void = () => {};
  const pending = new Promise<AuthContext>((_, reject) => {
    refuse = reject;
  });
  const { rights, ended, leave } = open(() => pending, 10_000);
  const rechecked = rights.recheck();
  leave();
  refuse(new Error('expired'));
  await rechecked;
  expect(ended).toEqual([]);
});

it('does not outlive the application', async () => {
  const { rights, judged, watch } = open(async () => until(10_000), 10_000);
  rights.close();
  expect(vi.getTimerCount()).toBe(0);
  watch();
  expect(rights.size).toBe(0);
  await vi.advanceTimersByTimeAsync(5 * MINUTE);
  expect(judged).toEqual([]);
});

it('that can not be ended any more hurts nobody', async () => {
  const rights = new OpenRights(
    { judge: () => Promise.reject(new Error('expired')), toAnswer: () => answer },
    MINUTE,
    () => Date.now(),
  );
  const lasting: Lasting = {
    key: {},
    name: 'a connection',
    end: () => {
      throw new Error('It is not open.');
    },
    onEnded: () => {},
  };
  rights.watch(lasting, until(10_000), () => ({ headers: {} }));
  await expect(rights.recheck()).resolves.toBeUndefined();
  expect(rights.size).toBe(0);
});
