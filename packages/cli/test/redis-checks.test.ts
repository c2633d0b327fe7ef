import type { RedisFacts } from '@entra-guard/redis/operator';
import { describe, expect, it } from 'vitest';
import type { Check } from '../src/doctor/check.js';
import {
  checkEncryption,
  checkEpoch,
  checkEviction,
  checkFeed,
  checkPersistence,
  checkRecords,
  checkReplicas,
  checkStream,
  checkUser,
  checkVersion,
} from '../src/doctor/redis-checks.js';
import { type RedisAddress, redisAddress } from '../src/redis/redis-address.js';

/** A Redis as it should be. */
const GOOD: RedisFacts = {
  version: '7.0.15',
  product: undefined,
  policy: 'noeviction',
  appends: true,
  snapshots: false,
  diskFails: false,
  isReplica: false,
  replicas: { count: 1, offline: 0 },
  rights: { name: undefined, everything: false, cannotRead: [], cannotWrite: [], unknown: false },
  epoch: 'there',
  records: { count: 2, unreadable: 0, writers: [], longestToken: 100_800 },
  stream: { length: 3, newest: 1_790_000_000_000 },
  feeds: [],
};
const ALL_WRITES = ['set', 'zadd', 'xadd', 'zremrangebyscore'];

const at = (url: string) => redisAddress(url, {}) as RedisAddress;
const cache = at('redis://cache.contoso.example');
const rights = (more: Partial<RedisFacts['rights']>) => ({ rights: { ...GOOD.rights, ...more } });

function looked(facts: Partial<RedisFacts>): readonly Check[] {
  const all = { ...GOOD, ...facts };
  return [
    checkVersion(all, cache),
    checkUser(all, '{entra-guard}'),
    checkEviction(all),
    checkPersistence(all),
    checkReplicas(all),
    checkEpoch(all, '{entra-guard}'),
    checkRecords(all),
    checkStream(all),
    checkFeed(all),
  ];
}

describe('the doctor finds nothing wrong', () => {
  it.each<[string, Partial<RedisFacts>]>([
    ['with a Redis as it should be', {}],
    ['with Valkey', { product: 'valkey 8.1.0', version: '7.2.4' }],
    ['with a user who may only read', rights({ cannotWrite: ALL_WRITES })],
    ['without replicas', { replicas: { count: 0, offline: 0 } }],
    ['with a young epoch and an empty stream', { epoch: 'young', stream: { length: 0, newest: undefined } }],
    [
      'with one of each',
      {
        records: { count: 1, unreadable: 0, writers: [], longestToken: 60 },
        stream: { length: 1, newest: 1 },
      },
    ],
  ])('%s', (_, facts) => {
    expect(looked(facts).map(({ status }) => status)).toEqual(Array(9).fill('ok'));
  });
});

