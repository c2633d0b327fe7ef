import { afterEach, describe, expect, it, vi } from 'vitest';
import { NOW } from '../../../../test/support/forger.js';
import type { AuthContext } from '../../src/index.js';
import { GroupAnswers, type GroupsOf } from '../../src/token/group-answers.js';
import { user } from '../callers.js';

const MINUTE = 60_000;
const named = (oid: string, exp = NOW / 1000 + 3600): AuthContext => user({ oid, exp, hasgroups: true });
const ada = named('aaaaaaaa-0000-4000-8000-000000000001');
const bob = named('bbbbbbbb-0000-4000-8000-000000000002');

/** Answers over a function that counts, and a clock that is set by hand. */
function answering(groupsOf: GroupsOf = async () => ['G']) {
  const clock = { now: NOW };
  const asked: AuthContext[] = [];
  const ask: GroupsOf = (auth) => {
    asked.push(auth);
    return groupsOf(auth);
  };
  return { answers: new GroupAnswers(ask, () => clock.now), asked, clock };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('an answer', () => {
  it('is the groups in lower case, and asked for with the very caller', async () => {
    const { answers, asked } = answering(async () => ['ABC', 'def']);
    expect([...(await answers.of(ada))]).toEqual(['abc', 'def']);
    expect(asked[0]).toBe(ada);
  });

  it.each<[string, number, number, number]>([
    ['is kept for 15 minutes', 3600, 15 * MINUTE - 1, 1],
    ['and not longer', 3600, 15 * MINUTE, 2],
    ['is kept until the token expires, if that is sooner', 300, 5 * MINUTE - 1, 1],
    ['and not for the next token of the user', 300, 5 * MINUTE, 2],
    ['is asked for again after the clock was set back', 3600, -1, 2],
  ])('%s', async (_, validFor, later, times) => {
    const { answers, asked, clock } = answering();
    const auth = named('aaaaaaaa-0000-4000-8000-000000000001', NOW / 1000 + validFor);
    await answers.of(auth);
    clock.now += later;
    await answers.of(ada);
    expect(asked).toHaveLength(times);
  });

  it('is of one user only', async () => {
    const { answers } = answering(async (auth) => [auth === ada ? 'managers' : 'staff']);
    expect([...(await answers.of(ada))]).toEqual(['managers']);
    expect([...(await answers.of(bob))]).toEqual(['staff']);
    expect([...(await answers.of(ada))]).toEqual(['managers']);
  });

  it('is asked for once, however many requests wait for it', async () => {
    const { answers, asked } = answering();
    const all = await Promise.all([answers.of(ada), answers.of(bob), answers.of(ada), answers.of(ada)]);
    expect(asked).toEqual([ada, bob]);
    expect(all[2]).toBe(all[0]);
  });
});

describe('what is not an answer decides nothing (503)', () => {
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'gave undefined'],
    ['a string', 'managers', 'gave managers'],
    ['a set', new Set(['managers']), 'gave an object'],
    ['an object like a list', { 0: 'managers', length: 1 }, 'gave an object'],
    ['a list that holds a number', ['managers', 7], 'that does not hold strings alone'],
    [
      'a list with a hole',
      Object.assign(new Array(2), { 0: 'managers' }),
      'that does not hold strings alone',
    ],
  ])('%s', async (_, given, keyWords) => {
    const { answers } = answering(async () => given as readonly string[]);
    await expect(answers.of(ada)).rejects.toMatchObject({
      code: 'hook_failed',
      status: 503,
      retryAfter: 5,
      message: expect.stringContaining(keyWords),
    });
  });

  it.each<[string, GroupsOf]>([
    [
      'a throw',
      () => {
        throw new Error('Graph is down');
      },
    ],
    ['a rejection', () => Promise.reject(new Error('Graph is down'))],
  ])('%s, with its cause', async (_, groupsOf) => {
    const { answers } = answering(groupsOf);
    await expect(answers.of(ada)).rejects.toMatchObject({
      code: 'hook_failed',
      cause: { message: 'Graph is down' },
    });
  });

  it('an answer that does not come within two seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { answers } = answering(() => new Promise(() => {}));
    const refused = expect(answers.of(ada)).rejects.toMatchObject({ code: 'hook_failed', status: 503 });
    await vi.advanceTimersByTimeAsync(2000);
    await refused;
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each<[string, unknown]>([
    ['a failure', undefined],
    ['groups that are not a list', 'x'],
  ])('%s is kept for five seconds, and each request has an error of its own', async (_, given) => {
    let broken = true;
    const { answers, asked, clock } = answering(async () => {
      if (!broken) return ['G'];
      if (given === undefined) throw new Error('down');
      return given as readonly string[];
    });
    const failure = () => answers.of(ada).catch((error: unknown) => error);
    const first = await failure();
    broken = false;
    clock.now += 3000;
    const second = await failure();
    expect(second).toMatchObject({ code: 'hook_failed', retryAfter: 2 });
    expect(second).not.toBe(first);
    expect(asked).toHaveLength(1);
    clock.now += 2000;
    expect((await answers.of(ada)).has('g')).toBe(true);
  });
});

describe('memory is bounded', () => {
  const userNumber = (n: number) => named(`aaaaaaaa-0000-4000-8000-${String(n).padStart(12, '0')}`);

  it('to a thousand answers, of which the oldest goes first', async () => {
    const { answers, asked } = answering();
    for (let n = 0; n < 1000; n++) await answers.of(userNumber(n));
    await answers.of(userNumber(0));
    expect(asked).toHaveLength(1000);
    await answers.of(userNumber(1000));
    await answers.of(userNumber(1));
    expect(asked).toHaveLength(1001);
    await answers.of(userNumber(0));
    expect(asked).toHaveLength(1002);
  });

  it('to 250,000 groups, also where one user has more', async () => {
    const many = Array.from({ length: 130_000 }, (_, n) => `g${n}`);
    const { answers, asked } = answering(async (auth) =>
      auth === bob ? [...many, ...many.map((g) => `x${g}`)] : many,
    );
    await answers.of(userNumber(0));
    await answers.of(userNumber(0));
    expect(asked).toHaveLength(1);
    await answers.of(userNumber(1));
    await answers.of(userNumber(1));
    expect(asked).toHaveLength(2);
    await answers.of(userNumber(0));
    expect(asked).toHaveLength(3);
    expect((await answers.of(bob)).size).toBe(260_000);
    await answers.of(bob);
    expect(asked).toHaveLength(5);
    await answers.of(userNumber(0));
    await answers.of(userNumber(0));
    expect(asked).toHaveLength(6);
  });
});
