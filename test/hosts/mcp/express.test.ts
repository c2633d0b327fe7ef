import { createServer, request as httpRequest, type IncomingMessage, type RequestListener } from 'node:http';
import { type DecisionEvent, memoryRevocations, onEvent, scopes } from '@entra-guard/core';
import { authOf, entraGuard } from '@entra-guard/express';
import { entraMcp, type Middleware, type NodeHandler } from '@entra-guard/mcp';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import express4 from 'express4';
import express5 from 'express5';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { listen } from '../../support/listen.js';

const RESOURCE = 'https://mcp.contoso.com/mcp';
let entra: LocalEntra;
beforeAll(async () => {
  entra = await startEntra({
    apps: { orders: { scopes: ['Orders.Read', 'Orders.Write'], applicationIdUri: RESOURCE } },
  });
  return () => entra.close();
});

const options = () => ({
  ...entra.options('orders'),
  log: false as const,
  resource: RESOURCE,
  initialScopes: ['Orders.Read'] as const,
  tools: { 'orders.list': scopes('Orders.Read'), 'orders.create': scopes('Orders.Write') },
  maxBodyBytes: 1000,
});
const call = (name: string) => ({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name } });

/** Answers with what it was given. */
const echo: NodeHandler = (req, res, body) => {
  const { auth } = req as IncomingMessage & { auth?: { token: string; scopes: string[] } };
  res.setHeader('Content-Type', 'application/json');
  res.end(JSON.stringify({ body: body ?? null, scopes: auth?.scopes ?? null, token: auth?.token }));
};

/** Calls middlewares one after another, as a host without a framework does. */
function bare(...middlewares: readonly Middleware[]): RequestListener {
  return (req, res) => {
    const from = (at: number) => (error?: unknown) => {
      const next = middlewares[at];
      if (error === undefined && next !== undefined) return next(req, res, from(at + 1));
      res.statusCode = error === undefined ? 404 : 500;
      res.end();
    };
    from(0)();
  };
}

const hosts: readonly [string, (...middlewares: readonly Middleware[]) => RequestListener][] = [
  ['Express 4', (...middlewares) => express4().use(...(middlewares as [Middleware])) as RequestListener],
  ['Express 5', (...middlewares) => express5().use(...(middlewares as [Middleware])) as RequestListener],
  ['node:http', bare],
];

async function served(
  listener: RequestListener,
): Promise<(path: string, init?: RequestInit) => Promise<Response>> {
  const { origin, close } = await listen(listener);
  onTestFinished(close);
  return (path, init) => fetch(`${origin}${path}`, init);
}

