import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RUN_LOCAL } from '../src/local/local-package.js';
import { fromProject } from '../src/project/project-package.js';
import type { Session } from '../src/session.js';
import { runCommand } from './run-command.js';
import { runningLocal } from './running-local.js';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'entra-guard-local-'));
});
afterEach(() => {
  rmSync(cwd, { recursive: true });
});

const file = (name: string, value: unknown) => {
  writeFileSync(join(cwd, name), typeof value === 'string' ? value : JSON.stringify(value));
};

describe('entra-guard local', { timeout: 30_000 }, () => {
  it('works at once, with an example directory', async () => {
    const local = await runningLocal([], { cwd });
    const { report, settings, notes } = local.printed;
    expect(report.users).toEqual([
      expect.objectContaining({ name: 'ada', admin: true }),
      expect.objectContaining({ name: 'bob', admin: false }),
    ]);
    expect(report.apis.map(({ name }) => name)).toEqual(['orders']);
    expect(settings.length).toBeGreaterThan(3);
    expect(notes[0]).toContain('Write your own into entra.local.json.');
    const metadata = (await (
      await fetch(`${report.authority}/.well-known/openid-configuration`)
    ).json()) as object;
    expect(metadata).toHaveProperty('issuer', report.authority);
    expect(report.graph).toBe(`${report.origin}/v1.0`);
    expect((await fetch(report.portal ?? '')).status).toBe(200);
    expect(await local.end()).toMatchObject({ code: 0, stderr: 'Ended.\n' });
    await expect(fetch(report.authority)).rejects.toThrow('fetch failed');
  });

  it('prints a page for people, with settings to copy', async () => {
    const { code, stdout } = await runCommand(['local', '--port', '0'], { cwd });
    expect(code).toBe(0);
    for (const text of [
      'A local Entra answers at http://localhost:',
      'Ada Lovelace',
      'ENTRA_GUARD_AUTHORITY=http://localhost:',
      '@azure/msal-browser',
      '@azure/msal-node',
      'openid-client',
      '@azure/identity',
      'entra-guard token --as ada --scope Orders.Read --port ',
      'It gives any caller any token',
    ]) {
      expect(stdout).toContain(text);
    }
  });

  it('reads entra.local.json if it is there, and another file if it is named', async () => {
    file('entra.local.json', { apps: { stock: { scopes: ['Stock.Read'] } }, users: { eve: {} } });
    file('other.json', { apps: { payroll: { scopes: ['Payroll.Read'] } } });
    const found = await runningLocal([], { cwd });
    expect(found.printed.report.apis.map(({ name }) => name)).toEqual(['stock']);
    expect(found.printed.notes[0]).toBe('It has the directory in entra.local.json.');
    await found.end();
    const named = await runningLocal(['--config', 'other.json'], { cwd });
    expect(named.printed.report.apis.map(({ name }) => name)).toEqual(['payroll']);
    await named.end();
  });

  it.each([
    ['{ "user": {} }', [], 'entra.local.json:1:3: user is not known.'],
    ['{ "users": { } ', [], 'entra.local.json:1:16: This is not JSON. The file ends where a comma'],
    ['{ "agents": { "a": { "blueprint": "b" } }, "apps": { "c": {} } }', [], 'agents.a.blueprint is "b"'],
    ['{}', ['--config', 'nowhere.json'], 'There is no file nowhere.json.'],
    ['{}', ['--seed', 'nowhere.json'], 'There is no file '],
    ['{}', ['--seed', 'entra.local.json'], 'entra.local.json is not an app registration'],
    ['{}', ['--port', '70000'], "option '--port <number>' argument '70000' is invalid. A port is a number"],
    ['{ "port": 99999 }', [], 'port is 99999. Write a port'],
  ])('refuses %s with %j, in a sentence', async (config, args, message) => {
    file('entra.local.json', config);
    const { code, stdout, stderr } = await runCommand(['local', ...args], { cwd });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  it('takes a registration as a seed, in place of the API of the example', async () => {
    file('application.json', {
      displayName: 'Stock of Contoso',
      identifierUris: ['api://stock'],
      api: {
        requestedAccessTokenVersion: 2,
        oauth2PermissionScopes: [{ value: 'Stock.Read', isEnabled: true }],
      },
    });
    file('unnamed.json', {
      displayName: 'Pay Roll',
      appId: '00001111-aaaa-2222-bbbb-3333cccc4444',
      appRoles: [],
    });
    const local = await runningLocal(['--seed', 'application.json', 'unnamed.json'], { cwd });
    const { apis, users, clients } = local.printed.report;
    expect(apis).toEqual([expect.objectContaining({ name: 'stock', scopes: ['Stock.Read'] })]);
    expect(users).toHaveLength(2);
    expect(clients.map(({ name }) => name)).toContain('pay-roll');
    await local.end();
  });

  it('takes a module that exports a catalogue as a seed, next to what the configuration says of the app', async () => {
    const core = fileURLToPath(import.meta.resolve('@entra-guard/core'));
    file(
      'permissions.mjs',
      `import { definePermissions } from ${JSON.stringify(core.replace('/src/', '/dist/esm/').replace(/\.ts$/, '.js'))};
       export const permissions = definePermissions({
         api: 'api://stock', owner: { team: 'Stock' },
         scopes: { 'Stock.Read': { title: 'Read stock', description: 'Reads stock.', because: 'shelves', consent: 'user' } },
         appRoles: {},
       });`,
    );
    file('entra.local.json', {
      apps: { stock: { tokenVersion: 1, redirectUris: ['http://localhost:3000/'] } },
    });
    const local = await runningLocal(['--seed', 'permissions.mjs'], { cwd });
    expect(local.printed.report.apis).toEqual([
      expect.objectContaining({ name: 'stock', scopes: ['Stock.Read'] }),
    ]);
    await local.end();
    file('nothing.mjs', 'export const nothing = 1;');
    const { code, stderr } = await runCommand(['local', '--seed', 'nothing.mjs'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('exports no application');
  });

  it('answers over TLS and names the certificate', async () => {
    const local = await runningLocal(['--tls'], { cwd });
    const { report, settings } = local.printed;
    expect(report.origin).toMatch(/^https:/);
    expect(settings[0]?.text).toMatch(/^NODE_EXTRA_CA_CERTS=.*localhost\.pem$/);
    await local.end();
  });

  it('keeps its state in a file with --state, where entra-guard token finds it', async () => {
    const state = join(cwd, 'entra.state.json');
    const token = async () =>
      (
        await runCommand(['token', '--as', 'ada', '--state', 'entra.state.json'], {
          cwd,
          fetch: globalThis.fetch,
        })
      ).stdout;
    const first = await runningLocal(['--state', 'entra.state.json'], { cwd });
    expect(first.printed.notes[1]).toContain(`kept in ${state}, which only you may read (mode 0600)`);
    const minted = await token();
    await first.end();
    const { keys } = JSON.parse(readFileSync(state, 'utf8')) as { readonly keys: readonly string[] };
    const second = await runningLocal(['--state', 'entra.state.json'], { cwd });
    expect((JSON.parse(readFileSync(state, 'utf8')) as { readonly keys: readonly string[] }).keys).toEqual(
      keys,
    );
    const kid = (jwt: string) => (JSON.parse(atob(jwt.split('.')[0] ?? '')) as { readonly kid: string }).kid;
    expect(kid(await token())).toBe(kid(minted));
    await second.end();
    chmodSync(state, 0o644);
    const { code, stdout, stderr } = await runCommand(['local', '--port', '0', '--state', state], { cwd });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(
      `others may read or write it (mode 0644). Only its owner may: chmod 600 ${state}.`,
    );
    const missing = await runCommand(['token', '--as', 'ada', '--state', 'nowhere.json'], { cwd });
    expect(missing.stderr).toContain('There is no file nowhere.json.');
  });

  it('says in a sentence that its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { readonly port: number };
    const { code, stdout, stderr } = await runCommand(['local', '--port', String(port)], { cwd });
    other.close();
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      `error: Port ${port} is taken by another process.\nStop that process, or name another port: --port 8485. 0 is any free one.\n`,
    );
  });

  it('does not start in production, and says why', async () => {
    const { code, stdout, stderr } = await runCommand(['local'], { cwd, env: { NODE_ENV: 'production' } });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('NODE_ENV is "production", and a local Entra gives any caller any token.');
  });

  it('prints the one line that runs it where its package is missing', () => {
    const session = { cwd, inspector: join(cwd, 'inspector.js') } as Session;
    expect(() => fromProject(session, '@entra-guard/missing/local', RUN_LOCAL)).toThrow(
      expect.objectContaining({
        message: '@entra-guard/missing is not installed here.',
        hint: 'Run it together with this command: npx -p @entra-guard/cli -p @entra-guard/testing entra-guard local',
      }),
    );
  });

  it('says that its package is too old', async () => {
    mkdirSync(join(cwd, 'node_modules/@entra-guard/testing'), { recursive: true });
    file('node_modules/@entra-guard/testing/package.json', { exports: { '.': './index.js' } });
    const world = { cwd, inspector: join(cwd, 'inspector.js') };
    const { code, stderr } = await runCommand(['local'], world);
    expect(code).toBe(2);
    expect(stderr).toBe(
      'error: @entra-guard/testing is older than this command needs.\nUpdate it: npm install --save-dev @entra-guard/testing@latest\n',
    );
  });
});

describe('the process of entra-guard local', { timeout: 30_000 }, () => {
  const bin = fileURLToPath(new URL('../bin/entra-guard.js', import.meta.url));

  async function startedProcess(): Promise<{ readonly child: ChildProcess; readonly origin: string }> {
    const child = spawn(process.execPath, [bin, 'local', '--json', '--port', '0'], {
      cwd,
      env: { ...process.env, NODE_ENV: 'test' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      text += chunk;
      if (text.endsWith('\n}\n')) break;
    }
    return { child, origin: (JSON.parse(text) as { report: { origin: string } }).report.origin };
  }

  it('ends with 2 where its directory is refused, and keeps no port', async () => {
    file('entra.local.json', { agents: { helper: { blueprint: 'none' } }, apps: { orders: {} } });
    const child = spawn(process.execPath, [bin, 'local', '--port', '0'], { cwd, stdio: 'ignore' });
    expect(await once(child, 'exit')).toEqual([2, null]);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'ends with 0 on %s, although a client is connected',
    async (signal) => {
      const { child, origin } = await startedProcess();
      expect((await fetch(`${origin}/common/discovery/v2.0/keys`)).status).toBe(200);
      child.kill(signal);
      expect(await once(child, 'exit')).toEqual([0, null]);
    },
  );
});
