import 'reflect-metadata';
import { createHash } from 'node:crypto';
import {
  assertCovered,
  EntraGuard,
  EntraGuardModule,
  type EntraGuardModuleOptions,
  Public,
  RequireScopes,
} from '@entra-guard/nestjs';
import { graphqlContext } from '@entra-guard/nestjs/graphql';
import { fromPayload, microserviceContext } from '@entra-guard/nestjs/microservices';
import { guardConnections, webSocketContext } from '@entra-guard/nestjs/websockets';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import {
  All,
  Controller,
  type DynamicModule,
  Get,
  Inject,
  Injectable,
  type MessageEvent,
  Module,
  Scope,
  Sse,
  type Type,
  UseGuards,
} from '@nestjs/common';
import { LazyModuleLoader, REQUEST } from '@nestjs/core';
import { GraphQLModule, Query, Resolver } from '@nestjs/graphql';
import { ClientProxyFactory, EventPattern, MessagePattern, Transport } from '@nestjs/microservices';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { lastValueFrom, NEVER, type Observable } from 'rxjs';
import { io } from 'socket.io-client';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import WebSocket from 'ws';
import { freePort } from '../../../scripts/free-port.mjs';
import { ask, create, platforms, serve } from '../nest/platforms.js';
import { adapterFor } from './hosts/websockets.js';

let entra: LocalEntra;
/** The handlers that were run. */
let reached: string[];
beforeEach(async () => {
  entra = await startEntra();
  reached = [];
});
afterEach(() => entra.close());

const guard = (extras: Partial<EntraGuardModuleOptions> = {}): DynamicModule =>
  EntraGuardModule.forRoot({ ...entra.options(), log: false, ...extras } as EntraGuardModuleOptions);

const reader = () => entra.user('ada', { scp: 'Read' });

describe.each(platforms)('routes on %s', (platform) => {
  @Controller()
  @RequireScopes('Read')
  class RoutesController {
    @All('all') all(): string {
      reached.push('all');
      return 'all';
    }
    @Sse('events') events(): Observable<MessageEvent> {
      reached.push('events');
      return NEVER;
    }
    @Get('twice') @UseGuards(EntraGuard, EntraGuard) twice(): string {
      reached.push('twice');
      return 'twice';
    }
  }

  it('of @All are judged for every method', async () => {
    const { origin } = await serve(platform, { imports: [guard()], controllers: [RoutesController] });
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
      expect([method, (await ask(`${origin}/all`, { method })).status]).toEqual([method, 401]);
    expect(reached).toEqual([]);
    expect((await ask(`${origin}/all`, { method: 'PUT', headers: reader().headers })).status).toBe(200);
  });

  it('of @Sse are judged for HEAD too', async () => {
    const { origin } = await serve(platform, { imports: [guard()], controllers: [RoutesController] });
    for (const method of ['GET', 'HEAD'])
      expect((await ask(`${origin}/events`, { method })).status).toBe(401);
    expect(reached).toEqual([]);
  });

  it('are judged where the guard stands several times, and where the module is imported twice', async () => {
    const { origin } = await serve(platform, {
      imports: [guard(), guard()],
      controllers: [RoutesController],
    });
    for (const path of ['all', 'twice']) {
      expect((await ask(`${origin}/${path}`)).status).toBe(401);
      expect((await ask(`${origin}/${path}`, reader())).status).toBe(200);
    }
    expect(reached).toEqual(['all', 'twice']);
  });

  it('of dynamic modules, abstract controllers and mixins are judged', async () => {
    abstract class ListController {
      abstract readonly what: string;
      @Get() @RequireScopes('Read') list(): string {
        reached.push(this.what);
        return this.what;
      }
    }
    function controllerOf(what: string): Type {
      @Controller(what)
      class MixedInController extends ListController {
        readonly what = what;
      }
      return MixedInController;
    }
    const feature = (what: string): DynamicModule => {
      @Module({})
      class FeatureModule {}
      return { module: FeatureModule, controllers: [controllerOf(what)] };
    };
    const { origin } = await serve(platform, { imports: [feature('a'), guard(), feature('b')] });
    for (const path of ['a', 'b']) {
      expect((await ask(`${origin}/${path}`)).status).toBe(401);
      expect((await ask(`${origin}/${path}`, reader())).body).toBe(path);
    }
  });

  it('of modules that are loaded after the start do not exist', async () => {
    @Controller('late')
    class LateController {
      @Get() list(): string {
        return 'late';
      }
    }
    @Module({ controllers: [LateController] })
    class LateModule {}
    const { app, origin } = await serve(platform, { imports: [guard()] });
    await app.get(LazyModuleLoader).load(() => LateModule);
    expect((await ask(`${origin}/late`, reader())).status).toBe(404);
  });
});

