import { createHash } from 'node:crypto';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from './client.js';
import { claimsOf, production } from './read-token.js';

const MCP = 'https://mcp.contoso.example/mcp';
const OTHER = 'https://mcp.contoso.example/v2/mcp';
const VERIFIER = 'a-verifier-that-is-long-enough-to-be-one-000';

let entra: InProcessEntra;
let editor: Client;
beforeAll(async () => {
  entra = await startEntra({
    apps: {
      tools: {
        manifest: {
          identifierUris: [MCP, OTHER],
          api: { requestedAccessTokenVersion: 2, oauth2PermissionScopes: [{ value: 'Tools.Use' }] },
        },
      },
      orders: { scopes: ['Orders.Read'] },
      editor: { platform: 'public' },
      job: {},
    },
  });
  editor = new Client(entra, 'editor');
});
afterAll(() => entra.close());

const pairs = (): readonly (readonly [string, string, string, number | undefined])[] => {
  const orders = `api://${entra.clientIdOf('orders')}`;
  return [
    ['the API’s', MCP, `${MCP}/Tools.Use`, undefined],
    ['the API’s, with .default', MCP, `openid offline_access ${MCP}/.default`, undefined],
    ['another one of the API’s', OTHER, `${MCP}/Tools.Use`, undefined],
    ['the default one', orders, `${orders}/Orders.Read`, undefined],
    ['Microsoft Graph’s', 'https://graph.microsoft.com', 'User.Read', undefined],
    ['with a slash behind it', `${MCP}/`, `${MCP}/Tools.Use`, 9_010_010],
    ['in other letters', MCP.toUpperCase(), `${MCP}/Tools.Use`, 9_010_010],
    ['the client ID alone', entra.clientIdOf('tools'), `${MCP}/Tools.Use`, 9_010_010],
    ['of another API', MCP, `${orders}/Orders.Read`, 9_010_010],
    ['not registered', 'https://elsewhere.example/mcp', `${MCP}/Tools.Use`, 9_010_010],
    ['with a scope of Graph', MCP, 'User.Read', 9_010_010],
    ['with nothing but a sign-in', MCP, 'openid offline_access', 9_010_010],
    ['with a short scope, which is Graph’s', MCP, 'Tools.Use', 650_053],
    ['empty', '', `${MCP}/Tools.Use`, 9_010_010],
  ];
};

describe('a resource (RFC 8707) that is', () => {
  it.each(Array.from({ length: 14 }, (_, index) => index))('row %d, answers at authorize', async (index) => {
    const [name, resource, scope, code] = pairs()[index] ?? [];
    const answer = await editor.authorize('ada', { resource: resource ?? '', scope: scope ?? '' });
    const refused = /^AADSTS(\d+)/.exec(answer.get('error_description') ?? '')?.[1];
    expect([name, refused]).toEqual([name, code?.toString()]);
    if (code === 9_010_010) expect(answer.get('error')).toBe('invalid_target');
    expect(answer.has('code')).toBe(code === undefined);
  });

  it.each(Array.from({ length: 14 }, (_, index) => index))('row %d, answers at devicecode', async (index) => {
    const [name, resource, scope, code] = pairs()[index] ?? [];
    const answer = await entra.fetch(`${production}/${entra.tenantId}/oauth2/v2.0/devicecode`, {
      method: 'POST',
      body: new URLSearchParams({
        client_id: entra.clientIdOf('editor'),
        resource: resource ?? '',
        scope: scope ?? '',
      }),
    });
    const { error_codes: codes } = (await answer.json()) as { readonly error_codes?: readonly number[] };
    expect([name, codes?.[0]]).toEqual([name, code]);
  });

  it('the API’s is sent again when the code is redeemed, without a scope', async () => {
    const challenge = createHash('sha256').update(VERIFIER).digest('base64url');
    const parameters = { scope: `${MCP}/Tools.Use`, resource: MCP, code_challenge: challenge };
    const sent = await editor.authorize('ada', { ...parameters, code_challenge_method: 'S256' });
    const form = { code_verifier: VERIFIER, resource: `${MCP}/` };
    const code = sent.get('code') ?? '';
    expect((await editor.redeem(code, form)).body).toMatchObject({
      error: 'invalid_target',
      error_codes: [9_010_010],
    });
    const redeemed = await editor.redeem(code, { ...form, resource: MCP });
    expect(redeemed.status).toBe(200);
    expect(claimsOf(String(redeemed.body.access_token))).toMatchObject({
      aud: entra.clientIdOf('tools'),
      scp: 'Tools.Use',
    });
  });

  it('another API’s is refused when a refresh token is redeemed, and in client credentials', async () => {
    const { body } = await editor.signIn('ada', { scope: `offline_access ${MCP}/Tools.Use` });
    const resource = `api://${entra.clientIdOf('orders')}`;
    expect((await editor.refresh(body, { resource })).body).toMatchObject({ error_codes: [9_010_010] });
    expect((await editor.refresh(body, { resource: MCP })).status).toBe(200);
    const job = (form: Readonly<Record<string, string>>) =>
      new Client(entra, 'job').token({
        grant_type: 'client_credentials',
        client_secret: 'any',
        scope: `${MCP}/.default`,
        ...form,
      });
    expect((await job({ resource })).body).toMatchObject({ error_codes: [9_010_010] });
    expect((await job({ resource: MCP })).status).toBe(200);
  });
});

describe('an app that asks for itself with a user', () => {
  const orders = () => new Client(entra, 'orders');

  it('names itself by its client ID, and by nothing else (AADSTS90009)', async () => {
    const id = entra.clientIdOf('orders');
    const byUri = await orders().authorize('ada', { scope: `api://${id}/Orders.Read` });
    expect(byUri.get('error_description')).toMatch(/^AADSTS90009: /);
    const byId = await orders().signIn('ada', { scope: `offline_access ${id}/Orders.Read` });
    expect(claimsOf(String(byId.body.access_token))).toMatchObject({ aud: id, azp: id });
    expect((await orders().refresh(byId.body)).status).toBe(200);
    const refreshed = await orders().refresh(byId.body, { scope: `api://${id}/.default` });
    expect(refreshed.body).toMatchObject({ error: 'invalid_request', error_codes: [90_009] });
  });

  it('may do as it likes without one: client credentials', async () => {
    const scope = `api://${entra.clientIdOf('orders')}/.default`;
    const form = { grant_type: 'client_credentials', client_secret: 'any', scope };
    expect((await orders().token(form)).status).toBe(200);
  });
});
