import 'reflect-metadata';
import type { ServerResponse } from 'node:http';
import { secretFrom } from '@entra-guard/downstream';
import { testDownstream } from '@entra-guard/downstream/testing';
import {
  Auth,
  type AuthContext,
  anyOf,
  appPermissions,
  authenticated,
  authorize,
  ConfigurationError,
  EntraGuard,
  EntraGuardModule,
  type EntraGuardModuleOptions,
  OptionalAuth,
  Public,
  Require,
  RequireAppPermissions,
  RequireScopes,
  scopes,
} from '@entra-guard/nestjs';
import {
  type BoundApi,
  Downstream,
  type DownstreamApi,
  downstreamToken,
  EntraDownstreamModule,
  type EntraDownstreamModuleOptions,
  InjectDownstream,
} from '@entra-guard/nestjs/downstream';
import { graphqlContext } from '@entra-guard/nestjs/graphql';
import { fromPayload, microserviceContext } from '@entra-guard/nestjs/microservices';
import { ENTRA_GUARD_CORE, standInGuard, testAuth } from '@entra-guard/nestjs/testing';
import { guardConnections, webSocketContext } from '@entra-guard/nestjs/websockets';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import {
  type ArgumentsHost,
  Catch,
  Controller,
  type DynamicModule,
  type ExceptionFilter,
  Get,
  type INestApplication,
  Injectable,
  Module,
  type ModuleMetadata,
  NotFoundException,
  Res,
  Scope,
  type Type,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, NestFactory } from '@nestjs/core';
import { GraphQLModule, Query, Resolver } from '@nestjs/graphql';
import { ClientProxyFactory, MessagePattern, Transport } from '@nestjs/microservices';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { Test } from '@nestjs/testing';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { lastValueFrom } from 'rxjs';
import { io } from 'socket.io-client';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import WebSocket from 'ws';
import { freePort } from '../../../scripts/free-port.mjs';
import { adapterOf, ask, bootFailure, keptLog, type Platform, platforms, serve } from './platforms.js';

const SECRET = 'local-secret-of-orders';

let entra: InProcessEntra;
let stockUrl: string;
beforeAll(async () => {
  entra = await startEntra({
    apps: {
      orders: { secret: SECRET, scopes: ['Orders.Read'], appRoles: { 'Orders.Read.All': ['Application'] } },
      stock: { scopes: ['Stock.Read'] },
    },
  });
  stockUrl = await startedStock();
});

/** The API that is called: says for whom, and through which client. */
async function startedStock(): Promise<string> {
  @Controller('v1/items')
  class ItemsController {
    @Get() @RequireScopes('Stock.Read') items(@Auth() auth: AuthContext) {
      return { of: auth.objectId, through: auth.clientId };
    }
  }
  @Module({
    imports: [EntraGuardModule.forRoot({ ...entra.options('stock'), log: false })],
    controllers: [ItemsController],
  })
  class StockModule {}
  const app = await NestFactory.create(StockModule, adapterOf('express'), { logger: false });
  await app.listen(0, '127.0.0.1');
  (app.getHttpServer() as { unref(): void }).unref();
  return `${await app.getUrl()}/v1`;
}

const guarded = (more: Partial<EntraGuardModuleOptions> = {}) =>
  EntraGuardModule.forRoot({ ...entra.options('orders'), log: false, ...more } as EntraGuardModuleOptions);

const stockApi = () => ({
  baseUrl: stockUrl,
  scopes: [`api://${entra.options('stock').clientId}/Stock.Read`],
});

const options = (): EntraDownstreamModuleOptions => ({
  credential: secretFrom(() => SECRET),
  fetch: globalThis.fetch,
  apis: { stock: stockApi() },
});

const other = (more: Partial<EntraDownstreamModuleOptions> = {}) =>
  EntraDownstreamModule.forRoot({ ...options(), ...more });

const ada = (claims: object = {}) => entra.user('ada', { api: 'orders', scp: 'Orders.Read', ...claims });
const daemon = () => entra.app('worker', { api: 'orders', roles: ['Orders.Read.All'] });

