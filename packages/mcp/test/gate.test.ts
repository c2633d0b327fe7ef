import { createHash } from 'node:crypto';
import { allOf, type LogEntry, limit, memoryBudgets } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import {
  call,
  challengeOf,
  METADATA,
  MODERN,
  ordersServer,
  RESOURCE,
  read,
  request,
  TOOLS,
} from './support/orders-server.js';

describe('a request without an accepted token', () => {
  it.each(['POST', 'GET', 'DELETE', 'OPTIONS', 'PUT'])(
    'is answered 401, with scope and metadata: %s',
    async (method) => {
      const { send, handled, events } = await ordersServer();
      const response = await send({ method, ...(method === 'POST' ? { body: '{' } : {}) });
      expect(response.status).toBe(401);
      expect(challengeOf(response)).toEqual({
        realm: expect.any(String),
        scope: `${RESOURCE}/Orders.Read`,
        resource_metadata: METADATA,
      });
      expect(handled).toEqual([]);
      expect(events).toMatchObject([{ outcome: 'deny', code: 'credentials_missing' }]);
    },
  );

  it.each([
    ['for another API of the tenant', 'audience_not_accepted', 'notes'],
    ['that has expired', 'token_expired', 'expired'],
    ['that is an ID token', 'not_an_access_token', 'idToken'],
    ['of another tenant', 'tenant_not_accepted', 'tenant'],
    ['that a stranger signed', 'signature_invalid', 'stranger'],
  ] as const)('is refused with a token %s', async (_, code, what) => {
    const { entra, post, events } = await ordersServer();
    const token =
      what === 'notes'
        ? entra.user('ada', { api: 'notes', scp: 'Notes.Read' })
        : entra.wrong[what]({ api: 'orders' });
    const response = await post(call('orders.list'), token);
    expect(response.status).toBe(401);
    expect(challengeOf(response)).toMatchObject({
      error: 'invalid_token',
      scope: `${RESOURCE}/Orders.Read`,
      resource_metadata: METADATA,
    });
    expect(events).toMatchObject([{ outcome: 'deny', code }]);
  });

  it('is told of in the log, once, where VS Code has bound its token to the device', async () => {
    const log: LogEntry[] = [];
    const { entra, post } = await ordersServer({ log: (entry: LogEntry) => log.push(entry) });
    const token = entra.wrong.keyBound({ api: 'orders' });
    for (let times = 0; times < 2; times++) expect((await post(call('orders.list'), token)).status).toBe(401);
    const told = log.filter(({ event }) => event === 'configuration');
    expect(told).toMatchObject([{ hint: expect.stringContaining('msal-no-broker') }]);
  });

  it('is answered 400 with a broken header, which no new token fixes', async () => {
    const { post } = await ordersServer();
    const response = await post(call('orders.list'), 'a b');
    expect(response.status).toBe(400);
    expect(challengeOf(response)).not.toHaveProperty('scope');
  });

  it('is answered 503 while keys are unavailable, and not 401', async () => {
    const { entra, post } = await ordersServer();
    entra.fail('keys', 503);
    const response = await post(
      call('orders.list'),
      entra.user('ada', { api: 'orders', scp: 'Orders.Read' }),
    );
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(response.headers.has('www-authenticate')).toBe(false);
  });
});

