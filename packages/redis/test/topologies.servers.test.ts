import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError, keyRing } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../../scripts/free-port.mjs';
import { APPROVER, approvalRequest, LIMITS } from '../../../test/support/approvals.js';
import { redisApprovals, redisQueue, redisRevocations } from '../src/index.js';
import { clusters, sentinels } from './support/clients.js';
import { testFault } from './support/faults.js';
import { RedisServer, whyNot } from './support/redis-server.js';
import {
  because,
  closeAfterAll,
  closeLater,
  eventually,
  newServer,
  person,
  storeOn,
  target,
  verdict,
} from './support/stores.js';

closeAfterAll();
const full = process.env.ENTRA_GUARD_FULL === '1';
const skipped = whyNot !== undefined || !full;
const why = skipped ? ` (skipped: ${whyNot ?? 'ENTRA_GUARD_FULL is not 1'})` : '';

async function startCluster(): Promise<RedisServer> {
  const nodes = [];
  for (let node = 0; node < 3; node++) {
    nodes.push(await newServer('--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'));
  }
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  const { stdout, status } = spawnSync('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stdout);
  const [first] = nodes as [RedisServer];
  await eventually(() => expect(first.cli('cluster', 'info')).toContain('cluster_state:ok'));
  return first;
}

/** A server, its replica, and a Sentinel that needs no other to decide. */
async function startSentinel() {
  const master = await newServer();
  const replica = await newServer('--replicaof', '127.0.0.1', String(master.port));
  const sentinel = new RedisServer(await freePort(), []);
  writeFileSync(
    join(sentinel.folder, 'sentinel.conf'),
    `sentinel monitor entra 127.0.0.1 ${master.port} 1\nsentinel down-after-milliseconds entra 1000\nsentinel failover-timeout entra 3000\n`,
  );
  closeLater(() => sentinel.close());
  await sentinel.start(join(sentinel.folder, 'sentinel.conf'), '--sentinel');
  await eventually(() =>
    expect(sentinel.cli('sentinel', 'replicas', 'entra')).toContain(String(replica.port)),
  );
  return { master, replica, sentinel };
}

describe.skipIf(skipped).each(Object.keys(clusters))(
  `a cluster, over %s${why}`,
  { timeout: 60_000 },
  (name) => {
    it('shares records, whose keys are on one server', async () => {
      const { port } = await startCluster();
      const make = clusters[name] as (typeof clusters)[string];
      const [a, b] = [storeOn(await make(port)), storeOn(await make(port))];
      await Promise.all([a.revocations.ready(), b.revocations.ready()]);
      const record = await a.revocations.revoke(target(1), { because });
      await eventually(() => expect(verdict(b.revocations, 1)).toBe('revoked'));
      await b.revocations.lift(record.id, { because });
      await eventually(() => expect(verdict(a.revocations, 1)).toBe('accepted'));
    });

    it('shares jobs, what is remembered, and the lead', async () => {
      const { port } = await startCluster();
      const make = clusters[name] as (typeof clusters)[string];
      const [a, b] = [await make(port), await make(port)];
      for (const { close } of [a, b]) closeLater(close);
      const [one, other] = [redisQueue(a.client).open('x'), redisQueue(b.client).open('x')];
      await one.put([{ key: 'k', text: 'told' }]);
      expect(await other.take(60_000)).toMatchObject({ key: 'k', text: 'told' });
      expect(await one.take(60_000)).toBeUndefined();
      expect([await one.lead('one', 60_000), await other.lead('other', 60_000)]).toEqual([true, false]);
      expect(await other.remember('delta', 'text', { claim: 'other' })).toBe(false);
      expect(await one.remember('delta', 'text', { claim: 'one' })).toBe(true);
      expect(await other.recall('delta')).toBe('text');
    });

    it('shares approvals, and has them used once', async () => {
      const { port } = await startCluster();
      const make = clusters[name] as (typeof clusters)[string];
      const [a, b] = [await make(port), await make(port)];
      for (const { close } of [a, b]) closeLater(close);
      const ring = keyRing([{ id: 'k', secret: randomBytes(32) }]);
      const [one, other] = [redisApprovals(a.client, { ring }), redisApprovals(b.client, { ring })];
      const asked = await one.claim(approvalRequest(), LIMITS);
      if (asked.state !== 'pending') throw new Error(`it is ${asked.state}`);
      expect(await other.decide(asked.record.id, { state: 'approved', by: APPROVER })).toMatchObject({
        changed: true,
      });
      expect(await one.claim(approvalRequest(), LIMITS)).toMatchObject({ state: 'used' });
      expect(await other.find(asked.record.id)).toBeUndefined();
    });

    it('refuses a prefix without a hash tag', async () => {
      const { port } = await startCluster();
      const { client, close } = await (clusters[name] as (typeof clusters)[string])(port);
      closeLater(close);
      const made = () => redisRevocations(client, { whenStale: 'refuse', prefix: 'ours' });
      expect(made).toThrow(ConfigurationError);
      expect(made).toThrow("Put a part of it in braces, which keeps them on one: '{ours}'.");
    });
  },
);

describe.skipIf(skipped).each(Object.keys(sentinels))(
  `Sentinel, over %s${why}`,
  { timeout: 60_000 },
  (name) => {
    testFault(
      'Sentinel fails over to a replica that lacks the last record',
      name,
      'a failover loses no record, though the replica lacks the last',
      async (watch) => {
        const { master, replica, sentinel } = await startSentinel();
        const make = sentinels[name] as (typeof sentinels)[string];
        const [a, b] = [storeOn(await make(sentinel.port)), storeOn(await make(sentinel.port))];
        await Promise.all([a.revocations.ready(), b.revocations.ready()]);
        await a.revocations.revoke(target(1), { because });
        const records = () => replica.cli('zrange', '{entra-guard}:state', '0', '-1');
        await eventually(() => expect(records()).toContain(person(1)));
        await eventually(() => expect(verdict(b.revocations, 1)).toBe('revoked'));
        for (const store of [a, b]) {
          watch.mustRefuse(store, [1]);
          watch.others(store, [3]);
        }
        // From here on the replica receives nothing.
        replica.cli('replicaof', '127.0.0.1', '1');
        await a.revocations.revoke(target(2), { because });
        watch.mustRefuse(a, [2]);
        await master.stop();
        watch.begins();
        expect(records()).not.toContain(person(2));
        await eventually(() => expect(replica.cli('role')).toContain('master'), 30_000);
        await eventually(() => expect(records()).toContain(person(2)), 30_000);
        const healthy = eventually(() => {
          for (const { revocations } of [a, b]) expect(revocations.health()).toMatchObject({ status: 'up' });
          watch.healed();
        }, 20_000);
        const c = storeOn(await make(sentinel.port));
        await c.revocations.ready();
        expect([1, 2, 3].map((one) => verdict(c.revocations, one))).toEqual([
          'revoked',
          'revoked',
          'accepted',
        ]);
        await healthy;
        expect(verdict(b.revocations, 2)).toBe('revoked');
      },
    );
  },
);
