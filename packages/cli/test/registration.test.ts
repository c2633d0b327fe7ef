import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEntra } from '@entra-guard/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from './run-command.js';

const NOW = Date.parse('2026-12-01T00:00:00Z');
const CLIENT = '00001111-aaaa-2222-bbbb-3333cccc4444';
const sound = {
  appId: CLIENT,
  displayName: 'Orders',
  web: { redirectUris: ['https://orders.contoso.example/callback'] },
  owners: [{ userPrincipalName: 'ada@contoso.example' }, { userPrincipalName: 'bob@contoso.example' }],
};
const look = (document: unknown, args: readonly string[] = [], cwd = '/') =>
  runCommand(['registration', '-', ...args], { cwd, input: JSON.stringify(document), now: () => NOW });
const secret = (endDateTime: string | null, more = {}) => ({
  ...sound,
  passwordCredentials: [
    { displayName: 'ci', keyId: 'cccccccc-0000-4000-8000-000000000001', endDateTime, ...more },
  ],
});

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'entra-guard-registration-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

describe('the end of a credential', () => {
  it.each<[string, string, number, string]>([
    ['ended yesterday', '2026-11-30T00:00:00Z', 1, 'The secret ci ended on 2026-11-30.'],
    ['ends this second', '2026-12-01T00:00:00Z', 1, 'The secret ci ended on 2026-12-01.'],
    ['ends tomorrow', '2026-12-02T00:00:00Z', 1, 'The secret ci ends on 2026-12-02, in 1 day.'],
    ['ends in 30 days', '2026-12-31T00:00:00Z', 1, 'ends on 2026-12-31, in 30 days.'],
    ['ends in 31 days', '2027-01-01T00:00:01Z', 0, 'secret ci: 2027-01-01, 31 days left'],
    ['ends in three years', '2029-12-01T00:00:00Z', 0, 'more than two years from now'],
  ])('that %s', async (_, end, expected, words) => {
    const { code, stdout } = await look(secret(end));
    expect([code, stdout]).toEqual([expected, expect.stringContaining(words)]);
    if (expected === 1)
      expect(stdout).toContain(
        `az ad app credential delete --id ${CLIENT} --key-id cccccccc-0000-4000-8000-000000000001.`,
      );
  });

  it('is looked for as far ahead as asked', async () => {
    expect((await look(secret('2027-01-15T00:00:00Z'), ['--within', '60d'])).code).toBe(1);
    expect((await look(secret('2027-01-15T00:00:00Z'), ['--within', '7d'])).code).toBe(0);
    expect((await look(secret('2027-01-15T00:00:00Z'), ['--within', 'soon'])).code).toBe(2);
  });

  it('of a certificate says how to roll it', async () => {
    const document = {
      ...sound,
      keyCredentials: [
        {
          displayName: 'CN=orders',
          keyId: 'cccccccc-0000-4000-8000-000000000001',
          endDateTime: '2026-12-05T00:00:00Z',
        },
      ],
    };
    const { code, stdout } = await look(document);
    expect(code).toBe(1);
    expect(stdout).toContain('--append --cert @next.pem');
    expect(stdout).toContain('--key-id cccccccc-0000-4000-8000-000000000001 --cert');
  });
});

describe('what should not stay', () => {
  it.each<[string, object, string]>([
    ['no owner', { owners: [] }, 'It has no owner.'],
    [
      'one owner',
      { owners: [{ userPrincipalName: 'ada@contoso.example' }] },
      'one owner, ada@contoso.example',
    ],
    ['owners that were not told', { owners: undefined }, 'Add --owners'],
    [
      'a secret',
      { passwordCredentials: [{ displayName: 'x', endDateTime: '2027-06-01T00:00:00Z' }] },
      'federated credential',
    ],
    ['http', { web: { redirectUris: ['http://orders.contoso.example/cb'] } }, 'is http'],
    ['localhost', { web: { redirectUris: ['http://localhost:3000/cb'] } }, 'is for development'],
    ['a wildcard', { spa: { redirectUris: ['https://*.contoso.example/cb'] } }, 'has a wildcard'],
    [
      'a host of a platform',
      { web: { redirectUris: ['https://orders.azurewebsites.net/cb'] } },
      'another customer can get',
    ],
    ['not a URL', { web: { redirectUris: ['orders'] } }, 'is not a URL'],
    [
      'the implicit grant',
      { web: { implicitGrantSettings: { enableAccessTokenIssuance: true } } },
      'implicit grant is on, for access tokens',
    ],
  ])('is told: %s', async (_, more, words) => {
    const { code, stdout } = await look({ ...sound, ...more });
    expect([code, stdout]).toEqual([0, expect.stringContaining(words)]);
    expect((await look({ ...sound, ...more }, ['--strict'])).code).toBe(1);
  });

  it('is nothing in a sound registration', async () => {
    const { code, stdout } = await look(sound, ['--strict']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('✓ Nothing needs attention.')]);
    const { stdout: local } = await look({
      ...sound,
      web: {},
      publicClient: { redirectUris: ['http://localhost'] },
    });
    expect(local).toContain('Nothing needs attention');
  });
});

