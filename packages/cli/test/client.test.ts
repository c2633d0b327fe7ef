import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from './run-command.js';

const API = '00001111-aaaa-2222-bbbb-3333cccc4444';
const TENANT = 'aaaabbbb-0000-cccc-1111-dddd2222eeee';
const add = (...args: readonly string[]) =>
  runCommand(['client', 'add', 'nightly-job', '--api', API, ...args]);
const PERMISSION = ['--permissions', 'Orders.Read.All'] as const;

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'entra-guard-client-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

/** Runs a script with an `az` that writes down what it was asked. */
function runWithAz(
  script: string,
  { existing = '', refuses = '' }: { readonly existing?: string; readonly refuses?: string } = {},
): {
  readonly status: number | null;
  readonly calls: readonly (readonly string[])[];
  readonly stdout: string;
  readonly stderr: string;
} {
  const log = join(cwd, 'calls');
  writeFileSync(
    join(cwd, 'az'),
    `#!/usr/bin/env bash\nprintf '%s\\0' "$@" >> '${log}'\nprintf '\\n' >> '${log}'\ncase "$*" in ${refuses ? `*"${refuses}"*) exit 1;; ` : ''}*"app list"*) echo '${existing}';; *"app create"*) echo client-1;; *appRoles*) echo role-1;; *"app show"*) echo api-1;; esac\n`,
  );
  writeFileSync(join(cwd, 'sleep'), '#!/usr/bin/env bash\n');
  for (const name of ['az', 'sleep']) chmodSync(join(cwd, name), 0o755);
  const { status, stdout, stderr } = spawnSync('bash', ['-s'], {
    input: script,
    env: { ...process.env, PATH: `${cwd}:${process.env.PATH}` },
    encoding: 'utf8',
  });
  const calls = readFileSync(log, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\0').slice(0, -1));
  return { status, calls, stdout, stderr };
}

const SUBJECT = ['--federated', 'github:contoso/orders:environment:prod'] as const;

