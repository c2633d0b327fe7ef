import { createHash } from 'node:crypto';
import {
  allOf,
  ConfigurationError,
  EntraGuardModule,
  handlersIn,
  memoryRevocations,
  userRoles,
} from '@entra-guard/nestjs';
import {
  EntraMcpModule,
  type EntraMcpModuleOptions,
  type EntraMcpOptionsFactory,
  RequireMcp,
} from '@entra-guard/nestjs/mcp';
import type { IssuedToken } from '@entra-guard/testing';
import { NestFactory } from '@nestjs/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { contoso } from '../../support/contoso.js';
import { type Connection, LINES, type Line } from '../mcp/lines.js';
import type { NestOrders, NestOrdersOptions } from './mcp-orders.js';
import { moduleOf, platforms } from './platforms.js';

// MCP-Nest 2 is tested with the majors of NestJS that its peers on Fastify name.
const isServed = process.env.NEST_MAJOR !== '10';
const about = isServed
  ? 'an MCP server of MCP-Nest'
  : 'an MCP server: skipped, MCP-Nest 2 is tested with NestJS 11 and later';
const { startNestOrders, OpenTools, OrderTools, odd } = isServed
  ? await import('./mcp-orders.js')
  : { startNestOrders: undefined as never, OpenTools: class {}, OrderTools: class {}, odd: {} as never };

async function connectedAs(line: Line, { url }: NestOrders, token: IssuedToken): Promise<Connection> {
  const connection = line.connect(url, undefined, token.headers);
  onTestFinished(() => connection.close());
  await connection.connected;
  return connection;
}

const METADATA = '/.well-known/oauth-protected-resource';
const MODERN = '2026-07-28';
/** Of a revision that names calls in headers. */
const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': MODERN,
  'io.modelcontextprotocol/clientInfo': { name: 'editor', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

let ids = 0;

async function post(
  { url }: Pick<NestOrders, 'url'>,
  token: IssuedToken | undefined,
  body: unknown,
  headers: Record<string, string> = {},
) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      ...token?.headers,
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...headers,
    },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  const json = text.startsWith('event:') ? text.slice(text.indexOf('data:') + 5) : text;
  return {
    status: answer.status,
    headers: answer.headers,
    body: (json === '' ? undefined : JSON.parse(json)) as Answer,
  };
}

interface Answer {
  readonly result?: Readonly<Record<string, unknown>> & {
    readonly content?: readonly { readonly text: string }[];
    readonly isError?: boolean;
  };
  readonly error?: { readonly code: number; readonly message: string };
}

const rpc = (method: string, params: object = {}) => ({ jsonrpc: '2.0', id: ++ids, method, params });
const call = (name: string, args: object = {}) => rpc('tools/call', { name, arguments: args });

/** The text of a tool's result, or the message of an error. */
const told = ({ body }: { readonly body: Answer }) => body.result?.content?.[0]?.text ?? body.error?.message;

const reader = ({ entra }: NestOrders, name = 'ada') =>
  entra.user(name, { api: 'orders', scp: 'Orders.Read' });
const admin = ({ entra }: NestOrders) =>
  entra.user('eve', { api: 'orders', scp: 'Orders.Read', roles: ['Orders.Admin'] });
const agent = ({ entra }: NestOrders) =>
  entra.agent('helper', { api: 'orders', onBehalfOf: 'ada', scp: 'Orders.Read' });

/** The header of a session that a caller has opened. */
async function opened(server: NestOrders, token: IssuedToken): Promise<Record<string, string>> {
  const params = {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'editor', version: '1.0.0' },
  };
  const { headers } = await post(server, token, rpc('initialize', params));
  return { 'mcp-session-id': String(headers.get('mcp-session-id')) };
}

async function bootFailure(given: NestOrdersOptions): Promise<string> {
  const failed = await startNestOrders('express', given).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failed).toSatisfy((error) => ConfigurationError.is(error));
  return (failed as Error).message;
}

