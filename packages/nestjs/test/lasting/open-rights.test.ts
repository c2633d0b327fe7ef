import type { AuthContext, HttpAnswer } from '@entra-guard/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Lasting } from '../../src/contexts/context-adapter.js';
import { OpenRights } from '../../src/lasting/open-rights.js';

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
    MINUTE / 1000,
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

it('is forgotten when its client ends it', async () => {
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

it('that fails to end does not stop the others', async () => {
  const rights = new OpenRights(
    { judge: () => Promise.reject(new Error('expired')), toAnswer: () => answer },
    MINUTE / 1000,
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

describe('by two tokens', () => {
  const token = (authorization: string) => () => ({ headers: { authorization } });

  /** A connection on which a client has brought one token, and then another. */
  function openByTwo(expiries: Readonly<Record<string, number>>) {
    const judged: string[] = [];
    const ended: number[] = [];
    const rights = new OpenRights(
      {
        judge: async ({ headers }) => {
          const { authorization } = headers as { authorization: string };
          judged.push(`${authorization} at ${Date.now()}`);
          const expiresAt = expiries[authorization] as number;
          if (Date.now() > expiresAt) throw new Error('expired');
          return until(expiresAt);
        },
        toAnswer: () => answer,
      },
      MINUTE / 1000,
      () => Date.now(),
    );
    const lasting: Lasting = {
      key: {},
      name: 'a connection',
      end: () => void ended.push(Date.now()),
      onEnded: () => {},
    };
    for (const [name, expiresAt] of Object.entries(expiries))
      rights.watch(lasting, until(expiresAt), token(name));
    return { rights, lasting, judged, ended };
  }

  it('ends with the first of them, whichever came last', async () => {
    expect(openByTwo({ long: 10 * MINUTE, short: 10_000 }).ended).toEqual([]);
    for (const expiries of [
      { long: 10 * MINUTE, short: 10_000 },
      { short: 10_000, long: 10 * MINUTE },
    ]) {
      vi.setSystemTime(0);
      const { ended } = openByTwo(expiries);
      await vi.advanceTimersByTimeAsync(10_001);
      expect(ended).toEqual([10_001]);
    }
  });

  it('judges each of them once, however often they are brought', async () => {
    const { rights, lasting, judged } = openByTwo({ a: 5 * MINUTE, b: 10 * MINUTE });
    rights.watch(lasting, until(10 * MINUTE), token('b'));
    await rights.recheck();
    expect(judged).toEqual(['a at 0', 'b at 0']);
    expect(vi.getTimerCount()).toBe(1);
  });
});

it('that has ended before it is watched is not kept', () => {
  const rights = new OpenRights(
    { judge: async () => until(MINUTE), toAnswer: () => answer },
    MINUTE / 1000,
    () => Date.now(),
  );
  const lasting: Lasting = { key: {}, name: 'a stream', end: () => {}, onEnded: (listener) => listener() };
  rights.watch(lasting, until(MINUTE), () => ({ headers: {} }));
  expect(rights.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});