@Controller('items')
class ItemsController {
  constructor(@InjectDownstream('stock') private readonly stock: DownstreamApi) {}

  @Get() @RequireScopes('Orders.Read') items(@Downstream('stock') stock: BoundApi) {
    return stock.json('/items');
  }
  @Get('either')
  @Require(anyOf(scopes('Orders.Read'), appPermissions('Orders.Read.All')))
  either(@Downstream('stock', { optional: true }) stock: BoundApi | undefined) {
    return stock === undefined ? { of: 'no user' } : stock.json('/items');
  }
  @Get('anyone') @OptionalAuth() anyone(@Downstream('stock', { optional: true }) stock?: BoundApi) {
    return stock === undefined ? { of: 'no user' } : stock.json('/items');
  }
  @Get('injected') @RequireScopes('Orders.Read') injected(@Auth() _auth: AuthContext) {
    return { has: Object.keys(this.stock) };
  }
}

const serving = (platform: Platform, metadata: ModuleMetadata = {}) =>
  serve(platform, {
    controllers: [ItemsController],
    ...metadata,
    imports: [guarded(), other(), ...(metadata.imports ?? [])],
  });

describe.each(platforms)('an API on %s that calls another one', (platform) => {
  it('acts for its caller, and the other API sees both', async () => {
    const { origin } = await serving(platform);
    const caller = ada();
    const { status, body } = await ask(`${origin}/items`, { headers: caller.headers });
    expect([status, body]).toEqual([
      200,
      { of: caller.claims.oid, through: entra.options('orders').clientId },
    ]);
    const bob = entra.user('bob', { api: 'orders', scp: 'Orders.Read' });
    expect((await ask(`${origin}/items`, { headers: bob.headers })).body).toMatchObject({
      of: bob.claims.oid,
    });
    expect((await ask(`${origin}/items/injected`, { headers: bob.headers })).body).toEqual({
      has: expect.arrayContaining(['forCaller', 'asApp']),
    });
  });

  it('hands on what Entra demands of the user, as the guard challenges', async () => {
    const { origin } = await serving(platform);
    const claims = { access_token: { acrs: { essential: true, value: 'c1' } } };
    onTestFinished(entra.conditionalAccess('ada', 'stock', { claims }));
    const { status, headers, body } = await ask(`${origin}/items`, { headers: ada().headers });
    expect([status, body]).toEqual([401, expect.objectContaining({ code: 'downstream_step_up_required' })]);
    expect(headers.get('www-authenticate')).toContain(
      `error="insufficient_claims", claims="${Buffer.from(JSON.stringify(claims)).toString('base64')}"`,
    );
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(headers.get('cache-control')).toBe('no-store');
    const stronger = await ask(`${origin}/items`, { headers: ada({ acrs: ['c1'] }).headers });
    expect(stronger.status).toBe(200);
  });

  it('answers 503 with Retry-After while Entra is down', async () => {
    const down = await serve(platform, {
      controllers: [ItemsController],
      imports: [
        guarded({
          fetch: (url: unknown, init?: RequestInit) =>
            String(url).includes('/token')
              ? Promise.resolve(new Response('', { status: 503 }))
              : entra.options('orders').fetch?.(url as string, init),
        } as never),
        other(),
      ],
    });
    const { status, headers, body } = await ask(`${down.origin}/items`, { headers: ada().headers });
    expect([status, body]).toEqual([503, expect.objectContaining({ code: 'downstream_unavailable' })]);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });

  it('gives undefined where there is no user, if that is fine', async () => {
    const { origin } = await serving(platform);
    const either = (headers?: Record<string, string>) =>
      ask(`${origin}/items/either`, headers && { headers });
    expect((await either(daemon().headers)).body).toEqual({ of: 'no user' });
    expect((await either(ada().headers)).body).toMatchObject({ of: ada().claims.oid });
    expect((await either()).status).toBe(401);
    expect((await ask(`${origin}/items/anyone`)).body).toEqual({ of: 'no user' });
    expect((await ask(`${origin}/items/anyone`, { headers: ada().headers })).body).toMatchObject({
      of: ada().claims.oid,
    });
  });

  it('never acts for another caller than the one whom the handler sees', async () => {
    const eve = testAuth({ kind: 'user', scopes: ['Orders.Read'] });
    class StandsForEve extends EntraGuard {
      protected override async decide(...asked: Parameters<EntraGuard['decide']>) {
        await super.decide(...asked);
        return eve;
      }
    }
    const before = entra.requests.length;
    const { origin } = await serve(platform, {
      controllers: [ItemsController],
      imports: [guarded({ guard: StandsForEve }), other()],
    });
    const { status } = await ask(`${origin}/items`, { headers: ada().headers });
    expect(status).toBe(500);
    const asked = entra.requests.slice(before).map((request) => JSON.stringify(request));
    expect(asked.filter((request) => request.includes('/token'))).toEqual([]);
  });

  it('refuses a token that was changed after the guard', async () => {
    class Changes {
      intercept(
        context: {
          switchToHttp(): {
            getRequest(): {
              headers: Record<string, unknown>;
              raw?: { rawHeaders: string[]; headers: object };
              rawHeaders?: string[];
            };
          };
        },
        next: { handle(): never },
      ) {
        const request = context.switchToHttp().getRequest();
        const raw = request.raw ?? request;
        const bob = entra.user('bob', { api: 'orders', scp: 'Orders.Read' }).headers.authorization as string;
        Object.assign(raw.headers as object, { authorization: bob });
        raw.rawHeaders?.splice(0, raw.rawHeaders.length, 'authorization', bob);
        return next.handle();
      }
    }
    const { origin } = await serving(platform, {
      providers: [{ provide: APP_INTERCEPTOR, useClass: Changes as never }],
    });
    const { status, body } = await ask(`${origin}/items`, { headers: ada().headers });
    expect([status, body]).toEqual([500, expect.objectContaining({ code: 'caller_token_changed' })]);
  });
});

