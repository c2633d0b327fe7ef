import { createHash } from 'node:crypto';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Client } from './client.js';
import { claimsOf, production } from './read-token.js';

const MCP = 'https://mcp.contoso.example/mcp';
const EDITOR = 'https://editor.example/oauth/client-metadata.json';
const VERIFIER = 'a-verifier-that-is-long-enough-to-be-one-000';
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');
const PKCE = { code_challenge: CHALLENGE, code_challenge_method: 'S256' };
const FACETS = ['xms_act_fct', 'xms_sub_fct', 'xms_par_app_azp'];

const manifest = {
  identifierUris: [MCP],
  api: { requestedAccessTokenVersion: 2, oauth2PermissionScopes: [{ value: 'Tools.Use' }] },
  optionalClaims: {
    accessToken: [
      { name: 'idtyp', additionalProperties: ['include_user_token'] },
      ...FACETS.map((name) => ({ name })),
    ],
  },
} as const;

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra({
    users: { ada: { admin: true }, bob: {} },
    userConsent: false,
    advertisePkce: true,
    apps: {
      tools: { manifest },
      orders: { scopes: ['Orders.Read'] },
      editor: { clientMetadataUrl: EDITOR, redirectUris: ['http://localhost/callback'] },
      desktop: { platform: 'public' },
    },
  });
});
afterAll(() => entra.close());

const metadataOf = async (one: InProcessEntra, path = `${one.tenantId}/v2.0`) =>
  (await (await one.fetch(`${production}/${path}/.well-known/openid-configuration`)).json()) as Record<
    string,
    unknown
  >;

describe('metadata', () => {
  it('says nothing of PKCE and of metadata as client IDs, as Entra', async () => {
    const plain = await startEntra();
    onTestFinished(() => plain.close());
    const document = await metadataOf(plain);
    expect(document).not.toHaveProperty('code_challenge_methods_supported');
    expect(document).not.toHaveProperty('client_id_metadata_document_supported');
    expect(document.scopes_supported).toContain('offline_access');
  });

  it('advertises them where that is asked for, in both versions', async () => {
    for (const path of [`${entra.tenantId}/v2.0`, entra.tenantId]) {
      expect(await metadataOf(entra, path)).toMatchObject({
        code_challenge_methods_supported: ['S256'],
        client_id_metadata_document_supported: true,
      });
    }
  });
});

describe('a client that identifies by the URL of its metadata', () => {
  const asked = {
    client_id: EDITOR,
    redirect_uri: 'http://localhost:4711/callback',
    scope: `${MCP}/Tools.Use offline_access`,
    resource: MCP,
  };
  const redeem = (code: string, form: Readonly<Record<string, string>> = {}) =>
    new Client(entra, 'editor').redeem(code, {
      client_id: EDITOR,
      redirect_uri: 'http://localhost:4711/callback',
      code_verifier: VERIFIER,
      resource: MCP,
      ...form,
    });
  const client = () => new Client(entra, 'editor');

  it('signs a user in with PKCE, and acts for her as an agent identity', async () => {
    const code = (await client().authorize('ada', { ...asked, ...PKCE })).get('code');
    const { status, body } = await redeem(code ?? '');
    expect(status).toBe(200);
    const claims = claimsOf(String(body.access_token));
    expect(claims).toMatchObject({
      azp: entra.clientIdOf('editor'),
      azpacr: '0',
      idtyp: 'user',
      scp: 'Tools.Use',
    });
    expect(String(claims.xms_act_fct).split(' ')).toContain('11');
    expect(String(claims.xms_sub_fct).split(' ')).not.toContain('11');
    expect(claims).not.toHaveProperty('xms_par_app_azp');
    const refreshed = await client().refresh(body, { client_id: EDITOR });
    expect(String(claimsOf(String(refreshed.body.access_token)).xms_act_fct).split(' ')).toContain('11');
  });

  it.each([
    ['without a challenge', {}],
    ['with a plain one', { code_challenge: VERIFIER, code_challenge_method: 'plain' }],
  ])('is refused %s', async (_, pkce) => {
    const answer = await client().authorize('ada', { ...asked, ...pkce });
    expect([answer.get('error'), answer.get('error_description')]).toEqual([
      'invalid_request',
      expect.stringContaining('AADSTS9002325'),
    ]);
  });

  it.each([
    ['client_credentials', { scope: `${MCP}/.default` }],
    ['urn:ietf:params:oauth:grant-type:device_code', { device_code: 'x' }],
    [
      'urn:ietf:params:oauth:grant-type:jwt-bearer',
      { assertion: 'x', scope: MCP, requested_token_use: 'on_behalf_of' },
    ],
  ])('gets no token by %s', async (grant_type, form) => {
    const { status, body } = await client().token({ client_id: EDITOR, grant_type, ...form });
    expect([status, body.error]).toEqual([400, 'unauthorized_client']);
  });

  it.each([
    { client_secret: 's' },
    {
      client_assertion: 'x',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    },
  ])('has no credential: %j', async (credential) => {
    const code = (await client().authorize('ada', { ...asked, ...PKCE })).get('code');
    const { status, body } = await redeem(code ?? '', credential);
    expect([status, body.error_codes]).toEqual([401, [700025]]);
  });

  it('is unknown under another URL', async () => {
    const { status, body } = await client().token({
      client_id: `${EDITOR}?a`,
      grant_type: 'refresh_token',
      refresh_token: 'x',
    });
    expect([status, body.error_codes]).toEqual([400, [700016]]);
  });

  it.each([
    [{ clientMetadataUrl: 'http://editor.example/metadata.json' }, 'https URL with a path'],
    [{ clientMetadataUrl: 'https://editor.example' }, 'https URL with a path'],
    [{ clientMetadataUrl: 'https://ada:secret@editor.example/a' }, 'https URL with a path'],
    [{ clientMetadataUrl: 'https://editor.example/a#b' }, 'https URL with a path'],
    [{ clientMetadataUrl: 8 as never }, 'https URL with a path'],
    [{ clientMetadataUrl: EDITOR, secret: 's' }, 'has no credential'],
  ])('is refused as an option: %j', async (editor, message) => {
    await expect(startEntra({ apps: { editor } })).rejects.toThrow(message);
  });
});

