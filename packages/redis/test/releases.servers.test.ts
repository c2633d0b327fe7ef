import { describe, expect, it } from 'vitest';
import { whyNot } from './support/redis-server.js';
import {
  because,
  closeAfterAll,
  eventually,
  readyStore,
  target,
  usedServer,
  verdict,
} from './support/stores.js';

closeAfterAll();
const skipped = whyNot === undefined ? '' : ` (skipped: ${whyNot})`;
const _full = process.env.ENTRA_GUARD_FULL === '1';
const TIMEOUT = 60_000;
const MINUTE = 60_000;

describe.skipIf(whyNot !== undefined)(
  `clocks, lifetimes and releases${skipped}`,
  { timeout: TIMEOUT },
  () => {
    it.concurrent.each([-5, 5])(
      'a process whose clock is %i minutes off keeps no record from others',
      async (minutes) => {
        const server = await usedServer();
        const now = () => Date.now() + minutes * MINUTE;
        const a = await readyStore('redis 6', server.port, { now, longestToken: '1m' });
        const b = await readyStore('redis 6', server.port, { longestToken: '1m' });
        const issuedBefore = Date.now() - 60_000;
        await a.revocations.revoke(target(1), { because, issuedBefore });
        await b.revocations.revoke(target(2), { because, issuedBefore });
        const c = await readyStore('redis 6', server.port, { longestToken: '1m' });
        for (const { revocations } of [b, c]) {
          await eventually(() => {
            expect([1, 2].map((one) => verdict(revocations, one, issuedBefore))).toEqual([
              'revoked',
              'revoked',
            ]);
          });
        }
      },
    );

    it.concurrent('a clock that is years ahead removes nothing from Redis that has not ended', async () => {
      const server = await usedServer();
      const a = await readyStore('redis 6', server.port);
      const issuedBefore = Date.now();
      await a.revocations.revoke(target(1), { because, issuedBefore });
      const ahead = await readyStore('redis 6', server.port, { now: () => Date.now() + 1e11 });
      await ahead.revocations.revoke(target(2), { because });
      const c = await readyStore('redis 6', server.port);
      expect(verdict(c.revocations, 1, issuedBefore)).toBe('revoked');
    });

    it.concurrent('a process that accepts longer tokens has all keep records for longer', async () => {
      const server = await usedServer();
      const a = await readyStore('redis 6', server.port, { longestToken: '1h' });
      const issuedBefore = Date.now();
      const record = await a.revocations.revoke(target(1), { because, issuedBefore });
      expect(a.revocations.longestToken).toBe(3600);
      const b = await readyStore('redis 6', server.port, { longestToken: '10h' });
      const later = record.until + 9 * 3_600_000;
      expect(b.revocations.list()[0]).toMatchObject({ id: record.id, until: later });
      await eventually(() => expect(a.revocations.longestToken).toBe(36_000));
      expect(a.revocations.list()[0]).toMatchObject({ until: later });
      await eventually(() => {
        const scores = server.cli('zrange', '{entra-guard}:state', '0', '-1', 'withscores').split('\n');
        expect(scores).toContain(String(later));
      });
      // One that is started with less keeps to the value of all.
      const c = await readyStore('redis 6', server.port, { longestToken: '2h' });
      expect(c.revocations.longestToken).toBe(36_000);
      expect(c.revocations.list()[0]).toMatchObject({ until: later });
    });

    it.concurrent('a record of a later release that names an older kind of target is read as that', async () => {
      const server = await usedServer();
      const a = await readyStore('redis 6', server.port);
      const id = '33333333-3333-4333-8333-333333333333';
      const text = JSON.stringify({
        v: 1,
        w: '9.0',
        id,
        o: '+',
        t: { device: 'x' },
        f: target(1),
        b: because,
        at: Date.now(),
      });
      server.cli('xadd', '{entra-guard}:log', '*', 'entry', text, 'until', '+inf');
      await eventually(() => expect(verdict(a.revocations, 1)).toBe('revoked'));
      expect(a.revocations.health()).toMatchObject({ unreadable: 0 });
    });

    it.concurrent.each([
      ['of a later form', JSON.stringify({ v: 2, w: '@entra-guard/redis 9.0', id: 'x', what: 'ever' })],
      ['that is damaged', '{"v":1,"w":"@entra-guard/redis 9.0","id":"x"}'],
    ])('a record %s is counted, told once, kept, and written again', async (_, text) => {
      const server = await usedServer();
      const a = await readyStore('redis 6', server.port);
      server.cli('zadd', '{entra-guard}:state', '+inf', text);
      server.cli('xadd', '{entra-guard}:log', '*', 'entry', text, 'until', '+inf');
      await eventually(() =>
        expect(a.revocations.health()).toMatchObject({ status: 'degraded', unreadable: 1 }),
      );
      const told = () =>
        a.entries.filter(({ message }) => message.includes('written by @entra-guard/redis 9.0'));
      expect(told()).toEqual([expect.objectContaining({ level: 'error', event: 'revocations' })]);
      server.cli('flushall');
      await eventually(() => expect(server.cli('zscore', '{entra-guard}:state', text)).toBe('inf'));
      expect(told()).toHaveLength(1);
    });

    it.concurrent('a stream entry without its fields does no harm', async () => {
      const server = await usedServer();
      const [a, b] = [await readyStore('redis 6', server.port), await readyStore('ioredis 5', server.port)];
      server.cli('xadd', '{entra-guard}:log', '*', 'entry', 'no end');
      await a.revocations.revoke(target(1), { because });
      await eventually(() => expect(verdict(b.revocations, 1)).toBe('revoked'));
    });
  },
);
