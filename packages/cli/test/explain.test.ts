import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runCommand, type World } from './run-command.js';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const now = () => NOW;

let entra: InProcessEntra;
let configuration: string[];
beforeAll(async () => {
  entra = await startEntra({ now });
  const { tenantId, clientId } = entra.options();
  configuration = ['--tenant', tenantId, '--client', clientId];
});
afterAll(() => entra.close());

/** Explains a token from standard input. */
const explained = (token: string, flags: readonly string[] = [], world: World = {}) =>
  runCommand(['explain', '-', ...configuration, ...flags], { input: token, now, ...world });

const online = { fetch: (...request: Parameters<typeof fetch>) => entra.fetch(...request) };

describe('explain', () => {
  it('asks nobody, and leaves issuer and signature open', async () => {
    const fetch = vi.fn<typeof globalThis.fetch>();
    const { code, stdout, stderr } = await explained(entra.user('ada', { scp: 'Orders.Read' }).token, [], {
      fetch,
    });
    expect([code, stderr]).toEqual([0, '']);
    expect(fetch).not.toHaveBeenCalled();
    expect(stdout).toMatch(
      /^Nothing speaks against it, but the signature is not verified\. Add --keys for that\.\n/,
    );
    expect(stdout).toContain('(nobody has verified it)');
    expect(stdout).toContain('? signature          not checked\n    → Only with --keys.');
    expect(stdout).toMatch(/scopes {13}Orders\.Read\n/);
    expect(stdout).toMatch(
      /issued {13}2026-03-01T11:5\d:\d\dZ \(\d minutes ago\)\n {2}expires {12}2026-03-01T\S+Z \(in [^)]+\)\n/,
    );
  });

  it('verifies with --keys', async () => {
    const { code, stdout } = await explained(
      entra.user('ada', { scp: 'Orders.Read' }).token,
      ['--keys'],
      online,
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Accepted: every check holds\.\n\nWhat the token says:\n/);
  });

  it.each([
    ['expired', () => entra.wrong.expired(), 'token_expired'],
    ['for another API', () => entra.wrong.audience(), 'audience_not_accepted'],
    ['of another tenant', () => entra.wrong.tenant(), 'tenant_not_accepted'],
    ['an ID token', () => entra.wrong.idToken(), 'not_an_access_token'],
    ['without an algorithm', () => entra.wrong.algNone(), 'algorithm_not_allowed'],
  ])('says of a token that is %s which check fails, and what to do', async (_, make, expected) => {
    const { code, stdout } = await explained(make().token);
    expect(code).toBe(1);
    expect(stdout).toMatch(new RegExp(`^Refused: ${expected}\\.`));
    expect(stdout).toMatch(
      new RegExp(`✗ \\w+( \\w+)? +${expected}\n {4}found .*\n {4}expected .*\n {4}→ .*\n`),
    );
  });

  it('finds a signature that does not hold with --keys', async () => {
    const { code, stdout } = await explained(entra.wrong.stranger().token, ['--keys'], online);
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/^Refused: (signature_invalid|signing_key_not_found)\./),
    ]);
  });

  it('judges what the handler needs', async () => {
    const { token } = entra.user('ada', { scp: 'Orders.Read Orders.List' });
    const needs = (...flags: string[]) => explained(token, flags);
    expect((await needs('--scope', 'Orders.Read', '--scope', 'Orders.List')).code).toBe(0);
    expect((await needs('--scope', 'Orders.Write')).stdout).toContain('Refused: scope_missing.');
    expect((await needs('--app-permission', 'Orders.Read.All')).code).toBe(1);
    expect((await needs('--scope', 'Orders.Read', '--app-permission', 'Orders.Read.All')).code).toBe(0);
  });

  it('says that nothing is decided where the keys can not be had', async () => {
    const { code, stdout } = await explained(entra.user('ada').token, ['--keys']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^Not decided: /);
    expect(stdout).toContain('This command has no business on the network.');
  });

  it('takes the configuration from the environment', async () => {
    const { tenantId, clientId } = entra.options();
    const { token } = entra.user('ada');
    const env = { ENTRA_GUARD_TENANT_ID: tenantId, ENTRA_GUARD_CLIENT_ID: clientId };
    const world = { input: token, now };
    expect((await runCommand(['explain', '-'], { ...world, env })).code).toBe(0);
    const other = ['--client', '00001111-aaaa-2222-bbbb-3333cccc4444'];
    expect((await runCommand(['explain', '-', ...other], { ...world, env })).stdout).toContain(
      'audience_not_accepted',
    );
    const flags = ['--authority', `https://login.microsoftonline.com/${tenantId}/v2.0`];
    expect((await runCommand(['explain', '-', ...flags], { ...world, env })).code).toBe(0);
    expect(
      (await runCommand(['explain', '-', '--tenants', `${tenantId},${clientId}`], { ...world, env })).code,
    ).toBe(0);
    expect(
      (await runCommand(['explain', '-', '--tenants', 'any-organization'], { ...world, env })).code,
    ).toBe(0);
  });

  it('prints one document with --json', async () => {
    const { code, stdout, stderr } = await explained(
      entra.wrong.expired().token,
      ['--json', '--keys'],
      online,
    );
    expect([code, stderr]).toEqual([1, '']);
    const { refused, verified, about, findings } = JSON.parse(stdout);
    expect([refused, verified]).toEqual([true, true]);
    expect(about).toContainEqual({ name: 'tenant', value: entra.tenantId });
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'times', ok: false, code: 'token_expired' }),
    );
  });

  it('lets nothing in a token steer the terminal', async () => {
    const { stdout } = await explained(
      entra.sign({ aud: '\u001b[2J', iss: '\u202Eissuer', scp: 'a\nb' }).token,
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    expect(stdout).not.toMatch(/[\u001b\u202e]/);
    expect(stdout).toContain('audience           \\u{1b}[2J');
    expect(stdout).toContain('scopes             a\\u{a}b');
  });
});

