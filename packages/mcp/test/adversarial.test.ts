import { scopes } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import { call, MODERN, ordersServer, read, request, TOOLS } from './support/orders-server.js';

const reader = { api: 'orders', scp: 'Orders.Read' };

describe('names that no tool has', () => {
  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'ORDERS.LIST', 'orders.list ', ''])(
    'are not found, whatever they mean to JavaScript: %j',
    async (name) => {
      const { entra, post, handled, events } = await ordersServer();
      const response = await post(call(name), entra.user('ada', reader));
      expect(await response.json()).toMatchObject({
        error: { code: -32602, message: `Tool ${name} not found` },
      });
      expect(handled).toEqual([]);
      expect(events).toMatchObject([{ outcome: 'deny', code: 'no_requirement' }]);
    },
  );
});

describe('a body that could be read in two ways is refused', () => {
  it.each<[string, string | object, number, number]>([
    [
      'a member named twice',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"orders.list","name":"orders.create"}}',
      400,
      -32700,
    ],
    [
      'a method named twice',
      '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call","params":{"name":"orders.create"}}',
      400,
      -32700,
    ],
    [
      'a name in another spelling, twice',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"orders.list","n\\u0061me":"orders.create"}}',
      400,
      -32700,
    ],
    [
      'a prototype',
      '{"jsonrpc":"2.0","id":1,"__proto__":{"method":"tools/call"},"method":"ping"}',
      400,
      -32700,
    ],
    [
      'a prototype in the arguments',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"orders.list","arguments":{"__proto__":{}}}}',
      400,
      -32700,
    ],
    [
      'half a character',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"orders.list","arguments":{"a":"\\ud800"}}}',
      400,
      -32700,
    ],
    [
      'what is nested deeper than 64 levels',
      `{"jsonrpc":"2.0","id":1,"method":"ping","params":${'['.repeat(64)}${']'.repeat(64)}}`,
      400,
      -32700,
    ],
    ['text that is not JSON', '{', 400, -32700],
    ['nothing', '', 400, -32700],
    ['a number', '1', 400, -32600],
    ['an object that is not a message', {}, 400, -32600],
    ['a method that is not text', { jsonrpc: '2.0', id: 1, method: ['tools/call'] }, 400, -32600],
    [
      'a call without an ID',
      { jsonrpc: '2.0', method: 'tools/call', params: { name: 'orders.list' } },
      400,
      -32600,
    ],
    ['a call with null as its ID', call('orders.list', {}, null), 400, -32600],
    ['a call with an object as its ID', call('orders.list', {}, {}), 400, -32600],
    ['a call without a name', request('tools/call', {}), 400, -32600],
    ['a call of a list of names', request('tools/call', { name: ['orders.list'] }), 400, -32600],
    [
      'a call with parameters by position',
      { jsonrpc: '2.0', id: 1, method: 'tools/call', params: ['orders.list'] },
      400,
      -32600,
    ],
    ['a batch without messages', [], 400, -32600],
    [
      'a batch of more than 100',
      Array.from({ length: 101 }, (_, id) => request('ping', undefined, id)),
      400,
      -32600,
    ],
    ['a batch with two calls of one ID', [call('orders.list'), call('orders.create')], 400, -32600],
    [
      'a batch with two IDs that are one as text',
      [call('orders.list', {}, 1), call('orders.create', {}, '1')],
      400,
      -32600,
    ],
    ['a batch in a batch', [[call('orders.create')]], 400, -32600],
  ])('%s', async (_, body, status, code) => {
    const { entra, post, handled, events } = await ordersServer();
    const response = await post(body, entra.user('ada', reader));
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ id: null, error: { code } });
    expect(handled).toEqual([]);
    expect(events).toMatchObject([{ outcome: 'allow', handler: 'POST /mcp' }]);
  });

  it('the nearest ones that can not are let in', async () => {
    const { entra, post, handled } = await ordersServer();
    const ada = entra.user('ada', reader);
    const depth = {
      a: JSON.parse(`${'['.repeat(58)}${']'.repeat(58)}`),
      name: 'name',
      list: [{ name: 1 }, { name: 2 }],
    };
    for (const body of [call('orders.list', depth), [call('orders.list'), call('orders.list', {}, 'b')]]) {
      expect((await post(body, ada)).status).toBe(200);
    }
    expect(handled).toHaveLength(2);
  });
});

it.each([
  ['another type', { 'content-type': 'text/plain' }, 415],
  ['no type', { 'content-type': '' }, 415],
  ['a type that begins like it', { 'content-type': 'application/json-patch+json' }, 415],
  ['compressed', { 'content-encoding': 'gzip' }, 415],
])('a body of %s is not read', async (_, headers, status) => {
  const { entra, post, handled } = await ordersServer();
  expect((await post(call('orders.list'), entra.user('ada', reader), headers)).status).toBe(status);
  expect(handled).toEqual([]);
});