describe('the doctor says what is wrong with Redis', () => {
  it.each<[Partial<RedisFacts>, Check['name'], Check['status'], string, string]>([
    [{ version: '6.0.20' }, 'redis', 'problem', 'too old', 'Redis 6.2'],
    [
      { policy: 'allkeys-lru' },
      'eviction',
      'problem',
      'maxmemory-policy is allkeys-lru',
      'CONFIG SET maxmemory-policy noeviction',
    ],
    [{ policy: 'volatile-ttl' }, 'eviction', 'warning', 'volatile-ttl', 'noeviction'],
    [{ appends: false, snapshots: true }, 'persistence', 'warning', 'snapshots alone', 'appendonly yes'],
    [
      { appends: false, snapshots: false },
      'persistence',
      'warning',
      'none: after a new start',
      'appendonly yes',
    ],
    [{ diskFails: true }, 'persistence', 'problem', 'has failed', 'the disk'],
    [{ isReplica: true }, 'replicas', 'problem', 'a replica itself', 'Name the primary'],
    [{ replicas: { count: 2, offline: 1 } }, 'replicas', 'warning', '1 of 2', 'INFO replication'],
    [
      { epoch: 'missing', records: undefined },
      'epoch',
      'problem',
      '{entra-guard}',
      'entra-guard revocations init',
    ],
    [
      { records: { count: 5, unreadable: 2, writers: ['@entra-guard/redis 9.0'], longestToken: 60 } },
      'records',
      'problem',
      "5 records; tokens may live 1m; 2 entries of @entra-guard/redis 9.0 can't be read",
      'newest release',
    ],
    [
      { records: { count: 0, unreadable: 1, writers: ['x'], longestToken: 60 } },
      'records',
      'problem',
      "1 entry of x can't be read",
      'newest release',
    ],
    [
      rights({ name: 'default', everything: true }),
      'user',
      'warning',
      'default may run every command',
      'a user with the rules',
    ],
    [rights({ cannotRead: ['zscan'] }), 'user', 'problem', 'may not run zscan', 'docs/revocation-redis.md'],
    [
      rights({ cannotWrite: ['xadd'] }),
      'user',
      'problem',
      'may write, and may not run xadd',
      '~{entra-guard}:*',
    ],
  ])('%j', (facts, name, status, found, hint) => {
    const check = looked(facts).find((one) => one.name === name);
    expect(check).toMatchObject({
      status,
      found: expect.stringContaining(found),
      hint: expect.stringContaining(hint),
    });
  });

  it.each<[string, string, Record<string, string>, Check['status'], string]>([
    ['TLS', 'rediss://cache.contoso.example', {}, 'ok', 'TLS'],
    ['this machine', 'redis://localhost', {}, 'ok', 'this machine'],
    ['the network', 'redis://cache.contoso.example', {}, 'warning', 'can be read and changed'],
    [
      'TLS that is not checked',
      'rediss://cache',
      { NODE_TLS_REJECT_UNAUTHORIZED: '0' },
      'problem',
      'NODE_TLS_REJECT_UNAUTHORIZED',
    ],
  ])('of the way to it: %s', (_, url, env, status, found) => {
    expect(checkEncryption(at(url), env)).toMatchObject({ status, found: expect.stringContaining(found) });
  });
});

describe('what Redis does not tell is unknown, and never fine', () => {
  it.each<[Partial<RedisFacts>, Check['name'], string]>([
    [{ version: undefined }, 'redis', 'INFO'],
    [{ policy: undefined }, 'eviction', 'INFO'],
    [{ appends: undefined }, 'persistence', 'INFO'],
    [{ appends: false, snapshots: undefined }, 'persistence', 'CONFIG is refused'],
    [{ isReplica: undefined }, 'replicas', 'INFO'],
    [{ replicas: undefined }, 'replicas', 'INFO'],
    [{ epoch: undefined, records: undefined }, 'epoch', 'GET'],
    [{ records: undefined }, 'records', 'ZSCAN'],
    [{ epoch: 'missing', records: undefined }, 'records', 'there is no epoch'],
    [{ stream: undefined }, 'stream', 'XREVRANGE'],
    [{ stream: { length: undefined, newest: 1 } }, 'stream', 'XLEN is refused'],
    [rights({ unknown: true }), 'user', 'takes no writes now'],
  ])('%j', (facts, name, found) => {
    const check = looked(facts).find((one) => one.name === name);
    expect(check).toMatchObject({ status: 'skipped', found: expect.stringContaining(found) });
  });
});

describe('the leaver feed', () => {
  const feed = { name: 'leavers:t', isLed: true, waiting: 0, waitingMs: 0 };
  it.each<[string, RedisFacts['feeds'], Check['status'], string]>([
    ['is not there', [], 'ok', 'none shares its jobs'],
    [
      'goes on',
      [{ ...feed, waiting: 2, waitingMs: 900 }],
      'ok',
      'leavers:t: a process leads, 2 jobs are due',
    ],
    [
      'is led by no process',
      [feed, { ...feed, name: 'leavers:u', isLed: false }],
      'problem',
      'leavers:u: no process leads',
    ],
    [
      'is late',
      [{ ...feed, waiting: 1, waitingMs: 301_000 }],
      'problem',
      '1 job is due, the oldest for 301s',
    ],
    ['can not be looked at', undefined, 'skipped', 'Redis refuses'],
  ])('%s', (_, feeds, status, found) => {
    const check = checkFeed({ ...GOOD, feeds });
    expect(check).toMatchObject({ name: 'feed', status });
    expect(check.found).toContain(found);
  });
});
