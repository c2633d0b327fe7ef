import { KNOWN_MCP_CLIENTS, manifestOf, manifestSteps, mcpManifestOf } from '@entra-guard/catalogue';
import { allOf, ConfigurationError, type ExposedHandler, members, noAgents, scopes } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import { define, ROLE, SCOPE } from '../../../test/support/orders.js';
import { READ, registered, WEB, WRITE } from './registered.js';

const MCP = 'https://mcp.contoso.com/mcp';
const VS_CODE = 'aebc6443-996d-45c2-90f0-388ff96faa56';
const manifest = manifestOf(registered.catalogue);

describe('the manifest of an MCP server', () => {
  it('has the URL as its only application ID URI, and keeps the permissions', () => {
    const { identifierUris, api, appRoles } = mcpManifestOf(manifest, MCP);
    expect(identifierUris).toEqual([MCP]);
    expect(api.requestedAccessTokenVersion).toBe(2);
    expect([api.oauth2PermissionScopes, appRoles]).toEqual([
      manifest.api.oauth2PermissionScopes,
      manifest.appRoles,
    ]);
  });

  it('asks for the claims that tell agents from people, each once', () => {
    const requirement = allOf(scopes('Orders.Read'), members(), noAgents());
    const handler = { method: 'GET', path: '/', access: { kind: 'requirement', requirement } };
    const wanted = manifestOf(registered.catalogue, { handlers: [handler as ExposedHandler] });
    for (const [from, claims] of [
      [manifest, ['idtyp', 'xms_act_fct', 'xms_par_app_azp', 'xms_sub_fct']],
      [wanted, ['idtyp', 'acct', 'xms_act_fct', 'xms_par_app_azp', 'xms_sub_fct']],
    ] as const) {
      expect(mcpManifestOf(from, MCP).optionalClaims.accessToken.map(({ name }) => name)).toEqual(claims);
    }
    const none = { ...manifest, optionalClaims: { accessToken: [] } };
    expect(mcpManifestOf(none, MCP).optionalClaims.accessToken).toHaveLength(3);
  });

  it('pre-authorizes VS Code for the scopes that are enabled, next to the clients of the catalogue', () => {
    expect(KNOWN_MCP_CLIENTS).toEqual([{ name: 'VS Code', clientId: VS_CODE }]);
    expect(mcpManifestOf(manifest, MCP).api.preAuthorizedApplications).toEqual([
      { appId: WEB, delegatedPermissionIds: [READ] },
      { appId: VS_CODE, delegatedPermissionIds: [READ, WRITE] },
    ]);
    const { catalogue } = define({ scopes: { A: SCOPE, Old: { ...SCOPE, enabled: false } } });
    const one = manifestOf(catalogue);
    expect(mcpManifestOf(one, MCP).api.preAuthorizedApplications).toEqual([
      { appId: VS_CODE, delegatedPermissionIds: [one.api.oauth2PermissionScopes[0]?.id] },
    ]);
  });

  it('leaves VS Code what the catalogue gives it, and nothing where there is no scope', () => {
    const given = { appId: VS_CODE.toUpperCase(), delegatedPermissionIds: [READ] };
    const there = { ...manifest, api: { ...manifest.api, preAuthorizedApplications: [given] } };
    expect(mcpManifestOf(there, MCP).api.preAuthorizedApplications).toEqual([given]);
    const { catalogue } = define({ appRoles: { B: ROLE } });
    expect(mcpManifestOf(manifestOf(catalogue), MCP).api.preAuthorizedApplications).toEqual([]);
  });

  it('is as Entra takes it: permissions first, then clients', () => {
    const titles = manifestSteps(mcpManifestOf(manifest, MCP)).map(({ title }) => title);
    expect(titles.at(-1)).toBe('Pre-authorize the clients');
  });

  it.each([
    ['https://mcp.contoso.com/', 'AADSTS9010010'],
    ['https://mcp.contoso.com/mcp/', 'AADSTS9010010'],
    ['https://mcp.contoso.com/mcp?v=2', 'AADSTS9010010'],
    ['https://mcp.contoso.com/mcp#a', 'AADSTS9010010'],
    ['api://orders', 'AADSTS9010010'],
    ['http://mcp.contoso.com/mcp', 'AADSTS500011'],
    ['mcp.contoso.com', 'AADSTS500011'],
  ])('is refused for %s', (url, code) => {
    const make = () => mcpManifestOf(manifest, url);
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(code);
  });
});
