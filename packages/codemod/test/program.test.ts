import { describe, expect, it } from 'vitest';
import { runCodemod } from './run-codemod.js';

/** As an access token begins, goes on and ends. */
const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl';

describe('the command line', () => {
  it.each([
    ['--help', 'passport-azure-ad'],
    ['passport-azure-ad --help', '$ npx @entra-guard/codemod passport-azure-ad'],
  ])('prints help for "%s"', async (line, expected) => {
    const { code, stdout, stderr } = await runCodemod(line.split(' '));
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(expected);
  });

  it('prints its version', async () => {
    expect(await runCodemod(['--version'])).toEqual({ code: 0, stdout: '1.0.0\n', stderr: '' });
  });

  it.each([
    [['nonsense\u001b[2J\u202e']],
    [['passport-azure-ad', '--nonsense\u009b2J']],
    [['passport-azure-ad', 'no\u001b[2Jwhere\u2028']],
    [['passport-azure-ad', '--json', 'no\u009b2Jwhere\u202e']],
  ])('prints no character of its arguments that steers a terminal: %j', async (args) => {
    const { code, stdout, stderr } = await runCodemod(args);
    expect(code).toBe(2);
    expect((stdout + stderr).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  });

  it.each([
    ['passport-azure-ad TOKEN', '(a token)'],
    ['passport-azure-ad --json TOKEN', '(a token)'],
    ['passport-azure-ad --TOKEN', '(a token)'],
    ['TOKEN', '(a token)'],
  ])('prints no token of its arguments: "%s"', async (line, expected) => {
    const { code, stdout, stderr } = await runCodemod(line.replace('TOKEN', TOKEN).split(' '));
    expect(code).toBe(2);
    expect(stdout + stderr).toContain(expected);
    for (const part of TOKEN.split('.')) expect(stdout + stderr).not.toContain(part);
  });

  it.each([
    ['', 'Usage:'],
    ['express-jwt', "error: unknown command 'express-jwt'"],
    ['passport-azure', 'Did you mean passport-azure-ad?'],
    ['passport-azure-ad --wirte', 'Did you mean --write?'],
  ])('ends with 2 for "%s"', async (line, message) => {
    const { code, stdout, stderr } = await runCodemod(line.split(' ').filter(Boolean));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});
