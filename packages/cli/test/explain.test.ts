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
  it('sends no request, and leaves issuer and signature open', async () => {
    const fetch = vi.fn<typeof globalThis.fetch>();
    const { code, stdout, stderr } = await explained(entra.user('ada', { scp: 'Orders.Read' }).token, [], {
      fetch,
    });
    expect([code, stderr]).toEqual([0, '']);
    expect(fetch).not.toHaveBeenCalled();
    expect(stdout).toMatch(
      /^Nothing speaks against it, but the signature is not verified\. Add --keys for that\.\n/,
    );
    expect(stdout).toContain('(not verified)');
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

  it('judges a requirement as the API writes it', async () => {
    const { token } = entra.user('ada', { scp: 'Orders.Read', acct: 0 });
    const guest = entra.user('ada', { scp: 'Orders.Read', acct: 1 }).token;
    const asked = [
      '--require',
      "anyOf(allOf(scopes('Orders.Read'), members()), appPermissions('Orders.Read.All'))",
    ];
    expect((await explained(token, asked)).code).toBe(0);
    expect((await explained(guest, asked)).stdout).toContain('Refused: guest_not_allowed.');
  });

  it('judges roles of users, and whether they are guests', async () => {
    const { token } = entra.user('ada', { scp: 'Orders.Read', roles: ['Orders.Admin'], acct: 0 });
    const guest = entra.user('ada', { scp: 'Orders.Read', roles: ['Orders.Admin'], acct: 1 }).token;
    const unsaid = entra.user('ada', { scp: 'Orders.Read' }).token;
    const daemon = entra.app('nightly', { roles: ['Orders.Admin'] }).token;
    const code = async (asked: string, ...flags: string[]) => (await explained(asked, flags)).code;
    expect(await code(token, '--user-role', 'Orders.Admin', '--members')).toBe(0);
    expect(await code(token, '--scope', 'Orders.Read', '--user-role', 'Orders.Admin')).toBe(0);
    expect(await code(token, '--user-role', 'Orders.Admin', '--user-role', 'Orders.Auditor')).toBe(1);
    expect(await code(token, '--scope', 'Orders.Write', '--user-role', 'Orders.Admin')).toBe(1);
    expect(await code(unsaid, '--scope', 'Orders.Read', '--user-role', 'Orders.Admin')).toBe(1);
    expect(await code(daemon, '--user-role', 'Orders.Admin')).toBe(1);
    expect(await code(daemon, '--user-role', 'Orders.Admin', '--app-permission', 'Orders.Admin')).toBe(0);
    for (const flags of [['--members'], ['--members', '--scope', 'Orders.Read']]) {
      expect((await explained(guest, flags)).stdout).toContain('Refused: guest_not_allowed.');
      expect((await explained(daemon, flags)).code).toBe(1);
      const { code: ended, stdout } = await explained(unsaid, flags);
      expect([ended, stdout]).toEqual([1, expect.stringContaining("Add the optional claim 'acct'")]);
    }
    expect((await explained(unsaid, ['--user-role', 'Orders.Admin'])).stdout).toContain(
      'Refused: role_missing.',
    );
  });

  it.each([
    ['another cloud', 'https://login.microsoftonline.us'],
    ['any host at all', 'https://evil.example'],
  ])('refuses an issuer of %s without asking anybody', async (_, host) => {
    const { token } = entra.user('ada', { iss: `${host}/${entra.tenantId}/v2.0` });
    const { code, stdout } = await explained(token);
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^Refused: issuer_not_accepted\./)]);
  });

  it('says of a domain that only the authority knows its tenant', async () => {
    const { token } = entra.user('ada');
    const flags = ['--tenant', 'contoso.example', '--client', entra.options().clientId];
    const { code, stdout } = await runCommand(['explain', '-', ...flags], { input: token, now });
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining('not verified, nor that the tenant is that of contoso.example. Add --keys'),
    ]);
  });

  it('says that nothing is decided when the keys are unavailable', async () => {
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

  it('takes an authority from the environment, unless a flag says whose tokens are accepted', async () => {
    const { tenantId, clientId } = entra.options();
    const env = {
      ENTRA_GUARD_AUTHORITY: `https://login.microsoftonline.com/${tenantId}/v2.0`,
      ENTRA_GUARD_CLIENT_ID: clientId,
      AZURE_TENANT_ID: 'other.example',
    };
    const world = { input: entra.user('ada').token, now };
    const codeOf = async (flags: readonly string[], more: Record<string, string> = {}) =>
      (await runCommand(['explain', '-', ...flags], { ...world, env: { ...env, ...more } })).code;
    expect(await codeOf([])).toBe(0);
    expect(await codeOf(['--tenant', tenantId])).toBe(0);
    expect(await codeOf(['--tenants', 'any-organization'], { ENTRA_GUARD_TENANT_ID: tenantId })).toBe(0);
    expect(await codeOf([], { ENTRA_GUARD_TENANT_ID: tenantId })).toBe(2);
  });

  it('takes an application ID URI from the environment, for its own client ID only', async () => {
    const { tenantId, clientId } = entra.options();
    const other = '00001111-aaaa-2222-bbbb-3333cccc4444';
    const env = {
      ENTRA_GUARD_TENANT_ID: tenantId,
      ENTRA_GUARD_CLIENT_ID: other,
      ENTRA_GUARD_APPLICATION_ID_URI: `api://${clientId}`,
    };
    const token = entra.user('ada', { aud: `api://${clientId}`, ver: '1.0' }).token;
    const ask = (flags: readonly string[]) =>
      runCommand(['explain', '-', ...flags], { input: token, now, env });
    expect((await ask([])).stdout).not.toContain('audience_not_accepted');
    expect((await ask(['--client', other])).stdout).toContain('audience_not_accepted');
    expect((await ask(['--app-id-uri', 'api://third'])).stdout).toContain('audience_not_accepted');
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

describe('explain without an API', () => {
  const described = (token: string, ...flags: string[]) =>
    runCommand(['explain', '-', ...flags], { input: token, now });

  it('says what a token is, and what an API has to configure to accept it', async () => {
    const { clientId } = entra.options();
    const { code, stdout, stderr } = await described(entra.user('ada', { scp: 'Orders.Read' }).token);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Not compared with any API: say which with --tenant and --client\./);
    expect(stdout).toMatch(/\n {2}kind {15}a delegated token\n/);
    expect(stdout).toContain(
      `  issuer             https://login.microsoftonline.com/${entra.tenantId}/v2.0\n`,
    );
    expect(stdout).toMatch(/\n {2}scopes {13}Orders\.Read\n/);
    expect(stdout).toMatch(/\n {2}expires {12}2026/);
    expect(stdout).toContain(
      `What an API has to configure to accept it:\n  tenantId           ${entra.tenantId}\n  clientId           ${clientId}\n`,
    );
    expect(stdout).toContain('? audience           not checked\n    → Say which API: --tenant and --client.');
    const json = JSON.parse((await described(entra.user('ada').token, '--json')).stdout);
    expect(json).toMatchObject({
      refused: false,
      verified: false,
      accept: { tenantId: entra.tenantId, clientId },
    });
  });

  it('takes what the environment has for others for no API', async () => {
    const world = { input: entra.user('ada').token, now, env: { AZURE_TENANT_ID: entra.tenantId } };
    expect((await runCommand(['explain', '-'], world)).code).toBe(0);
  });

  const guid = 'aaaabbbb-0000-cccc-1111-dddd2222eeee';
  it.each<[string, object, object]>([
    [
      'the American cloud',
      { iss: `https://login.microsoftonline.us/${guid}/v2.0`, tid: guid },
      { tenantId: guid, cloud: 'usgov' },
    ],
    [
      'the Chinese cloud, v1',
      { iss: `https://sts.chinacloudapi.cn/${guid}/`, tid: guid, aud: 'https://orders.contoso.example/' },
      { tenantId: guid, cloud: 'china', applicationIdUri: 'https://orders.contoso.example' },
    ],
    [
      'External ID',
      { iss: `https://${guid}.ciamlogin.com/${guid}/v2.0`, tid: guid, aud: `api://${guid}` },
      { authority: `https://${guid}.ciamlogin.com/${guid}/v2.0`, clientId: guid },
    ],
    [
      'B2C',
      { iss: `https://contoso.b2clogin.com/${guid}/v2.0/`, tid: undefined, tfp: 'B2C_1_signin' },
      { authority: `https://contoso.b2clogin.com/${guid}/B2C_1_signin/v2.0` },
    ],
    [
      'a local Entra',
      { iss: `http://127.0.0.1:8888/${guid}/v2.0`, tid: guid },
      { authority: `http://127.0.0.1:8888/${guid}/v2.0` },
    ],
  ])('knows the tokens of %s', async (_, claims, accept) => {
    const { code, stdout } = await described(entra.user('ada', { scp: 'x', ...claims }).token, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ refused: false, accept });
    expect(code).toBe(0);
  });

  it.each<[string, () => string, string]>([
    ['expired', () => entra.wrong.expired().token, 'token_expired'],
    ['an ID token', () => entra.wrong.idToken().token, 'not_an_access_token'],
    ['for Microsoft Graph', () => entra.wrong.graphAudience().token, 'audience_not_accepted'],
    ['not of Entra', () => entra.wrong.issuer().token, 'issuer_not_accepted'],
    [
      'for Azure',
      () => entra.user('ada', { aud: 'https://management.azure.com/' }).token,
      'audience_not_accepted',
    ],
    ['without an audience', () => entra.user('ada', { aud: undefined }).token, 'audience_not_accepted'],
    ['not signed', () => entra.wrong.algNone().token, 'algorithm_not_allowed'],
    ['no token', () => 'x', 'token_malformed'],
    [
      'of two tenants',
      () => entra.user('ada', { tid: 'aaaabbbb-0000-cccc-1111-dddd2222eeee' }).token,
      'tenant_not_accepted',
    ],
    ['of no issuer', () => entra.user('ada', { iss: undefined }).token, 'issuer_not_accepted'],
  ])('refuses what is %s, whichever API it is for', async (_, make, expected) => {
    const { code, stdout } = await described(make());
    expect([code, stdout]).toEqual([1, expect.stringContaining(`Refused: ${expected}.`)]);
  });

  it('judges what a handler needs all the same', async () => {
    const { token } = entra.user('ada', { scp: 'Orders.Read' });
    expect((await described(token, '--scope', 'Orders.Read')).code).toBe(0);
    expect((await described(token, '--scope', 'Orders.Write')).stdout).toContain('Refused: scope_missing.');
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
    ['a client that is not a GUID', 'x', ['--client', 'orders'], 'clientId'],
    ['two authorities', 'x', ['--tenants', 'any-organization'], 'tenant'],
    ['a wildcard for a scope', 'x', ['--scope', 'Orders.*'], 'Orders.*'],
    ['an unknown cloud', 'x', ['--cloud', 'moon'], 'Allowed choices are public, usgov, china.'],
    ['an unknown unit', 'x', ['--clock-tolerance', '5min'], 'or one with its unit'],
    ['too much tolerance', 'x', ['--clock-tolerance', '301'], 'clockTolerance'],
    ['an unknown flag', 'x', ['--key'], 'Did you mean --keys?'],
    ['two tokens', 'x', ['y'], 'too many arguments'],
  ])('%s', async (_, input, flags, message) => {
    const { code, stdout, stderr } = await explained(input, flags);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  it.each([
    ['a tenant alone', ['--tenant', 'contoso.example'], {}],
    ['a client alone', ['--client', '00001111-aaaa-2222-bbbb-3333cccc4444'], {}],
    ['half of it in the environment', [], { ENTRA_GUARD_TENANT_ID: 'contoso.example' }],
    ['nothing, where the authority has to be asked', ['--keys'], {}],
  ])('%s for a configuration, and says what to set', async (_, flags, env) => {
    const { code, stdout, stderr } = await runCommand(['explain', '-', ...flags], { input: 'x', env });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/The environment has no ENTRA_GUARD_(TENANT|CLIENT)_ID/);
    expect(stderr).toContain('or say --tenant and --client.');
    const json = await runCommand(['explain', '-', '--json', ...flags], { input: 'x', env });
    expect(JSON.parse(json.stdout).error.hint).toContain('--tenant and --client');
  });

  it.each<[string, readonly string[], string]>([
    [
      '--require with another flag',
      ['--require', "scopes('A')", '--scope', 'B'],
      '--require is the whole requirement',
    ],
    [
      '--require with a misspelt name',
      ['--require', "scope('A')"],
      'line 1, column 1: found an unknown requirement, scope. Did you mean scopes?',
    ],
    ['--require with a narrowing alone', ['--require', 'members()'], 'which only narrows'],
    [
      '--require with a check',
      ['--require', "allOf(scopes('A'), check('owns order'))"],
      'function text does not hold',
    ],
    ['--require without a text', ['--require', ''], 'found the end of the text'],
  ])('%s', async (_, flags, keyWords) => {
    const { code, stdout, stderr } = await explained('x', flags);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(keyWords);
  });

  it('--members with an application permission alone', async () => {
    const { code, stderr } = await explained('x', ['--members', '--app-permission', 'Orders.Read.All']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('--members is about users')]);
  });
});

describe('a token is never written', () => {
  it.each<[string, (token: string) => readonly [args: string[], world: World]]>([
    ['explained', (token) => [['explain', '-', ...configuration], { input: token }]],
    ['explained without an API', (token) => [['explain', '-'], { input: token }]],
    ['explained as JSON without an API', (token) => [['explain', '-', '--json'], { input: token }]],
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
    ['next to another word', (token) => [['explain', '-', ...configuration], { input: `${token} x` }]],
    ['in other JSON', (token) => [['explain', '-', ...configuration], { input: JSON.stringify({ token }) }]],
    [
      'with a part missing',
      (token) => [['explain', '-', ...configuration], { input: token.split('.', 2).join('.') }],
    ],
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
