import { describe, expect, it } from 'vitest';
import { runCommand } from './run-command.js';

describe('the command line', () => {
  it('prints help that names the exit codes and the codemod', async () => {
    const { code, stdout, stderr } = await runCommand(['--help']);
    expect([code, stderr]).toEqual([0, '']);
    for (const word of ['explain', 'Exit codes', 'npx @entra-guard/codemod']) expect(stdout).toContain(word);
  });

  it.each([
    'explain',
    'doctor',
    'inventory',
    'manifest',
    'diff',
    'init',
    'permissions init',
    'local',
    'token',
    'revoke',
    'revocations',
    'keys',
    'policy',
  ])('prints help for %s, with examples', async (command) => {
    const { code, stdout } = await runCommand([...command.split(' '), '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`\\n\\nExamples:\\n[^]*entra-guard ${command}`));
  });

  it.each([
    [['nonsense\u001b[2J\u202e']],
    [['explain', '--nonsense\u009b2J']],
    [['inventory', 'no\u001b[2Jwhere\u2028']],
    [['inventory', '--json', 'no\u009b2Jwhere\u202e']],
    [['doctor', '--json', '--tenant', 'x\u009b\u202e', '--client', 'y']],
    [['manifest', '/no\u001bwhere', '--json']],
  ])('prints no character of its arguments that steers a terminal: %j', async (args) => {
    const { code, stdout, stderr } = await runCommand(args);
    expect(code).not.toBe(0);
    expect((stdout + stderr).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  });

  it('prints its version', async () => {
    expect(await runCommand(['--version'])).toEqual({ code: 0, stdout: '1.0.0\n', stderr: '' });
  });

  it.each([
    ['', 'Usage:'],
    ['nonsense', "error: unknown command 'nonsense'"],
    ['inventroy', 'Did you mean inventory?'],
    ['inventory', "error: missing required argument 'app'"],
    ['inventory app.js other.js', 'error: too many arguments'],
    ['inventory app.js --format text', 'Allowed choices are'],
    ['doctor --josn', 'Did you mean --json?'],
  ])('ends with 2 for "%s"', async (line, message) => {
    const { code, stdout, stderr } = await runCommand(line.split(' ').filter(Boolean));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});