describe.each(platforms)('the filter of EntraDownstreamModule on %s', (platform) => {
  class Own {}

  /** Errors of all copies of the package are told by registered symbols. */
  const fromAnotherCopy = (name: string, facts: object) =>
    Object.assign(new Error(name), {
      ...Object.fromEntries(['EntraGuardError', name].map((one) => [Symbol.for(`entra-guard/${one}`), true])),
      hint: '',
      ...facts,
    });

  /** Node's response, or Fastify's around it. */
  interface Begun extends ServerResponse {
    readonly raw?: ServerResponse;
    hijack?(): void;
  }

  @Catch(Own)
  class OwnFilter implements ExceptionFilter {
    catch(_: Own, host: ArgumentsHost): void {
      const response = host
        .switchToHttp()
        .getResponse<{ status(code: number): { send(body: object): void } }>();
      response.status(418).send({ own: true });
    }
  }

  @Controller('throws')
  @Require(authenticated())
  class ThrowingController {
    @Get('http') http() {
      throw new NotFoundException('no such order');
    }
    @Get('plain') plain() {
      throw new Error('broken');
    }
    @Get('shaped') shaped() {
      throw Object.assign(new Error('shaped'), { code: 'scope_missing', status: 403, hint: '' });
    }
    @Get('configuration') configuration() {
      throw new ConfigurationError('a mistake', 'fix it');
    }
    @Get('text') text() {
      throw 'text';
    }
    @Get('own') own() {
      throw new Own();
    }
    @Get('local') @UseFilters(OwnFilter) local() {
      throw new Own();
    }
    @Get('copy') copy() {
      throw fromAnotherCopy('UnavailableError', {
        code: 'hook_failed',
        part: 'hook',
        status: 503,
        retryAfter: 7,
      });
    }
    @Get('incomplete') incomplete() {
      throw fromAnotherCopy('PermissionError', { code: 'scope_missing', status: 403 });
    }
    @Get('permission') async permission(@Auth() auth: AuthContext) {
      await authorize(scopes('Orders.Delete'), auth);
    }
    @Get('labelled') async labelled(
      @Auth() auth: AuthContext,
      @Res({ passthrough: true }) response: { header(name: string, value: string): void },
    ) {
      response.header('Content-Type', 'text/csv');
      response.header('Content-Encoding', 'x-own');
      await authorize(scopes('Orders.Delete'), auth);
    }
    @Get('begun') async begun(@Auth() auth: AuthContext, @Res() response: Begun) {
      // Fastify is told that the handler answers.
      response.hijack?.();
      const raw = response.raw ?? response;
      raw.writeHead(200);
      raw.write('begun');
      await authorize(scopes('Orders.Delete'), auth);
    }
  }

  async function both(path: string) {
    const providers = [{ provide: APP_FILTER, useClass: OwnFilter }];
    const controllers = [ThrowingController];
    const without = await serve(platform, { imports: [guarded()], controllers, providers });
    const within = await serve(platform, { imports: [guarded(), other()], controllers, providers });
    const headers = { headers: ada().headers };
    const shown = async ({ origin }: { origin: string }) => {
      const { status, headers: of, body } = await ask(`${origin}/throws/${path}`, headers);
      return { status, body, type: of.get('content-type'), challenge: of.get('www-authenticate') };
    };
    return { without: await shown(without), within: await shown(within) };
  }

  it.each(['http', 'plain', 'shaped', 'configuration', 'text', 'own', 'local'])(
    'leaves alone what is thrown by %s',
    async (path) => {
      const { without, within } = await both(path);
      expect(within).toEqual(without);
      expect(within.challenge).toBeNull();
    },
  );

  it.each(['permission', 'labelled'])(
    'answers a refusal that a handler throws, as the guard does: %s',
    async (path) => {
      const { within } = await both(path);
      expect(within).toMatchObject({ status: 403, body: { code: 'scope_missing' } });
      expect(within.type).toMatch(/^application\/problem\+json/);
      expect(within.challenge).toContain('error="insufficient_scope"');
    },
  );

  it('answers an error that another copy of the package made, even an incomplete one', async () => {
    const { origin } = await serve(platform, {
      imports: [guarded(), other()],
      controllers: [ThrowingController],
    });
    const copy = await ask(`${origin}/throws/copy`, { headers: ada().headers });
    expect([copy.status, copy.headers.get('retry-after')]).toEqual([503, '7']);
    const incomplete = await ask(`${origin}/throws/incomplete`, { headers: ada().headers });
    expect(incomplete).toMatchObject({ status: 500, body: { statusCode: 500 } });
  });

  it('ends an answer that has begun', async () => {
    const { origin } = await serve(platform, {
      imports: [guarded(), other()],
      controllers: [ThrowingController],
    });
    const answer = await fetch(`${origin}/throws/begun`, { headers: ada().headers });
    expect([answer.status, await answer.text().catch(() => 'begun')]).toEqual([200, 'begun']);
  });

  it('lets a filter of the application that takes all errors have them', async () => {
    @Catch()
    class All implements ExceptionFilter {
      catch(_: unknown, host: ArgumentsHost): void {
        host
          .switchToHttp()
          .getResponse<{ status(code: number): { send(body: object): void } }>()
          .status(499)
          .send({});
      }
    }
    const { origin } = await serve(
      platform,
      { imports: [guarded(), other()], controllers: [ThrowingController] },
      (app) => void app.useGlobalFilters(new All()),
    );
    expect((await ask(`${origin}/throws/permission`, { headers: ada().headers })).status).toBe(499);
  });

  it('answers as a guard of the application’s own does, and logs mistakes of the API', async () => {
    class Tells extends EntraGuard {
      protected override toException(...args: Parameters<EntraGuard['toException']>) {
        const made = super.toException(...args);
        return Object.assign(made as object, { getResponse: () => ({ told: args[1].getHandler().name }) });
      }
    }
    const { entries, log } = keptLog();
    const { origin } = await serve(platform, {
      imports: [
        guarded({ guard: Tells, log }),
        other({ apis: { stock: { ...stockApi(), baseUrl: `${stockUrl}/missing` } } }),
      ],
      controllers: [ItemsController, ThrowingController],
    });
    const answer = await ask(`${origin}/throws/permission`, { headers: ada().headers });
    expect([answer.status, answer.body]).toEqual([403, { told: 'permission' }]);
    expect(entries.filter(({ level }) => level === 'error')).toEqual([]);
    expect((await ask(`${origin}/items`, { headers: ada().headers })).status).toBe(502);
    const scopeless = await serve(platform, {
      imports: [guarded({ log }), other({ credential: secretFrom(() => 'wrong') })],
      controllers: [ItemsController],
    });
    expect((await ask(`${scopeless.origin}/items`, { headers: ada().headers })).status).toBe(500);
    expect(entries).toContainEqual(
      expect.objectContaining({
        event: 'refused',
        code: 'downstream_misconfigured',
        handler: 'ItemsController.items',
      }),
    );
  });
});

