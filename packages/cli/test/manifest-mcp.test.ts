import { manifestOf, mcpManifestOf } from '@entra-guard/catalogue';
import { describe, expect, it } from 'vitest';
import { define, ROLE, SCOPE } from '../../../test/support/orders.js';
import { CLIENTS } from '../src/mcp/clients.js';
import { registrationNotes } from '../src/mcp/registration-notes.js';
import { runCommand } from './run-command.js';

const MCP = 'https://mcp.contoso.com/mcp';
const VS_CODE = 'aebc6443-996d-45c2-90f0-388ff96faa56';
const manifest = (...args: readonly string[]) => runCommand(['manifest', '--mcp', ...args]);

describe('manifest --mcp without an application', () => {
  it('prints the registration with the scopes that are named', async () => {
    const { code, stdout } = await manifest(MCP, '--scope', 'Orders.Read', '--scope', 'Orders.Write');
    expect(code).toBe(0);
    const { identifierUris, api, optionalClaims } = JSON.parse(stdout);
    const permissions: readonly { readonly id: string; readonly value: string; readonly type: string }[] =
      api.oauth2PermissionScopes;
    expect(identifierUris).toEqual([MCP]);
    expect(permissions.map(({ value, type }) => [value, type])).toEqual([
      ['Orders.Read', 'User'],
      ['Orders.Write', 'User'],
    ]);
    expect(api.preAuthorizedApplications).toEqual([
      { appId: VS_CODE, delegatedPermissionIds: permissions.map(({ id }) => id) },
    ]);
    expect(optionalClaims.accessToken.map(({ name }: { name: string }) => name)).toEqual([
      'idtyp',
      'xms_act_fct',
      'xms_par_app_azp',
      'xms_sub_fct',
    ]);
  });

  it('prints the steps for the application that is named', async () => {
    const id = '00001111-aaaa-2222-bbbb-3333cccc4444';
    const { code, stdout } = await manifest(MCP, '--scope', 'A', '--steps', '--client-id', id);
    expect([code, stdout]).toEqual([0, expect.stringContaining(`applications(appId='${id}')`)]);
    const unnamed = await manifest(MCP, '--scope', 'A', '--steps');
    expect([unnamed.code, unnamed.stderr]).toEqual([2, expect.stringContaining('whose ID is not known')]);
  });

  it.each([
    ['https://mcp.contoso.com', 'AADSTS9010010', 'has no path'],
    ['https://mcp.contoso.com/mcp/', 'AADSTS9010010', 'Remove the slash'],
    ['https://mcp.contoso.com/mcp?v=2', 'AADSTS9010010', 'Remove the query'],
    ['https://mcp.contoso.com/mcp#a', 'AADSTS9010010', 'Remove the fragment'],
    ['http://mcp.contoso.com/mcp', 'AADSTS500011', 'Serve it over https'],
    ['orders', 'AADSTS500011', 'not a URL'],
  ])('refuses %s with the code of Entra', async (url, aadsts, hint) => {
    const { code, stdout, stderr } = await manifest(url, '--scope', 'A');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(aadsts);
    expect(stderr).toContain(hint);
  });

  it.each<[readonly string[], string]>([
    [['manifest', '--mcp', MCP], 'at least one scope'],
    [['manifest', '--scope', 'A'], '--scope is for an MCP server'],
    [['manifest', 'app.js', '--mcp', MCP, '--scope', 'A'], '--scope is for an MCP server'],
    [['manifest', '--mcp', MCP, '--scope', 'Orders Read'], 'Orders Read'],
    [['manifest'], "missing required argument 'app'"],
  ])('%j ends with 2', async (args, message) => {
    const { code, stderr } = await runCommand(args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe('manifest --mcp notes what a registration does not hold', () => {
  const notes = (url: string, changes: Record<string, unknown> = {}, api?: string) =>
    registrationNotes(
      mcpManifestOf(manifestOf(define({ scopes: { A: SCOPE }, ...changes }).catalogue), url),
      url,
      api,
    );

  it('to standard error, the redirect URIs and the platform of every other client', async () => {
    const { stderr } = await manifest(MCP, '--scope', 'A');
    for (const client of CLIENTS) expect(stderr).toContain(client);
    expect(stderr).toContain(
      'Redirect URIs under "Mobile and desktop applications", which asks for no secret',
    );
    expect(stderr).toContain('  Claude Code: http://localhost/callback → oauth.clientId');
    expect(stderr).toContain(`VS Code (${VS_CODE}) is pre-authorized for A`);
    expect(stderr).toContain('the domain of mcp.contoso.com');
  });

  it.each<[string, readonly string[], string, boolean]>([
    ['a host of a provider', notes('https://orders.azurewebsites.net/mcp'), 'belongs to a provider', true],
    ['this machine', notes('http://localhost:3000/mcp'), 'This is for a local Entra', true],
    ['a catalogue of another URI', notes(MCP, {}, 'api://orders'), 'The catalogue is of api://orders', true],
    ['a catalogue of the URL', notes(MCP, {}, MCP), 'The catalogue is of', false],
    [
      'scopes of an administrator',
      notes(MCP, { scopes: { A: { ...SCOPE, consent: 'admin' } } }),
      'consent to A for each client (AADSTS90094)',
      true,
    ],
    ['scopes of users', notes(MCP), 'consent to A', false],
    ['no scopes', notes(MCP, { scopes: {}, appRoles: { B: ROLE } }), 'is pre-authorized', false],
  ])('%s', (_, lines, text, expected) => {
    expect(lines.join('\n').includes(text)).toBe(expected);
  });
});