describe.skipIf(!isServed)(about, () => {
  describe.each(platforms)('on %s', (platform) => {
    it.each(['SDK 1', 'SDK 2, legacy', 'SDK 2, modern'] as const)(
      'connects, lists, calls, asks to step up and hides, with %s',
      async (name) => {
        const server = await startNestOrders(platform);
        const { entra } = server;
        const line = LINES[name];
        const connection = await connectedAs(line, server, reader(server));
        expect(await connection.list()).toEqual([
          'orders.list',
          'orders.create',
          'orders.ship',
          'orders.pay',
          'orders.count',
        ]);
        const id = entra.objectIdOf('ada');
        expect(await connection.call('orders.list')).toBe(`all for ${id}, by a request of ${id}`);
        await expect(connection.call('orders.create')).rejects.toThrow(/403|insufficient/i);
        await expect(connection.call('orders.purge')).rejects.toThrow('Tool orders.purge not found');
        expect(await connection.call('orders.list')).toContain('all for');
        const helper = await connectedAs(line, server, agent(server));
        expect(await helper.list()).not.toContain('orders.ship');
        await expect(helper.call('orders.ship')).rejects.toThrow('Tool orders.ship not found');
      },
      20_000,
    );

    it('tells clients where to sign in, and serves the metadata at the root, to every caller', async () => {
      const server = await startNestOrders(platform, { prefix: 'api' });
      const { url, entra } = server;
      expect(url.pathname).toBe('/api/mcp');
      const refused = await post(server, undefined, rpc('initialize'));
      expect(refused.status).toBe(401);
      expect(refused.headers.get('www-authenticate')).toContain(
        `scope="${url.href}/Orders.Read", resource_metadata="${url.origin}${METADATA}/api/mcp"`,
      );
      for (const path of [`${METADATA}/api/mcp`, METADATA]) {
        const answer = await fetch(new URL(path, url));
        expect(await answer.json()).toMatchObject({
          resource: url.href,
          authorization_servers: [`${entra.origin}/${entra.tenantId}/v2.0`],
          scopes_supported: [`${url.href}/Orders.Read`],
        });
      }
    });

    it('asks to step up before anything runs, for what is granted and what is missing', async () => {
      const server = await startNestOrders(platform);
      const { url, events } = server;
      const answer = await post(server, reader(server), call('orders.create'));
      expect(answer.status).toBe(403);
      const challenge = answer.headers.get('www-authenticate');
      expect(challenge).toContain('error="insufficient_scope"');
      expect(challenge).toContain(`scope="${url.href}/Orders.Read ${url.href}/Orders.Write"`);
      expect(challenge).toContain('resource_metadata=');
      expect(events).toMatchObject([{ outcome: 'deny', tool: 'orders.create', code: 'scope_missing' }]);
    });

    it('records one event a call, with its tool and the digest of its arguments', async () => {
      const server = await startNestOrders(platform);
      const digest = createHash('sha256').update('{"first":1}').digest('base64url');
      await post(server, reader(server), call('orders.list', { first: 1 }));
      await post(server, reader(server), call('orders.purge', { first: 1 }));
      expect(server.events).toMatchObject([
        { outcome: 'allow', tool: 'orders.list', argumentsDigest: digest },
        { outcome: 'deny', tool: 'orders.purge', argumentsDigest: digest },
      ]);
    });

    it.each<[string, Record<string, string>, number, RegExp]>([
      ['an Origin that may not call', { origin: 'https://evil.example' }, 403, /Invalid Origin/],
      ['a forged Mcp-Name', { 'mcp-method': 'tools/call', 'mcp-name': 'orders.list' }, 400, /Mcp-Name/],
      ['a forged Mcp-Method', { 'mcp-method': 'tools/list', 'mcp-name': 'orders.purge' }, 400, /Mcp-Method/],
    ])('refuses %s', async (_, headers, status, message) => {
      const server = await startNestOrders(platform);
      const params = { name: 'orders.purge', arguments: {}, _meta: ENVELOPE };
      const answer = await post(server, admin(server), rpc('tools/call', params), {
        'mcp-protocol-version': MODERN,
        ...headers,
      });
      expect(answer.status).toBe(status);
      expect(answer.body.error?.message).toMatch(message);
    });

    it('lets in a user with the role that a tool asks for', async () => {
      const server = await startNestOrders(platform);
      expect(told(await post(server, admin(server), call('orders.purge')))).toBe('purged');
    });

    it('refuses a batch whole, before any call of it runs', async () => {
      const server = await startNestOrders(platform);
      const answer = await post(server, reader(server), [call('orders.list'), call('orders.purge')]);
      expect(answer.body).toMatchObject([{ error: { code: -32600 } }, { error: { code: -32602 } }]);
    });

    it('refuses tokens of another API and ID tokens', async () => {
      const server = await startNestOrders(platform);
      const { entra } = server;
      for (const token of [entra.wrong.audience(), entra.wrong.idToken()])
        expect((await post(server, token, rpc('tools/list'))).status).toBe(401);
    });

    it('filters prompts, resources and templates', async () => {
      const server = await startNestOrders(platform);
      const listed = async (token: IssuedToken, what: string, member: string) =>
        (await post(server, token, rpc(what))).body.result?.[member];
      const [ada, eve] = [reader(server), admin(server)];
      expect(await listed(ada, 'prompts/list', 'prompts')).toEqual([]);
      expect(await listed(eve, 'prompts/list', 'prompts')).toMatchObject([{ name: 'orders.summary' }]);
      expect(await listed(ada, 'resources/list', 'resources')).toMatchObject([{ uri: 'orders://all/index' }]);
      expect(await listed(ada, 'resources/templates/list', 'resourceTemplates')).toEqual([]);
      expect(await listed(eve, 'resources/templates/list', 'resourceTemplates')).toHaveLength(1);
      const read = (token: IssuedToken, uri: string) => post(server, token, rpc('resources/read', { uri }));
      expect((await read(ada, 'orders://all/index')).body.result).toMatchObject({
        contents: [{ text: 'index' }],
      });
      expect(told(await read(ada, 'secrets://1'))).toBe('Resource secrets://1 not found');
      expect((await read(eve, 'secrets://1')).body.result).toMatchObject({ contents: [{ text: 'secret' }] });
    });

    it('has a person approve what an agent calls, for the very same arguments, once', async () => {
      const server = await startNestOrders(platform);
      const { entra, url } = server;
      const pay = (amount: number) => post(server, agent(server), call('orders.pay', { amount }));
      const asked = await pay(120);
      expect(asked.body.result?.isError).toBe(true);
      const [page = ''] = /http:\S+\/approvals\/[\w-]+/.exec(String(told(asked))) ?? [];
      expect(page).toContain(`${url.origin}/approvals/`);
      const approver = entra.user('ada', { api: 'orders', scp: 'Approvals.Decide', ...NO_AGENT });
      const approve = (token: IssuedToken) =>
        fetch(`${page}/approve`, { method: 'POST', headers: token.headers });
      expect((await approve(agent(server))).status).toBe(403);
      expect(
        (await approve(entra.user('bob', { api: 'orders', scp: 'Approvals.Decide', ...NO_AGENT }))).status,
      ).toBe(404);
      expect(await (await fetch(page, { headers: approver.headers })).json()).toMatchObject({
        of: { amount: 120 },
      });
      expect((await approve(approver)).status).toBe(200);
      expect(told(await pay(121))).toContain('/approvals/');
      expect(told(await pay(120))).toBe('paid 120');
      expect(told(await pay(120))).toContain('/approvals/');
    });

    it('counts calls, and says when to call again', async () => {
      const server = await startNestOrders(platform);
      expect(told(await post(server, reader(server), call('orders.count')))).toBe('1');
      const spent = await post(server, reader(server), call('orders.count'));
      expect(spent.status).toBe(429);
      expect(Number(spent.headers.get('retry-after'))).toBeGreaterThan(0);
    });

    it('decides by who calls, in a session that another caller has opened, at the same time', async () => {
      const server = await startNestOrders(platform, { stateful: true });
      const { entra } = server;
      const session = await opened(server, admin(server));
      const [ada, eve] = [reader(server), admin(server)];
      const list = (token: IssuedToken) => post(server, token, call('orders.list'), session);
      const idOf = (name: string) =>
        `all for ${entra.objectIdOf(name)}, by a request of ${entra.objectIdOf(name)}`;
      const answers = await Promise.all([list(eve), list(ada), list(eve), list(ada)]);
      expect(answers.map(told)).toEqual([idOf('eve'), idOf('ada'), idOf('eve'), idOf('ada')]);
      const tools = (token: IssuedToken) => post(server, token, rpc('tools/list'), session);
      const lists = await Promise.all([tools(ada), tools(eve)]);
      const names = lists.map(({ body }) => JSON.stringify(body).includes('orders.purge'));
      expect(names).toEqual([false, true]);
      expect(told(await post(server, ada, call('orders.purge'), session))).toBe(
        'Tool orders.purge not found',
      );
      expect((await post(server, undefined, call('orders.list'), session)).status).toBe(401);
    });

    it('opens what is public to callers without a token, and nothing else', async () => {
      const server = await startNestOrders(platform, { controllers: [OrderTools, OpenTools] });
      expect(told(await post(server, undefined, call('help')))).toBe('help for undefined');
      const id = server.entra.objectIdOf('ada');
      expect(told(await post(server, reader(server), call('help')))).toBe(`help for ${id}`);
      expect((await post(server, undefined, call('orders.list'))).status).toBe(401);
      expect((await post(server, undefined, [call('help'), call('orders.list')])).status).toBe(401);
    });

    it('lets web pages of allowed origins read its answers, where the application does', async () => {
      const page = 'http://localhost:6274';
      const server = await startNestOrders(platform, { cors: page, options: { allowedOrigins: [page] } });
      for (const [token, status] of [
        [undefined, 401],
        [reader(server), 200],
      ] as const) {
        const answer = await post(server, token, call('orders.list'), { origin: page });
        expect(answer.status).toBe(status);
        expect(answer.headers.get('access-control-allow-origin')).toBe(page);
      }
    });

    it('keeps its answers from filters and interceptors of the application', async () => {
      const server = await startNestOrders(platform, { providers: odd.providers });
      expect((await post(server, undefined, rpc('tools/list'))).status).toBe(401);
      expect(told(await post(server, reader(server), call('orders.purge')))).toBe(
        'Tool orders.purge not found',
      );
    });
  });

  it('reads bodies itself where Nest does not, up to a limit', async () => {
    const server = await startNestOrders('express', { bodyParser: false, options: { maxBodyBytes: 1000 } });
    expect(told(await post(server, reader(server), call('orders.list')))).toContain('all for');
    const long = call('orders.list', { words: 'x'.repeat(2000) });
    expect((await post(server, reader(server), long)).status).toBe(413);
    expect((await post(server, undefined, long)).status).toBe(401);
  });

  it('tells of a denial, or has the tool say that a scope is missing, if it is asked to', async () => {
    const server = await startNestOrders('express', { options: { denied: 'say', stepUp: 'tool' } });
    const denied = await post(server, reader(server), call('orders.purge'));
    expect(denied.body.result).toMatchObject({ isError: true });
    const lacking = await post(server, reader(server), call('orders.create'));
    expect(lacking.status).toBe(200);
    expect(lacking.body.result?._meta).toHaveProperty(['mcp/www_authenticate']);
  });

  it('runs no handler that the gate has not let a call in to, whichever URI it is taken for', async () => {
    const server = await startNestOrders('express', { controllers: [odd.Confusable] });
    const read = (token: IssuedToken, uri: string) => post(server, token, rpc('resources/read', { uri }));
    // MCP-Nest does not look at schemes, and takes this for the first template.
    expect((await read(reader(server), 'notes://1')).body.error).toEqual({
      code: -32602,
      message: 'Not found',
    });
    expect((await read(admin(server), 'secrets://1')).body.result).toMatchObject({
      contents: [{ text: 'secret' }],
    });
    expect(server.events.at(-2)).toMatchObject({ outcome: 'deny' });
  });

  it('runs nothing for requests of a transport that no controller stands before', async () => {
    const second = new odd.Transport({ endpoint: '/second', mount: true });
    const server = await startNestOrders('express', {
      prepare: (strategy) => {
        strategy.options.transports.push(second);
        strategy.registerTool({ name: 'late', handler: () => 'late' } as never);
      },
      options: { tools: { late: odd.read } },
    });
    const beside = { url: new URL('/second', server.url) };
    const eve = admin(server);
    expect((await post(beside, eve, rpc('tools/list'))).body.result?.tools).toEqual([]);
    for (const name of ['orders.list', 'late'])
      expect(await post(beside, eve, call(name))).toMatchObject({ body: { result: { isError: true } } });
    expect(told(await post(server, eve, call('late')))).toBe('"late"');
  });

  it('offers a tool that is registered while it runs once it has a requirement, and no other', async () => {
    const server = await startNestOrders('express', { options: { tools: { late: odd.read } } });
    const eve = admin(server);
    server.strategy.registerTool({ name: 'late', description: 'Late.', handler: () => 'late' } as never);
    server.strategy.registerTool({ name: 'unknown', description: 'No.', handler: () => 'no' } as never);
    const list = await post(server, eve, rpc('tools/list'));
    const tools = list.body.result?.tools as readonly { readonly name: string }[];
    expect(tools.map(({ name }) => name)).toContain('late');
    expect(tools.map(({ name }) => name)).not.toContain('unknown');
    expect(told(await post(server, eve, call('late')))).toBe('"late"');
    expect(told(await post(server, eve, call('unknown')))).toBe('Tool unknown not found');
  });

  it('hands a call the request that it came with, whatever the session was bound to', async () => {
    const server = await startNestOrders('express', {
      stateful: true,
      controllers: [OrderTools, OpenTools],
      prepare: (strategy) => {
        const bind = strategy.bindRequestHandlers.bind(strategy);
        let first: unknown;
        strategy.bindRequestHandlers = (of, session, raw) => {
          first ??= raw;
          bind(of, session, first);
        };
      },
    });
    const { entra } = server;
    const session = await opened(server, admin(server));
    expect(told(await post(server, undefined, call('help'), session))).toBe('help for undefined');
    const id = entra.objectIdOf('ada');
    expect(told(await post(server, reader(server), call('orders.list'), session))).toBe(
      `all for ${id}, by a request of ${id}`,
    );
  });

  it('says of each tool which sign-in it needs, for clients that read that', async () => {
    const server = await startNestOrders('express', { controllers: [OrderTools, OpenTools] });
    const list = await post(server, reader(server), rpc('tools/list'));
    const tools = list.body.result?.tools as readonly { readonly name: string; readonly _meta: object }[];
    const schemeOf = (name: string) => tools.find((tool) => tool.name === name)?._meta;
    expect(schemeOf('help')).toEqual({ securitySchemes: [{ type: 'noauth' }] });
    expect(schemeOf('orders.list')).toEqual({
      securitySchemes: [{ type: 'oauth2', scopes: [`${server.url.href}/Orders.Read`] }],
    });
  });

  it('gives checks the request and the providers of the application', async () => {
    const server = await startNestOrders('express', { controllers: [odd.Checked], providers: [odd.Hours] });
    expect(told(await post(server, reader(server), call('checked'), { 'x-open': 'yes' }))).toBe('checked');
    expect(told(await post(server, reader(server), call('checked')))).toBe('Tool checked not found');
  });

  it('knows the caller in controllers that are made for each request', async () => {
    const server = await startNestOrders('express', { controllers: [odd.OfEachRequest] });
    const id = server.entra.objectIdOf('ada');
    expect(told(await post(server, reader(server), call('mine')))).toBe(`${id} object`);
  });

  it('decides once about a call, however many guards stand before it', async () => {
    const server = await startNestOrders('express', { endpointGuard: odd.Second });
    expect(told(await post(server, reader(server), call('orders.count')))).toBe('1');
    expect(server.events).toMatchObject([{ outcome: 'allow', tool: 'orders.count' }]);
  });

  it('lets a requirement of the whole application stand for tools without one', async () => {
    const guard = { defaultRequirement: allOf(odd.read, userRoles('Orders.Admin')) };
    const server = await startNestOrders('express', { controllers: [odd.Undecorated], guard });
    expect(told(await post(server, reader(server), call('open')))).toBe('Tool open not found');
    expect(told(await post(server, admin(server), call('open')))).toBe('open');
  });

  it('asks a guard of the application too, which may refuse more', async () => {
    const server = await startNestOrders('express', { guard: { guard: odd.Closed } });
    expect(told(await post(server, reader(server), call('orders.list')))).not.toContain('all for');
    expect(told(await post(server, reader(server), call('orders.count')))).toBe('1');
  });

  it('warns of a controller at another path than the resource', async () => {
    const entries: { readonly message: string }[] = [];
    await startNestOrders('express', {
      prefix: 'api',
      options: {},
      unprefixed: true,
      log: (entry) => void entries.push(entry),
    });
    expect(entries.map(({ message }) => message)).toContainEqual(expect.stringContaining('is at /mcp.'));
  });

  it('takes options that are made', async () => {
    const server = await startNestOrders('express', {
      modules: (options) => [EntraMcpModule.forRootAsync({ useFactory: async () => options })],
    });
    expect(told(await post(server, reader(server), call('orders.list')))).toContain('all for');
  });

  it('takes options from a class', async () => {
    let options: EntraMcpModuleOptions | undefined;
    class Factory implements EntraMcpOptionsFactory {
      createEntraMcpOptions() {
        return options as EntraMcpModuleOptions;
      }
    }
    const server = await startNestOrders('express', {
      modules: (given) => {
        options = given;
        return [EntraMcpModule.forRootAsync({ useClass: Factory })];
      },
    });
    expect(told(await post(server, reader(server), call('orders.list')))).toContain('all for');
  });

  it('starts without HTTP, for commands, and offers nothing', async () => {
    const strategy = odd.strategy();
    const offer = (strategy as unknown as { getTools(): readonly unknown[] }).getTools.bind(strategy);
    strategy.registerTool({ name: 'late', handler: () => 'late' } as never);
    expect(offer()).toHaveLength(1);
    const app = await NestFactory.createApplicationContext(
      moduleOf({
        imports: [
          EntraGuardModule.forRoot({ ...contoso(), log: false }),
          EntraMcpModule.forRoot({
            strategy,
            resource: 'https://mcp.contoso.com/mcp',
            tools: { late: odd.read },
          }),
        ],
      }),
      { logger: false },
    );
    onTestFinished(() => app.close());
    expect((strategy as unknown as { getTools(): readonly unknown[] }).getTools()).toEqual([]);
  });

  it('@RequireMcp() takes no requirement', () => {
    expect(() => Reflect.apply(RequireMcp, undefined, [odd.read])).toThrow(
      '@RequireMcp() was given an argument',
    );
  });

  it('ends a stream of events once the access of its caller is revoked', async () => {
    const revocations = memoryRevocations();
    const server = await startNestOrders('express', { stateful: true, guard: { revocations } });
    const { entra, url } = server;
    const session = await opened(server, reader(server));
    const stream = await fetch(url, {
      headers: { ...reader(server).headers, ...session, accept: 'text/event-stream' },
    });
    expect(stream.status).toBe(200);
    const ended = expect(stream.text()).rejects.toThrow();
    const target = { user: entra.objectIdOf('ada'), tenantId: entra.tenantId };
    await revocations.revoke(target, { because: 'left the company' });
    await ended;
  });

  it('names tools in inventories, with what they require', async () => {
    const { app } = await startNestOrders('express');
    const handlers = handlersIn(app);
    const tool = handlers.find(({ path }) => path === "tool 'orders.list'");
    expect(tool).toMatchObject({ handler: 'OrderTools.list', access: { kind: 'requirement' } });
    expect(handlers).toContainEqual(
      expect.objectContaining({ path: '/approvals/:id/approve', handler: 'EntraApprovalsModule' }),
    );
  });

  it('warns of nothing that is as it should be', async () => {
    const entries: { readonly level: string }[] = [];
    await startNestOrders('express', { log: (entry) => void entries.push(entry) });
    expect(entries.filter(({ level }) => level !== 'info')).toEqual([]);
  });

  it.each<[string, () => NestOrdersOptions, string]>([
    [
      'a tool without a requirement',
      () => ({ controllers: [odd.Undecorated] }),
      'has no requirement, so that the tool does not exist',
    ],
    ['a tool with a rule of MCP-Nest', () => ({ controllers: [odd.ByScopes] }), '@ToolScopes of MCP-Nest'],
    ['a tool whose token is optional', () => ({ controllers: [odd.Optional] }), '@OptionalAuth()'],
    [
      'two tools of one name',
      () => ({ controllers: [OrderTools, odd.Twice] }),
      "second tool of the name 'orders.list'",
    ],
    [
      'a controller without @RequireMcp()',
      () => ({ withoutEndpoint: true }),
      'No controller has @RequireMcp()',
    ],
    ['another application ID URI', () => ({ guard: { applicationIdUri: 'api://orders' } }), 'AADSTS9010010'],
    [
      'a resource with a slash at the end',
      () => ({ options: { resource: 'https://mcp.contoso.com/mcp/' } }),
      'resource is',
    ],
    ['scopes that no tool asks for', () => ({ options: { initialScopes: ['Orders.Rid'] } }), 'AADSTS650053'],
    [
      'a tool registered without a requirement',
      () => ({ prepare: (strategy) => strategy.registerTool({ name: 'late', handler: () => '' } as never) }),
      "The tool 'late' was registered",
    ],
    [
      'lists that are cached for all',
      () => ({ server: { cacheHints: { 'tools/list': { cacheScope: 'public' } } } }),
      "cacheScope 'public'",
    ],
    [
      'a class of tools with @RequireMcp()',
      () => ({ controllers: [odd.Misplaced] }),
      'stands in a class with @RequireMcp()',
    ],
    [
      'no module',
      () => ({ modules: () => [] }),
      'McpHttp has @RequireMcp(), and the application does not import',
    ],
    [
      'no module and no controller for clients',
      () => ({ modules: () => [], withoutEndpoint: true }),
      "OrderTools.list (tool 'orders.list')",
    ],
    [
      'two modules',
      () => ({
        modules: (options) => [
          EntraMcpModule.forRoot(options),
          EntraMcpModule.forRootAsync({ useFactory: () => options }),
        ],
      }),
      'imported twice',
    ],
    [
      'access without a token',
      () => ({ server: { allowUnauthenticatedAccess: true } }),
      'allowUnauthenticatedAccess',
    ],
    ['a strategy that is none', () => ({ options: { strategy: {} as never } }), 'is not an McpStrategy'],
    ['an unknown option', () => ({ options: { resorce: 'x' } as never }), "Did you mean 'resource'"],
    ['a guard of its own', () => ({ options: { guard: {} } as never }), "no option called 'guard'"],
    [
      'tools that are a list',
      () => ({ options: { tools: [] as never } }),
      'tools of EntraMcpModule is a list',
    ],
  ])('does not start with %s', async (_, given, sentence) => {
    expect(await bootFailure(given())).toContain(sentence);
  });
});

/** What tokens of people say where the optional claims of agents are configured. */
const NO_AGENT = { xms_act_fct: '1', xms_sub_fct: '1' };
