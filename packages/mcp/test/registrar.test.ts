import { randomUUID } from 'node:crypto';
import { allOf, anonymous, ConfigurationError, type LogEntry, scopes, userRoles } from '@entra-guard/core';
import { type EntraMcp, type EntraMcpOptions, entraMcp } from '@entra-guard/mcp';
import type { IssuedToken } from '@entra-guard/testing';
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import { CallToolRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import {
  createMcpHandler,
  McpServer as McpServer2,
  ResourceTemplate as ResourceTemplate2,
} from '@modelcontextprotocol/server';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { entraOf, RESOURCE, request } from './support/orders-server.js';

const read = scopes('Orders.Read');
const OFFERS = {
  tools: {
    list: read,
    create: scopes('Orders.Write'),
    purge: allOf(read, userRoles('Orders.Admin')),
    hours: anonymous(),
  },
  prompts: { summary: read, payroll: allOf(read, userRoles('Orders.Admin')) },
  resources: {
    'orders://today': read,
    'orders://payroll': allOf(read, userRoles('Orders.Admin')),
    'orders://{id}': read,
    'secrets://{id}': allOf(read, userRoles('Orders.Admin')),
  },
  initialScopes: ['Orders.Read'],
} as const;
type Offered = EntraMcp<
  keyof (typeof OFFERS)['tools'],
  keyof (typeof OFFERS)['prompts'],
  keyof (typeof OFFERS)['resources']
>;

async function orders(changes: Partial<EntraMcpOptions> = {}) {
  const entra = await entraOf();
  const mcp = entraMcp({
    ...entra.options('orders'),
    log: false,
    resource: RESOURCE,
    ...OFFERS,
    ...changes,
  } as EntraMcpOptions) as Offered;
  return { entra, mcp };
}

const words = (text: string) => ({ content: [{ type: 'text' as const, text }] });
const prompt = (text: string) => ({
  messages: [{ role: 'user' as const, content: { type: 'text' as const, text } }],
});
const contents = (uri: URL) => ({ contents: [{ uri: uri.href, text: 'text' }] });

/** A server of the first line, with everything registered. */
function firstLine(mcp: Offered): McpServer {
  const server = new McpServer({ name: 'orders', version: '1.0.0' });
  const { tool, prompt: addPrompt, resource } = mcp.registrar(server);
  tool('list', { inputSchema: { first: z.number().default(10) } }, ({ first }, extra) =>
    words(`${first} of ${mcp.authOf(extra).objectId}`),
  );
  tool('create', {}, () => words('created'));
  tool('purge', {}, () => words('purged'));
  tool('hours', {}, () => words('9 to 5'));
  addPrompt('summary', { argsSchema: { day: z.string() } }, ({ day }) => prompt(day));
  addPrompt('payroll', {}, () => prompt('payroll'));
  resource('today', 'orders://today', {}, contents);
  resource('payroll', 'orders://payroll', {}, contents);
  const list = () => ({
    resources: ['orders://1', 'orders://payroll', 'other://1'].map((uri) => ({ uri, name: uri })),
  });
  resource('order', new ResourceTemplate('orders://{id}', { list }), {}, (uri) => contents(uri));
  resource('secret', new ResourceTemplate('secrets://{id}', { list: undefined }), {}, (uri) => contents(uri));
  return server;
}

/** The same of the second line. */
function secondLine(mcp: Offered, authInfo?: object): McpServer2 {
  const server = new McpServer2({ name: 'orders', version: '1.0.0' });
  const { tool, prompt: addPrompt, resource } = mcp.registrar(server, authInfo);
  tool('list', { inputSchema: z.object({ first: z.number().default(10) }) }, ({ first }, ctx) =>
    words(`${first} of ${mcp.authOf(ctx).objectId}`),
  );
  tool('create', {}, () => words('created'));
  tool('purge', {}, () => words('purged'));
  tool('hours', {}, () => words('9 to 5'));
  addPrompt('summary', { argsSchema: z.object({ day: z.string() }) }, ({ day }) => prompt(day));
  addPrompt('payroll', {}, () => prompt('payroll'));
  resource('today', 'orders://today', {}, contents);
  resource('payroll', 'orders://payroll', {}, contents);
  const list = () => ({
    resources: ['orders://1', 'orders://payroll', 'other://1'].map((uri) => ({ uri, name: uri })),
  });
  resource('order', new ResourceTemplate2('orders://{id}', { list }), {}, (uri) => contents(uri));
  resource('secret', new ResourceTemplate2('secrets://{id}', { list: undefined }), {}, (uri) =>
    contents(uri),
  );
  return server;
}

type Ask = (body: object, token?: IssuedToken, headers?: Record<string, string>) => Promise<Response>;

function askingBy(
  mcp: Offered,
  handler: (request: Request, options: { authInfo?: never; parsedBody?: unknown }) => Promise<Response>,
): Ask {
  return (body, token, headers = {}) =>
    mcp.handle(
      new Request(RESOURCE, {
        method: 'POST',
        headers: {
          accept: 'application/json, text/event-stream',
          'content-type': 'application/json',
          ...token?.headers,
          ...headers,
        },
        body: JSON.stringify(body),
      }),
      handler as never,
    );
}

const lines: readonly [string, (mcp: Offered) => Ask][] = [
  [
    'SDK 1',
    (mcp) =>
      askingBy(mcp, async (asked, options) => {
        const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
        await firstLine(mcp).connect(transport as never);
        return transport.handleRequest(asked, options);
      }),
  ],
  [
    'SDK 2',
    (mcp) => {
      const handler = createMcpHandler(({ authInfo }) => secondLine(mcp, authInfo), {
        responseMode: 'auto',
      } as never);
      return askingBy(mcp, (asked, options) => handler.fetch(asked, options));
    },
  ],
];

/** The result of an answer, as JSON or as the one event of a stream. */
async function resultOf(response: Response): Promise<Record<string, unknown>> {
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('event-stream')
    ? (/^data: (.+)$/m.exec(text)?.[1] ?? '{}')
    : text;
  const { result, error } = JSON.parse(json) as {
    result?: Record<string, unknown>;
    error?: Record<string, unknown>;
  };
  return result ?? { error };
}

const namesIn = (list: unknown, by: string) => (list as Record<string, unknown>[]).map((item) => item[by]);

describe.each(lines)('%s', (_, asking) => {
  it.each<[string, string, string, string, readonly string[], readonly string[]]>([
    [
      'tools',
      'tools/list',
      'tools',
      'name',
      ['list', 'create', 'hours'],
      ['list', 'create', 'purge', 'hours'],
    ],
    ['prompts', 'prompts/list', 'prompts', 'name', ['summary'], ['summary', 'payroll']],
    [
      'resources',
      'resources/list',
      'resources',
      'uri',
      ['orders://today', 'orders://1'],
      ['orders://today', 'orders://payroll', 'orders://1', 'orders://payroll'],
    ],
    [
      'templates',
      'resources/templates/list',
      'resourceTemplates',
      'uriTemplate',
      ['orders://{id}'],
      ['orders://{id}', 'secrets://{id}'],
    ],
  ])(
    'lists the %s that the caller of the request could use, in the order of registration',
    async (_what, method, member, by, user, admin) => {
      const { entra, mcp } = await orders();
      const ask = asking(mcp);
      const list = async (token: IssuedToken) =>
        namesIn((await resultOf(await ask(request(method), token)))[member], by);
      expect(await list(entra.user('ada', { api: 'orders', scp: 'Orders.Read' }))).toEqual(user);
      expect(
        await list(entra.user('eve', { api: 'orders', scp: 'Orders.Read', roles: ['Orders.Admin'] })),
      ).toEqual(admin);
    },
  );

  it('calls tools with their arguments and their caller, and without a caller what is open', async () => {
    const { entra, mcp } = await orders();
    const ask = asking(mcp);
    const call = (name: string) => request('tools/call', { name, arguments: {} });
    const ada = entra.user('ada', { api: 'orders', scp: 'Orders.Read' });
    expect(await resultOf(await ask(call('list'), ada))).toMatchObject(
      words(`10 of ${entra.objectIdOf('ada')}`),
    );
    expect(await resultOf(await ask(call('hours')))).toMatchObject(words('9 to 5'));
    expect((await ask(call('create'), ada)).status).toBe(403);
  });

  it('reads resources and prompts', async () => {
    const { entra, mcp } = await orders();
    const ask = asking(mcp);
    const ada = entra.user('ada', { api: 'orders', scp: 'Orders.Read' });
    const readUri = async (uri: string) => resultOf(await ask(request('resources/read', { uri }), ada));
    expect(await readUri('orders://today')).toMatchObject({ contents: [{ uri: 'orders://today' }] });
    expect(await readUri('orders://7')).toMatchObject({ contents: [{ uri: 'orders://7' }] });
    expect(await readUri('secrets://7')).toMatchObject({
      error: { message: 'Resource secrets://7 not found' },
    });
    const got = await resultOf(
      await ask(request('prompts/get', { name: 'summary', arguments: { day: 'today' } }), ada),
    );
    expect(got).toMatchObject(prompt('today'));
  });
});

describe('what is registered', () => {
  it.each([
    ['SDK 1', () => new McpServer({ name: 'orders', version: '1.0.0' })],
    ['SDK 2', () => new McpServer2({ name: 'orders', version: '1.0.0' })],
  ])('has to have a requirement: %s', async (_, server) => {
    const { mcp } = await orders();
    const { tool, prompt: addPrompt, resource } = mcp.registrar(server() as McpServer);
    expect(() => tool('lsit' as never, {}, () => words(''))).toThrow("Did you mean 'list'?");
    expect(() => tool('constructor' as never, {}, () => words(''))).toThrow('does not exist');
    expect(() => addPrompt('nothing' as never, {}, () => prompt(''))).toThrow('Name it in prompts');
    expect(() => resource('order', 'orders://{other}' as never, {}, contents)).toThrow(ConfigurationError);
    const template = new ResourceTemplate('orders://{nr}', { list: undefined });
    expect(() => resource('order', template, {}, (uri) => contents(uri))).toThrow(ConfigurationError);
  });

  it('has no second rule next to its requirement', async () => {
    const { mcp } = await orders();
    const { tool } = mcp.registrar(new McpServer2({ name: 'orders', version: '1.0.0' }));
    expect(() => tool('list', { scopeChallenge: () => undefined } as never, () => words(''))).toThrow(
      'scopeChallenge',
    );
    expect(() => tool('list', undefined as never, () => words(''))).toThrow('instead of its description');
  });

  it('behind the back of the registrar is hidden, and can not be called', async () => {
    const { entra, mcp } = await orders();
    const ask = askingBy(mcp, async (asked, options) => {
      const server = firstLine(mcp);
      server.registerTool('smuggled', {}, () => words('smuggled'));
      const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
      await server.connect(transport as never);
      return transport.handleRequest(asked, options);
    });
    const ada = entra.user('ada', { api: 'orders', scp: 'Orders.Read' });
    const { tools } = await resultOf(await ask(request('tools/list'), ada));
    expect(namesIn(tools, 'name')).not.toContain('smuggled');
    expect(await resultOf(await ask(request('tools/call', { name: 'smuggled' }), ada))).toMatchObject({
      error: { message: 'Tool smuggled not found' },
    });
  });

  it('before the registrar was asked for is filtered as well', async () => {
    const { entra, mcp } = await orders();
    const ask = askingBy(mcp, async (asked, options) => {
      const server = new McpServer({ name: 'orders', version: '1.0.0' });
      server.registerTool('purge', {}, () => words('purged'));
      mcp.registrar(server).tool('list', {}, () => words('listed'));
      mcp.registrar(server);
      const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
      await server.connect(transport as never);
      return transport.handleRequest(asked, options);
    });
    const { tools } = await resultOf(
      await ask(request('tools/list'), entra.user('ada', { api: 'orders', scp: 'Orders.Read' })),
    );
    expect(namesIn(tools, 'name')).toEqual(['list']);
  });

  it('on a server whose lists can not be reached does not start', async () => {
    const { mcp } = await orders();
    const server = {
      registerTool() {},
      registerPrompt() {},
      registerResource() {},
      server: {
        setRequestHandler() {},
        assertCanSetRequestHandler() {
          throw new Error('exists');
        },
      },
    };
    expect(() => mcp.registrar(server)).toThrow('answers tools/list already');
  });

  it.each([undefined, null, {}, { registerTool: () => {} }])('on %s does not start', async (server) => {
    const { mcp } = await orders();
    expect(() => mcp.registrar(server as never)).toThrow('something else than an McpServer');
  });

  it('for an authInfo of another gate does not start', async () => {
    const { mcp } = await orders();
    expect(() => mcp.registrar(new McpServer({ name: 'orders', version: '1.0.0' }), { token: '' })).toThrow(
      'not of this gate',
    );
  });

  it('is looked for when a list is first asked for: a warning names what is missing', async () => {
    const log: LogEntry[] = [];
    const { entra, mcp } = await orders({ log: (entry: LogEntry) => log.push(entry) } as never);
    const ask = askingBy(mcp, async (asked, options) => {
      const server = new McpServer({ name: 'orders', version: '1.0.0' });
      mcp.registrar(server).tool('list', {}, () => words('listed'));
      const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
      await server.connect(transport as never);
      return transport.handleRequest(asked, options);
    });
    const ada = entra.user('ada', { api: 'orders', scp: 'Orders.Read' });
    await ask(request('tools/list'), ada);
    await ask(request('tools/list'), ada);
    expect(log).toMatchObject([
      { level: 'warn', message: 'No tool was registered for: create, purge, hours.' },
    ]);
  });
});

describe('a call that no gate has let in', () => {
  it.each<[string, (mcp: Offered) => Ask]>([
    [
      'SDK 1',
      (mcp) => async (body, token, headers) => {
        const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
        await firstLine(mcp).connect(transport as never);
        return transport.handleRequest(unguarded(body, token, headers));
      },
    ],
    [
      'SDK 2',
      (mcp) => {
        const handler = createMcpHandler(() => secondLine(mcp));
        return (body, token, headers) => handler.fetch(unguarded(body, token, headers));
      },
    ],
  ])('reaches no tool but those that are open, and lists nothing else: %s', async (_, asking) => {
    const { entra, mcp } = await orders();
    const ask = asking(mcp);
    const ada = entra.user('ada', { api: 'orders', scp: 'Orders.Read' });
    const refused = await ask(request('tools/call', { name: 'list', arguments: {} }), ada);
    expect(refused.status === 500 || JSON.stringify(await resultOf(refused)).includes('has not let in')).toBe(
      true,
    );
    expect(
      await resultOf(await ask(request('tools/call', { name: 'hours', arguments: {} }), ada)),
    ).toMatchObject(words('9 to 5'));
    const { tools } = await resultOf(await ask(request('tools/list'), ada));
    expect(namesIn(tools, 'name')).toEqual(['hours']);
  });

  it('of another tool than the one that was judged is not carried out', async () => {
    const { entra, mcp } = await orders();
    const ask = askingBy(mcp, async (asked, options) => {
      const server = firstLine(mcp);
      const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
      await server.connect(transport as never);
      const forged = { ...(options.parsedBody as object), params: { name: 'create', arguments: {} } };
      return transport.handleRequest(asked, { ...options, parsedBody: forged });
    });
    const ada = entra.user('ada', { api: 'orders', scp: 'Orders.Read' });
    const result = await resultOf(await ask(request('tools/call', { name: 'list', arguments: {} }), ada));
    expect(result).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('has not let in') }],
    });
  });
});