describe('entra-guard client add', () => {
  it('prints a script that makes the client, its proof, its permission and the consent', async () => {
    const { code, stdout } = await add(
      ...PERMISSION,
      '--federated',
      'github:contoso/orders:environment:prod',
    );
    expect(code).toBe(0);
    const { status, calls, stdout: said } = runWithAz(stdout);
    expect(status).toBe(0);
    expect(said).toContain('Client ID: client-1');
    const federated = calls.find((call) => call.includes('federated-credential')) ?? [];
    expect(JSON.parse(federated.at(-1) ?? '')).toEqual({
      name: 'repo-contoso-orders-environment-prod',
      issuer: 'https://token.actions.githubusercontent.com',
      subject: 'repo:contoso/orders:environment:prod',
      audiences: ['api://AzureADTokenExchange'],
    });
    expect(calls).toContainEqual([
      'ad',
      'app',
      'permission',
      'add',
      '--id',
      'client-1',
      '--api',
      'api-1',
      '--api-permissions',
      'role-1=Role',
    ]);
    expect(calls).toContainEqual(['ad', 'app', 'permission', 'admin-consent', '--id', 'client-1']);
    expect(said).toContain('To undo it: az ad app delete --id client-1');
  });

  // az ad app create changes an application that has the name already; the undo would then delete it.
  it('leaves an application alone that has the name already', async () => {
    const { stdout } = await add(...PERMISSION, ...SUBJECT);
    const { status, calls, stderr } = runWithAz(stdout, { existing: 'other-1' });
    expect(status).toBe(1);
    expect(stderr).toContain('There is an application with the name nightly-job already: other-1.');
    expect(calls.map((call) => call.slice(0, 3).join(' '))).toEqual(['ad app list']);
    expect(calls[0]).toContain("displayName eq 'nightly-job'");
  });

  it('says how to undo it where a later step fails', async () => {
    const { stdout } = await add(...PERMISSION, ...SUBJECT);
    const { status, stdout: said } = runWithAz(stdout, { refuses: 'federated-credential' });
    expect(status).not.toBe(0);
    expect(said).toContain('az ad app delete --id client-1');
  });

  it('asks again for the consent, which Entra refuses while the client is new', async () => {
    const { stdout } = await add(...PERMISSION, ...SUBJECT);
    const { status, calls, stderr } = runWithAz(stdout, { refuses: 'admin-consent' });
    expect(status).toBe(1);
    expect(calls.filter((call) => call.includes('admin-consent')).length).toBeGreaterThan(1);
    expect(stderr).toContain('az ad app permission admin-consent --id client-1');
  });

  it('asks only for permissions that are enabled, and that applications may have', async () => {
    const { stdout } = await add(...PERMISSION, ...SUBJECT);
    const asked = runWithAz(stdout).calls.find((call) => call.some((word) => word.includes('appRoles')));
    expect(asked).toContain(
      "appRoles[?value=='Orders.Read.All' && isEnabled && contains(allowedMemberTypes, 'Application')] | [0].id",
    );
  });

  it('ends a secret after 90 days, without what only one kind of date has', async () => {
    const { stdout } = await runCommand(
      ['client', 'add', 'nightly-job', '--api', API, ...PERMISSION, '--secret'],
      { now: () => Date.parse('2026-12-01T10:00:00Z') },
    );
    const reset = runWithAz(stdout).calls.find((call) => call.includes('credential')) ?? [];
    expect(reset).toContain('2027-03-01');
    expect(stdout).not.toContain('date -u');
  });

  it('refuses a catalogue without an application, which it would not look at', async () => {
    const { code, stderr } = await add(...PERMISSION, '--secret', '--catalogue', 'permissions.js');
    expect([code, stderr]).toEqual([2, expect.stringContaining('--catalogue is given without --app')]);
  });

  it('quotes what it is given, so that nothing else runs', async () => {
    const { stdout, code } = await runCommand([
      'client',
      'add',
      'it.s',
      '--api',
      API,
      ...PERMISSION,
      '--secret',
    ]);
    expect(code).toBe(0);
    expect(runWithAz(stdout).calls.find((call) => call[2] === 'create')).toContain('it.s');
    for (const name of ["x'; rm -rf / #", '$(id)', '`id`', '-x', '', 'a\nb']) {
      const refused = await runCommand([
        'client',
        'add',
        '--api',
        API,
        ...PERMISSION,
        '--secret',
        '--',
        name,
      ]);
      expect(refused.code).toBe(2);
    }
    for (const value of ["Orders'; id", 'a b', '$(id)\n', '"x"']) {
      expect((await add('--permissions', value, '--secret')).code).toBe(2);
    }
  });

  it.each<[string, object]>([
    ['github:o/r:branch:main', { subject: 'repo:o/r:ref:refs/heads/main' }],
    ['github:o/r:tag:v1.0', { subject: 'repo:o/r:ref:refs/tags/v1.0' }],
    [
      'kubernetes:https://oidc.example/x/:jobs/nightly',
      { issuer: 'https://oidc.example/x/', subject: 'system:serviceaccount:jobs:nightly' },
    ],
    [`managed-identity:${API}`, { issuer: `https://login.microsoftonline.com/${TENANT}/v2.0`, subject: API }],
  ])('knows whose tokens %s are', async (federated, expected) => {
    const { stdout } = await add(...PERMISSION, '--federated', federated, '--tenant', TENANT);
    const { calls } = runWithAz(stdout);
    const call = calls.find((one) => one.includes('federated-credential')) ?? [];
    expect(JSON.parse(call.at(-1) ?? '')).toMatchObject(expected);
  });

  it.each<[readonly string[], RegExp]>([
    [['--federated', 'github:o/r:pull_request'], /Pull requests are not given permissions/],
    [['--federated', 'github:o/r'], /names no workflow/],
    [['--federated', 'gitlab:o/r'], /Write github:/],
    [['--federated', 'kubernetes:http://x:a/b'], /names no service account/],
    [['--federated', 'managed-identity:x'], /not a GUID/],
    [['--federated', `managed-identity:${API}`], /tenant of the managed identity is not known/],
    [[], /not said how the client proves/],
    [['--secret', '--federated', 'github:o/r:tag:v1'], /Name one/],
  ])('refuses %j, and says what to write', async (args, words) => {
    const { code, stderr, stdout } = await add(...PERMISSION, ...args);
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(words)]);
  });

  it('needs to know the API', async () => {
    const { code, stderr } = await runCommand(['client', 'add', 'x', ...PERMISSION, '--secret']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('Add --api')]);
  });

  it('warns of a secret', async () => {
    expect((await add(...PERMISSION, '--secret')).stderr).toContain('--federated needs none');
  });
});