it('a body that is longer than allowed is refused, and one of just that length is not', async () => {
  const body = JSON.stringify(call('orders.list'));
  for (const [maxBodyBytes, status] of [
    [body.length, 200],
    [body.length - 1, 413],
  ] as const) {
    const { entra, post } = await ordersServer({ maxBodyBytes });
    expect((await post(body, entra.user('ada', reader))).status).toBe(status);
  }
});

describe('a batch', () => {
  it('in which all calls may is handled whole, with one event for each call', async () => {
    const { entra, post, handled, events } = await ordersServer();
    const body = [call('orders.list', {}, 1), request('ping', undefined, 2), call('orders.create', {}, 3)];
    const ada = entra.user('ada', { api: 'orders', scp: 'Orders.Read Orders.Write' });
    expect((await post(body, ada)).status).toBe(200);
    expect(handled).toEqual([body]);
    expect(events.map(({ outcome, tool }) => `${outcome} ${tool}`)).toEqual([
      'allow orders.list',
      'allow orders.create',
    ]);
  });

  it('with one refused call is refused whole, before anything is handled, with an event for each call', async () => {
    const { entra, post, handled, events } = await ordersServer();
    const body = [call('orders.list', {}, 1), call('orders.purge', {}, 2), request('ping', undefined, 3)];
    const response = await post(body, entra.user('ada', { api: 'orders', scp: 'Orders.Read Orders.Write' }));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual([
      { jsonrpc: '2.0', id: 1, error: { code: -32600, message: expect.stringContaining('another message') } },
      { jsonrpc: '2.0', id: 2, error: { code: -32602, message: 'Tool orders.purge not found' } },
      { jsonrpc: '2.0', id: 3, error: { code: -32600, message: expect.stringContaining('another message') } },
    ]);
    expect(handled).toEqual([]);
    expect(events.map(({ outcome, tool }) => `${outcome} ${tool}`)).toEqual([
      'deny orders.list',
      'deny orders.purge',
    ]);
  });

  it('in which a scope would fix all that is refused is answered 403, with all scopes', async () => {
    const { entra, post } = await ordersServer({
      tools: { ...TOOLS, approve: scopes('Orders.Approve') },
      initialScopes: ['Orders.Read'],
    });
    const body = [call('orders.list', {}, 1), call('orders.create', {}, 2), call('approve', {}, 3)];
    const response = await post(body, entra.user('ada', reader));
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toContain(
      '/Orders.Read https://mcp.contoso.com/mcp/Orders.Write https://mcp.contoso.com/mcp/Orders.Approve"',
    );
  });

  it('that hides an unknown method among calls is refused whole', async () => {
    const { entra, post, handled } = await ordersServer();
    const body = [call('orders.list', {}, 1), request('orders/purge', {}, 2)];
    const response = await post(body, entra.user('ada', reader));
    expect(await response.json()).toMatchObject([{ error: { code: -32600 } }, { error: { code: -32601 } }]);
    expect(handled).toEqual([]);
  });
});

describe('methods', () => {
  it.each([
    'initialize',
    'ping',
    'server/discover',
    'tools/list',
    'prompts/list',
    'resources/list',
    'resources/templates/list',
    'resources/unsubscribe',
    'subscriptions/listen',
    'logging/setLevel',
  ])('that use nothing need a caller, and are one event: %s', async (method) => {
    const { entra, post, events, handled } = await ordersServer();
    expect((await post(request(method, {}), entra.user('ada', reader))).status).toBe(200);
    expect(handled).toHaveLength(1);
    expect(events).toMatchObject([{ outcome: 'allow', handler: method }]);
  });

  it.each(['Tools/Call', 'tools/call ', 'tasks/result', 'orders/purge', 'constructor', '__proto__'])(
    'that have no requirement do not exist: %j',
    async (method) => {
      const { entra, post, handled } = await ordersServer();
      const response = await post(request(method, { name: 'orders.create' }), entra.user('ada', reader));
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({
        jsonrpc: '2.0',
        id: 1,
        error: { code: -32601, message: 'Method not found' },
      });
      const modern = await post(request(method), entra.user('ada', reader), MODERN);
      expect(modern.status).toBe(404);
      expect(handled).toEqual([]);
    },
  );

  it.each([{ uri: 'orders://today' }, {}])(
    'that revision 2026-07-28 has taken away do not exist from then on: resources/subscribe %j',
    async (params) => {
      const { entra, post, handled } = await ordersServer({ resources: { 'orders://today': read } });
      const subscribe = request('resources/subscribe', params);
      const response = await post(subscribe, entra.user('ada', reader), MODERN);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ id: 1, error: { code: -32601 } });
      expect(handled).toEqual([]);
      const earlier = await post(
        request('resources/subscribe', { uri: 'orders://today' }),
        entra.user('ada', reader),
      );
      expect(earlier.status).toBe(200);
    },
  );

  it.each([
    ['a notification of the protocol', { jsonrpc: '2.0', method: 'notifications/initialized' }, 200],
    ['an answer to the server', { jsonrpc: '2.0', id: 7, result: {} }, 200],
    ['a notification of another kind', { jsonrpc: '2.0', method: 'orders/purge' }, 400],
  ])('without an answer: %s', async (_, body, status) => {
    const { entra, post } = await ordersServer();
    expect((await post(body, entra.user('ada', reader))).status).toBe(status);
  });
});

