import { onEvent, type RevocationEvent, type RevocationStoreEvent } from '@entra-guard/core';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { type RedisRevocationOptions, redisRevocations } from '../../src/index.js';

const NOW = 1_790_000_000_000;

beforeEach(() => {
  vi.useFakeTimers({
    now: NOW,
    toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'Date', 'performance'],
  });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A Redis without records, as ioredis shows it. It can be unreachable. */
class EmptyRedis {
  reachable = false;
  readonly #entry = [`${NOW}-0`, ['epoch', '1']];

  async call(name: string): Promise<unknown> {
    if (!this.reachable) throw new Error('Connection is closed.');
    if (name === 'XREAD') await new Promise((resolve) => setTimeout(resolve, 1000));
    if (!this.reachable) throw new Error('Connection is closed.');
    if (name === 'XRANGE' || name === 'XREVRANGE') return [this.#entry];
    if (name === 'ZSCAN') return ['0', []];
    return name === 'GET' ? null : 'OK';
  }

  multi() {
    return { call: () => {}, exec: async () => [] };
  }

  duplicate() {
    const epoch = async (name: string, key = '') =>
      name === 'GET' && key.endsWith(':epoch') ? this.call('PING').then(() => 'first') : this.call(name);
    return {
      ...{ on: () => {}, disconnect: () => {}, call: epoch },
      connect: async () => {
        if (!this.reachable) throw new Error('ECONNREFUSED');
      },
    };
  }

  disconnect(): void {}
}

function eventsOf(prefix: string): RevocationStoreEvent[] {
  const events: RevocationStoreEvent[] = [];
  onTestFinished(
    onEvent(
      (given) => {
        const event = given as RevocationEvent;
        if ((event.change === 'stale' || event.change === 'fresh') && event.store === prefix)
          events.push(event);
      },
      { types: ['revocation'] },
    ),
  );
  return events;
}

function started(redis: EmptyRedis, prefix: string, options: Partial<RedisRevocationOptions> = {}) {
  const store = redisRevocations(redis as never, { whenStale: 'refuse', prefix, log: false, ...options });
  onTestFinished(() => store.close());
  return store;
}

it('an event says that records are stale, which answer holds, when the answer changes, and when they are current', async () => {
  const redis = new EmptyRedis();
  const events = eventsOf('{flag}');
  let answer: 'refuse' | 'accept' = 'refuse';
  const asked: number[] = [];
  const whenStale = () => {
    asked.push(performance.now());
    return answer;
  };
  const store = started(redis, '{flag}', { whenStale });
  await vi.advanceTimersByTimeAsync(5000);
  expect(events).toMatchObject([
    {
      v: 1,
      type: 'revocation',
      change: 'stale',
      whenStale: 'refuse',
      reason: 'The records were not read yet.',
    },
  ]);
  answer = 'accept';
  await vi.advanceTimersByTimeAsync(1300);
  expect(events.slice(1)).toMatchObject([{ change: 'stale', whenStale: 'accept' }]);
  answer = 'refuse';
  await vi.advanceTimersByTimeAsync(1300);
  expect(events.slice(2)).toMatchObject([{ change: 'stale', whenStale: 'refuse' }]);
  redis.reachable = true;
  await vi.advanceTimersByTimeAsync(3000);
  expect(store.health().status).not.toBe('down');
  expect(events.slice(3)).toMatchObject([{ change: 'fresh', staleMs: expect.any(Number) }]);
  const [last] = events.slice(3);
  expect(last?.change === 'fresh' && last.staleMs).toBeGreaterThan(7000);
  for (const [index, time] of asked.entries()) {
    if (index > 0) expect(time - (asked[index - 1] as number)).toBeGreaterThanOrEqual(1000);
  }
});

it('an event says that records became stale, once Redis was unreachable for maxStaleness', async () => {
  const redis = new EmptyRedis();
  redis.reachable = true;
  const events = eventsOf('{lost}');
  started(redis, '{lost}', { whenStale: 'accept', maxStaleness: '10s' });
  await vi.advanceTimersByTimeAsync(2000);
  redis.reachable = false;
  await vi.advanceTimersByTimeAsync(9000);
  expect(events).toEqual([]);
  await vi.advanceTimersByTimeAsync(3000);
  expect(events).toMatchObject([
    {
      change: 'stale',
      whenStale: 'accept',
      reason: 'Redis has been unreachable for longer than maxStaleness.',
    },
  ]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(events).toHaveLength(1);
});

it('a function that throws refuses, and the event says so', async () => {
  const events = eventsOf('{thrown}');
  started(new EmptyRedis(), '{thrown}', {
    whenStale: () => {
      throw new Error('no flag');
    },
  });
  await vi.advanceTimersByTimeAsync(5000);
  expect(events).toMatchObject([{ change: 'stale', whenStale: 'refuse' }]);
});

it('a start that takes a moment is not an event', async () => {
  const redis = new EmptyRedis();
  const events = eventsOf('{quick}');
  const store = started(redis, '{quick}');
  await vi.advanceTimersByTimeAsync(500);
  redis.reachable = true;
  await vi.advanceTimersByTimeAsync(3000);
  expect(store.health().status).not.toBe('down');
  expect(events).toEqual([]);
});