describe('in other contexts', () => {
  const claims = { access_token: { acrs: { essential: true, value: 'c1' } } };

  async function started(
    metadata: ModuleMetadata,
    contexts: EntraGuardModuleOptions['contexts'],
    prepare: (app: INestApplication) => unknown = () => {},
  ) {
    const imports = [guarded({ contexts } as never), other(), ...(metadata.imports ?? [])];
    return serve('express', { ...metadata, imports }, (app) => void prepare(app));
  }

  it('a field of GraphQL acts for its caller, and its error has the challenge', async () => {
    @Resolver()
    class ItemsResolver {
      @Query(() => String) @RequireScopes('Orders.Read') async items(@Downstream('stock') stock: BoundApi) {
        return (await stock.json<{ of: string }>('/items')).of;
      }
      @Query(() => String) @RequireScopes('Orders.Read') broken(): string {
        throw new Error('broken');
      }
    }
    const graphql = GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, autoSchemaFile: true });
    const { origin } = await started({ imports: [graphql], providers: [ItemsResolver] }, [graphqlContext()]);
    const query = async (field: string) => {
      const { body } = await ask(`${origin}/graphql`, {
        method: 'POST',
        headers: { ...ada().headers, 'content-type': 'application/json' },
        body: JSON.stringify({ query: `{ ${field} }` }),
      });
      return body as { data?: object; errors?: { message: string; extensions: object }[] };
    };
    expect((await query('items')).data).toEqual({ items: ada().claims.oid });
    expect((await query('broken')).errors?.[0]?.message).toBe('broken');
    onTestFinished(entra.conditionalAccess('ada', 'stock', { claims }));
    expect((await query('items')).errors?.[0]?.extensions).toMatchObject({
      code: 'downstream_step_up_required',
      challenge: expect.stringContaining('insufficient_claims'),
    });
  });

  @WebSocketGateway()
  @UseGuards(EntraGuard)
  class ItemsGateway {
    @SubscribeMessage('items')
    @RequireScopes('Orders.Read')
    async items(@Downstream('stock') stock: BoundApi) {
      return { event: 'items', data: (await stock.json<{ of: string }>('/items')).of };
    }
    @SubscribeMessage('broken') @RequireScopes('Orders.Read') broken() {
      throw new Error('broken');
    }
  }

  it.each(['socket.io', 'ws'])(
    'a message over %s acts for its caller, and is refused as by the guard',
    async (library) => {
      const { origin } = await started({ providers: [ItemsGateway] }, [webSocketContext()], (app) =>
        app.useWebSocketAdapter(
          guardConnections(app, library === 'ws' ? new WsAdapter(app) : new IoAdapter(app)),
        ),
      );
      const say = library === 'ws' ? sayNative : saySocketIo;
      expect(await say(origin, 'items', ada().headers)).toEqual({ event: 'items', data: ada().claims.oid });
      const challenged = {
        event: 'exception',
        data: {
          code: 'downstream_step_up_required',
          challenge: expect.stringContaining('insufficient_claims'),
        },
      };
      onTestFinished(entra.conditionalAccess('ada', 'stock', { claims }));
      expect(await say(origin, 'items', ada().headers)).toMatchObject(challenged);
    },
  );

  function saySocketIo(origin: string, event: string, headers: Record<string, string>) {
    return new Promise<object>((resolve, reject) => {
      const socket = io(origin, {
        extraHeaders: headers,
        transports: ['websocket'],
        reconnection: false,
        forceNew: true,
      });
      const settle = (of: string) => (data: unknown) => {
        socket.disconnect();
        resolve({ event: of, data });
      };
      socket.on('connect_error', reject);
      socket.on('exception', settle('exception'));
      socket.on(event, settle(event));
      socket.emit(event, {});
    });
  }

  function sayNative(origin: string, event: string, headers: Record<string, string>) {
    return new Promise<object>((resolve, reject) => {
      const socket = new WebSocket(origin.replace('http', 'ws'), { headers });
      socket.on('error', reject);
      socket.on('open', () => socket.send(JSON.stringify({ event, data: {} })));
      socket.on('message', (data) => {
        socket.close();
        resolve(JSON.parse(String(data)));
      });
    });
  }

  it('a message of a microservice acts for its caller, and is refused as by the guard', async () => {
    @Controller()
    class ItemsMessages {
      @MessagePattern('items') @RequireScopes('Orders.Read') async items(
        @Downstream('stock') stock: BoundApi,
      ) {
        return (await stock.json<{ of: string }>('/items')).of;
      }
      @MessagePattern('broken') @RequireScopes('Orders.Read') broken() {
        throw new Error('broken');
      }
    }
    const port = await freePort();
    const contexts = [
      microserviceContext({ authorization: fromPayload('authorization'), inheritAppConfig: true }),
    ];
    const transport = { transport: Transport.TCP as const, options: { host: '127.0.0.1', port } };
    const { app } = await started({ controllers: [ItemsMessages] }, contexts, (made) =>
      made.connectMicroservice(transport, { inheritAppConfig: true }),
    );
    await app.startAllMicroservices();
    const client = ClientProxyFactory.create(transport);
    onTestFinished(() => void client.close());
    const say = (pattern: string) =>
      lastValueFrom(client.send(pattern, { authorization: ada().headers.authorization })).catch(
        (error: unknown) => error,
      );
    expect(await say('items')).toBe(ada().claims.oid);
    expect(await say('broken')).toEqual({ status: 'error', message: 'Internal server error' });
    onTestFinished(entra.conditionalAccess('ada', 'stock', { claims }));
    expect(await say('items')).toMatchObject({
      code: 'downstream_step_up_required',
      challenge: expect.stringContaining('insufficient_claims'),
    });
  });
});