describe('headers that say something else than the body', () => {
  const base64 = (name: string) => `=?base64?${Buffer.from(name).toString('base64')}?=`;

  it.each<[string, Readonly<Record<string, string>>]>([
    ['another tool', { 'mcp-method': 'tools/call', 'mcp-name': 'orders.list' }],
    ['another tool, encoded', { 'mcp-name': base64('orders.list') }],
    ['the same tool, badly encoded', { 'mcp-name': '=?base64?b3JkZXJzLmNyZWF0ZQ=?=' }],
    ['bytes that are not text', { 'mcp-name': `=?base64?${Buffer.from([255, 254]).toString('base64')}?=` }],
    ['another method', { 'mcp-method': 'ping', 'mcp-name': 'orders.create' }],
    ['a method in another case', { 'mcp-method': 'Tools/Call' }],
    ['two tools', { 'mcp-name': 'orders.create, orders.list' }],
  ])('are refused from 2026-07-28 on: %s', async (_, headers) => {
    const { entra, post, handled } = await ordersServer();
    const ada = entra.user('ada', { api: 'orders', scp: 'Orders.Write' });
    const response = await post(call('orders.create'), ada, { ...MODERN, ...headers });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ id: 1, error: { code: -32020 } });
    expect(handled).toEqual([]);
  });

  it.each<[string, Readonly<Record<string, string>>, Readonly<Record<string, string>>]>([
    ['the tool itself', { 'mcp-method': 'tools/call', 'mcp-name': 'orders.create' }, MODERN],
    ['the tool itself, encoded', { 'mcp-name': base64('orders.create') }, MODERN],
    [
      'another tool, in a revision that does not know the header',
      { 'mcp-name': 'orders.list' },
      { 'mcp-protocol-version': '2025-11-25' },
    ],
  ])('let the body decide: %s', async (_, headers, version) => {
    const { entra, post } = await ordersServer();
    const ada = entra.user('ada', { api: 'orders', scp: 'Orders.Write' });
    expect((await post(call('orders.create'), ada, { ...version, ...headers })).status).toBe(200);
    expect(
      (await post(call('orders.create'), entra.user('ada', reader), { ...version, ...headers })).status,
    ).toBe(403);
  });
});

describe('an Origin', () => {
  it.each<[string, string | undefined, number]>([
    ['none', undefined, 200],
    ["the server's own", 'https://mcp.contoso.com', 200],
    ['one that is allowed', 'http://localhost:6274', 200],
    ['another one', 'https://evil.example', 403],
    ['an opaque one', 'null', 403],
    ['one that begins like an allowed one', 'http://localhost:62740', 403],
    ['one with a path', 'https://mcp.contoso.com/', 403],
    ['an empty one', '', 403],
  ])('is compared in full: %s', async (_, origin, status) => {
    const { entra, post, events } = await ordersServer({ allowedOrigins: ['http://localhost:6274'] });
    const headers = origin === undefined ? {} : { origin };
    const response = await post(call('orders.list'), entra.user('ada', reader), headers);
    expect(response.status).toBe(status);
    expect(response.headers.has('www-authenticate')).toBe(false);
    expect(events).toHaveLength(1);
  });

  it('that may not call is refused for every caller, and before a token is looked at', async () => {
    const { post, events } = await ordersServer();
    expect((await post(call('orders.list'), 'x.y.z', { origin: 'null' })).status).toBe(403);
    expect(events).toMatchObject([{ outcome: 'deny', code: 'no_requirement', handler: 'POST /mcp' }]);
  });
});

it('a traceparent of the call is that of its event', async () => {
  const { entra, post, events } = await ordersServer();
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const body = request('tools/call', { name: 'orders.list', _meta: { traceparent } });
  await post(body, entra.user('ada', reader));
  expect(events).toMatchObject([{ traceparent, correlationId: '0af7651916cd43dd8448eb211c80319c' }]);
});