describe('the document', () => {
  it('is one registration, a list, or a page of Microsoft Graph', async () => {
    for (const document of [[sound, sound], { value: [sound, sound] }]) {
      expect((await look(document)).stdout.match(/Nothing needs attention/g)).toHaveLength(2);
    }
  });

  it('has its owners in another file, for one registration', async () => {
    writeFileSync(
      join(cwd, 'owners.json'),
      JSON.stringify({ value: [{ userPrincipalName: 'eve@contoso.example' }] }),
    );
    const { stdout } = await look({ ...sound, owners: undefined }, ['--owners', 'owners.json'], cwd);
    expect(stdout).toContain('Owners: eve@contoso.example');
    const several = await look([sound, sound], ['--owners', 'owners.json'], cwd);
    expect([several.code, several.stderr]).toEqual([2, expect.stringContaining('there are 2 registrations')]);
  });

  it('has its federated credentials in another file, and warns of pull requests', async () => {
    const credentials = [
      { name: 'prod', subject: 'repo:o/r:environment:prod' },
      { name: 'any', subject: 'repo:o/r:pull_request' },
    ];
    writeFileSync(join(cwd, 'federated.json'), JSON.stringify(credentials));
    const { code, stdout } = await look(sound, ['--federated', 'federated.json'], cwd);
    expect(code).toBe(0);
    expect(stdout).toContain('federated credential prod of repo:o/r:environment:prod: no end');
    expect(stdout).toContain('The federated credential any accepts jobs of pull requests');
    expect(stdout).not.toContain('prod accepts');
    writeFileSync(join(cwd, 'federated.json'), '[{}]');
    expect((await look(sound, ['--federated', 'federated.json'], cwd)).code).toBe(2);
  });

  it('puts nothing but IDs into commands that people copy', async () => {
    const { stdout } = await look(secret('2026-12-02T00:00:00Z', { keyId: '1; id' }));
    expect(stdout).not.toContain('1; id');
    expect((await look({ ...sound, appId: '$(id)' })).stderr).toContain('is not a GUID');
  });

  it('needs the application of a catalogue', async () => {
    const { code, stderr } = await look(sound, ['--catalogue', 'x.js']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('without --app')]);
  });

  it.each<[unknown, RegExp]>([
    [{}, /none of its objects has an appId/],
    [[], /There is no app registration in the JSON/],
    ['text', /none of its objects has an appId/],
    [{ ...sound, appId: undefined, replyUrlsWithType: [] }, /Azure AD Graph/],
    [secret('soon'), /has a time that is not one/],
  ])('that is none is refused: %j', async (document, words) => {
    const { code, stderr } = await look(document);
    expect([code, stderr]).toEqual([2, expect.stringMatching(words)]);
  });

  it('steers no terminal, and shows no secret', async () => {
    const { stdout } = await look({
      ...secret('2027-06-01T00:00:00Z', { secretText: 'top-secret', displayName: '\u001b[2Jx' }),
      displayName: '\u001b[31mred',
    });
    expect(stdout).not.toContain('\u001b');
    expect(stdout).not.toContain('top-secret');
  });

  it('is printed as JSON, with days', async () => {
    const { stdout } = await look(secret('2026-12-11T00:00:00Z'), ['--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      registrations: [
        {
          name: 'Orders',
          credentials: [{ kind: 'secret', ends: '2026-12-11T00:00:00.000Z', daysLeft: 10 }],
          findings: [{ code: 'credential_ends' }, { code: 'secret' }],
        },
      ],
    });
  });

  it('is what the Graph of a local Entra gives', async () => {
    const entra = await startEntra({
      apps: {
        orders: {
          scopes: ['Orders.Read'],
          secrets: [{ value: 'abc-secret', expires: '2026-12-10T00:00:00Z' }],
        },
        ops: { graph: ['Application.Read.All'] },
      },
    });
    const { headers } = entra.app('ops', { api: 'https://graph.microsoft.com' });
    const answer = await entra.fetch(
      `${entra.graph}/applications?$filter=appId eq '${entra.clientIdOf('orders')}'`,
      { headers },
    );
    const document = await answer.json();
    const { code, stdout } = await look(document);
    expect([code, stdout]).toEqual([
      1,
      expect.stringContaining('The secret Secret 1 ends on 2026-12-10, in 9 days.'),
    ]);
    expect(JSON.stringify(document)).not.toContain('abc-secret');
    await entra.close();
  });
});
