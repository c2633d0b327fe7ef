import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from './run-command.js';
import { whileServing as whileRunning } from './while-serving.js';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'entra-guard-authz-'));
  writeFileSync(join(cwd, 'entra-guard.yaml'), POLICY);
});
afterEach(() => {
  rmSync(cwd, { recursive: true });
});

const POLICY = `version: 1
entra: { tenantId: aaaabbbb-0000-cccc-1111-dddd2222eeee, clientId: 00001111-aaaa-2222-bbbb-3333cccc4444 }
apps:
  orders:
    host: orders.contoso.example
    upstream: http://127.0.0.1:8081
    rules:
      - { path: /health, methods: [GET], require: anonymous(), because: load balancer probe }
`;
const NOWHERE = ['--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0'];

const whileServing = (args: readonly string[], act: Parameters<typeof whileRunning>[1]) =>
  whileRunning(['authz', ...args], act, { cwd });

const asked = (path: string) => ({
  headers: {
    'x-forwarded-uri': path,
    'x-forwarded-method': 'GET',
    'x-forwarded-host': 'orders.contoso.example',
    'x-forwarded-proto': 'https',
    'x-forwarded-for': '10.0.0.1',
  },
});
const check = async (url: string, path: string) => (await fetch(`${url}/check`, asked(path))).status;

describe('entra-guard authz', () => {
  it('decides until it is ended', async () => {
    const { code, stdout, stderr } = await whileServing(['--dialect', 'nginx', ...NOWHERE], async (url) => {
      expect([await check(url, '/health'), await check(url, '/other')]).toEqual([200, 403]);
    });
    expect([code, stdout]).toEqual([0, expect.stringContaining('Decides for nginx at http://127.0.0.1:')]);
    expect(stdout).toContain('Keys, health and metrics: http://127.0.0.1:');
    expect(stderr).toBe('The key that signs was made now, and other processes do not have it.\nEnded.\n');
  });

  it('takes a changed policy on SIGHUP, and keeps the earlier one where the new one is bad', async () => {
    const { stderr } = await whileServing(['--dialect', 'caddy', ...NOWHERE], async (url, reload) => {
      writeFileSync(join(cwd, 'entra-guard.yaml'), 'version: 2\n');
      reload();
      expect(await check(url, '/health')).toBe(200);
      writeFileSync(join(cwd, 'entra-guard.yaml'), POLICY.replace('/health', '/other'));
      reload();
      expect([await check(url, '/health'), await check(url, '/other')]).toEqual([403, 200]);
    });
    expect(stderr).toContain("The policy can't be used, and the earlier one stays.");
    expect(stderr).toMatch(/Decides by version [0-9a-f]{12} now\./);
  });

  it.each([
    [['--dialect', 'apache'], 2, /nginx, haproxy, caddy, traefik, envoy-http/],
    [[], 2, /--dialect/],
    [['--dialect', 'nginx', '--listen', '0.0.0.0:0'], 2, /trust is not given/],
    [['--dialect', 'nginx', '--listen', 'here'], 2, /listen is not an address/],
    [['--dialect', 'nginx', '--trust', '0.0.0.0/0'], 2, /trust\.addresses/],
    [['--dialect', 'nginx', '--listen', 'unix:/tmp/never.sock'], 2, /a Unix socket has no origin/],
    [['--dialect', 'nginx', '--key', 'missing.pem'], 2, /could not be read \(ENOENT\)/],
    [['nothing.yaml', '--dialect', 'nginx'], 2, /There is no file/],
  ])('does not start with %j', async (args, expected, words) => {
    const { code, stderr } = await runCommand(['authz', ...args], { cwd });
    expect([code, stderr]).toEqual([expected, expect.stringMatching(words)]);
  });

  it('tells what is wrong with a policy, and ends with 1', async () => {
    writeFileSync(join(cwd, 'entra-guard.yaml'), 'version: 2\n');
    const { code, stdout } = await runCommand(['authz', '--dialect', 'nginx'], { cwd });
    expect([code, stdout]).toEqual([1, expect.stringContaining('entra-guard.yaml:1:10')]);
  });

  it('says that an address is taken', async () => {
    await whileServing(['--dialect', 'nginx', ...NOWHERE], async (url) => {
      const args = ['authz', '--dialect', 'nginx', '--listen', new URL(url).host];
      const { code, stderr } = await runCommand(args, { cwd });
      expect([code, stderr]).toEqual([2, expect.stringContaining('EADDRINUSE')]);
    });
  });
});

describe('entra-guard policy config', () => {
  it.each([
    ['nginx', ['nginx.conf']],
    ['haproxy', ['entra-guard.lua', 'haproxy.cfg']],
    ['caddy', ['Caddyfile']],
    ['traefik', ['dynamic.yaml', 'traefik.yaml']],
    ['envoy', ['envoy.yaml']],
  ])('writes the files of %s under their usual names', async (server, names) => {
    const args = ['policy', 'config', server, '--out', 'made', '--service', '127.0.0.1:4999'];
    const { code, stderr } = await runCommand(args, { cwd });
    expect(code).toBe(0);
    expect(readdirSync(join(cwd, 'made')).sort()).toEqual(names);
    for (const name of names) expect(stderr).toContain(`Wrote made/${name}\n`);
    const all = names.map((name) => readFileSync(join(cwd, 'made', name), 'utf8')).join('');
    expect(all).toMatch(/4999/);
    expect(all).toContain('Made by `entra-guard policy config');
  });

  it('prints the only file as it is, and names several', async () => {
    const nginx = await runCommand(['policy', 'config', 'nginx'], { cwd });
    expect(nginx.stdout).toMatch(/^# Made by .*\n[\s\S]*\n}\n$/);
    const haproxy = await runCommand(['policy', 'config', 'haproxy'], { cwd });
    expect(haproxy.stdout).toMatch(/^# haproxy\.cfg\n[\s\S]*^-- entra-guard\.lua$/m);
  });

  it('needs to know where applications are', async () => {
    writeFileSync(join(cwd, 'entra-guard.yaml'), POLICY.replace(/ {4}upstream.*\n/, ''));
    const { code, stderr } = await runCommand(['policy', 'config', 'nginx'], { cwd });
    expect([code, stderr]).toEqual([2, expect.stringContaining('apps.orders has no upstream')]);
  });
});