describe('a call', () => {
  it('that its requirement lets in is handled as it was judged, and is one event', async () => {
    const { entra, post, handled, events } = await ordersServer();
    const body = call('orders.list', { b: 1, a: 2 });
    const response = await post(body, entra.user('ada', { api: 'orders', scp: 'Orders.Read' }));
    expect(response.status).toBe(200);
    expect(handled).toEqual([body]);
    expect(events).toMatchObject([
      {
        outcome: 'allow',
        handler: 'tools/call orders.list',
        requirement: "scopes('Orders.Read')",
        tool: 'orders.list',
        argumentsDigest: createHash('sha256').update('{"a":2,"b":1}').digest('base64url'),
        delegation: { user: expect.any(String), client: expect.any(String) },
      },
    ]);
  });

  it('that lacks only a scope is answered 403, with what is held and what is needed', async () => {
    const { entra, post, handled, events } = await ordersServer();
    const response = await post(
      call('orders.create'),
      entra.user('ada', { api: 'orders', scp: 'Orders.Read' }),
    );
    expect(response.status).toBe(403);
    expect(challengeOf(response)).toMatchObject({
      error: 'insufficient_scope',
      scope: `${RESOURCE}/Orders.Read ${RESOURCE}/Orders.Write`,
      resource_metadata: METADATA,
    });
    expect(handled).toEqual([]);
    expect(events).toMatchObject([{ outcome: 'deny', code: 'scope_missing', tool: 'orders.create' }]);
  });

  it('that lacks a role is answered as if there were no such tool', async () => {
    const { entra, post, handled, events } = await ordersServer();
    const ada = entra.user('ada', { api: 'orders', scp: 'Orders.Write' });
    const answerTo = async (name: string) => {
      const response = await post(call(name), ada);
      return { status: response.status, headers: [...response.headers], text: await response.text() };
    };
    const refused = await answerTo('orders.purge');
    const unknown = await answerTo('orders.pvrge');
    expect(refused.status).toBe(200);
    expect(JSON.parse(refused.text)).toEqual({
      jsonrpc: '2.0',
      id: 1,
      error: { code: -32602, message: 'Tool orders.purge not found' },
    });
    expect({ ...unknown, text: unknown.text.replace('pvrge', 'purge') }).toEqual(refused);
    expect(handled).toEqual([]);
    expect(events).toMatchObject([
      { outcome: 'deny', code: 'role_missing' },
      { outcome: 'deny', code: 'no_requirement', tool: 'orders.pvrge' },
    ]);
  });

  it('that lacks a role may be told so, by a sentence of a closed list', async () => {
    const { entra, post } = await ordersServer({ denied: 'say' });
    const response = await post(
      call('orders.purge'),
      entra.user('ada', { api: 'orders', scp: 'Orders.Write' }),
    );
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      jsonrpc: '2.0',
      id: 1,
      result: {
        content: [{ type: 'text', text: 'The caller lacks a role or an application permission.' }],
        isError: true,
      },
    });
  });

  it('of an agent on behalf of a user is refused by what excludes agents, and never by a challenge', async () => {
    const { entra, post, events } = await ordersServer();
    const agent = entra.agent('helper', {
      api: 'orders',
      onBehalfOf: 'ada',
      scp: 'Orders.Write',
      roles: ['Orders.Admin'],
    });
    const response = await post(call('orders.purge'), agent);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ error: { code: -32602 } });
    expect(events).toMatchObject([
      { code: 'agent_not_allowed', delegation: { user: expect.any(String), agent: expect.any(String) } },
    ]);
  });

  it.each([
    ['an agent as itself', { roles: ['Orders.Sync.All'] }],
    ["an agent's own user account", { user: true, scp: 'Orders.Read' }],
  ])('of %s gets no challenge for a scope that it can not ask anyone for', async (_, claims) => {
    const { entra, post } = await ordersServer();
    const response = await post(
      call('orders.create'),
      entra.agent('helper', { api: 'orders', ...claims } as never),
    );
    expect(response.status).toBe(200);
    expect(response.headers.has('www-authenticate')).toBe(false);
    expect(await response.json()).toMatchObject({ error: { code: -32602 } });
  });

  it('that needs a stronger sign-in says so, and is not a challenge that clients would fail at', async () => {
    const { entra, post } = await ordersServer();
    const ada = entra.user('ada', { api: 'orders', scp: 'Orders.Read', xms_cc: ['cp1'] });
    const response = await post(call('orders.export'), ada);
    expect(response.status).toBe(200);
    expect(response.headers.has('www-authenticate')).toBe(false);
    expect(await response.json()).toMatchObject({
      result: { isError: true, content: [{ text: 'A stronger sign-in is needed.' }] },
    });
  });

  it('of a daemon is judged by its application permission', async () => {
    const { entra, post } = await ordersServer();
    const daemon = entra.app('job', { api: 'orders', roles: ['Orders.Sync.All'] });
    expect((await post(call('orders.sync'), daemon)).status).toBe(200);
    const refused = await post(call('orders.list'), daemon);
    expect(await refused.json()).toMatchObject({ error: { code: -32602 } });
  });

  it('of what is open needs no token, and all else does', async () => {
    const { post, handled } = await ordersServer();
    expect((await post(call('hours'))).status).toBe(200);
    expect(handled).toHaveLength(1);
    for (const body of [
      call('orders.list'),
      call('none'),
      request('tools/list'),
      [call('hours'), call('orders.list', {}, 2)],
    ]) {
      expect((await post(body)).status).toBe(401);
    }
    expect(handled).toHaveLength(1);
  });
});

