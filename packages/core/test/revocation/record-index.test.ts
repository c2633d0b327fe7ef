import { describe, expect, it } from 'vitest';
import { ADA, NOW, TENANT } from '../../../../test/support/forger.js';
import type { RevocationRecord, RevokeOptions, Target } from '../../src/index.js';
import {
  endOfCutoff,
  RecordIndex,
  readRevocation,
  readText,
  recordOf,
  recordText,
  tombstoneText,
} from '../../src/revocation.js';
import { user } from '../callers.js';

const because = 'left the company';
const ada = { user: ADA, tenantId: TENANT } as const;
const limits = { longestToken: 3600, margin: 0 };
const HOUR = 3600_000;

const record = (options: Partial<RevokeOptions> = {}, target: Target = ada): RevocationRecord =>
  recordOf(readRevocation(target, { because, ...options }, NOW, limits), 'shared');

function index(changes: object = {}) {
  const clock = { now: NOW };
  return { clock, records: new RecordIndex({ ...limits, now: () => clock.now, ...changes }) };
}

describe('the order in which records and their lifting arrive', () => {
  it('does not matter', () => {
    const one = record();
    const tombstone = { id: one.id, because, at: NOW, until: one.until };
    const { records } = index();
    expect(records.lift(tombstone)).toBeUndefined();
    expect(records.add(one)).toBeUndefined();
    expect(records.find(user())).toBeUndefined();
    const { records: other } = index();
    expect(other.add(one)).toBe(one);
    expect(other.lift(tombstone)).toBe(one);
    expect(other.add(one)).toBeUndefined();
    expect(other.find(user())).toBeUndefined();
    expect([records.tombstones(), other.tombstones()]).toEqual([[tombstone], [tombstone]]);
  });

  it('nor how often they do: only what is new changes the version', () => {
    const { records } = index({ version: 7 });
    const one = record();
    records.add(one);
    records.add({ ...one });
    expect([records.version, records.size]).toEqual([8, 1]);
    records.lift({ id: one.id, because, at: NOW, until: NOW + HOUR });
    records.lift({ id: one.id, because, at: NOW, until: NOW + 1 });
    expect(records.version).toBe(9);
    expect(records.tombstone(one.id)?.until).toBe(NOW + HOUR);
  });
});

describe('how long a record lasts', () => {
  it('is the longest that was ever said', () => {
    const { records, clock } = index();
    const one = record({ until: NOW + HOUR });
    records.add({ ...one, until: NOW + 3 * HOUR });
    expect(records.add(one)?.until).toBe(NOW + 3 * HOUR);
    clock.now += 2 * HOUR;
    records.sweep();
    expect(records.find(user())).toBeDefined();
    records.add({ ...one, until: NOW + 5 * HOUR });
    clock.now += 2 * HOUR;
    records.sweep();
    expect(records.find(user())).toMatchObject({ id: one.id });
    expect(records.list()).toHaveLength(1);
    clock.now += 2 * HOUR;
    records.sweep();
    expect([records.size, records.list(), records.get(one.id)]).toEqual([0, [], undefined]);
  });

  it('is longer for a cutoff where tokens may live longer than its writer knew', () => {
    const { records } = index({ longestToken: 86_400 });
    const one = record({ issuedBefore: NOW });
    expect(records.add(one)?.until).toBe(endOfCutoff(NOW, { longestToken: 86_400, margin: 0 }));
    expect(one.until).toBe(endOfCutoff(NOW, limits));
  });

  it('what has ended is not added', () => {
    const { records, clock } = index();
    const one = record({ until: NOW + HOUR });
    clock.now += HOUR;
    expect(records.add(one)).toBeUndefined();
  });

  it('a tombstone is kept as long as its record could come back', () => {
    const { records, clock } = index();
    const one = record({ until: NOW + HOUR });
    records.lift({ id: one.id, because, at: NOW, until: one.until });
    clock.now += HOUR - 1;
    records.sweep();
    expect(records.add(one)).toBeUndefined();
    clock.now += 61_000;
    records.sweep();
    expect(records.tombstones()).toEqual([]);
  });
});

describe('several records of one target', () => {
  it('are removed one by one', () => {
    const { records } = index();
    const all = ['a', 'b', 'c'].map((source) => record({ source }));
    for (const one of all) records.add(one);
    for (const [left, one] of [all[1], all[0], all[2]].entries()) {
      const { id } = one as RevocationRecord;
      expect(records.list()).toHaveLength(3 - left);
      records.lift({ id, because, at: NOW, until: NOW + HOUR });
      expect(records.get(id)).toBeUndefined();
    }
    expect(records.find(user())).toBeUndefined();
  });
});

describe('the text of a record', () => {
  const read = (changes: object, until = NOW + HOUR) =>
    readText(JSON.stringify({ ...JSON.parse(recordText(record(), '1.0.0')), ...changes }), until);

  it.each<[string, RevocationRecord]>([
    ['a ban', record()],
    ['a cutoff of a source', record({ issuedBefore: NOW, source: 'feed' })],
    ['a cutoff of everyone', record({ issuedBefore: NOW }, 'everyone')],
    ['a token', record({}, { token: 'x', expiresAt: new Date(NOW), tenantId: TENANT })],
  ])('is read as it was written: %s', (_, one) => {
    const text = recordText(one, '1.0.0');
    expect(text).not.toContain('\n');
    expect(text).not.toContain(String(one.until));
    expect(readText(text, one.until)).toEqual({ state: 'record', record: one });
    expect(recordText({ ...one }, '1.0.0')).toBe(text);
  });

  it.each<[object]>([[{}], [{ source: 'feed' }]])('so is a tombstone: %o', (more) => {
    const tombstone = { id: record().id, because, at: NOW, until: Number.POSITIVE_INFINITY, ...more };
    const text = tombstoneText(tombstone, '1.0.0');
    expect(readText(text, Number.POSITIVE_INFINITY)).toEqual({ state: 'tombstone', tombstone });
  });

  it('has an id, a time and a target, or is not read; its writer is told', () => {
    for (const changes of [
      { v: 2 },
      { id: 'x' },
      { o: '*' },
      { b: 7 },
      { at: 'today' },
      { i: 8.64e16 },
      { s: 7 },
      { t: { planet: 'Earth' } },
      { t: 'everyone' },
    ]) {
      expect(read({ w: '2.0.0', ...changes })).toMatchObject({ state: 'unreadable', writer: '2.0.0' });
    }
    expect(read({ v: 2 })).toMatchObject({ id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string });
    expect(read({ id: 7, w: 7 })).toEqual({ state: 'unreadable', id: undefined, writer: undefined });
    expect(read({}, Number.NaN)).toMatchObject({ state: 'unreadable' });
    expect(readText('no JSON', NOW)).toEqual({ state: 'unreadable', id: undefined, writer: undefined });
  });

  it('may have members and kinds of targets of a later release, with a wider one to fall back on', () => {
    expect(read({ t: { planet: 'Earth' }, f: { tenant: TENANT }, new: 1 })).toMatchObject({
      state: 'record',
      record: { target: { tenant: TENANT } },
    });
  });
});
