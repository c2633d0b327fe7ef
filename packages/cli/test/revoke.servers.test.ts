import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RedisServer, whyNot } from '../../redis/test/support/redis-server.js';
import {
  closeAfterAll,
  eventually,
  person,
  readyStore,
  startStore,
  TENANT,
  verdict,
} from '../../redis/test/support/stores.js';
import { projectWith } from './redis-project.js';
import { runCommand } from './run-command.js';

closeAfterAll();
const skipped = whyNot === undefined ? '' : ` (skipped: ${whyNot})`;
const because = 'left the company, HR-1234';
const PASSWORD = 'correct-horse';

async function server(...settings: string[]): Promise<RedisServer> {
  const started = await RedisServer.start(...settings);
  onTestFinished(() => started.close());
  return started;
}

/** Runs commands as an operator does, with the URL in the environment. */
function operator(url: string, client: 'redis' | 'ioredis' = 'redis') {
  const cwd = projectWith(client);
  return (...args: string[]) =>
    runCommand(args, { cwd, env: { ENTRA_GUARD_REDIS_URL: url }, now: () => Date.now() });
}

const user = (number: number) => ['user', person(number), '--tenant', TENANT];

describe.skipIf(whyNot !== undefined)(`entra-guard revoke over Redis${skipped}`, { timeout: 60_000 }, () => {
  it.each(['redis', 'ioredis'] as const)(
    'shuts a user out of a process that runs, and lets her in again, with %s',
    async (client) => {
      const redis = await server();
      const run = operator(redis.url, client);
      expect(await run('revocations', 'init', '--json')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('"begun": true'),
      });
      expect((await run('revocations', 'init')).stdout).toContain('had begun before');
      const { revocations } = await readyStore('redis 6', redis.port);
      const revoked = await run('revoke', ...user(1), '--because', because, '--json');
      expect([revoked.code, revoked.stderr]).toEqual([0, '']);
      const record = JSON.parse(revoked.stdout);
      expect(record).toEqual({
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        target: { user: person(1), tenantId: TENANT },
        because,
        until: null,
        source: 'cli',
        at: expect.stringMatching(/Z$/),
        reach: 'shared',
      });
      await eventually(() => expect(verdict(revocations, 1)).toBe('revoked'));
      const again = await run('revoke', ...user(1), '--because', because);
      expect(again.stdout).toContain(
        `Was revoked before: user ${person(1)} of tenant ${TENANT}\n  id       ${record.id}`,
      );
      expect(JSON.parse((await run('revocations', 'list', '--json')).stdout)).toEqual({
        revocations: [record],
      });
      const listed = await run('revocations', 'list', ...user(1));
      expect(listed.stdout).toContain('  until    it is lifted\n');
      expect(listed.stdout).toContain('\n1 revocation.\n');
      expect((await run('revocations', 'list', '--user', person(2), '--tenant', TENANT)).stdout).toBe(
        'No revocations.\n',
      );
      const lift = ['revocations', 'lift', record.id.toUpperCase(), '--because', 'back'];
      expect((await run(...lift)).stdout).toContain('Lifted: ');
      await eventually(() => expect(verdict(revocations, 1)).toBe('accepted'));
      expect((await run(...lift)).stdout).toContain('Was lifted before: ');
    },
  );

  it('sets each kind of target, as a ban or a cutoff', async () => {
    const redis = await server();
    const run = operator(redis.url);
    await run('revocations', 'init');
    const why = ['--because', because];
    const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
    const made: unknown[] = [];
    for (const args of [
      [...user(1), '--before', hourAgo],
      ['service-principal', person(2), '--tenant', TENANT, '--until', '2999-01-01', '--source', 'job'],
      ['app', person(3)],
      ['agent-blueprint', person(4), '--tenant', TENANT],
      ['session', 'Abc-1', '--tenant', TENANT],
      ['token', 'Xyz_2', '--expires', '2999-01-01T00:00:00Z'],
      ['tenant', TENANT],
      ['everyone', '--before', 'now'],
    ]) {
      const { code, stdout, stderr } = await run('revoke', ...args, ...why, '--json');
      expect([code, stderr]).toEqual([0, '']);
      made.push(JSON.parse(stdout));
    }
    expect(made).toMatchObject([
      { target: { user: person(1) }, issuedBefore: hourAgo },
      { target: { servicePrincipal: person(2) }, until: '2999-01-01T00:00:00.000Z', source: 'job' },
      { target: { client: person(3) }, until: null },
      { target: { agentBlueprint: person(4), tenantId: TENANT } },
      { target: { session: 'Abc-1', tenantId: TENANT } },
      {
        target: { token: 'Xyz_2', expiresAt: '2999-01-01T00:00:00.000Z' },
        until: '2999-01-01T00:05:00.000Z',
      },
      { target: { tenant: TENANT } },
      { target: 'everyone', issuedBefore: expect.any(String) },
    ]);
    const { stdout } = await run('revocations', 'list');
    for (const words of [
      'everyone\n',
      `tenant ${TENANT}\n`,
      'token Xyz_2\n',
      `app ${person(3)} in every tenant\n`,
    ])
      expect(stdout).toContain(words);
    expect(stdout).toContain('8 revocations.');
    expect((await run('revocations', 'list', 'token', 'Xyz_2')).stdout).toContain('1 revocation.');
  });

  it('ends as a process once the record was read back', async () => {
    const redis = await server();
    redis.cli('set', '{entra-guard}:epoch', 'first');
    const bin = fileURLToPath(new URL('../bin/entra-guard.js', import.meta.url));
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [bin, 'revoke', ...user(1), '--because', because],
      {
        cwd: projectWith('redis'),
        env: { ...process.env, ENTRA_GUARD_REDIS_URL: redis.url },
        timeout: 30_000,
      },
    );
    expect([stdout.slice(0, 9), stderr]).toEqual(['Revoked: ', '']);
    expect(redis.cli('zcard', '{entra-guard}:state')).toBe('1');
  });

  it('needs no more than the documented rules of a user who may write', async () => {
    const redis = await server();
    const rules =
      '~{entra-guard}:* -@all +hello +ping +info +get +set +xread +xrange +xrevrange +zscan +xadd +zadd +zremrangebyscore +multi +exec';
    redis.cli('acl', 'setuser', 'revoke', 'on', `>${PASSWORD}`, ...rules.split(' '));
    const run = operator(`redis://revoke:${PASSWORD}@127.0.0.1:${redis.port}`);
    const { stdout } = await run('revocations', 'init', '--json');
    expect(JSON.parse(stdout)).toEqual({ prefix: '{entra-guard}', begun: true });
    const revoked = await run('revoke', ...user(1), '--because', because, '--json');
    const { id } = JSON.parse(revoked.stdout);
    for (const args of [['list'], ['lift', id, '--because', because], ['longest-token', '2h']])
      expect(await run('revocations', ...args)).toMatchObject({ code: 0 });
    expect(redis.cli('acl', 'log')).toBe('');
  });

  it('writes nothing to a prefix on which no process has started', async () => {
    const redis = await server();
    const run = operator(redis.url);
    await run('revocations', 'init');
    for (const args of [
      ['revoke', ...user(1), '--because', because],
      ['revocations', 'list'],
      ['revocations', 'longest-token', '2h'],
    ]) {
      const { code, stdout, stderr } = await run(...args, '--prefix', '{mistyped}');
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain("No process has started on the prefix '{mistyped}' of this Redis");
      expect(stderr).toContain('entra-guard revocations init');
    }
    expect(redis.cli('keys', '{mistyped}*')).toBe('');
  });

  it('tells of records that this release can not read', async () => {
    const redis = await server();
    const run = operator(redis.url);
    await run('revocations', 'init');
    redis.cli('zadd', '{entra-guard}:state', '+inf', '{"v":9,"w":"@entra-guard/redis 9.0"}');
    const { code, stdout, stderr } = await run('revocations', 'list', '--json');
    expect([code, JSON.parse(stdout)]).toEqual([1, { revocations: [], unreadable: 1 }]);
    expect(stderr).toContain("1 record can't be read by this release");
  });

  it('lowers longestToken unless a process needs more', async () => {
    const redis = await server();
    const run = operator(redis.url);
    await run('revocations', 'init');
    expect((await run('revocations', 'longest-token')).stdout).toBe('28h\n');
    const { revocations } = await startStore('redis 6', redis.port, { longestToken: '10h' });
    await revocations.ready();
    await eventually(async () => expect((await run('revocations', 'longest-token')).stdout).toBe('10h\n'));
    const refused = await run('revocations', 'longest-token', '2h');
    expect([refused.code, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toContain(`(process ${process.pid}, @entra-guard/redis 0.1): 10h.`);
    await revocations.close();
    const done = await run('revocations', 'longest-token', '2h');
    expect([done.code, done.stdout]).toEqual([0, '2h, before 10h\n']);
    expect(done.stderr).toContain("may only read can't be asked");
    expect(JSON.parse((await run('revocations', 'longest-token', '--json')).stdout)).toEqual({
      longestToken: 7200,
      before: 7200,
    });
    expect((await run('revocations', 'longest-token', '2x')).stderr).toContain('is not a duration');
  });
});

