import { describe, expect, it } from 'vitest';
import { clientNames } from './support/clients.js';
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
const TIMEOUT = 60_000;
const MINUTE = 60_000;

const faults = describe.skipIf(whyNot !== undefined);

faults.each(clientNames)(`faults of Redis, over %s${skipped}`, { timeout: TIMEOUT }, (name) => {
  it.concurrent('down at the start: nothing is accepted, until it is there', async () => {
    const server = await usedServer();
    await server.stop();
    const { revocations, entries } = await startStore(name, server.port, { startTimeout: 3 });
    expect(verdict(revocations, 1)).toBe('revocations_unavailable');
    await expect(revocations.ready()).rejects.toMatchObject({ code: 'revocations_unavailable', status: 503 });
    expect(revocations.health()).toMatchObject({
      status: 'down',
      message: expect.stringContaining('answered 503'),
    });
    expect(entries).toEqual([expect.objectContaining({ level: 'error', event: 'revocations' })]);
    await server.start();
    server.cli('set', '{entra-guard}:epoch', 'first');
    await revocations.ready();
    expect(verdict(revocations, 1)).toBe('accepted');
  });

  it.concurrent("down at the start, with whenStale: 'accept': accepted, and said aloud", async () => {
    const server = await usedServer();
    await server.stop();
    const { revocations, entries } = await startStore(name, server.port, {
      whenStale: 'accept',
      startTimeout: 3,
    });
    await revocations.ready();
    expect(verdict(revocations, 1)).toBe('accepted');
    expect(revocations.health()).toMatchObject({ status: 'degraded' });
    expect(entries).toEqual([
      expect.objectContaining({ level: 'error', message: expect.stringContaining('are let in') }),
    ]);
    // What is revoked here is refused here.
    await expect(revocations.revoke(target(1), { because })).rejects.toMatchObject({ part: 'revocations' });
    expect(verdict(revocations, 1)).toBe('revoked');
  });

  it.concurrent('lost later: what is known binds; a record of this time holds here at once, and elsewhere once Redis is back', async () => {
    const server = await usedServer('--appendonly', 'yes');
    const [a, b] = [await readyStore(name, server.port), await readyStore(name, server.port)];
    await a.revocations.revoke(target(1), { because });
    await eventually(() => expect(verdict(b.revocations, 1)).toBe('revoked'));
    await server.stop();
    await eventually(() => expect(b.revocations.health()).toMatchObject({ status: 'degraded' }));
    const attempt = expect(a.revocations.revoke(target(2), { because })).rejects.toMatchObject({
      code: 'revocations_unavailable',
      message: expect.stringContaining('The change holds in this process'),
    });
    expect([verdict(a.revocations, 2), verdict(b.revocations, 1)]).toEqual(['revoked', 'revoked']);
    expect(verdict(b.revocations, 3)).toBe('accepted');
    await attempt;
    await server.start();
    await eventually(() => expect(verdict(b.revocations, 2)).toBe('revoked'));
    await eventually(() => expect(a.revocations.health()).toMatchObject({ status: 'up' }));
    expect((await a.revocations.revoke(target(2), { because })).until).toBe(Number.POSITIVE_INFINITY);
    await eventually(() => {
      expect(b.entries.map(({ level }) => level)).toEqual(['warn', 'info']);
    });
  });

  it.concurrent('lost for longer than maxStaleness: 503, a known record 401, and remembered tokens are looked at again', async () => {
    const server = await usedServer();
    let ahead = 0;
    const now = () => Date.now() + ahead;
    const { revocations, entries } = await readyStore(name, server.port, { now });
    await revocations.revoke(target(1), { because });
    await server.stop();
    const before = revocations.version;
    ahead = 6 * MINUTE;
    await eventually(() => expect(verdict(revocations, 2)).toBe('revocations_unavailable'));
    expect(revocations.version).not.toBe(before);
    expect(verdict(revocations, 1)).toBe('revoked');
    expect(revocations.health()).toMatchObject({ status: 'down' });
    expect(entries.at(-1)).toMatchObject({ level: 'error' });
    await server.start();
    await eventually(() => expect(verdict(revocations, 2)).toBe('accepted'));
    await eventually(() => expect(server.cli('zcard', '{entra-guard}:state')).toBe('2'));
  });

  it.concurrent('CLIENT KILL again and again: no record is missing', async () => {
    const server = await usedServer();
    const [a, b] = [await readyStore(name, server.port), await readyStore(name, server.port)];
    const rounds = full ? 100 : 20;
    for (let round = 1; round <= rounds; round++) {
      server.cli('client', 'kill', 'type', 'normal');
      await a.revocations.revoke(target(round), { because }).catch(() => {});
    }
    await eventually(() => expect(b.revocations.list()).toHaveLength(rounds));
    const c = await readyStore(name, server.port);
    expect(c.revocations.list()).toHaveLength(rounds);
  });

  it.concurrent('started again without its data: survivors write all of it, and a process that starts first waits for them', async () => {
    const server = await usedServer();
    const a = await readyStore(name, server.port);
    await a.revocations.revoke(target(1), { because });
    const lifted = await a.revocations.revoke(target(2), { because });
    await a.revocations.lift(lifted.id, { because });
    await server.stop();
    const newcomer = await startStore(name, server.port);
    await server.start();
    await newcomer.revocations.ready();
    expect([1, 2, 3].map((one) => verdict(newcomer.revocations, one))).toEqual([
      'revoked',
      'accepted',
      'accepted',
    ]);
    expect(verdict(a.revocations, 1)).toBe('revoked');
    // The lifting was written again as well, so that an older copy of the record has no effect.
    expect(server.cli('zcard', '{entra-guard}:state')).toBe('4');
  });

  it.concurrent('started again with its data: nothing is written twice, nothing is missing', async () => {
    const server = await usedServer('--appendonly', 'yes', '--appendfsync', 'always');
    const [a, b] = [await readyStore(name, server.port), await readyStore(name, server.port)];
    await a.revocations.revoke(target(1), { because });
    await eventually(() => expect(verdict(b.revocations, 1)).toBe('revoked'));
    await server.stop();
    await server.start();
    await eventually(() => expect(a.revocations.health()).toMatchObject({ status: 'up' }));
    await a.revocations.revoke(target(2), { because });
    await eventually(() => expect(verdict(b.revocations, 2)).toBe('revoked'));
    expect(server.cli('zcard', '{entra-guard}:state')).toBe('3');
  });

  it.concurrent('FLUSHALL: nothing is accepted anywhere, and records and liftings are back', async () => {
    const server = await usedServer();
    const [a, b] = [await readyStore(name, server.port), await readyStore(name, server.port)];
    await a.revocations.revoke(target(1), { because });
    const lifted = await a.revocations.revoke(target(2), { because });
    await b.revocations.ready();
    await eventually(() => expect(b.revocations.list()).toHaveLength(2));
    await b.revocations.lift(lifted.id, { because });
    await eventually(() => expect(verdict(a.revocations, 2)).toBe('accepted'));
    server.cli('flushall');
    const newcomer = await startStore(name, server.port);
    expect(verdict(newcomer.revocations, 1)).toBe('revocations_unavailable');
    await newcomer.revocations.ready();
    expect([a, b, newcomer].map((one) => verdict(one.revocations, 1))).toEqual([
      'revoked',
      'revoked',
      'revoked',
    ]);
    expect(verdict(newcomer.revocations, 2)).toBe('accepted');
    await eventually(() => expect(server.cli('zcard', '{entra-guard}:state')).toBe('4'));
    expect(a.entries.some(({ message }) => message.includes('has lost it'))).toBe(true);
  });

  it.concurrent('half-open: a connection that forwards nothing more is replaced', async () => {
    const server = await usedServer();
    const proxy = await HalfOpenProxy.start(server.port);
    closeLater(() => proxy.close());
    const a = await readyStore(name, server.port);
    const b = await readyStore(name, proxy.port);
    proxy.freeze();
    await a.revocations.revoke(target(1), { because });
    const began = performance.now();
    await eventually(() => expect(verdict(b.revocations, 1)).toBe('revoked'));
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it.concurrent('a stream that lost entries before they were read: all records are read anew', async () => {
    const server = await usedServer();
    const proxy = await HalfOpenProxy.start(server.port);
    closeLater(() => proxy.close());
    const a = await readyStore(name, server.port);
    const b = await readyStore(name, proxy.port);
    proxy.freeze();
    for (const one of [1, 2, 3]) await a.revocations.revoke(target(one), { because });
    server.cli('xtrim', '{entra-guard}:log', 'maxlen', '1');
    await eventually(() => {
      expect([1, 2, 3].map((one) => verdict(b.revocations, one))).toEqual(['revoked', 'revoked', 'revoked']);
    });
  });

  it.concurrent('two processes revoke and lift at the same time: both have the same in the end', async () => {
    const server = await usedServer();
    const [a, b] = [await readyStore(name, server.port), await readyStore(name, server.port)];
    const revoke = async ({ revocations }: StartedStore, from: number) => {
      for (let one = from; one < from + 40; one++) {
        const record = await revocations.revoke(target(one), { because });
        if (one % 2 === 0) await revocations.lift(record.id, { because });
      }
    };
    await Promise.all([revoke(a, 1), revoke(b, 101), revoke(a, 201)]);
    await eventually(() => expect(b.revocations.list()).toHaveLength(60));
    const ids = ({ revocations }: StartedStore) =>
      revocations
        .list()
        .map(({ id }) => id)
        .sort();
    await eventually(() => expect(ids(a)).toEqual(ids(b)));
    expect(ids(await readyStore(name, server.port))).toEqual(ids(a));
  });
});
