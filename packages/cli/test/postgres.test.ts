import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findNothingElse } from './redis-project.js';
import { runCommand } from './run-command.js';

const PACKAGE = fileURLToPath(new URL('../../postgres', import.meta.url));

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'entra-guard-postgres-cli-'));
  mkdirSync(join(cwd, 'node_modules', '@entra-guard'), { recursive: true });
});
afterEach(() => {
  rmSync(cwd, { recursive: true });
});

/** Where a command is that has nothing installed next to it. */
const alone = () => join(cwd, 'command.js');

describe('entra-guard postgres sql', () => {
  it("prints the file of the project's package", async () => {
    symlinkSync(PACKAGE, join(cwd, 'node_modules/@entra-guard/postgres'));
    expect(await runCommand(['postgres', 'sql'], { cwd, inspector: alone() })).toEqual({
      code: 0,
      stdout: readFileSync(join(PACKAGE, 'sql/entra-guard.sql'), 'utf8'),
      stderr: '',
    });
  });

  it('prefers the copy of the project, which the application has', async () => {
    const folder = join(cwd, 'node_modules/@entra-guard/postgres');
    mkdirSync(join(folder, 'sql'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "name": "@entra-guard/postgres", "version": "0.0.1" }');
    writeFileSync(join(folder, 'sql/entra-guard.sql'), '-- of the project\n');
    expect(await runCommand(['postgres', 'sql'], { cwd })).toMatchObject({
      code: 0,
      stdout: '-- of the project\n',
    });
  });

  it('says how to get the package where it is missing', async () => {
    findNothingElse();
    const { code, stdout, stderr } = await runCommand(['postgres', 'sql'], { cwd, inspector: alone() });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('@entra-guard/postgres is not installed here.');
    expect(stderr).toContain('npx -p @entra-guard/cli -p @entra-guard/postgres entra-guard postgres sql');
  });

  it('shows its help without a command', async () => {
    const { stdout, stderr } = await runCommand(['postgres', '--help'], { cwd });
    expect(stdout + stderr).toContain('entra-guard postgres sql | psql');
  });
});
