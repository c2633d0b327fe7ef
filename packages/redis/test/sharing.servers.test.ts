import type { RevocationChange, RevocationEvent } from '@entra-guard/core';
import { onEvent } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import { clientNames } from './support/clients.js';
import { testFault } from './support/faults.js';
import { whyNot } from './support/redis-server.js';
import {
  because,
  closeAfterAll,
  closeLater,
  eventually,
  newServer,
  readyStore,
  startStore,
  target,
  usedServer,
  verdict,
} from './support/stores.js';

closeAfterAll();
const skipped = whyNot === undefined ? '' : ` (skipped: ${whyNot})`;

describe.skipIf(whyNot !== undefined).each(clientNames)(
  `revocations over %s${skipped}`,
  { timeout: 60_000 },
  (name) => {
    it.concurrent('what one process revokes and lifts, another refuses and accepts', async () => {
      const server = await usedServer();
      const [a, b] = [await readyStore(name, server.port), await readyStore(name, server.port)];
      expect(verdict(b.revocations, 1)).toBe('accepted');
      const record = await a.revocations.revoke(target(1), { because });
      expect(verdict(a.revocations, 1)).toBe('revoked');
      await eventually(() => expect(verdict(b.revocations, 1)).toBe('revoked'));
      expect(verdict(b.revocations, 2)).toBe('accepted');
      expect(b.revocations.list(target(1))).toEqual([record]);
      await b.revocations.lift(record.id, { because: 'a mistake' });
      expect(verdict(b.revocations, 1)).toBe('accepted');
      await eventually(() => expect(verdict(a.revocations, 1)).toBe('accepted'));
      await eventually(() =>
        expect(a.revocations.health()).toMatchObject({
          status: 'up',
          shared: true,
          entries: 0,
          unreadable: 0,
        }),
      );
    });

    it.concurrent('a process that starts later knows what was revoked and lifted before', async () => {
      const server = await usedServer();
      const a = await readyStore(name, server.port);
      const issuedBefore = Date.now();
      await a.revocations.revoke(target(1), { because, issuedBefore });
      const lifted = await a.revocations.revoke(target(2), { because });
      await a.revocations.lift(lifted.id, { because });
      const b = await readyStore(name, server.port);
      expect([verdict(b.revocations, 1, issuedBefore), verdict(b.revocations, 2)]).toEqual([
        'revoked',
        'accepted',
      ]);
      expect(verdict(b.revocations, 1, issuedBefore + 60_000)).toBe('accepted');
    });

    it.concurrent('the version changes when another process revokes, so that remembered tokens are looked at again', async () => {
      const server = await usedServer();
      const [a, b] = [await readyStore(name, server.port), await readyStore(name, server.port)];
      const before = b.revocations.version;
      const changes: RevocationChange[] = [];
      const events: RevocationEvent[] = [];
      b.revocations.onChange((change) => void changes.push(change));
      closeLater(onEvent((event) => void events.push(event as RevocationEvent), { types: ['revocation'] }));
      const record = await a.revocations.revoke(target(1), { because });
      await eventually(() => expect(changes).toEqual([{ change: 'revoked', record }]));
      expect(b.revocations.version).not.toBe(before);
      expect(events.map((event) => [event.change, 'id' in event && event.id])).toEqual(
        expect.arrayContaining([
          ['revoked', record.id],
          ['applied', record.id],
        ]),
      );
    });

    it.concurrent('revoking the same again gives the same record, in the other process too', async () => {
      const server = await usedServer();
      const [a, b] = [await readyStore(name, server.port), await readyStore(name, server.port)];
      const record = await a.revocations.revoke(target(1), { because });
      await eventually(() => expect(verdict(b.revocations, 1)).toBe('revoked'));
      expect(await b.revocations.revoke(target(1), { because: 'again' })).toEqual(record);
      expect(a.revocations.list()).toHaveLength(1);
    });
  },
);

describe.skipIf(whyNot !== undefined)(`a Redis without data${skipped}`, () => {
  testFault(
    'Redis is empty, and no process knows a record',
    'redis 6',
    'keeps the first process waiting for five seconds, in which others could write what they know',
    async (watch) => {
      const server = await newServer();
      watch.begins();
      const store = await startStore('redis 6', server.port);
      const { revocations } = store;
      watch.others(store, [1]);
      await eventually(() => expect(revocations.health().message).toContain('Redis is empty. For 5 seconds'));
      expect(verdict(revocations, 1)).toBe('revocations_unavailable');
      await revocations.ready();
      watch.healed();
      expect(verdict(revocations, 1)).toBe('accepted');
    },
  );
});
