import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redisSessions } from '../../src/index.js';
import { clients } from '../support/clients.js';
import { RedisServer, whyNot } from '../support/redis-server.js';

const why = whyNot === undefined ? '' : ` (skipped: ${whyNot})`;

describe.skipIf(whyNot !== undefined).each(Object.keys(clients))(
  `sessions in Redis, over %s${why}`,
  (name) => {
    let server: RedisServer;
    let made: Awaited<ReturnType<(typeof clients)[string]>>;
    beforeAll(async () => {
      server = await RedisServer.start();
      made = await (clients[name] as (typeof clients)[string])(server.port);
    });
    afterAll(async () => {
      made?.close();
      await server?.stop();
    });
    const ttlOf = (key: string) => Number(server.cli('pttl', `entra-guard:sessions:${key}`));

    it('are there until their end, and deleted', async () => {
      const store = redisSessions(made.client);
      const key = `session:${randomUUID()}`;
      expect(await store.get(key)).toBeUndefined();
      await store.set(key, 'sealed', 60_000);
      expect(await store.get(key)).toBe('sealed');
      expect(ttlOf(key)).toBeGreaterThan(50_000);
      expect(ttlOf(key)).toBeLessThanOrEqual(60_000);
      await store.delete(key);
      expect(await store.get(key)).toBeUndefined();
    });

    it('are replaced only while they are there', async () => {
      const store = redisSessions(made.client);
      const key = `session:${randomUUID()}`;
      expect(await store.replace(key, 'back', 60_000)).toBe(false);
      expect(await store.get(key)).toBeUndefined();
      await store.set(key, 'first', 1_000_000);
      expect(await store.replace(key, 'second', 60_000)).toBe(true);
      expect(await store.get(key)).toBe('second');
      expect(ttlOf(key)).toBeLessThanOrEqual(60_000);
    });

    it('are taken once, however many ask', async () => {
      const store = redisSessions(made.client);
      const key = `attempt:${randomUUID()}`;
      await store.set(key, 'sealed', 60_000);
      const taken = await Promise.all(Array.from({ length: 20 }, () => store.take(key)));
      expect(taken.filter((value) => value !== undefined)).toEqual(['sealed']);
    });

    it('are found by an index, which ends no earlier than before', async () => {
      const store = redisSessions(made.client);
      const index = `sid:${randomUUID()}`;
      expect(await store.members(index)).toEqual([]);
      await store.add(index, 'a', 60_000);
      await store.add(index, 'b', 1_000);
      expect(new Set(await store.members(index))).toEqual(new Set(['a', 'b']));
      expect(ttlOf(index)).toBeGreaterThan(50_000);
      await store.add(index, 'c', 600_000);
      expect(ttlOf(index)).toBeGreaterThan(500_000);
    });

    it('of two prefixes know nothing of each other', async () => {
      const [orders, stock] = [
        redisSessions(made.client, { prefix: 'a' }),
        redisSessions(made.client, { prefix: 'b' }),
      ];
      await orders.set('x', '1', 60_000);
      expect(await stock.get('x')).toBeUndefined();
      expect(orders).toMatchObject({ shared: true });
      expect(orders.health()).toMatchObject({ part: 'sessions', status: 'up', name: 'a' });
      await orders.close();
      expect(await orders.get('x')).toBe('1');
    });
  },
);

describe('options', () => {
  const client = { call: () => {}, multi: () => {}, duplicate: () => {}, disconnect: () => {} } as never;
  it.each<[string, unknown, unknown]>([
    ['no client', {}, undefined],
    ['an unknown option', client, { ttl: 1 }],
    ['an empty prefix', client, { prefix: '' }],
    ['a prefix with spaces', client, { prefix: 'a b' }],
  ])('%s is refused at once', (_, given, options) => {
    expect(() => redisSessions(given as never, options as never)).toThrow(
      expect.objectContaining({ code: 'configuration_invalid' }),
    );
  });

  it.each<[string, () => Promise<unknown>]>([
    ['fails', () => Promise.reject(new Error('LOADING'))],
    ['never answers', () => new Promise(() => {})],
  ])('a server that %s is a 503 in time, and told in health', async (_, call) => {
    const store = redisSessions({ ...(client as object), call } as never);
    await expect(store.get('x')).rejects.toMatchObject({ status: 503, code: 'sessions_unavailable' });
    expect(store.health()).toMatchObject({ status: 'degraded', lastError: expect.any(String) });
  });
});
