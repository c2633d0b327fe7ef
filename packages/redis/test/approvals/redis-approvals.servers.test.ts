import { randomBytes } from 'node:crypto';
import { type ApprovalStore, keyRing } from '@entra-guard/core';
import { approvalText, sealingOf } from '@entra-guard/core/approvals';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  APPROVER,
  approvalRequest,
  LIMITS,
  OTHER_BINDINGS,
  TEN_MINUTES,
} from '../../../../test/support/approvals.js';
import { NOW } from '../../../../test/support/forger.js';
import { redisApprovals } from '../../src/index.js';
import { clientNames, connect, type TestClient } from '../support/clients.js';
import { RedisServer, whyNot } from '../support/redis-server.js';

const why = whyNot === undefined ? '' : ` (skipped: ${whyNot})`;
const PURPOSE = 'entra-guard-approval';
const october = { id: '2026-10', secret: randomBytes(32) };
const november = { id: '2026-11', secret: randomBytes(32) };

const approve = (store: ApprovalStore, id: string) => store.decide(id, { state: 'approved', by: APPROVER });
const deny = (store: ApprovalStore, id: string) => store.decide(id, { state: 'denied', by: APPROVER });

async function pending(store: ApprovalStore, changes = {}): Promise<string> {
  const claim = await store.claim(approvalRequest(changes), LIMITS);
  if (claim.state !== 'pending') throw new Error(`it is ${claim.state}`);
  return claim.record.id;
}