describe('messages of gateways', () => {
  /** Connects without a token, says something, and tells what came back. */
  function say(origin: string, event: string, headers: Record<string, string> = {}): Promise<unknown> {
    const socket = io(origin, {
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      extraHeaders: headers,
    });
    onTestFinished(() => void socket.disconnect());
    return new Promise((resolve) => {
      socket.on('connect_error', (error) => resolve((error as { data?: { code: string } }).data?.code));
      socket.on('exception', ({ code }: { code: string }) => resolve(code));
      socket.emit(event, {}, resolve);
    });
  }

  const connected = (providers: Type[], anonymousConnections = true) =>
    serve(
      'express',
      { imports: [guard({ contexts: [webSocketContext({ anonymousConnections })] })], providers },
      (app) => app.useWebSocketAdapter(guardConnections(app, adapterFor('socket.io', app))),
    );

  @RequireScopes('Read')
  abstract class OrdersMessages {
    @SubscribeMessage('read') read(): string {
      reached.push('read');
      return 'order';
    }
  }

  it('that are inherited, and of several gateways on one port and in namespaces, are judged', async () => {
    @WebSocketGateway()
    @UseGuards(EntraGuard)
    class InheritingGateway extends OrdersMessages {}
    @WebSocketGateway()
    @UseGuards(EntraGuard)
    @RequireScopes('Write')
    class SecondGateway {
      @SubscribeMessage('write') write(): string {
        reached.push('write');
        return 'written';
      }
    }
    @WebSocketGateway({ namespace: 'archive' })
    @UseGuards(EntraGuard)
    class ArchiveGateway extends OrdersMessages {}
    @WebSocketGateway({ namespace: /^\/tenant-\w+$/ as never })
    @UseGuards(EntraGuard)
    class TenantsGateway extends OrdersMessages {}
    const { origin } = await connected([InheritingGateway, SecondGateway, ArchiveGateway, TenantsGateway]);
    for (const namespace of ['', '/archive', '/tenant-a'])
      expect(await say(origin + namespace, 'read')).toBe('credentials_missing');
    expect(await say(origin, 'write', reader().headers)).toBe('scope_missing');
    expect(reached).toEqual([]);
    for (const namespace of ['', '/archive', '/tenant-a'])
      expect(await say(origin + namespace, 'read', reader().headers)).toBe('order');
  });

  it.each(['/archive', '/tenant-a'])('connections to the namespace %s need a token', async (namespace) => {
    let pushed = 0;
    @WebSocketGateway({ namespace: (namespace === '/archive' ? 'archive' : /^\/tenant-\w+$/) as never })
    class PushingGateway {
      handleConnection(): void {
        pushed++;
      }
    }
    const { origin } = await connected([PushingGateway], false);
    expect(await say(origin + namespace, 'anything')).toBe('credentials_missing');
    expect(pushed).toBe(0);
  });

  it('of ws are judged on each path', async () => {
    const port = await freePort();
    const gateways = ['/orders', '/archive'].map((path) => {
      @WebSocketGateway(port, { path })
      @UseGuards(EntraGuard)
      class PathGateway extends OrdersMessages {}
      return PathGateway;
    });
    const contexts = [webSocketContext()];
    await serve('express', { imports: [guard({ contexts })], providers: gateways }, (app) =>
      app.useWebSocketAdapter(guardConnections(app, adapterFor('ws', app))),
    );
    for (const path of ['/orders', '/archive']) {
      const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
      const status = await new Promise((resolve) => {
        socket.on('unexpected-response', (_, { statusCode }) => resolve(statusCode));
        socket.on('open', () => resolve('open'));
      });
      expect(status).toBe(401);
    }
  });

  it.each([
    ['request-scoped', { scope: Scope.REQUEST }],
    ['transient', { scope: Scope.TRANSIENT }],
  ])('are judged where a provider of the gateway is %s', async (_, scope) => {
    @Injectable(scope)
    class Dependency {}
    @WebSocketGateway()
    @UseGuards(EntraGuard)
    class ScopedGateway extends OrdersMessages {
      constructor(@Inject(Dependency) readonly dependency: Dependency) {
        super();
      }
    }
    const { origin } = await connected([Dependency, ScopedGateway]);
    expect(await say(origin, 'read')).toBe('credentials_missing');
    expect(reached).toEqual([]);
  });

  it('are not left to a request-scoped guard that NestJS does not run there', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class RequestScopedGuard extends EntraGuard {}
    @Injectable()
    class InjectingGuard extends EntraGuard {
      constructor(@Inject(REQUEST) readonly request: unknown) {
        super();
      }
    }
    for (const useless of [RequestScopedGuard, InjectingGuard]) {
      @WebSocketGateway()
      @UseGuards(useless)
      class LeftOpenGateway extends OrdersMessages {}
      const { origin } = await connected([LeftOpenGateway]);
      expect(await say(origin, 'read')).toBe('credentials_missing');
      expect(reached).toEqual([]);
    }
  });

  it('are not left to EntraGuard where the application has its own guard', async () => {
    @Injectable()
    class StrictGuard extends EntraGuard {
      protected override requirementOf(): undefined {
        return undefined;
      }
    }
    const contexts = [webSocketContext({ anonymousConnections: true })];
    for (const used of [EntraGuard, StrictGuard]) {
      @WebSocketGateway()
      @UseGuards(used)
      class OrdersGateway extends OrdersMessages {}
      const { origin } = await serve(
        'express',
        { imports: [guard({ contexts, guard: StrictGuard })], providers: [OrdersGateway] },
        (app) => app.useWebSocketAdapter(guardConnections(app, adapterFor('socket.io', app))),
      );
      expect(await say(origin, 'read', reader().headers)).toBe('no_requirement');
      expect(reached).toEqual([]);
    }
  });

  it('that declare nothing are denied, whatever version of NestJS runs them', async () => {
    @WebSocketGateway()
    class PlainGateway {
      @SubscribeMessage('read') read(): string {
        reached.push('read');
        return 'order';
      }
    }
    const { origin } = await connected([PlainGateway]);
    expect(await say(origin, 'read', reader().headers)).toBe('no_requirement');
    expect(reached).toEqual([]);
  });
});

