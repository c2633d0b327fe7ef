import { ConfigurationError } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import { type RedisClient, redisBudgets } from '../../src/index.js';

const budget = { key: 'k', calls: 100, seconds: 60 };

/** Answers EVAL as it is told. */
function answering(reply: unknown) {
  const sent: unknown[] = [];
  const client = {
    call: async (...command: string[]) => {
      sent.push(command);
      if (reply instanceof Error) throw reply;
      return reply;
    },
    multi() {},
    duplicate() {},
    disconnect() {},
  };
  return { client: client as unknown as RedisClient, sent };
}

describe('what Redis answers', () => {
  it.each<[string, unknown]>([
    ['nothing', null],
    ['a text', 'OK'],
    ['more calls than were asked for', [6, 1000]],
    ['less than none', [-1, 1000]],
    ['no number', ['many', 1000]],
    ['a part of a call', [1.5, 1000]],
    ['no time', [5]],
    ['an error', new Error('NOPERM')],
  ])('grants nothing if it is %s', async (_, reply) => {
    const store = redisBudgets(answering(reply).client);
    expect(await store.spend(budget)).toEqual({ granted: false, retryAfterSeconds: 1 });
    expect(store.health()).toMatchObject({ status: 'degraded' });
  });

  it('may be text, as some clients give it', async () => {
    expect(await redisBudgets(answering(['5', '1000']).client).spend(budget)).toEqual({ granted: true });
  });

  it('is asked for once by calls that come at once, and not again for a second after it has failed', async () => {
    const { client, sent } = answering(new Error('away'));
    const store = redisBudgets(client);
    await Promise.all(Array.from({ length: 50 }, () => store.spend(budget)));
    await store.spend({ ...budget, key: 'other' });
    expect(sent).toHaveLength(1);
  });

  it('grants no more than was taken, though more calls wait for it', async () => {
    const { client } = answering([1, 60_000]);
    const store = redisBudgets(client);
    const all = await Promise.all(Array.from({ length: 10 }, () => store.spend(budget)));
    expect(all.filter(({ granted }) => granted)).toHaveLength(1);
  });

  it('is not granted after its time', async () => {
    const { client, sent } = answering([5, 0]);
    const store = redisBudgets(client);
    expect(await store.spend(budget)).toMatchObject({ granted: false });
    expect(sent.length).toBeGreaterThan(0);
  });
});

describe('options', () => {
  it.each<[string, () => unknown, string]>([
    [
      'a prefix with spaces',
      () => redisBudgets(answering([]).client, { prefix: 'a b' }),
      'prefix is empty, too long, or has spaces',
    ],
    [
      'an unknown option',
      () => redisBudgets(answering([]).client, { slice: 5 } as never),
      "no option of redisBudgets(...) called 'slice'",
    ],
    ['no client', () => redisBudgets({} as never), 'instead of a Redis client'],
  ])('%s is refused', (_, make, expected) => {
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(expected);
  });
});