const posted = (body: unknown, scp = 'Orders.Read'): RequestInit => ({
  method: 'POST',
  headers: { ...entra.user('ada', { scp }).headers, 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

describe.each(hosts)('on %s', (_, hostOf) => {
  it('mcp.express() is all that a server needs', async () => {
    const ask = await served(hostOf(entraMcp(options()).express(echo)));
    expect((await ask('/.well-known/oauth-protected-resource/mcp')).status).toBe(200);
    expect((await ask('/.well-known/oauth-protected-resource', { method: 'HEAD' })).status).toBe(200);
    expect((await ask('/mcp', { method: 'POST' })).status).toBe(401);
    const response = await ask('/mcp?v=2', posted(call('orders.list')));
    expect(await response.json()).toEqual({ body: call('orders.list'), scopes: ['Orders.Read'], token: '' });
    expect((await ask('/mcp', posted(call('orders.create')))).status).toBe(403);
    expect((await ask('/mcp', { headers: entra.user('ada', { scp: 'Orders.Read' }).headers })).status).toBe(
      200,
    );
    for (const path of ['/', '/mcp/', '/MCP', '/%6dcp', '/other']) expect((await ask(path)).status).toBe(404);
  });

  it('gate, serve and metadata are its parts', async () => {
    const mcp = entraMcp(options());
    const ask = await served(hostOf(mcp.metadata(), mcp.gate(), mcp.serve(echo)));
    expect((await ask('/.well-known/oauth-protected-resource')).status).toBe(200);
    expect((await ask('/anything')).status).toBe(401);
    expect((await ask('/anything', posted(call('orders.create')))).status).toBe(403);
    expect((await ask('/anything', posted(call('orders.list')))).status).toBe(200);
  });

  it('serve refuses what no gate has let in', async () => {
    const ask = await served(hostOf(entraMcp(options()).serve(echo)));
    expect((await ask('/mcp', posted(call('orders.list')))).status).toBe(500);
  });

  it('serve hands over what was judged, whatever a middleware between writes to the body', async () => {
    const mcp = entraMcp(options());
    const forge: Middleware = (req, _res, next) => {
      (req as { body?: unknown }).body = call('orders.create');
      next();
    };
    const ask = await served(hostOf(mcp.gate(), forge, mcp.serve(echo)));
    const response = await ask('/mcp', posted(call('orders.list')));
    expect(await response.json()).toMatchObject({ body: call('orders.list') });
  });

  it('takes an auth of another library for nothing', async () => {
    const mcp = entraMcp(options());
    const forge: Middleware = (req, _res, next) => {
      Object.assign(req, { auth: { token: 'x', scopes: ['Orders.Write'] } });
      next();
    };
    const ask = await served(hostOf(forge, mcp.gate(), mcp.serve(echo)));
    expect(await (await ask('/mcp', posted(call('orders.list')))).json()).toMatchObject({
      scopes: ['Orders.Read'],
    });
    expect((await ask('/mcp', posted(call('orders.create')))).status).toBe(403);
  });

  it('reads no body of a caller without a token, however long, and answers before it has come', async () => {
    const { origin, close } = await listen(hostOf(entraMcp(options()).express(echo)));
    onTestFinished(close);
    const req = httpRequest(`${origin}/mcp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': '100000000' },
    });
    req.on('error', () => {});
    req.write('{');
    const response = await new Promise<IncomingMessage>((resolve) => req.on('response', resolve));
    expect(response.statusCode).toBe(401);
    expect(response.headers.connection).toBe('close');
    req.destroy();
  });

  it.each([
    ['with its length', { 'content-length': '100000000' }],
    ['in chunks', { 'transfer-encoding': 'chunked' }],
  ])('refuses a body that is too long as soon as it shows: %s', async (_name, headers) => {
    const { origin, close } = await listen(hostOf(entraMcp(options()).express(echo)));
    onTestFinished(close);
    const req = httpRequest(`${origin}/mcp`, {
      method: 'POST',
      headers: {
        ...entra.user('ada', { scp: 'Orders.Read' }).headers,
        'content-type': 'application/json',
        ...headers,
      },
    });
    req.on('error', () => {});
    req.write(`{"a":"${'x'.repeat(2000)}`);
    const response = await new Promise<IncomingMessage>((resolve) => req.on('response', resolve));
    expect(response.statusCode).toBe(413);
    req.destroy();
  });

  it('what the handler throws goes to the host', async () => {
    const fails: NodeHandler = () => {
      throw new Error('the transport failed');
    };
    const ask = await served(hostOf(entraMcp(options()).express(fails)));
    expect((await ask('/mcp', posted(call('orders.list')))).status).toBe(500);
  });
});

describe.each([
  ['Express 4', express4 as unknown as typeof express5],
  ['Express 5', express5],
] as const)('with @entra-guard/express on %s', (_, express) => {
  const api = () => entraGuard({ ...entra.options('orders'), log: false });

  it('its guard is the one of the server', async () => {
    const guard = api();
    const events: DecisionEvent[] = [];
    onTestFinished(onEvent((event) => events.push(event), { types: ['decision'] }));
    const { resource, tools, initialScopes } = options();
    const mcp = entraMcp({ guard, resource, tools, initialScopes });
    const app = express();
    app.use(mcp.express(echo));
    app.get('/orders', guard.require(scopes('Orders.Read')), (req, res) => {
      res.json({ objectId: authOf(req)?.objectId });
    });
    guard.assertAllGuarded(app);
    const ask = await served(app as unknown as RequestListener);
    expect((await ask('/mcp', posted(call('orders.list')))).status).toBe(200);
    expect(
      (await ask('/orders', { headers: entra.user('ada', { scp: 'Orders.Read' }).headers })).status,
    ).toBe(200);
    expect(events).toHaveLength(2);
  });

  it('assertAllGuarded knows the gate, and still finds routes that are not behind it', () => {
    const guard = api();
    const mcp = entraMcp(options());
    const app = express();
    app.use(mcp.metadata());
    app.all('/mcp', mcp.gate(), mcp.serve(echo));
    expect(() => guard.assertAllGuarded(app)).not.toThrow();
    app.get('/open', (_req, res) => void res.end());
    expect(() => guard.assertAllGuarded(app)).toThrow('GET /open');
  });

  it('assertAllGuarded does not take serve, metadata or express for a guard of what is behind them', () => {
    const guard = api();
    const mcp = entraMcp(options());
    for (const middleware of [mcp.metadata(), mcp.express(echo)]) {
      const app = express();
      app.use(middleware);
      app.get('/open', (_req, res) => void res.end());
      expect(() => guard.assertAllGuarded(app)).toThrow('GET /open');
    }
    const app = express();
    app.all('/mcp', mcp.serve(echo));
    expect(() => guard.assertAllGuarded(app)).toThrow('/mcp');
  });

  it('a body that a parser has read is judged and handed over as it is', async () => {
    const mcp = entraMcp(options());
    const app = express();
    app.use(express.json());
    app.use(mcp.express(echo));
    const ask = await served(app as unknown as RequestListener);
    expect(await (await ask('/mcp', posted(call('orders.list')))).json()).toMatchObject({
      body: call('orders.list'),
    });
    expect((await ask('/mcp', posted(call('orders.create')))).status).toBe(403);
    const forged = {
      ...posted(''),
      body: '{"jsonrpc":"2.0","id":1,"method":"ping","__proto__":{"method":"tools/call"}}',
    };
    expect((await ask('/mcp', forged)).status).toBe(400);
  });

  it('a server behind a router has the path that clients see', async () => {
    const mcp = entraMcp(options());
    const app = express();
    app.use('/mcp', mcp.express(echo));
    const ask = await served(app as unknown as RequestListener);
    expect((await ask('/mcp', posted(call('orders.list')))).status).toBe(200);
  });
});

it.each([
  ['a GET', {}],
  [
    'a subscription of 2026-07-28',
    { method: 'POST', body: '{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen"}' },
  ],
])('a stream of events ends when its caller is revoked: %s', async (_, init) => {
  const revocations = memoryRevocations({ now: entra.now });
  const mcp = entraMcp({ ...options(), revocations });
  const stream: NodeHandler = (_req, res) => {
    res.setHeader('Content-Type', 'text/event-stream');
    res.write(': open\n\n');
  };
  const ask = await served(bare(mcp.express(stream)));
  const { authorization } = entra.user('grace', { scp: 'Orders.Read' }).headers;
  const headers = { authorization, accept: 'text/event-stream', 'content-type': 'application/json' };
  const response = await ask('/mcp', { ...init, headers });
  const read = response.text();
  await revocations.revoke(
    { user: entra.objectIdOf('grace'), tenantId: entra.tenantId },
    { because: 'left' },
  );
  await expect(read).rejects.toThrow();
});

it('express(), serve() take a function', () => {
  const mcp = entraMcp(options());
  for (const given of [undefined, null, {}, 'handler']) {
    expect(() => mcp.express(given as never)).toThrow('mcp.express(...) was given');
    expect(() => mcp.serve(given as never)).toThrow('mcp.serve(...) was given');
  }
});

it('a request of a server that is not http has no answer twice', async () => {
  const mcp = entraMcp(options());
  const server = createServer((req, res) => {
    res.end('answered already');
    mcp.gate()(req, res, () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  const { port } = server.address() as { port: number };
  expect(await (await fetch(`http://127.0.0.1:${port}/mcp`)).text()).toBe('answered already');
  server.closeAllConnections();
});
