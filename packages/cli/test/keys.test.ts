import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findNothingElse } from './redis-project.js';
import { runCommand } from './run-command.js';

const KEY = 'https://contoso.vault.azure.net/keys/tokens';

/** A project with stand-ins for the two packages of the Azure SDK. */
function project(wrapKey?: string): string {
  findNothingElse();
  const folder = mkdtempSync(join(tmpdir(), 'entra-guard-vault-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  if (wrapKey === undefined) return folder;
  const write = (name: string, code: string) => {
    const at = join(folder, 'node_modules/@azure', name);
    mkdirSync(at, { recursive: true });
    writeFileSync(join(at, 'package.json'), JSON.stringify({ name: `@azure/${name}`, main: 'index.js' }));
    writeFileSync(join(at, 'index.js'), code);
  };
  write('identity', 'exports.DefaultAzureCredential = class {};');
  write(
    'keyvault-keys',
    `exports.CryptographyClient = class {
      constructor(key, credential) { this.key = key; if (credential === undefined) throw new Error('no credential'); }
      async wrapKey(algorithm, bytes) { ${wrapKey} }
    };`,
  );
  return folder;
}

const WRAPS = `
  if (algorithm !== 'RSA-OAEP-256' || bytes.length !== 32) throw new Error('odd');
  return { result: bytes.map((byte) => byte ^ 0xff), keyID: this.key + '/0123456789abcdef0123456789abcdef' };`;

describe('entra-guard keys new', () => {
  it('prints a key that the vault has wrapped, each time another one', async () => {
    const cwd = project(WRAPS);
    const runs = await Promise.all(
      [1, 2].map(() => runCommand(['keys', 'new', '--vault', KEY, '--id', '2026-12'], { cwd })),
    );
    const keys = runs.map(({ stdout }) => JSON.parse(stdout));
    for (const [at, { code, stderr }] of runs.entries()) {
      expect(code).toBe(0);
      expect(keys[at]).toEqual({ id: '2026-12', wrapped: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) });
      expect(stderr).toContain(`${KEY}/0123456789abcdef0123456789abcdef`);
      const secret = Buffer.from(keys[at].wrapped, 'base64url').map((byte) => byte ^ 0xff);
      expect(stderr).not.toContain(Buffer.from(secret).toString('base64url'));
    }
    expect(keys[0].wrapped).not.toBe(keys[1].wrapped);
  });

  it('is called by the date unless it is said how', async () => {
    const { stdout } = await runCommand(['keys', 'new', '--vault', KEY], { cwd: project(WRAPS) });
    expect(JSON.parse(stdout).id).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  });

  it.each([
    ['--vault https://contoso.vault.azure.net/', 'not the address of a key'],
    ['--vault http://contoso.vault.azure.net/keys/tokens', 'not the address of a key'],
    ['--vault https://a:b@contoso.vault.azure.net/keys/tokens', 'not the address of a key'],
    ['--vault tokens', 'not the address of a key'],
    [`--vault ${KEY} --id a/b`, '--id is a/b'],
    ['', 'required option'],
  ])('ends with 2 for "%s"', async (line, message) => {
    const args = ['keys', 'new', ...line.split(' ').filter(Boolean)];
    const { code, stdout, stderr } = await runCommand(args, { cwd: project(WRAPS) });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  it('says what to install, and what the vault said', async () => {
    const missing = await runCommand(['keys', 'new', '--vault', KEY], { cwd: project() });
    expect([missing.code, missing.stdout]).toEqual([2, '']);
    expect(missing.stderr).toContain('-p @azure/keyvault-keys');
    const refused = await runCommand(['keys', 'new', '--vault', KEY], {
      cwd: project("throw new Error('Caller is not authorized to perform action');"),
    });
    expect([refused.code, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toContain('not authorized');
    expect(refused.stderr).toContain('Key Vault Crypto User');
  });
});