describe('step-up', () => {
  it("by the tool's result has the challenge in _meta", async () => {
    const { entra, post } = await ordersServer({ stepUp: 'tool' });
    const response = await post(
      call('orders.create'),
      entra.user('ada', { api: 'orders', scp: 'Orders.Read' }),
    );
    expect(response.status).toBe(200);
    const { result } = (await response.json()) as {
      result: { isError: boolean; _meta: Record<string, string[]> };
    };
    expect(result.isError).toBe(true);
    expect(result._meta['mcp/www_authenticate']).toEqual([
      expect.stringContaining(
        `scope="${RESOURCE}/Orders.Read ${RESOURCE}/Orders.Write", resource_metadata="${METADATA}"`,
      ),
    ]);
  });

  it.each([
    ['of 2026-07-28 by a 403', MODERN, 403],
    ['of earlier revisions by the result', {}, 200],
  ])("'both' answers calls %s", async (_, headers, status) => {
    const { entra, post } = await ordersServer({ stepUp: 'both' });
    const ada = entra.user('ada', { api: 'orders', scp: 'Orders.Read' });
    expect((await post(call('orders.create'), ada, headers)).status).toBe(status);
  });

  it('results of 2026-07-28 say that they are complete', async () => {
    const { entra, post } = await ordersServer({ stepUp: 'tool' });
    const ada = entra.user('ada', { api: 'orders', scp: 'Orders.Read' });
    const response = await post(call('orders.create'), ada, MODERN);
    expect(await response.json()).toMatchObject({ result: { resultType: 'complete' } });
  });
});

describe('a limit', () => {
  it('counts each call once, and is answered 429 when it is spent', async () => {
    const tools = { ...TOOLS, 'orders.list': allOf(read, limit({ calls: 2, per: '1h' })) };
    const { entra, post, events } = await ordersServer({ tools, budgets: memoryBudgets() });
    const ada = entra.user('ada', { api: 'orders', scp: 'Orders.Read' });
    expect((await post(call('orders.list'), ada)).status).toBe(200);
    expect((await post(request('tools/list'), ada)).status).toBe(200);
    expect((await post(call('orders.list'), ada)).status).toBe(200);
    const spent = await post(call('orders.list'), ada);
    expect(spent.status).toBe(429);
    expect(Number(spent.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(events.at(-1)).toMatchObject({ outcome: 'deny', code: 'limit_exceeded', tool: 'orders.list' });
  });

  it('is not spent by a batch that is refused for another call', async () => {
    const tools = { ...TOOLS, 'orders.list': allOf(read, limit({ calls: 1, per: '1h' })) };
    const { entra, post } = await ordersServer({ tools, budgets: memoryBudgets() });
    const ada = entra.user('ada', { api: 'orders', scp: 'Orders.Read' });
    await post([call('orders.list', {}, 1), call('orders.purge', {}, 2)], ada);
    expect((await post(call('orders.list'), ada)).status).toBe(200);
    const batch = await post([call('orders.list', {}, 1)], ada);
    expect(batch.status).toBe(200);
    expect(await batch.json()).toMatchObject([
      { id: 1, result: { isError: true, content: [{ text: 'The caller has reached its limit for now.' }] } },
    ]);
  });
});
