import { join } from 'node:path';
import { redisRevocations } from '@entra-guard/redis';
import { createClient } from 'redis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { projectWith } from '../../../packages/cli/test/redis-project.js';
import { RedisServer, whyNot } from '../../../packages/redis/test/support/redis-server.js';
import { withPrinted } from '../../support/printed-page.js';
import { startShop, terminalOf } from './shop.js';

const PAGE = 'docs/runbook.md';
const skipped = whyNot === undefined ? '' : ` (skipped: ${whyNot})`;

describe.skipIf(whyNot !== undefined)(`the runbook, with Redis${skipped}`, { timeout: 60_000 }, () => {
  it('Redis is down, and comes back', async () => {
    const redis = await RedisServer.start('--appendonly', 'yes');
    onTestFinished(() => redis.close());
    const client = createClient({ url: redis.url });
    client.on('error', () => {});
    await client.connect();
    onTestFinished(() => client.destroy());
    const revocations = redisRevocations(client, { whenStale: 'refuse', maxStaleness: '5s', log: false });
    onTestFinished(() => revocations.close());
    await revocations.ready();
    const { entra, origin } = await startShop(revocations);
    const token = { name: 'TOKEN', token: entra.user('ada', { scp: 'Orders.Read' }).token };
    const env = { ENTRA_GUARD_REDIS_URL: redis.url };
    const names = { [`127.0.0.1:${redis.port}`]: '127.0.0.1:6379' };
    const terminal = terminalOf(entra, origin, names, env, projectWith('redis'));
    const status = async () =>
      (await fetch(`${origin}/orders`, { headers: { authorization: `Bearer ${token.token}` } })).status;
    expect(await status()).toBe(200);
    await redis.stop();
    terminal.note('Redis has stopped, for longer than maxStaleness.');
    await expect.poll(status, { timeout: 30_000 }).toBe(503);
    await terminal.curl('/orders', token);
    await terminal.run('doctor', { exit: 1 });
    await redis.start();
    terminal.note('Redis runs again.');
    await expect.poll(status, { timeout: 30_000 }).toBe(200);
    await terminal.curl('/orders', token);
    const printed = { 'redis-down': terminal.printed() };
    await expect(withPrinted(PAGE, printed)).toMatchFileSnapshot(join(import.meta.dirname, '../../..', PAGE));
  });
});