describe('messages of microservices', () => {
  @Controller()
  @RequireScopes('Read')
  class OrdersController {
    @MessagePattern('read') read(): string {
      reached.push('read');
      return 'order';
    }
    @EventPattern('placed') placed(_data: unknown): void {
      reached.push('placed');
    }
    @EventPattern('seen') @Public() seen(_data: unknown): void {
      reached.push('seen');
    }
  }

  async function hybrid(controller: Type, inherit: readonly boolean[]) {
    const contexts = [microserviceContext({ authorization: fromPayload('authorization') })];
    const app = await create('express', { imports: [guard({ contexts })], controllers: [controller] });
    const clients = await Promise.all(
      inherit.map(async (inheritAppConfig) => {
        const options = {
          transport: Transport.TCP as const,
          options: { host: '127.0.0.1', port: await freePort() },
        };
        app.connectMicroservice(options, { inheritAppConfig });
        const client = ClientProxyFactory.create(options);
        onTestFinished(() => void client.close());
        return client;
      }),
    );
    return { app, clients };
  }

  it('that have no answer do not reach their handler, and end no process', async () => {
    const { app, clients } = await hybrid(OrdersController, [true]);
    assertCovered(app);
    await app.startAllMicroservices();
    const [client] = clients;
    for (const data of [{}, { authorization: 'Bearer x' }, entra.user('ada', { scp: 'Other' }).headers])
      await lastValueFrom(client?.emit('placed', data) as Observable<unknown>, { defaultValue: undefined });
    // On the same connection: what is sent later is judged later.
    await lastValueFrom(client?.emit('seen', {}) as Observable<unknown>, { defaultValue: undefined });
    await vi.waitUntil(() => reached.length > 0);
    await lastValueFrom(client?.emit('placed', reader().headers) as Observable<unknown>, {
      defaultValue: undefined,
    });
    await vi.waitUntil(() => reached.length > 1);
    expect(reached).toEqual(['seen', 'placed']);
  });

  it.each([
    ['request-scoped', { scope: Scope.REQUEST }],
    ['durable', { scope: Scope.REQUEST, durable: true }],
  ])('of %s controllers are judged, in each of several microservices', async (_, scope) => {
    @Controller(scope)
    class ScopedController extends OrdersController {}
    const { app, clients } = await hybrid(ScopedController, [true, true]);
    assertCovered(app);
    await app.startAllMicroservices();
    for (const client of clients) {
      await expect(lastValueFrom(client.send('read', {}))).rejects.toMatchObject({
        code: 'credentials_missing',
      });
      expect(await lastValueFrom(client.send('read', reader().headers))).toBe('order');
    }
  });

  it('of a microservice that does not inherit are judged, whichever of them it is', async () => {
    const { app, clients } = await hybrid(OrdersController, [true, false]);
    assertCovered(app);
    await app.startAllMicroservices();
    for (const client of clients) {
      await expect(lastValueFrom(client.send('read', {}))).rejects.toMatchObject({
        code: 'credentials_missing',
      });
      expect(await lastValueFrom(client.send('read', reader().headers))).toBe('order');
    }
  });
});