describe('an application does not start', () => {
  const failure = async (metadata: ModuleMetadata) => String(await bootFailure(metadata));

  it.each<[string, (decorate: MethodDecorator) => MethodDecorator, string]>([
    [
      'public',
      () => Public(),
      "is public and takes @Downstream('stock'), which has no caller to give there.",
    ],
    [
      'of optional tokens',
      () => OptionalAuth(),
      "lets in callers without a token and takes @Downstream('stock')",
    ],
    [
      'of apps',
      () => RequireAppPermissions('Orders.Read.All'),
      "lets in app-only callers by appPermissions('Orders.Read.All') and takes @Downstream('stock')",
    ],
    ['of both', () => Require(authenticated()), 'lets in app-only callers by authenticated()'],
  ])('with @Downstream on a handler that is %s', async (_, decorator, sentence) => {
    @Controller('items')
    class WrongController {
      @Get() @(decorator(Public()) as MethodDecorator) items(@Downstream('stock') _stock: BoundApi): void {}
    }
    const text = await failure({ imports: [guarded(), other()], controllers: [WrongController] });
    expect(text).toContain(`WrongController.items (GET /items) ${sentence}`);
    expect(text).toContain("@Downstream('stock', { optional: true })");
  });

  it('with an unknown name in @Downstream, or without the module', async () => {
    @Controller('items')
    class WrongController {
      @Get() @RequireScopes('Orders.Read') items(@Downstream('stok', { optional: true }) _: unknown): void {}
    }
    const controllers = [WrongController];
    expect(await failure({ imports: [guarded(), other()], controllers })).toContain(
      "takes @Downstream('stok'), and EntraDownstreamModule has no API of that name. It has: stock.",
    );
    expect(await failure({ imports: [guarded()], controllers })).toContain(
      'the application does not import EntraDownstreamModule.',
    );
  });

  it.each([Scope.DEFAULT, Scope.REQUEST])(
    'with an unknown name in @InjectDownstream, scope %s',
    async (scope) => {
      @Injectable({ scope })
      class WrongService {
        constructor(@InjectDownstream('stokk') readonly stock: DownstreamApi) {}
      }
      expect(await failure({ imports: [guarded(), other()], providers: [WrongService] })).toContain(
        "@InjectDownstream('stokk') in WrongService names an API that EntraDownstreamModule does not have. It has: stock.",
      );
    },
  );

  it('without EntraGuardModule', async () => {
    expect(await failure({ imports: [other()] })).toContain(
      'EntraDownstreamModule was imported into an application without EntraGuardModule.',
    );
  });

  it.each<[string, () => DynamicModule[], string]>([
    ['without forRoot', () => [{ module: EntraDownstreamModule }], 'was imported without options'],
    ['with two modules', () => [other(), other({ timeout: '5s' })], '2 EntraDownstreamModules'],
    ['with invalid options', () => [other({ timeout: 'soon' as never })], 'timeout'],
    [
      'with other APIs than were named',
      () => [EntraDownstreamModule.forRootAsync({ apis: ['stock', 'graph'], useFactory: options })],
      "names the APIs 'stock', 'graph', and the factory's options have 'stock'.",
    ],
    [
      'with a factory that gives nothing',
      () => [EntraDownstreamModule.forRootAsync({ apis: ['stock'], useFactory: () => undefined as never })],
      'was given undefined instead of options',
    ],
    [
      'with a factory that gives no apis',
      () => [EntraDownstreamModule.forRootAsync({ apis: ['stock'], useFactory: () => ({}) as never })],
      'credential is missing',
    ],
    [
      'with a factory that gives a guard',
      () => [
        EntraDownstreamModule.forRootAsync({
          apis: ['stock'],
          useFactory: () => ({ ...options(), guard: {} }),
        }),
      ],
      "no option called 'guard'",
    ],
  ])('%s', async (_, imports, sentence) => {
    expect(await failure({ imports: [guarded(), ...imports()] })).toContain(sentence);
  });

  it('and is not put together from what is not options', () => {
    const { forRoot, forRootAsync } = EntraDownstreamModule;
    expect(() => forRoot([] as never)).toThrow('was given a list instead of options');
    expect(() => forRoot({ ...options(), guard: {} } as never)).toThrow("no option called 'guard'");
    expect(() => forRootAsync({ apis: ['stock'] })).toThrow('was given none of useFactory');
    expect(() => forRootAsync({ apis: ['stock'], useFactory: options, useExisting: 'x' })).toThrow(
      'more than one of useFactory',
    );
    expect(() => forRootAsync({ useFactory: options } as never)).toThrow('and not a list of names');
    expect(() => forRootAsync({ apis: ['stock'], useFactory: options, timeout: 1 } as never)).toThrow(
      "no option called 'timeout'",
    );
    expect(() => Downstream('' as never)).toThrow('was given an empty text');
    expect(() => Downstream('stock', { optionl: true } as never)).toThrow('options that it does not have');
    expect(() => InjectDownstream(7 as never)).toThrow('instead of the name of an API');
    expect(() => downstreamToken({} as never)).toThrow('instead of the name of an API');
  });
});

