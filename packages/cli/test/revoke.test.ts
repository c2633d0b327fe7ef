import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { projectWith } from './redis-project.js';
import { runCommand } from './run-command.js';

const OBJECT = '11111111-2222-3333-4444-555555555555';
const TENANT = '22222222-3333-4444-5555-666666666666';
const because = ['--because', 'left the company, HR-1234'];
const user = ['user', OBJECT, '--tenant', TENANT];

describe('entra-guard revoke', () => {
  it('prints the line that finds the object ID of a mail address, and does nothing', async () => {
    const { code, stdout, stderr } = await runCommand([
      'revoke',
      'user',
      'ada@contoso.example',
      '--tenant',
      TENANT,
      ...because,
    ]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      'error: ada@contoso.example is a name, which changes hands. Nothing was revoked.\n' +
        'Revoke the object ID, which this prints: az ad user show --id ada@contoso.example --query id -o tsv\n',
    );
    const guest = await runCommand([
      'revoke',
      'user',
      "o'neil#EXT#@contoso.example",
      '--tenant',
      TENANT,
      ...because,
    ]);
    expect(guest.stderr).toContain("--id 'o'\\''neil#EXT#@contoso.example' --query");
  });

  it.each<[string[], string]>([
    [['user', OBJECT], "required option '--because <reason>' not specified"],
    [['user', OBJECT, ...because], '--tenant is missing.'],
    [['session', 'abc', ...because], 'A session belongs to one tenant.'],
    [['user', '--tenant', TENANT, ...because], 'Which user?'],
    [['user', 'ada', '--tenant', TENANT, ...because], 'target: user is ada, which is not a GUID.'],
    [['user', OBJECT, '--tenant', 'contoso', ...because], 'tenantId is contoso, which is not a GUID.'],
    [['tenant', TENANT, '--tenant', TENANT, ...because], '--tenant says nothing about tenant.'],
    [['token', 'abc', ...because], '--expires is missing.'],
    [['token', 'abc', '--expires', 'soon', ...because], '--expires is '],
    [['app', OBJECT, '--expires', '2030-01-01', ...because], '--expires is for a token'],
    [['everyone', ...because], 'Without --before, everyone would be refused for ever.'],
    [['everyone', OBJECT, '--before', 'now', ...because], 'everyone has no ID.'],
    [['device', OBJECT, ...because], 'Allowed choices are user, service-principal, app'],
    [[...user, '--before', '2026-11-30 12:00', ...because], '--before is '],
    [[...user, '--until', '1.1.2030', ...because], '--until is '],
    [[...user, ...because], 'Where are the revocations?'],
    [[...user, ...because, '--redis', 'cache:6379'], '--redis is not the URL of a Redis.'],
    [[...user, ...because, '--token', '-'], '--token is for an API.'],
    [
      [...user, ...because, '--api', 'https://a.example', '--redis', 'redis://b'],
      '--api and --redis name two stores.',
    ],
    [
      [...user, ...because, '--api', 'https://a.example', '--prefix', '{c}'],
      '--api and --prefix name two stores.',
    ],
  ])('refuses what is not as it should be: %j', async (args, message) => {
    const { code, stdout, stderr } = await runCommand(['revoke', ...args]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  it('prints the one line that runs it where no client is installed', async () => {
    const bin = fileURLToPath(new URL('../bin/entra-guard.js', import.meta.url));
    const cwd = projectWith(undefined);
    const env = { ...process.env, ENTRA_GUARD_REDIS_URL: 'redis://:geheim@127.0.0.1:1' };
    const ended = await promisify(execFile)(
      process.execPath,
      [bin, 'revoke', ...user, ...because, '--json'],
      { cwd, env },
    ).catch((error: unknown) => error);
    const { code, stdout } = ended as { readonly code: number; readonly stdout: string };
    expect([code, JSON.parse(stdout)]).toEqual([
      2,
      {
        error: {
          message: 'No client of Redis is installed here: neither redis nor ioredis.',
          hint: 'Run it together with this command: npx -p @entra-guard/cli -p @entra-guard/redis -p redis entra-guard revoke …',
        },
      },
    ]);
  });

  it.each([
    ['--redis', 'redis://ada:geheim@cache:6379x'],
    ['--rediss=redis://ada:geheim@cache'],
    ['--redis', 'rediss//ada:geheim@cache'],
    ['--api', 'https://ada:geheim@api.contoso.example'],
  ])('never repeats a password: %j', async (...flags) => {
    const { code, stdout, stderr } = await runCommand(['revoke', ...user, ...because, ...flags]);
    expect(code).toBe(2);
    expect(stdout + stderr).not.toContain('geheim');
  });
});

describe('entra-guard revocations', () => {
  it.each<[string[], string]>([
    [['list', 'device', OBJECT], 'There is no kind "device".'],
    [['list', '--tenant', TENANT], '--tenant alone names no target.'],
    [['list', 'user', OBJECT], '--tenant is missing.'],
    [['list', 'app', OBJECT, '--user', OBJECT], '--user and app name two targets.'],
    [['list'], 'Where are the revocations?'],
    [['lift', OBJECT], "required option '--because <reason>' not specified"],
    [['init'], 'Which Redis?'],
    [['longest-token', '2h'], 'Which Redis?'],
    [['lost'], "unknown command 'lost'"],
  ])('refuses what is not as it should be: %j', async (args, message) => {
    const { code, stdout, stderr } = await runCommand(['revocations', ...args]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});
