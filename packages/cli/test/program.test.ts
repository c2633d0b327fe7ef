import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { runCommand } from './run-command.js';

describe('the command line', () => {
  it('helps, with every command and the exit codes', async () => {
    const { code, stdout, stderr } = await runCommand(['--help']);
    expect([code, stderr]).toEqual([0, '']);
    for (const word of ['migrate', 'completion', 'Exit codes']) expect(stdout).toContain(word);
  });

  it.each(['migrate passport-azure-ad', 'inventory', 'manifest', 'diff', 'init', 'completion'])(
    'helps with %s, by examples',
    async (command) => {
      const { code, stdout } = await runCommand([...command.split(' '), '--help']);
      expect(code).toBe(0);
      expect(stdout).toContain(
        `$ entra-guard ${command}`.replace('$ entra-guard completion', 'entra-guard completion'),
      );
    },
  );

  it.each([
    [['nonsense\u001b[2J\u202e']],
    [['explain', '--nonsense\u009b2J']],
    [['migrate', 'passport-azure-ad', 'no\u001b[2Jwhere\u2028']],
    [['migrate', 'passport-azure-ad', '--json', 'no\u009b2Jwhere\u202e']],
    [['doctor', '--json', '--tenant', 'x\u009b\u202e', '--client', 'y']],
    [['manifest', '/no\u001bwhere', '--json']],
  ])('steers no terminal by its arguments: %j', async (args) => {
    const { code, stdout, stderr } = await runCommand(args);
    expect(code).not.toBe(0);
    expect((stdout + stderr).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  });

  it('says its version', async () => {
    expect(await runCommand(['--version'])).toEqual({ code: 0, stdout: '1.0.0\n', stderr: '' });
  });

  it.each([
    ['', 'Usage:'],
    ['migrate', 'Usage:'],
    ['nonsense', "error: unknown command 'nonsense'"],
    ['migrat', 'Did you mean migrate?'],
    ['migrate express-jwt', "error: unknown command 'express-jwt'"],
    ['migrate passport-azure-ad --wirte', 'Did you mean --write?'],
    ['completion', "error: missing required argument 'shell'"],
    ['completion fish', 'Allowed choices are bash, zsh.'],
    ['completion bash zsh', 'error: too many arguments'],
  ])('ends with 2 for "%s"', async (line, message) => {
    const { code, stdout, stderr } = await runCommand(line.split(' ').filter(Boolean));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});

const has = (shell: string) => spawnSync(shell, ['-c', ':']).status === 0;

describe('completion', () => {
  it.skipIf(!has('bash')).each([
    [
      ['entra-guard', ''],
      ['migrate', 'inventory', 'manifest', 'diff', 'init', 'completion'],
    ],
    [['entra-guard', 'mi'], ['migrate']],
    [['entra-guard', 'migrate', ''], ['passport-azure-ad']],
    [['entra-guard', 'migrate', 'passport-azure-ad', '--w'], ['--write']],
    [['entra-guard', 'migrate', 'passport-azure-ad', '--write', '--j'], ['--json']],
    [
      ['entra-guard', 'completion', ''],
      ['bash', 'zsh'],
    ],
  ])('in bash, after %j', async (words, expected) => {
    const { stdout: script } = await runCommand(['completion', 'bash']);
    const ask = `${script}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _entra_guard; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', ask], { encoding: 'utf8' });
    expect(stderr).toBe('');
    for (const word of expected) expect(stdout.trim().split('\n')).toContain(word);
  });

  it('in zsh, has every command and option', async () => {
    const { stdout } = await runCommand(['completion', 'zsh']);
    expect(stdout).toMatch(/^#compdef entra-guard\n/);
    for (const word of ["'migrate:", "'passport-azure-ad:", "'--write:", "'bash' 'zsh'"])
      expect(stdout).toContain(word);
  });

  it.skipIf(!has('zsh'))('is a script that zsh takes', async () => {
    const { stdout } = await runCommand(['completion', 'zsh']);
    expect(spawnSync('zsh', ['-n'], { input: stdout, encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    });
  });
});
