import { redisQueue } from '@entra-guard/redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientNames, connect, type TestClient } from '../../redis/test/support/clients.js';
import { RedisServer, whyNot } from '../../redis/test/support/redis-server.js';
import type { LeaverQueue } from '../src/index.js';
import { queueContract } from './support/queue-contract.js';

const skipped = whyNot === undefined ? '' : ` (skipped: ${whyNot})`;

/** The rules in docs/leavers.md. */
const RULES =
  '~{entra-guard}:queue:* -@all +hello +ping +info +get +set +eval +time +hget +hset +hdel +hexists +hincrby +hlen +zadd +zrem +zscore +zcount +zrangebyscore';

describe.skipIf(whyNot !== undefined)(`over Redis${skipped}`, { timeout: 60_000 }, () => {
  let server: RedisServer;
  const clients: TestClient[] = [];
  beforeAll(async () => {
    server = await RedisServer.start();
    expect(server.cli('acl', 'setuser', 'feed', 'on', '>of-the-feed', ...RULES.split(' '))).toBe('OK');
  });
  afterAll(async () => {
    for (const { close } of clients) close();
    await server.close();
  });

  describe.each(clientNames)('%s', (name) => {
    let client: TestClient;
    beforeAll(async () => {
      client = await connect(name, server.port, { username: 'feed', password: 'of-the-feed' });
      clients.push(client);
    });

    queueContract('a queue', async () => {
      server.cli('flushall');
      let time = 1_790_000_000_000;
      const queue: LeaverQueue = redisQueue(client.client, { now: () => time });
      return {
        queue,
        advance: (milliseconds) => {
          time += milliseconds;
        },
      };
    });

    it('goes by the clock of the server, and forgets by it', async () => {
      server.cli('flushall');
      const queue = redisQueue(client.client);
      const jobs = queue.open('leavers:test');
      await jobs.put([{ key: 'a', text: 'told' }]);
      const taken = await jobs.take(60_000);
      expect(taken).toMatchObject({ key: 'a', text: 'told' });
      const due = Number(server.cli('zscore', '{entra-guard}:queue:1:leavers:test:due', 'a'));
      expect(Math.abs(due - Date.now() - 60_000)).toBeLessThan(30_000);
      await jobs.remember('sign-ins:x', 'text', { forMs: 60_000 });
      expect(
        Number(server.cli('pttl', '{entra-guard}:queue:1:leavers:test:text:sign-ins:x')),
      ).toBeGreaterThan(1);
      expect(queue.health()).toMatchObject({ part: 'feed', status: 'up', shared: true });
      expect(server.cli('acl', 'log')).toBe('');
      await queue.close();
    });

    it('survives scripts that were flushed, and a server that was started again', async () => {
      const own = await RedisServer.start('--appendonly', 'yes');
      const other = await connect(name, own.port);
      clients.push(other);
      const queue = redisQueue(other.client);
      const jobs = queue.open('leavers:test');
      await jobs.put([{ key: 'a', text: '' }]);
      await own.stop('SIGTERM');
      await expect(jobs.put([{ key: 'b', text: '' }])).rejects.toThrow();
      expect(queue.health()).toMatchObject({ status: 'degraded', lastError: expect.any(String) });
      await own.start();
      await expect
        .poll(() => jobs.count().catch(() => undefined), { timeout: 15_000 })
        .toMatchObject({ waiting: expect.any(Number) });
      expect(await jobs.take(60_000)).toMatchObject({ key: 'a' });
      await own.close();
    });
  });
});
