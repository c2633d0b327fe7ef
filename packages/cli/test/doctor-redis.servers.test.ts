import { startEntra } from '@entra-guard/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RedisServer, whyNot } from '../../redis/test/support/redis-server.js';
import type { Check } from '../src/doctor/check.js';
import { projectWith } from './redis-project.js';
import { runCommand, type World } from './run-command.js';

const skipped = whyNot === undefined ? '' : ` (skipped: ${whyNot})`;
const PASSWORD = 'correct-horse';
const READER = '%R~{entra-guard}:* -@all +hello +ping +info +get +xread +xrange +xrevrange +zscan';
const WRITER =
  '~{entra-guard}:* -@all +hello +ping +info +get +set +xread +xrange +xrevrange +zscan +xadd +zadd +zremrangebyscore +multi +exec';

async function server(...settings: string[]): Promise<RedisServer> {
  const started = await RedisServer.start(...settings);
  onTestFinished(() => started.close());
  return started;
}

async function examined(
  url: string,
  client: 'redis' | 'ioredis' = 'redis',
  world: World = {},
  ...flags: string[]
) {
  const { code, stdout } = await runCommand(['doctor', '--json', ...flags], {
    cwd: projectWith(client),
    env: { ENTRA_GUARD_REDIS_URL: url },
    now: () => Date.now(),
    ...world,
  });
  expect(stdout).not.toContain(PASSWORD);
  const { checks } = JSON.parse(stdout) as { readonly checks: readonly Check[] };
  const of = (name: Check['name']) => {
    const { status, found } = checks.find((check) => check.name === name) as Check;
    return `${status}: ${found}`;
  };
  return { code, of, checks };
}

