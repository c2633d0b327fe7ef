import { describe, expect } from 'vitest';
import { clientNames } from './support/clients.js';
import { testFault } from './support/faults.js';
import { HalfOpenProxy } from './support/half-open-proxy.js';
import { whyNot } from './support/redis-server.js';
import {
  because,
  closeAfterAll,
  closeLater,
  eventually,
  readyStore,
  type StartedStore,
  startStore,
  target,
  usedServer,
  verdict,
} from './support/stores.js';

closeAfterAll();
const skipped = whyNot === undefined ? '' : ` (skipped: ${whyNot})`;
const full = process.env.ENTRA_GUARD_FULL === '1';
const MINUTE = 60_000;
/** How long `revoke` takes at most, in milliseconds: it waits 5 seconds for Redis. */
const LONGEST_CALL = 6000;

const faults = describe.skipIf(whyNot !== undefined);

faults.each(clientNames)(`faults of Redis, over %s${skipped}`, (name) => {
  testFault(
    'Redis is down when a process starts',
    name,
    'down at the start: nothing is accepted, until it is there',
    async (watch) => {
      const server = await usedServer('--appendonly', 'yes');
      const a = await readyStore(name, server.port);
      await a.revocations.revoke(target(1), { because });
      await server.stop();
      const b = await startStore(name, server.port, { startTimeout: 3 });
      watch.mustRefuse(b, [1]);
      watch.others(b, [2]);
      expect(verdict(b.revocations, 1)).toBe('revocations_unavailable');
      await expect(b.revocations.ready()).rejects.toMatchObject({
        code: 'revocations_unavailable',
        status: 503,
      });
      expect(b.revocations.health()).toMatchObject({
        status: 'down',
        message: expect.stringContaining('answered 503'),
      });
      expect(b.entries).toEqual([expect.objectContaining({ level: 'error', event: 'revocations' })]);
      await server.start();
      watch.begins();
      await eventually(() => expect(verdict(b.revocations, 2)).toBe('accepted'));
      watch.healed();
      expect(verdict(b.revocations, 1)).toBe('revoked');
    },
  );

  testFault(
    "Redis is down when a process starts, `whenStale: 'accept'`",
    name,
    "down at the start, with whenStale: 'accept': accepted, and said aloud",
    async (watch) => {
      const server = await usedServer();
      const other = await readyStore(name, server.port);
      await other.revocations.revoke(target(2), { because });
      await server.stop();
      watch.begins();
      const store = await startStore(name, server.port, { whenStale: 'accept', startTimeout: 3 });
      const { revocations, entries } = store;
      watch.notKnown(store, [2]);
      await revocations.ready();
      watch.healed();
      expect([1, 2].map((one) => verdict(revocations, one))).toEqual(['accepted', 'accepted']);
      expect(revocations.health()).toMatchObject({ status: 'degraded' });
      expect(entries).toEqual([
        expect.objectContaining({ level: 'error', message: expect.stringContaining('are let in') }),
      ]);
      // What is revoked here is refused here.
      const attempt = expect(revocations.revoke(target(1), { because })).rejects.toMatchObject({
        part: 'revocations',
      });
      watch.mustRefuse(store, [1]);
      watch.others(store, [3]);
      await attempt;
      expect(verdict(revocations, 1)).toBe('revoked');
    },
  );

  testFault(
    'Redis is lost for a while',
    name,
    'lost later: what is known binds; a record of this time holds here at once, and elsewhere once Redis is back',
    async (watch) => {
      const server = await usedServer('--appendonly', 'yes');
      const [a, b] = [await readyStore(name, server.port), await readyStore(name, server.port)];
      await a.revocations.revoke(target(1), { because });
      await eventually(() => expect(verdict(b.revocations, 1)).toBe('revoked'));
      for (const store of [a, b]) {
        watch.mustRefuse(store, [1]);
        watch.others(store, [3]);
      }
      const told = b.entries.length;
      await server.stop();
      await eventually(() => expect(b.revocations.health()).toMatchObject({ status: 'degraded' }));
      const attempt = expect(a.revocations.revoke(target(2), { because })).rejects.toMatchObject({
        code: 'revocations_unavailable',
        message: expect.stringContaining('The change holds in this process'),
      });
      watch.mustRefuse(a, [2]);
      watch.notKnown(b, [2]);
      expect([verdict(a.revocations, 2), verdict(b.revocations, 1)]).toEqual(['revoked', 'revoked']);
      expect(verdict(b.revocations, 3)).toBe('accepted');
      await attempt;
      await server.start();
      watch.begins();
      await eventually(() => expect(verdict(b.revocations, 2)).toBe('revoked'));
      watch.healed();
      await eventually(() => expect(a.revocations.health()).toMatchObject({ status: 'up' }));
      expect((await a.revocations.revoke(target(2), { because })).until).toBe(Number.POSITIVE_INFINITY);
      await eventually(() => {
        expect(b.entries.slice(told).map(({ level }) => level)).toEqual(['warn', 'info']);
      });
    },
  );

  testFault(
    'Redis is lost for longer than `maxStaleness`',
    name,
    'lost for longer than maxStaleness: 503, a known record 401, and remembered tokens are looked at again',
    async (watch) => {
      const server = await usedServer();
      let ahead = 0;
      const now = () => Date.now() + ahead;
      const store = await readyStore(name, server.port, { now });
      const { revocations, entries } = store;
      await revocations.revoke(target(1), { because });
      const told = entries.length;
      await server.stop();
      const before = revocations.version;
      ahead = 6 * MINUTE;
      await eventually(() => expect(verdict(revocations, 2)).toBe('revocations_unavailable'));
      watch.mustRefuse(store, [1]);
      watch.others(store, [2]);
      expect(revocations.version).not.toBe(before);
      expect(verdict(revocations, 1)).toBe('revoked');
      expect(revocations.health()).toMatchObject({ status: 'down' });
      expect(entries.slice(told).filter(({ level }) => level === 'error')).toHaveLength(1);
      await server.start();
      watch.begins();
      await eventually(() => expect(verdict(revocations, 2)).toBe('accepted'));
      watch.healed();
      await eventually(() => expect(server.cli('zcard', '{entra-guard}:state')).toBe('2'));
    },
  );

  const rounds = full ? 100 : 20;
  // ioredis 6 waits up to 250 ms before it connects again, so this takes time. What bounds it is that each call ends.
  testFault(
    '`CLIENT KILL` of all connections, 100 times',
    name,
    'CLIENT KILL again and again: no record is missing',
    async (watch) => {
      const server = await usedServer();
      const [a, b] = [await readyStore(name, server.port), await readyStore(name, server.port)];
      for (const store of [a, b]) watch.others(store, [999]);
      for (let round = 1; round <= rounds; round++) {
        server.cli('client', 'kill', 'type', 'normal');
        watch.begins();
        const call = a.revocations.revoke(target(round), { because }).catch(() => {});
        watch.mustRefuse(a, [round]);
        watch.notKnown(b, [round]);
        await call;
      }
      await eventually(() => expect(b.revocations.list()).toHaveLength(rounds), LONGEST_CALL * 5);
      watch.healed();
      const c = await readyStore(name, server.port);
      expect(c.revocations.list()).toHaveLength(rounds);
    },
    rounds * LONGEST_CALL,
  );

  testFault(
    'Redis is started again without its data',
    name,
    'started again without its data: survivors write all of it, and a process that starts first waits for them',
    async (watch) => {
      const server = await usedServer();
      const a = await readyStore(name, server.port);
      await a.revocations.revoke(target(1), { because });
      const lifted = await a.revocations.revoke(target(2), { because });
      await a.revocations.lift(lifted.id, { because });
      await server.stop();
      const newcomer = await startStore(name, server.port);
      for (const store of [a, newcomer]) {
        watch.mustRefuse(store, [1]);
        watch.others(store, [2, 3]);
      }
      await server.start();
      watch.begins();
      await newcomer.revocations.ready();
      watch.healed();
      expect([1, 2, 3].map((one) => verdict(newcomer.revocations, one))).toEqual([
        'revoked',
        'accepted',
        'accepted',
      ]);
      expect(verdict(a.revocations, 1)).toBe('revoked');
      // The lifting was written again as well, so that an older copy of the record has no effect.
      expect(server.cli('zcard', '{entra-guard}:state')).toBe('4');
    },
  );

  testFault(
    'Redis is started again with its data',
    name,
    'started again with its data: nothing is written twice, nothing is missing',
    async (watch) => {
      const server = await usedServer('--appendonly', 'yes', '--appendfsync', 'always');
      const [a, b] = [await readyStore(name, server.port), await readyStore(name, server.port)];
      await a.revocations.revoke(target(1), { because });
      await eventually(() => expect(verdict(b.revocations, 1)).toBe('revoked'));
      for (const store of [a, b]) {
        watch.mustRefuse(store, [1]);
        watch.others(store, [3]);
      }
      await server.stop();
      await eventually(() => expect(b.revocations.health()).toMatchObject({ status: 'degraded' }));
      await server.start();
      watch.begins();
      await eventually(() => {
        for (const { revocations } of [a, b]) expect(revocations.health()).toMatchObject({ status: 'up' });
      });
      watch.healed();
      await a.revocations.revoke(target(2), { because });
      await eventually(() => expect(verdict(b.revocations, 2)).toBe('revoked'));
      expect(server.cli('zcard', '{entra-guard}:state')).toBe('3');
    },
  );

  testFault(
    '`FLUSHALL`',
    name,
    'FLUSHALL: nothing is accepted anywhere, and records and liftings are back',
    async (watch) => {
      const server = await usedServer();
      const [a, b] = [await readyStore(name, server.port), await readyStore(name, server.port)];
      await a.revocations.revoke(target(1), { because });
      const lifted = await a.revocations.revoke(target(2), { because });
      await b.revocations.ready();
      await eventually(() => expect(b.revocations.list()).toHaveLength(2));
      await b.revocations.lift(lifted.id, { because });
      await eventually(() => expect(verdict(a.revocations, 2)).toBe('accepted'));
      server.cli('flushall');
      watch.begins();
      const newcomer = await startStore(name, server.port);
      expect(verdict(newcomer.revocations, 1)).toBe('revocations_unavailable');
      for (const store of [a, b, newcomer]) {
        watch.mustRefuse(store, [1]);
        watch.others(store, [2]);
      }
      const restored = eventually(() => {
        expect(server.cli('zcard', '{entra-guard}:state')).toBe('4');
        watch.healed();
      });
      await newcomer.revocations.ready();
      expect([a, b, newcomer].map((one) => verdict(one.revocations, 1))).toEqual([
        'revoked',
        'revoked',
        'revoked',
      ]);
      expect(verdict(newcomer.revocations, 2)).toBe('accepted');
      await restored;
      expect(a.entries.some(({ message }) => message.includes('has lost it'))).toBe(true);
    },
  );

  testFault(
    'A connection is half-open: it forwards nothing more',
    name,
    'half-open: a connection that forwards nothing more is replaced',
    async (watch) => {
      const server = await usedServer();
      const proxy = await HalfOpenProxy.start(server.port);
      closeLater(() => proxy.close());
      const a = await readyStore(name, server.port);
      const b = await readyStore(name, proxy.port);
      await a.revocations.revoke(target(1), { because });
      await eventually(() => expect(verdict(b.revocations, 1)).toBe('revoked'));
      watch.mustRefuse(b, [1]);
      watch.others(b, [3]);
      proxy.freeze();
      watch.begins();
      await a.revocations.revoke(target(2), { because });
      watch.mustRefuse(a, [2]);
      watch.notKnown(b, [2]);
      const began = performance.now();
      await eventually(() => expect(verdict(b.revocations, 2)).toBe('revoked'));
      watch.healed();
      expect(performance.now() - began).toBeLessThan(10_000);
    },
  );

  testFault(
    'The stream is trimmed before it is read',
    name,
    'a stream that lost entries before they were read: all records are read anew',
    async (watch) => {
      const server = await usedServer();
      const proxy = await HalfOpenProxy.start(server.port);
      closeLater(() => proxy.close());
      const a = await readyStore(name, server.port);
      const b = await readyStore(name, proxy.port);
      await a.revocations.revoke(target(4), { because });
      await eventually(() => expect(verdict(b.revocations, 4)).toBe('revoked'));
      watch.mustRefuse(b, [4]);
      watch.others(b, [5]);
      proxy.freeze();
      for (const one of [1, 2, 3]) await a.revocations.revoke(target(one), { because });
      watch.mustRefuse(a, [1, 2, 3]);
      watch.notKnown(b, [1, 2, 3]);
      server.cli('xtrim', '{entra-guard}:log', 'maxlen', '1');
      watch.begins();
      await eventually(() => {
        expect([1, 2, 3].map((one) => verdict(b.revocations, one))).toEqual([
          'revoked',
          'revoked',
          'revoked',
        ]);
      });
      watch.healed();
    },
  );

  testFault(
    'Two processes revoke and lift at once',
    name,
    'two processes revoke and lift at the same time: both have the same in the end',
    async (watch) => {
      const server = await usedServer();
      const [a, b] = [await readyStore(name, server.port), await readyStore(name, server.port)];
      const revoke = async (store: StartedStore, from: number) => {
        for (let one = from; one < from + 40; one++) {
          const record = await store.revocations.revoke(target(one), { because });
          if (one % 2 === 0) await store.revocations.lift(record.id, { because });
          else watch.mustRefuse(store, [one]);
        }
      };
      await Promise.all([revoke(a, 1), revoke(b, 101), revoke(a, 201)]);
      watch.begins();
      for (const store of [a, b]) watch.others(store, [2, 102, 999]);
      await eventually(() => expect(b.revocations.list()).toHaveLength(60));
      const ids = ({ revocations }: StartedStore) =>
        revocations
          .list()
          .map(({ id }) => id)
          .sort();
      await eventually(() => expect(ids(a)).toEqual(ids(b)));
      watch.healed();
      expect(ids(await readyStore(name, server.port))).toEqual(ids(a));
    },
  );
});