describe('a user who may not consent', () => {
  const desktop = () => new Client(entra, 'desktop');
  const asked = { scope: `${MCP}/Tools.Use offline_access`, resource: MCP };

  it('signs in where an administrator has consented, which is so without pages', async () => {
    expect((await desktop().signIn('bob', asked)).status).toBe(200);
  });

  it('is stopped by prompt=consent all the same', async () => {
    const answer = await desktop().authorize('bob', { ...asked, prompt: 'consent' });
    expect([answer.get('error'), answer.get('error_description')]).toEqual([
      'access_denied',
      expect.stringContaining('AADSTS90094'),
    ]);
  });

  it('is not stopped where users may consent, nor is an administrator', async () => {
    expect((await desktop().authorize('ada', { ...asked, prompt: 'consent' })).has('code')).toBe(true);
    const open = await startEntra({ apps: { orders: { scopes: ['Orders.Read'] }, web: {} } });
    onTestFinished(() => open.close());
    const scope = `api://${open.clientIdOf('orders')}/Orders.Read`;
    expect((await new Client(open).authorize('bob', { scope, prompt: 'consent' })).has('code')).toBe(true);
  });

  it('gets no refresh token without offline_access', async () => {
    const { body } = await desktop().signIn('bob', { ...asked, scope: `${MCP}/Tools.Use` });
    expect(body).not.toHaveProperty('refresh_token');
  });
});

describe('the claims that tell agents from people', () => {
  it('are in tokens of people where the API asks for them, and name no agent', async () => {
    const { body } = await new Client(entra, 'desktop').signIn('bob', { scope: `${MCP}/Tools.Use` });
    const claims = claimsOf(String(body.access_token));
    expect(FACETS.map((name) => claims[name])).toEqual(['3', '2 3', undefined]);
    expect(entra.user('bob', { api: 'tools', scp: 'Tools.Use' }).claims.xms_act_fct).toBe('3');
  });

  it('are not where it does not', () => {
    const { claims } = entra.user('bob', { api: 'orders', scp: 'Orders.Read' });
    for (const name of FACETS) expect(claims).not.toHaveProperty(name);
  });
});

it.each(['advertisePkce', 'userConsent'] as const)('%s is true or false', async (name) => {
  await expect(startEntra({ [name]: 'yes' } as never)).rejects.toThrow(`${name} is yes. Write true or false`);
});