describe('operations of GraphQL', () => {
  @Resolver()
  @RequireScopes('Read')
  class OrdersResolver {
    @Query(() => String) order(): string {
      reached.push('order');
      return 'order';
    }
    @Query(() => String) @Public() about(): string {
      return 'about';
    }
  }

  const start = (resolver: Type, options: Partial<ApolloDriverConfig> = {}) =>
    serve('express', {
      imports: [
        GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, autoSchemaFile: true, ...options }),
        guard({ contexts: [graphqlContext()] }),
      ],
      providers: [resolver],
    });

  const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

  it.each<[string, unknown]>([
    ['batches', [{ query: '{ about }' }, { query: '{ order }' }]],
    ['aliases', { query: '{ a: about b: order }' }],
    ['fragments', { query: 'fragment F on Query { order } { about ...F ... on Query { o: order } }' }],
    ['several named operations', { query: 'query A { about } query B { order }', operationName: 'B' }],
    ['directives', { query: '{ about order @include(if: true) }' }],
  ])('in %s are judged', async (_, body) => {
    const { origin } = await start(OrdersResolver, { allowBatchedHttpRequests: true });
    expect(JSON.stringify((await ask(`${origin}/graphql`, post(body))).body)).toContain(
      '"code":"credentials_missing"',
    );
    expect(reached).toEqual([]);
    await ask(`${origin}/graphql`, post(body, reader().headers));
    expect(reached).toContain('order');
  });

  it('over GET, and as a persisted query, are judged', async () => {
    const { origin } = await start(OrdersResolver);
    const headers = { 'apollo-require-preflight': 'true' };
    const query = '{ order }';
    const sha256Hash = createHash('sha256').update(query).digest('hex');
    const persisted = { extensions: JSON.stringify({ persistedQuery: { version: 1, sha256Hash } }) };
    // The second leaves the query with the server, and the third has it run by its hash.
    for (const given of [{ query }, { query, ...persisted }, { ...persisted }]) {
      const url = `${origin}/graphql?${new URLSearchParams(given)}`;
      expect(JSON.stringify((await ask(url, { headers })).body)).toContain('"code":"credentials_missing"');
      expect(reached).toEqual([]);
    }
    const url = `${origin}/graphql?${new URLSearchParams(persisted)}`;
    const { body } = await ask(url, { headers: { ...headers, ...reader().headers } });
    expect(body).toEqual({ data: { order: 'order' } });
  });

  it('of request-scoped resolvers are judged', async () => {
    @Resolver()
    @Injectable({ scope: Scope.REQUEST })
    class ScopedResolver extends OrdersResolver {}
    const { origin } = await start(ScopedResolver);
    const asked = async (headers = {}) =>
      JSON.stringify((await ask(`${origin}/graphql`, post({ query: '{ order }' }, headers))).body);
    expect(await asked()).toContain('credentials_missing');
    expect(reached).toEqual([]);
    expect(await asked(reader().headers)).toBe('{"data":{"order":"order"}}');
  });

  it('by the name of the one method that NestJS runs no guards for do not boot', async () => {
    @Resolver()
    class OddResolver {
      @Query(() => String, { name: 'secret' }) @RequireScopes('Read') __resolveType(): string {
        reached.push('secret');
        return 'secret';
      }
    }
    const outcome = await start(OddResolver).then(
      async ({ origin }) =>
        JSON.stringify((await ask(`${origin}/graphql`, post({ query: '{ secret }' }))).body),
      (error) => String(error),
    );
    expect(outcome).toMatch(/OddResolver\.__resolveType/);
    expect(reached).toEqual([]);
  });
});
