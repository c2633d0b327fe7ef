import { appPermissions } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import { ordersServer, RESOURCE } from './support/orders-server.js';

const AT = '/.well-known/oauth-protected-resource';
const FACADE = '/.well-known/oauth-authorization-server';

describe('the metadata of the protected resource', () => {
  it.each([`${AT}/mcp`, AT])('is served at %s, to any web page, and may be kept a little', async (path) => {
    const { entra, send, events } = await ordersServer({ resourceName: 'Orders' });
    const response = await send({ path });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('cache-control')).toBe('public, max-age=300');
    expect(await response.json()).toEqual({
      resource: RESOURCE,
      authorization_servers: [entra.authority],
      scopes_supported: [`${RESOURCE}/Orders.Read`],
      bearer_methods_supported: ['header'],
      resource_name: 'Orders',
    });
    expect(events).toEqual([]);
  });

  it.each([
    ['GET', 200, true],
    ['HEAD', 200, false],
    ['OPTIONS', 204, false],
    ['POST', 405, false],
    ['DELETE', 405, false],
  ])('answers %s with %i', async (method, status, hasBody) => {
    const { send } = await ordersServer();
    const response = await send({ method, path: AT });
    expect(response.status).toBe(status);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect((await response.text()) !== '').toBe(hasBody);
    if (status === 405) expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
    if (status === 204) {
      expect(response.headers.get('access-control-allow-headers')).toContain('MCP-Protocol-Version');
    }
  });

  it.each([`${AT}/other`, `${AT}/mcp/`, `${AT}/MCP`, FACADE])('is not served at %s', async (path) => {
    const { send } = await ordersServer();
    expect((await send({ path })).status).toBe(401);
  });

  it('names what daemons ask for, where there are no scopes', async () => {
    const { send } = await ordersServer({
      tools: { sync: appPermissions('Orders.Sync.All') },
      initialScopes: undefined as never,
    });
    expect(await (await send({ path: AT })).json()).toMatchObject({
      scopes_supported: [`${RESOURCE}/.default`],
    });
  });
});

describe('the façade', () => {
  const facade = { authorizationServer: { facade: 'metadata' } } as const;

  it("is metadata of an authorization server with the server's origin and Entra's end points", async () => {
    const { entra, send } = await ordersServer(facade);
    expect(await (await send({ path: AT })).json()).toMatchObject({
      authorization_servers: ['https://mcp.contoso.com'],
    });
    const document = (await (await send({ path: FACADE })).json()) as Record<string, unknown>;
    const endpoint = `https://login.microsoftonline.com/${entra.tenantId}/oauth2/v2.0`;
    expect(document).toMatchObject({
      issuer: 'https://mcp.contoso.com',
      authorization_endpoint: `${endpoint}/authorize`,
      token_endpoint: `${endpoint}/token`,
      code_challenge_methods_supported: ['S256'],
      scopes_supported: [`${RESOURCE}/Orders.Read`],
    });
    expect(JSON.stringify(document)).not.toContain('offline_access');
    expect(document).not.toHaveProperty('registration_endpoint');
  });

  it("is 503 while Entra's own metadata is unavailable", async () => {
    const { entra, send } = await ordersServer(facade);
    entra.fail('metadata', 503);
    const response = await send({ path: FACADE });
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
  });

  it('passes nothing else: no code, no token, no registration', async () => {
    const { send } = await ordersServer(facade);
    for (const path of ['/authorize', '/token', '/register', '/oauth2/v2.0/token', `${FACADE}/mcp`]) {
      expect((await send({ method: 'POST', path, body: 'code=1' })).status).toBe(401);
    }
  });
});