describe('explain takes the token', () => {
  it.each<[string, (token: string) => string]>([
    ['as it is', (token) => token],
    ['with a line end', (token) => `${token}\r\n`],
    ['with its scheme', (token) => `Bearer ${token}`],
    ['as the header', (token) => `Authorization: bearer ${token}\n`],
    ['in quotes', (token) => `"${token}"\n`],
    ['from a token endpoint', (token) => JSON.stringify({ token_type: 'Bearer', access_token: token })],
    ['from az', (token) => JSON.stringify({ accessToken: token, tenant: 'x' }, undefined, 2)],
  ])('%s', async (_, write) => {
    const { token } = entra.user('ada');
    expect(await explained(write(token))).toMatchObject({ code: 0, stderr: '' });
  });

  it('from the environment, if no argument asks for standard input', async () => {
    const { token } = entra.user('ada');
    const env = { ENTRA_GUARD_TOKEN: token };
    const world = { env, now };
    expect((await runCommand(['explain', ...configuration], { ...world, input: 'none' })).code).toBe(0);
    expect((await runCommand(['explain', '-', ...configuration], { ...world, input: 'none' })).code).toBe(1);
  });

  it('from the command line, with a word on the history of the shell', async () => {
    const { token } = entra.user('ada');
    const { code, stderr } = await runCommand(['explain', token, ...configuration], {
      now,
    });
    expect([code, stderr]).toEqual([0, expect.stringContaining('history of your shell')]);
  });
});

describe('explain refuses', () => {
  it.each<[string, string, string[], string]>([
    ['nothing', '', [], 'There is no token.'],
    ['blanks', ' \n', [], 'There is no token.'],
    ['a scheme without a token', 'Bearer ', [], 'There is no token.'],
    ['two words', 'one two', [], 'more than one word'],
    ['another JSON', '{ "error": "invalid_grant" }', [], 'The JSON holds no access token.'],
    ['a client that is no GUID', 'x', ['--client', 'orders'], 'clientId'],
    ['two authorities', 'x', ['--tenants', 'any-organization'], 'tenant'],
    ['a wildcard for a scope', 'x', ['--scope', 'Orders.*'], 'Orders.*'],
    ['an unknown cloud', 'x', ['--cloud', 'moon'], 'Allowed choices are public, usgov, china.'],
    ['minutes for seconds', 'x', ['--clock-tolerance', '5m'], 'It is a whole number of seconds.'],
    ['too much tolerance', 'x', ['--clock-tolerance', '301'], 'clockTolerance'],
    ['an unknown flag', 'x', ['--key'], 'Did you mean --keys?'],
    ['two tokens', 'x', ['y'], 'too many arguments'],
  ])('%s', async (_, input, flags, message) => {
    const { code, stdout, stderr } = await explained(input, flags);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  it('to go on without a configuration, and says what to set', async () => {
    const { code, stderr } = await runCommand(['explain', '-'], { input: 'x' });
    expect(code).toBe(2);
    expect(stderr).toContain('The environment has no ENTRA_GUARD_TENANT_ID and no ENTRA_GUARD_CLIENT_ID.\n');
    expect(stderr).toContain('or say --tenant and --client.');
    const json = await runCommand(['explain', '-', '--json'], { input: 'x' });
    expect(JSON.parse(json.stdout).error.hint).toContain('--tenant and --client');
  });
});

describe('a token is never written', () => {
  it.each<[string, (token: string) => readonly [args: string[], world: World]]>([
    ['explained', (token) => [['explain', '-', ...configuration], { input: token }]],
    [
      'explained as JSON',
      (token) => [['explain', '-', '--json', '--keys', ...configuration], { input: token }],
    ],
    ['on the command line', (token) => [['explain', token, ...configuration], {}]],
    ['twice', (token) => [['explain', token, token, ...configuration], {}]],
    ['behind a mistyped command', (token) => [['explian', token], {}]],
    ['instead of a command', (token) => [[token], {}]],
    ['in a flag', (token) => [['explain', `--token=${token}`], {}]],
    [
      'as a client',
      (token) => [['explain', '-', '--tenant', 'contoso.example', '--client', token], { input: 'x' }],
    ],
    ['as a tenant', (token) => [['explain', '-', ...configuration, '--tenant', token], { input: 'x' }]],
    ['as a cloud', (token) => [['explain', '-', '--cloud', token], { input: 'x' }]],
    ['as a scope', (token) => [['explain', '-', ...configuration, '--scope', `${token}*`], { input: 'x' }]],
    ['beside another word', (token) => [['explain', '-', ...configuration], { input: `${token} x` }]],
    ['in other JSON', (token) => [['explain', '-', ...configuration], { input: JSON.stringify({ token }) }]],
    [
      'with a part missing',
      (token) => [['explain', '-', ...configuration], { input: token.split('.', 2).join('.') }],
    ],
    ['as a file to migrate', (token) => [['migrate', 'passport-azure-ad', token], {}]],
    [
      'as an authority to doctor',
      (token) => [['doctor', '--authority', `https://${token}`, '--client', token], {}],
    ],
  ])('%s', async (_, call) => {
    const { token } = entra.user('ada');
    const [args, world] = call(token);
    const { stdout, stderr } = await runCommand(args, world);
    const [header = '', payload = '', signature = ''] = token.split('.');
    for (const part of [header, payload, signature]) {
      expect(stdout + stderr).not.toContain(part.slice(0, 40));
      expect(stdout + stderr).not.toContain(part.slice(-30));
    }
  });
});
