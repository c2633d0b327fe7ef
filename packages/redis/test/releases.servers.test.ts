import { describe, expect, it } from 'vitest';
import { testFault } from './support/faults.js';
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
const TIMEOUT = 60_000;
const MINUTE = 60_000;

describe.skipIf(whyNot !== undefined)(
  `clocks, lifetimes and releases${skipped}`,
  { timeout: TIMEOUT },
  () => {
    for (const [fault, minutes] of [
      ['The clock of one process is 5 minutes behind', -5],
      ['The clock of one process is 5 minutes ahead', 5],
    ] as const) {
      testFault(
        fault,
        'redis 6',
        `a process whose clock is ${minutes} minutes off keeps no record from others`,
        async (watch) => {
          const server = await usedServer();
          const now = () => Date.now() + minutes * MINUTE;
          const a = await readyStore('redis 6', server.port, { now, longestToken: '1m' });
          const b = await readyStore('redis 6', server.port, { longestToken: '1m' });
          const issuedBefore = Date.now() - 60_000;
          watch.begins();
          await a.revocations.revoke(target(1), { because, issuedBefore });
          watch.mustRefuse(a, [1], issuedBefore);
          await b.revocations.revoke(target(2), { because, issuedBefore });
          watch.mustRefuse(b, [2], issuedBefore);
          for (const store of [a, b]) watch.others(store, [3]);
          const c = await readyStore('redis 6', server.port, { longestToken: '1m' });
          watch.mustRefuse(c, [1, 2], issuedBefore);
          for (const { revocations } of [b, c]) {
            await eventually(() => {
              expect([1, 2].map((one) => verdict(revocations, one, issuedBefore))).toEqual([
                'revoked',
                'revoked',
              ]);
            });
          }
          watch.healed();
        },
      );
    }

    testFault(
      'The clock of one process is 3 years ahead',
      'redis 6',
      'a clock that is years ahead removes nothing from Redis that has not ended',
      async (watch) => {
        const server = await usedServer();
        const a = await readyStore('redis 6', server.port);
        const issuedBefore = Date.now();
        await a.revocations.revoke(target(1), { because, issuedBefore });
        watch.mustRefuse(a, [1], issuedBefore);
        watch.others(a, [3]);
        const ahead = await readyStore('redis 6', server.port, { now: () => Date.now() + 1e11 });
        watch.begins();
        await ahead.revocations.revoke(target(2), { because });
        watch.mustRefuse(ahead, [2]);
        const c = await readyStore('redis 6', server.port);
        watch.mustRefuse(c, [1, 2], issuedBefore);
        watch.healed();
        expect(verdict(c.revocations, 1, issuedBefore)).toBe('revoked');
      },
    );

    testFault(
      'A process raises `longestToken`',
      'redis 6',
      'a process that accepts longer tokens has all keep records for longer',
      async (watch) => {
        const server = await usedServer();
        const a = await readyStore('redis 6', server.port, { longestToken: '1h' });
        const issuedBefore = Date.now();
        const record = await a.revocations.revoke(target(1), { because, issuedBefore });
        watch.mustRefuse(a, [1], issuedBefore);
        expect(a.revocations.longestToken).toBe(3600);
        watch.begins();
        const b = await readyStore('redis 6', server.port, { longestToken: '10h' });
        watch.mustRefuse(b, [1], issuedBefore);
        for (const store of [a, b]) watch.others(store, [3]);
        const later = record.until + 9 * 3_600_000;
        expect(b.revocations.list()[0]).toMatchObject({ id: record.id, until: later });
        await eventually(() => expect(a.revocations.longestToken).toBe(36_000));
        expect(a.revocations.list()[0]).toMatchObject({ until: later });
        await eventually(() => {
          const scores = server.cli('zrange', '{entra-guard}:state', '0', '-1', 'withscores').split('\n');
          expect(scores).toContain(String(later));
        });
        watch.healed();
        // One that is started with less keeps to the value of all.
        const c = await readyStore('redis 6', server.port, { longestToken: '2h' });
        expect(c.revocations.longestToken).toBe(36_000);
        expect(c.revocations.list()[0]).toMatchObject({ until: later });
      },
    );

    testFault(
      'A newer release writes a new kind of target, and an older one to fall back on',
      'redis 6',
      'a record of a later release that names an older kind of target is read as that',
      async (watch) => {
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
        watch.notKnown(a, [1]);
        watch.others(a, [3]);
        watch.begins();
        server.cli('xadd', '{entra-guard}:log', '*', 'entry', text, 'until', '+inf');
        await eventually(() => expect(verdict(a.revocations, 1)).toBe('revoked'));
        watch.mustRefuse(a, [1]);
        watch.healed();
        expect(a.revocations.health()).toMatchObject({ unreadable: 0 });
      },
    );

    for (const [what, text] of [
      ['of a later form', JSON.stringify({ v: 2, w: '@entra-guard/redis 9.0', id: 'x', what: 'ever' })],
      ['that is damaged', '{"v":1,"w":"@entra-guard/redis 9.0","id":"x"}'],
    ] as const) {
      testFault(
        "A newer release writes a record that an older one can't read",
        'redis 6',
        `a record ${what} is counted, told once, kept, and written again`,
        async (watch) => {
          const server = await usedServer();
          const a = await readyStore('redis 6', server.port);
          await a.revocations.revoke(target(2), { because });
          watch.mustRefuse(a, [2]);
          watch.notKnown(a, [1]);
          watch.others(a, [3]);
          watch.begins();
          server.cli('zadd', '{entra-guard}:state', '+inf', text);
          server.cli('xadd', '{entra-guard}:log', '*', 'entry', text, 'until', '+inf');
          await eventually(() =>
            expect(a.revocations.health()).toMatchObject({ status: 'degraded', unreadable: 1 }),
          );
          watch.healed();
          const told = () =>
            a.entries.filter(({ message }) => message.includes('written by @entra-guard/redis 9.0'));
          expect(told()).toEqual([expect.objectContaining({ level: 'error', event: 'revocations' })]);
          server.cli('flushall');
          await eventually(() => expect(server.cli('zscore', '{entra-guard}:state', text)).toBe('inf'));
          expect(told()).toHaveLength(1);
        },
      );
    }

    it.concurrent('a stream entry without its fields does no harm', async () => {
      const server = await usedServer();
      const [a, b] = [await readyStore('redis 6', server.port), await readyStore('ioredis 5', server.port)];
      server.cli('xadd', '{entra-guard}:log', '*', 'entry', 'no end');
      await a.revocations.revoke(target(1), { because });
      await eventually(() => expect(verdict(b.revocations, 1)).toBe('revoked'));
    });
  },
);