function unguarded(body: object, token?: IssuedToken, headers: Record<string, string> = {}): Request {
  return new Request(RESOURCE, {
    method: 'POST',
    headers: {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...token?.headers,
      ...headers,
    },
    body: JSON.stringify(body),
  });
}

it('a session of the first line that another caller enters is that of each caller, request by request', async () => {
  const { entra, mcp } = await orders();
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: () => randomUUID(),
    enableJsonResponse: true,
  });
  await firstLine(mcp).connect(transport as never);
  const ask = askingBy(mcp, (asked, options) => transport.handleRequest(asked, options));
  const ada = entra.user('ada', { api: 'orders', scp: 'Orders.Read' });
  const eve = entra.user('eve', { api: 'orders', scp: 'Orders.Read', roles: ['Orders.Admin'] });
  const hello = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a', version: '1' } };
  const opened = await ask(request('initialize', hello), eve);
  const session = {
    'mcp-session-id': opened.headers.get('mcp-session-id') ?? '',
    'mcp-protocol-version': '2025-11-25',
  };
  const list = async (token: IssuedToken) =>
    namesIn((await resultOf(await ask(request('tools/list'), token, session))).tools, 'name');
  const call = async (name: string, token: IssuedToken) =>
    resultOf(await ask(request('tools/call', { name, arguments: {} }), token, session));
  expect(await list(eve)).toContain('purge');
  expect(await list(ada)).not.toContain('purge');
  expect(await call('purge', ada)).toMatchObject({ error: { message: 'Tool purge not found' } });
  expect(await call('list', ada)).toMatchObject(words(`10 of ${entra.objectIdOf('ada')}`));
  expect(await call('purge', eve)).toMatchObject(words('purged'));
  expect((await ask(request('tools/list'), undefined, session)).status).toBe(401);
});