describe.skipIf(whyNot !== undefined)(
  `entra-guard revoke says what to do${skipped}`,
  { timeout: 60_000 },
  () => {
    const revoke = ['revoke', ...user(1), '--because', because];

    it.each(['redis', 'ioredis'] as const)('where Redis wants a password, with %s', async (client) => {
      const redis = await server('--requirepass', PASSWORD);
      const address = `127.0.0.1:${redis.port}`;
      const none = await operator(`redis://${address}`, client)(...revoke);
      expect([none.code, none.stdout]).toEqual([2, '']);
      expect(none.stderr).toMatch(
        /^error: redis:\/\/127\.0\.0\.1:\d+ refuses: NOAUTH .*\nGive it a password/,
      );
      const wrong = await operator(`redis://:${PASSWORD}x@${address}`, client)(...revoke);
      expect(wrong.stderr).toMatch(
        /^error: redis:\/\/127\.0\.0\.1:\d+ refuses: WRONGPASS .*\nCorrect user and password/,
      );
      expect(wrong.stderr).not.toContain(PASSWORD);
      const right = operator(`redis://:${PASSWORD}@${address}`, client);
      expect((await right('revocations', 'init')).stdout).not.toContain(PASSWORD);
      expect(await right(...revoke)).toMatchObject({ code: 0, stderr: '' });
    });

    it('where the user may only read, and changes nothing', async () => {
      const redis = await server();
      const rules = '%R~{entra-guard}:* -@all +hello +ping +info +get +xread +xrange +xrevrange +zscan';
      redis.cli('acl', 'setuser', 'judge', 'on', `>${PASSWORD}`, ...rules.split(' '));
      const run = operator(`redis://judge:${PASSWORD}@127.0.0.1:${redis.port}`);
      const early = await run('revocations', 'init');
      expect(early.stderr).toMatch(/refuses: NOPERM .*\nUse the Redis user that may write/);
      await operator(redis.url)('revocations', 'init');
      for (const args of [revoke, ['revocations', 'longest-token', '2h']]) {
        const { code, stdout, stderr } = await run(...args);
        expect([code, stdout]).toEqual([2, '']);
        expect(stderr).toMatch(/refuses: NOPERM .*\nUse the Redis user that may write, whose rules are in/);
      }
      expect(redis.cli('zcard', '{entra-guard}:state')).toBe('0');
      expect(await run('revocations', 'list')).toMatchObject({ code: 0, stdout: 'No revocations.\n' });
    });

    it('where it is a replica, or another application has the prefix', async () => {
      const redis = await server();
      const run = operator(redis.url);
      redis.cli('set', '{entra-guard}:epoch', 'first');
      redis.cli('set', '{other}:epoch', 'first');
      redis.cli('set', '{other}:state', 'text');
      expect((await run('revocations', 'list', '--prefix', '{other}')).stderr).toContain(
        'Another application uses this prefix',
      );
      redis.cli('replicaof', '127.0.0.1', '1');
      expect((await run(...revoke)).stderr).toMatch(/refuses: .*\nIt is a replica/);
    });

    it.each([
      ['nothing listens', 'redis://u:PASS@127.0.0.1:1', 'Nothing listens there'],
      ['it does not speak TLS', 'rediss://u:PASS@127.0.0.1:PORT', 'Does it speak TLS there?'],
    ])('where %s', async (_, url, hint) => {
      // Closes what is not Redis, as a server of something else does.
      const other = createServer(
        (socket) => void socket.once('data', () => socket.end('HTTP/1.1 400\r\n\r\n')),
      );
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      onTestFinished(() => void other.close());
      const { port } = other.address() as { readonly port: number };
      const at = url.replace('PASS', PASSWORD).replace('PORT', String(port));
      for (const client of ['redis', 'ioredis'] as const) {
        const { code, stdout, stderr } = await operator(at, client)(...revoke);
        expect([client, code, stdout]).toEqual([client, 2, '']);
        expect(stderr).toContain(hint);
        expect(stderr).not.toContain(PASSWORD);
      }
    });

    it('where a password is on the command line, and goes on', async () => {
      const redis = await server('--requirepass', PASSWORD);
      const url = `redis://:${PASSWORD}@127.0.0.1:${redis.port}`;
      const { code, stderr } = await runCommand(['revocations', 'init', '--redis', url], {
        cwd: projectWith('redis'),
      });
      expect(code).toBe(0);
      const listed = await runCommand(['revocations', 'list', '--redis', url], { cwd: projectWith('redis') });
      expect(listed.stderr).toContain('The password in --redis is in the list of processes');
      expect(listed.stderr + stderr).not.toContain(PASSWORD);
    });
  },
);
