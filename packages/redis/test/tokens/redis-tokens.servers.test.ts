import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redisTokens } from '../../src/index.js';
import { clients } from '../support/clients.js';
import { RedisServer, whyNot } from '../support/redis-server.js';

const why = whyNot === undefined ? '' : ` (skipped: ${whyNot})`;

describe.skipIf(whyNot !== undefined).each(Object.keys(clients))(
  `sealed tokens in Redis, over %s${why}`,
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

    it('come back byte for byte, until their end', async () => {
      const store = redisTokens(made.client);
      const key = `eg:d1:${randomUUID()}`;
      expect(await store.get(key)).toBeUndefined();
      const value = randomBytes(2300);
      await store.set(key, value, 60_000);
      expect(Buffer.from((await store.get(key)) as Uint8Array).equals(value)).toBe(true);
      const left = Number(server.cli('pttl', `entra-guard:tokens:${key}`));
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThanOrEqual(60_000);
      await store.delete(key);
      expect(await store.get(key)).toBeUndefined();
    });

    it('are reserved by one process, which alone ends that', async () => {
      const [first, second] = [redisTokens(made.client), redisTokens(made.client)];
      const key = `eg:d1:${randomUUID()}:lock`;
      const release = await first.lock(key, 60_000);
      expect(release).toBeTypeOf('function');
      expect(await second.lock(key, 60_000)).toBeUndefined();
      await release?.();
      const next = await second.lock(key, 60_000);
      expect(next).toBeTypeOf('function');
      // What has ended before does not end the reservation of another.
      await release?.();
      expect(await first.lock(key, 60_000)).toBeUndefined();
      await next?.();
      expect(server.cli('exists', `entra-guard:tokens:${key}`).trim()).toBe('0');
    });

    it('of two prefixes know nothing of each other', async () => {
      const [orders, stock] = [
        redisTokens(made.client, { prefix: 'a' }),
        redisTokens(made.client, { prefix: 'b' }),
      ];
      await orders.set('x', Buffer.from('1'), 60_000);
      expect(await stock.get('x')).toBeUndefined();
      expect(orders).toMatchObject({ shared: true });
      expect(orders.health()).toMatchObject({ part: 'downstream', status: 'up', name: 'a' });
      await orders.close();
      expect(await orders.get('x')).toBeDefined();
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
    ['a prefix that is a number', client, { prefix: 1 }],
  ])('%s is refused at once', (_, given, options) => {
    expect(() => redisTokens(given as never, options as never)).toThrow(
      expect.objectContaining({ code: 'configuration_invalid' }),
    );
  });

  it('a server that fails is told in health', async () => {
    const failing = { ...(client as object), call: () => Promise.reject(new Error('LOADING')) } as never;
    const store = redisTokens(failing);
    await expect(store.get('x')).rejects.toThrow('LOADING');
    expect(store.health()).toMatchObject({ status: 'degraded', lastError: 'LOADING' });
  });
});