describe('the APIs are injected', () => {
  @Injectable()
  class Options {
    createEntraDownstreamOptions() {
      return options();
    }
  }
  @Module({ providers: [Options], exports: [Options] })
  class OptionsModule {}

  @Injectable()
  class Stock {
    @InjectDownstream('stock') readonly api!: DownstreamApi;
    constructor(@InjectDownstream() readonly all: { readonly apis: object }) {}
  }

  it.each<[string, (isGlobal: boolean) => DynamicModule]>([
    ['forRoot', (isGlobal) => other({ isGlobal })],
    [
      'a factory',
      (isGlobal) =>
        EntraDownstreamModule.forRootAsync({
          apis: ['stock'],
          isGlobal,
          imports: [OptionsModule],
          inject: [Options],
          useFactory: async (made: Options) => made.createEntraDownstreamOptions(),
        }),
    ],
    [
      'a class',
      (isGlobal) => EntraDownstreamModule.forRootAsync({ apis: ['stock'], isGlobal, useClass: Options }),
    ],
    [
      'a class that is there already',
      (isGlobal) =>
        EntraDownstreamModule.forRootAsync({
          apis: ['stock'],
          isGlobal,
          imports: [OptionsModule],
          useExisting: Options,
        }),
    ],
  ])('from %s, global or not', async (_, make) => {
    for (const isGlobal of [true, false]) {
      const { app } = await serve('express', {
        imports: [guarded({ isGlobal } as never), make(isGlobal)],
        providers: [Stock],
      });
      const { api, all } = app.get(Stock);
      expect(all.apis).toEqual({ stock: api });
    }
  });

  it('of two applications in one process each has its own', async () => {
    @Controller('items')
    class GraphController {
      @Get() @RequireScopes('Orders.Read') items(@Downstream('graph') api: BoundApi) {
        return api.json('/items');
      }
    }
    @Injectable()
    class Graph {
      constructor(@InjectDownstream('graph') readonly api: DownstreamApi) {}
    }
    const one = await serve('express', { imports: [guarded(), other()], controllers: [ItemsController] });
    const two = await serve('express', {
      imports: [guarded(), other({ apis: { graph: { ...stockApi(), baseUrl: `${stockUrl}/none` } } })],
      controllers: [GraphController],
      providers: [Graph],
    });
    expect((await ask(`${one.origin}/items`, { headers: ada().headers })).status).toBe(200);
    expect((await ask(`${two.origin}/items`, { headers: ada().headers })).body).toMatchObject({
      code: 'downstream_answer',
    });
  });

  it('and are closed with the application', async () => {
    const closed: string[] = [];
    const close = async () => void closed.push('closed');
    const testing = await Test.createTestingModule({ imports: [guarded(), other()] })
      .overrideProvider(downstreamToken())
      .useValue({ ...testDownstream({ stock: () => 1 }), close })
      .compile();
    const app = testing.createNestApplication(adapterOf('express'), { logger: false });
    await app.init();
    expect(closed).toEqual([]);
    await app.close();
    expect(closed).toEqual(['closed']);
  });

  it('a test of the whole application puts its own in their place', async () => {
    const caller = testAuth({ kind: 'user', scopes: ['Orders.Read'] });
    const testing = await Test.createTestingModule({
      imports: [guarded(), other()],
      controllers: [ItemsController] as Type[],
    })
      .overrideProvider(ENTRA_GUARD_CORE)
      .useValue(standInGuard(caller, { log: false }))
      .overrideProvider(downstreamToken())
      .useValue(testDownstream({ stock: () => ({ of: 'a test' }) }))
      .compile();
    const app = testing.createNestApplication(adapterOf('express'), { logger: false });
    onTestFinished(() => app.close());
    await app.listen(0, '127.0.0.1');
    expect((await ask(`${await app.getUrl()}/items`)).body).toEqual({ of: 'a test' });
  });
});