describe.skipIf(whyNot !== undefined)(`entra-guard doctor --redis${skipped}`, { timeout: 60_000 }, () => {
  it.each(['redis', 'ioredis'] as const)('finds what a writer needs, with %s', async (client) => {
    const redis = await server('--appendonly', 'yes');
    redis.cli('acl', 'setuser', 'writer', 'on', `>${PASSWORD}`, ...WRITER.split(' '));
    const url = `redis://writer:${PASSWORD}@127.0.0.1:${redis.port}`;
    const world = { cwd: projectWith(client), env: { ENTRA_GUARD_REDIS_URL: url } };
    expect((await runCommand(['revocations', 'init'], world)).code).toBe(0);
    const before = redis.cli('keys', '*');
    const { code, of, checks } = await examined(url, client);
    expect([code, checks.map(({ name }) => name)]).toEqual([
      0,
      [
        'redis',
        'encryption',
        'user',
        'eviction',
        'persistence',
        'replicas',
        'epoch',
        'records',
        'stream',
        'feed',
      ],
    ]);
    expect(of('redis')).toMatch(/^ok: redis:\/\/127\.0\.0\.1:\d+ answers: Redis \d/);
    expect(of('user')).toBe('ok: the user of the URL may read and write: for processes that revoke');
    expect(of('eviction')).toBe('ok: noeviction: nothing is dropped');
    expect(of('persistence')).toBe('ok: an append-only file: records survive a new start');
    expect(of('replicas')).toBe('ok: none');
    expect(of('records')).toBe('ok: 0 records; tokens may live 28h');
    // Its user may not ask for the length, so that is not claimed.
    expect(of('stream')).toMatch(/^skipped: its length, as XLEN is refused; the newest entry is of \d{4}-/);
    expect(redis.cli('keys', '*')).toBe(before);
  });

  it.each(['redis', 'ioredis'] as const)(
    'tells a reader from a writer, and from who may do everything, with %s',
    async (client) => {
      const redis = await server('--save', '3600 1');
      redis.cli('acl', 'setuser', 'reader', 'on', `>${PASSWORD}`, ...READER.split(' '));
      redis.cli('acl', 'setuser', 'half', 'on', `>${PASSWORD}`, ...WRITER.split(' '), '-xadd', '-info');
      redis.cli('acl', 'setuser', 'blind', 'on', `>${PASSWORD}`, '+hello', '+ping');
      const as = (name: string) => examined(`redis://${name}:${PASSWORD}@127.0.0.1:${redis.port}`, client);
      const early = await as('reader');
      expect([early.code, early.of('epoch')]).toEqual([
        1,
        expect.stringContaining('problem: no process has started'),
      ]);
      redis.cli('set', '{entra-guard}:epoch', 'first');
      expect((await as('reader')).of('user')).toBe(
        'ok: the user of the URL may only read: for processes that judge, and not for those that revoke',
      );
      const half = await as('half');
      expect(half.of('user')).toBe(
        'problem: the user of the URL may write, and may not run xadd, which that takes',
      );
      for (const name of ['redis', 'eviction', 'persistence', 'replicas'] as const)
        expect(half.of(name)).toMatch(/^skipped: .*INFO/);
      const blind = await as('blind');
      expect(blind.of('user')).toMatch(
        /^problem: the user of the URL may not run get, xread, xrange, xrevrange, zscan/,
      );
      expect(blind.of('records')).toMatch(/^skipped: /);
      const anyone = await examined(redis.url, client);
      expect([anyone.code, anyone.of('user')]).toEqual([0, 'warning: default may run every command (+@all)']);
      expect(anyone.of('persistence')).toMatch(/^warning: snapshots alone/);
    },
  );

  it('finds a policy that drops records, a replica, and entries of another release', async () => {
    const redis = await server('--maxmemory-policy', 'allkeys-lfu');
    redis.cli('set', '{entra-guard}:epoch', 'first');
    redis.cli('zadd', '{entra-guard}:state', '+inf', '{"v":9,"w":"@entra-guard/redis 9.0"}');
    redis.cli('replicaof', '127.0.0.1', '1');
    const { code, of } = await examined(redis.url);
    expect(code).toBe(1);
    expect(of('eviction')).toMatch(/^problem: maxmemory-policy is allkeys-lfu/);
    expect(of('replicas')).toMatch(/^problem: it is a replica itself/);
    expect(of('records')).toMatch(
      /^problem: 0 records; .* 1 entry of @entra-guard\/redis 9\.0 can't be read/,
    );
    redis.cli('replicaof', 'no', 'one');
    expect((await examined(redis.url, 'redis', {}, '--prefix', '{other}')).of('epoch')).toMatch(
      /^problem: .*\{other\}/,
    );
  });

  it('says why Redis is not reachable, and of the rest that it was not looked at', async () => {
    const redis = await server('--requirepass', PASSWORD);
    const { code, of } = await examined(`redis://:${PASSWORD}x@127.0.0.1:${redis.port}`);
    expect([code, of('redis')]).toEqual([1, expect.stringMatching(/^problem: .* refuses: WRONGPASS/)]);
    for (const name of ['user', 'eviction', 'epoch', 'records', 'stream'] as const)
      expect(of(name)).toMatch(/^skipped: Redis was not reached/);
    expect(of('encryption')).toMatch(/^ok: none/);
    // Nothing is said for a certificate that was not seen.
    expect((await examined(`rediss://:${PASSWORD}@127.0.0.1:1`)).of('encryption')).toMatch(/^skipped: /);
  });

  it('looks at the API as well, where one is named', async () => {
    const redis = await server();
    const entra = await startEntra();
    onTestFinished(() => entra.close());
    const { tenantId, clientId } = entra.options();
    const { of } = await examined(
      redis.url,
      'redis',
      { fetch: entra.fetch },
      '--tenant',
      String(tenantId),
      '--client',
      clientId,
    );
    expect(of('configuration')).toMatch(/^ok: /);
    expect(of('epoch')).toMatch(/^problem: /);
  });

  it('refuses a prefix without a Redis', async () => {
    const { code, stderr } = await runCommand(['doctor', '--prefix', '{other}']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('--prefix is for a Redis.')]);
  });
});