it('a log that fails decides about no list', async () => {
  const log = () => {
    throw new Error('disk full');
  };
  const { entra, mcp } = await orders({ log } as never);
  const ask = askingBy(mcp, async (asked, options) => {
    const server = new McpServer({ name: 'orders', version: '1.0.0' });
    mcp.registrar(server).tool('list', {}, () => words('listed'));
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
    await server.connect(transport as never);
    return transport.handleRequest(asked, options);
  });
  const ada = entra.user('ada', { api: 'orders', scp: 'Orders.Read' });
  expect(namesIn((await resultOf(await ask(request('tools/list'), ada))).tools, 'name')).toEqual(['list']);
});

it('handlers of other methods stay as they are', async () => {
  const { entra, mcp } = await orders();
  const ask = askingBy(mcp, async (asked, options) => {
    const server = firstLine(mcp);
    server.server.setRequestHandler(CallToolRequestSchema, () => words('by a handler of the application'));
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
    await server.connect(transport as never);
    return transport.handleRequest(asked, options);
  });
  const ada = entra.user('ada', { api: 'orders', scp: 'Orders.Read' });
  expect(await resultOf(await ask(request('tools/call', { name: 'list' }), ada))).toMatchObject(
    words('by a handler of the application'),
  );
  expect((await ask(request('tools/call', { name: 'create' }), ada)).status).toBe(403);
});
