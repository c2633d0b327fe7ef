import { allOf, ConfigurationError, scopes, userRoles } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import { call, MODERN, ordersServer, RESOURCE, request } from './support/orders-server.js';

const reader = { api: 'orders', scp: 'Orders.Read' };
const endpoint = (token: string, body: unknown) =>
  new Request(RESOURCE, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('a web-standard host', () => {
  it('lets the handler read the very body that was judged', async () => {
    const { entra, mcp } = await ordersServer();
    const body = call('orders.list', { first: 1 });
    const asked = endpoint(entra.user('ada', reader).token, body);
    expect(await mcp.handle(asked)).toBeUndefined();
    expect(await asked.json()).toEqual(body);
  });

  it('gives the AuthInfo of the SDK, without the token', async () => {
    const { entra, mcp } = await ordersServer();
    const ada = entra.user('ada', reader);
    const asked = endpoint(ada.token, request('tools/list'));
    await mcp.handle(asked);
    expect(mcp.authInfoOf(asked)).toEqual({
      token: '',
      clientId: ada.claims.azp,
      scopes: ['Orders.Read'],
      expiresAt: ada.claims.exp,
      resource: new URL(RESOURCE),
      resourceMetadataUrl: 'https://mcp.contoso.com/.well-known/oauth-protected-resource/mcp',
    });
  });

  it('gives the token only where that was asked for', async () => {
    const { entra, mcp } = await ordersServer({ exposeToken: true });
    const ada = entra.user('ada', reader);
    const asked = endpoint(ada.token, request('tools/list'));
    await mcp.handle(asked);
    expect(mcp.authInfoOf(asked)?.token).toBe(ada.token);
  });

  it('has no AuthInfo of what was refused, or was not asked about', async () => {
    const { entra, mcp } = await ordersServer();
    const refused = endpoint(entra.user('ada', reader).token, call('orders.create'));
    expect((await mcp.handle(refused))?.status).toBe(403);
    expect(mcp.authInfoOf(refused)).toBeUndefined();
    expect(mcp.authInfoOf(endpoint('x', {}))).toBeUndefined();
  });

  it('refuses to judge what was read before', async () => {
    const { entra, mcp } = await ordersServer();
    const asked = endpoint(entra.user('ada', reader).token, call('orders.list'));
    await asked.json();
    await expect(mcp.handle(asked)).rejects.toThrow('body was read already');
  });

  it('judges requests at any path: which of them are the endpoint is up to the host', async () => {
    const { mcp } = await ordersServer();
    expect((await mcp.handle(new Request('https://mcp.contoso.com/elsewhere')))?.status).toBe(401);
  });
});

describe('authOf', () => {
  it('knows the contexts of both lines of the SDK, the request and the AuthInfo', async () => {
    const { entra, mcp } = await ordersServer();
    const asked = endpoint(entra.user('ada', reader).token, request('tools/list'));
    await mcp.handle(asked);
    const authInfo = mcp.authInfoOf(asked);
    for (const of of [asked, authInfo, { authInfo }, { http: { authInfo } }]) {
      expect(mcp.authOf(of as object).objectId).toBe(entra.objectIdOf('ada'));
    }
  });

  it('trusts no copy, no member, and no AuthInfo of another server', async () => {
    const { entra, mcp } = await ordersServer();
    const other = await ordersServer();
    const asked = endpoint(entra.user('ada', reader).token, request('tools/list'));
    await mcp.handle(asked);
    const authInfo = mcp.authInfoOf(asked);
    const forged = { ...authInfo, extra: { auth: mcp.authOf(asked) } };
    for (const of of [forged, { authInfo: forged }, { auth: authInfo, http: {} }, {}, undefined, 'ada']) {
      expect(() => mcp.authOf(of as object)).toThrow(ConfigurationError);
    }
    expect(() => other.mcp.authOf(authInfo as object)).toThrow('there is none');
  });
});

describe('a reference to a prompt or resource', () => {
  const offers = () => {
    return ordersServer({
      prompts: { summary: scopes('Orders.Read'), payroll: scopes('Orders.Write') },
      resources: {
        'orders://today': scopes('Orders.Read'),
        'orders://{id}': scopes('Orders.Write'),
        'files:///{+path}': scopes('Orders.Read'),
        'files:///secret/{name}': scopes('Orders.Write'),
      },
    });
  };
  const complete = (ref: object) =>
    request('completion/complete', { ref, argument: { name: 'a', value: 'b' } });

  it.each<[string, object, boolean]>([
    ['a prompt that the caller may use', complete({ type: 'ref/prompt', name: 'summary' }), true],
    ['a prompt that it may not', complete({ type: 'ref/prompt', name: 'payroll' }), false],
    ['no such prompt', complete({ type: 'ref/prompt', name: 'constructor' }), false],
    ['a template that it may not use', complete({ type: 'ref/resource', uri: 'orders://{id}' }), false],
    ['a template that it may use', complete({ type: 'ref/resource', uri: 'files:///{+path}' }), true],
    ['a resource that it may use', request('resources/subscribe', { uri: 'orders://today' }), true],
    ['a resource that it may not', request('resources/subscribe', { uri: 'orders://1' }), false],
  ])('is answered only where that is open: %s', async (_, body, open) => {
    const { entra, post, handled, events } = await offers();
    const response = await post(body, entra.user('ada', reader));
    expect(handled).toHaveLength(open ? 1 : 0);
    if (!open) expect(await response.json()).toMatchObject({ error: { code: -32602 } });
    expect(events).toHaveLength(1);
  });

  it.each<[string, string, number]>([
    ['an exact URI, which goes before templates', 'orders://today', 200],
    ['a template', 'orders://1', 403],
    ['a URI of two templates, which asks for what both do', 'files:///secret/keys', 403],
    ['a URI of one of them', 'files:///public/a/b', 200],
    ['a URI in another spelling', 'ORDERS://today', 200],
  ])('a resource is read by %s', async (_, uri, status) => {
    const { entra, post, events } = await offers();
    const response = await post(request('resources/read', { uri }), entra.user('ada', reader));
    expect(response.status).toBe(status);
    expect(events).toHaveLength(1);
  });

  it.each(['none://1', 'not a URI', '', `orders://${'x'.repeat(5000)}`])(
    'a resource that is not offered is not found: %s',
    async (uri) => {
      const { entra, post, handled } = await offers();
      const response = await post(request('resources/read', { uri }), entra.user('ada', reader));
      expect(await response.json()).toMatchObject({
        // Revision 2026-07-28, "Resources", Error Handling: the data names the URI.
        error: { code: -32602, message: expect.stringMatching(/^Resource .*not found$/), data: { uri } },
      });
      expect(handled).toEqual([]);
    },
  );

  it('a prompt that is refused is not found, or says why as an error: its result can not', async () => {
    const prompts = { payroll: allOf(scopes('Orders.Read'), userRoles('Orders.Admin')) };
    for (const [denied, message] of [
      ['hide', 'Prompt payroll not found'],
      ['say', 'The caller lacks a role or an application permission.'],
    ] as const) {
      const { entra, post } = await ordersServer({ prompts, denied });
      const response = await post(
        request('prompts/get', { name: 'payroll' }),
        entra.user('ada', reader),
        MODERN,
      );
      expect(await response.json()).toMatchObject({ error: { code: -32602, message } });
    }
  });
});