describe.skipIf(whyNot !== undefined).each(clientNames)(`approvals in Redis, over %s${why}`, (name) => {
  let server: RedisServer;
  let made: TestClient[];
  let count = 0;
  beforeAll(async () => {
    server = await RedisServer.start();
    made = [await connect(name, server.port), await connect(name, server.port)];
  });
  afterAll(async () => {
    for (const { close } of made ?? []) close();
    await server?.close();
  });

  /** Two processes, with keys of Redis of their own. */
  function processes(rings: readonly Parameters<typeof keyRing>[0][] = [[november]]) {
    const clock = { now: NOW };
    const prefix = `{test-${++count}}`;
    const [a, b] = made.map(({ client }, at) =>
      redisApprovals(client, {
        ring: keyRing(rings[at] ?? (rings[0] as Parameters<typeof keyRing>[0])),
        prefix,
        now: () => clock.now,
      }),
    ) as [ApprovalStore, ApprovalStore];
    const keys = (what: string) =>
      server
        .cli('keys', `${prefix}:approvals:1:${what}:*`)
        .split('\n')
        .filter((key) => key !== '');
    const recordKey = () => keys('record')[0] as string;
    return { a, b, clock, prefix, keys, recordKey };
  }

  it('are asked for in one process, given in another, and used once in all', async () => {
    const { a, b, keys } = processes();
    const id = await pending(a);
    expect(id).toMatch(/^[\w-]{32}$/);
    expect(await pending(b)).toBe(id);
    expect(await b.find(id)).toEqual({
      ...approvalRequest(),
      id,
      requestedAt: NOW,
      expiresAt: NOW + TEN_MINUTES,
      state: 'pending',
      decidedBy: undefined,
    });
    const given = await approve(b, id);
    expect(given).toMatchObject({ changed: true, record: { state: 'approved', decidedBy: APPROVER } });
    expect(await approve(a, id)).toMatchObject({ changed: false });
    expect(await a.claim(approvalRequest(), LIMITS)).toEqual({ state: 'used', record: given?.record });
    expect(await b.find(id)).toBeUndefined();
    expect(await deny(b, id)).toBeUndefined();
    expect(keys('*')).toEqual([]);
    expect(await pending(b)).not.toBe(id);
  });

  it('are used by one of many calls at the same time', async () => {
    const { a, b } = processes();
    await approve(a, await pending(a));
    const claims = await Promise.all(
      Array.from({ length: 10 }, (_, at) => (at % 2 === 0 ? a : b).claim(approvalRequest(), LIMITS)),
    );
    expect(claims.filter(({ state }) => state === 'used')).toHaveLength(1);
    expect(claims.filter(({ state }) => state === 'pending')).toHaveLength(9);
    expect(claims.filter((claim) => claim.state === 'pending' && claim.made)).toHaveLength(1);
  });

  it.each(OTHER_BINDINGS)('are no good for %s', async (_, changes) => {
    const { a, b } = processes();
    await approve(a, await pending(a));
    expect(await b.claim(approvalRequest(changes), LIMITS)).toMatchObject({ state: 'pending', made: true });
    expect(await b.claim(approvalRequest(), LIMITS)).toMatchObject({ state: 'used' });
  });

  it('show neither what is approved nor who asks, and are gone at their end', async () => {
    const { a, keys } = processes();
    await pending(a, { operation: 'payments.release' });
    const names = keys('*');
    expect(names).toHaveLength(3);
    const dump = names.flatMap((key) => [key, server.cli('dump', key)]).join(' ');
    const request = approvalRequest();
    for (const secret of ['payments', 'NL91', '120', request.digest, request.objectId, request.clientId])
      expect(dump).not.toContain(secret);
    for (const key of names) {
      const left = Number(server.cli('pttl', key));
      expect(left).toBeGreaterThan(TEN_MINUTES - 60_000);
      expect(left).toBeLessThanOrEqual(TEN_MINUTES);
    }
  });

  it('end by the clock of the process as well, and keep their end when they are given', async () => {
    const { a, b, clock, keys } = processes();
    const id = await pending(a);
    clock.now += 1000;
    await approve(a, id);
    for (const key of [...keys('record'), ...keys('id')]) {
      expect(Number(server.cli('pttl', key))).toBeLessThanOrEqual(TEN_MINUTES);
    }
    clock.now = NOW + TEN_MINUTES;
    expect(await b.find(id)).toBeUndefined();
    expect(await approve(b, id)).toBeUndefined();
    const next = await b.claim(approvalRequest(), LIMITS);
    expect(next).toMatchObject({ state: 'pending', made: true });
    expect(next).not.toMatchObject({ record: { id } });
    // The ID of before leads to the record of the same binding, which is another one.
    expect(await a.find(id)).toBeUndefined();
  });

  it('stay denied, and can be taken back until they are used', async () => {
    const { a, b } = processes();
    const id = await pending(a);
    await approve(a, id);
    expect(await deny(b, id)).toMatchObject({ changed: true, record: { state: 'denied' } });
    expect(await approve(a, id)).toMatchObject({ changed: false, record: { state: 'denied' } });
    expect(await a.claim(approvalRequest(), LIMITS)).toMatchObject({ state: 'denied', record: { id } });
  });

  it('can be asked for five times by an agent for a person, in all processes', async () => {
    const { a, b, clock } = processes();
    const ids: string[] = [];
    for (let at = 0; at < 5; at++) {
      ids.push(await pending(at % 2 === 0 ? a : b, approvalRequest({ of: String(at) })));
      clock.now += 1000;
    }
    const sixth = approvalRequest({ of: '5' });
    expect(await b.claim(sixth, LIMITS)).toEqual({ state: 'full', until: NOW + TEN_MINUTES });
    expect(await pending(b, approvalRequest({ of: '0' }))).toBe(ids[0]);
    expect(await pending(b, { ...sixth, clientId: 'other' })).toBeTruthy();
    await deny(b, ids[0] as string);
    expect(await pending(b, sixth)).toBeTruthy();
    expect(await a.claim(approvalRequest({ of: '6' }), LIMITS)).toMatchObject({ state: 'full' });
    clock.now = NOW + TEN_MINUTES + 1000;
    expect(await pending(a, approvalRequest({ of: '6' }))).toBeTruthy();
  });

  it('can be read while keys are changed, in processes with either key first', async () => {
    const { a, b, keys } = processes([
      [october, november],
      [november, october],
    ]);
    const id = await pending(a);
    expect(await pending(b)).toBe(id);
    await approve(b, id);
    expect(await a.claim(approvalRequest(), LIMITS)).toMatchObject({ state: 'used' });
    for (let at = 0; at < 5; at++) await pending(at % 2 === 0 ? a : b, approvalRequest({ of: String(at) }));
    expect(await a.claim(approvalRequest({ of: '5' }), LIMITS)).toMatchObject({ state: 'full' });
    expect(await b.claim(approvalRequest({ of: '5' }), LIMITS)).toMatchObject({ state: 'full' });
    expect(keys('pending')).toHaveLength(2);
  });

  it('that a key sealed which this process lacks refuse, and are told', async () => {
    const { a, b } = processes([[november], [october, november]]);
    const id = await pending(b);
    await expect(a.find(id)).rejects.toMatchObject({
      code: 'approvals_unavailable',
      message: expect.stringContaining("the key '2026-10', which the ring lacks"),
    });
    expect(a.health()).toMatchObject({ status: 'degraded', unreadable: 1 });
  });

  it.each<[string, (record: object) => string]>([
    ['no seal', (record) => JSON.stringify(record)],
    [
      'the seal of another ring',
      (record) =>
        sealingOf('test', keyRing([{ id: november.id, secret: randomBytes(32) }])).seal(
          PURPOSE,
          JSON.stringify(record),
        ),
    ],
    [
      'the seal of another purpose',
      (record) => sealingOf('test', keyRing([november])).seal('entra-guard-caller', JSON.stringify(record)),
    ],
    [
      'a newer version',
      (record) =>
        sealingOf('test', keyRing([november])).seal(
          PURPOSE,
          JSON.stringify({ ...record, v: 2, w: 'entra-guard 9' }),
        ),
    ],
    [
      'other arguments',
      (record) =>
        sealingOf('test', keyRing([november])).seal(PURPOSE, JSON.stringify({ ...record, of: '{}' })),
    ],
  ])('with %s let no call in, and are told', async (_, forge) => {
    const { a, recordKey } = processes();
    const id = await pending(a);
    const found = await a.find(id);
    if (found === undefined) throw new Error('it is gone');
    const approved = { ...found, state: 'approved', decidedBy: APPROVER } as const;
    server.cli('set', recordKey(), forge(JSON.parse(approvalText(approved, 'test'))), 'KEEPTTL');
    for (const ask of [a.claim(approvalRequest(), LIMITS), a.find(id), approve(a, id)]) {
      await expect(ask).rejects.toMatchObject({ code: 'approvals_unavailable', status: 503 });
    }
    expect(a.health()).toMatchObject({ status: 'degraded', unreadable: 1, shared: true });
    server.cli('del', recordKey());
    expect(await pending(a)).not.toBe(id);
    expect(a.health()).toMatchObject({ status: 'up', unreadable: 0, message: 'Approvals are shared.' });
  });

  it('that were copied to another call, or back after they were used, let no call in', async () => {
    const { a, recordKey, keys } = processes();
    await approve(a, await pending(a));
    const [approvedKey, approved] = [recordKey(), server.cli('get', recordKey())];
    const other = { of: '{"amount":999999}', digest: approvalRequest({ of: '{"amount":999999}' }).digest };
    await pending(a, other);
    const otherKey = keys('record').find((key) => key !== approvedKey) as string;
    server.cli('set', otherKey, approved, 'KEEPTTL');
    await expect(a.claim(approvalRequest(other), LIMITS)).rejects.toMatchObject({
      code: 'approvals_unavailable',
      message: expect.stringContaining('moved there'),
    });
    expect(await a.claim(approvalRequest(), LIMITS)).toMatchObject({ state: 'used' });
    server.cli('set', approvedKey, approved, 'PX', '60000');
    expect(await a.claim(approvalRequest(), LIMITS)).toMatchObject({ state: 'pending', made: true });
  });

  it.each(['__proto__', 'a b', '', '../record', 'x'.repeat(100), '{}', 'A'.repeat(32)])(
    'are not found by %j',
    async (id) => {
      const { a, prefix } = processes();
      server.cli('set', `${prefix}:approvals:1:id:${'A'.repeat(32)}`, 'some-other-key');
      expect(await a.find(id)).toBeUndefined();
      expect(await approve(a, id)).toBeUndefined();
    },
  );

  it('refuse while Redis is away, and say so', async () => {
    const own = await RedisServer.start();
    const { client, close } = await connect(name, own.port);
    const store = redisApprovals(client, { ring: keyRing([november]) });
    const id = await pending(store);
    await approve(store, id);
    await own.stop();
    await expect(store.claim(approvalRequest(), LIMITS)).rejects.toMatchObject({
      code: 'approvals_unavailable',
      part: 'approvals',
    });
    expect(store.health()).toMatchObject({ status: 'down', lastError: expect.any(String) });
    await store.close();
    close();
    await own.close();
  });
});
