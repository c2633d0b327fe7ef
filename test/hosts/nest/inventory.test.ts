import 'reflect-metadata';
import { takeInventory } from '@entra-guard/catalogue';
import { anonymous } from '@entra-guard/core';
import {
  type ContextAdapter,
  definePermissions,
  EntraGuard,
  EntraGuardModule,
  handlersIn,
  OptionalAuth,
  Public,
  RequireScopes,
  requirementDecorators,
  scopes,
} from '@entra-guard/nestjs';
import { graphqlContext } from '@entra-guard/nestjs/graphql';
import { microserviceContext } from '@entra-guard/nestjs/microservices';
import { webSocketContext } from '@entra-guard/nestjs/websockets';
import {
  type CanActivate,
  Controller,
  Get,
  type INestApplication,
  Injectable,
  Module,
  type ModuleMetadata,
  Post,
  RequestMethod,
  UseGuards,
  VERSION_NEUTRAL,
  VersioningType,
} from '@nestjs/common';
import { APP_GUARD, NestFactory, RouterModule } from '@nestjs/core';
import { Query, ResolveField, Resolver } from '@nestjs/graphql';
import { MessagePattern, Transport } from '@nestjs/microservices';
import { AuthGuard } from '@nestjs/passport';
import { ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { describe, expect, it, onTestFinished } from 'vitest';
import { create, moduleOf } from './platforms.js';

const tenant = {
  tenantId: '11111111-1111-4111-8111-111111111111',
  clientId: '22222222-2222-4222-8222-222222222222',
};
const options = { ...tenant, log: false as const };
const catalogue = definePermissions({
  api: 'api://orders',
  owner: { team: 'Orders' },
  scopes: { 'Orders.Read': { description: 'Read.', consent: 'user', because: 'The shop shows them.' } },
});
const of = requirementDecorators(catalogue);

@Controller('orders')
class OrdersController {
  @Get() @of.RequireScopes('Orders.Read') list(): void {}
  @Get(['open', 'opened']) @Public('A probe asks.') open(): void {}
  @Get('maybe') @OptionalAuth() maybe(): void {}
  @Post() forgotten(): void {}
}
@Controller()
class HealthController {
  @Get('health') health(): void {}
}

/** Loaded and no more: nothing is injected, nothing listens. */
async function preview(metadata: ModuleMetadata): Promise<INestApplication> {
  const app = await NestFactory.create(moduleOf(metadata), {
    logger: false,
    abortOnError: false,
    preview: true,
  });
  onTestFinished(() => app.close());
  return app;
}

const lines = (app: INestApplication): readonly string[] =>
  takeInventory(handlersIn(app)).handlers.map(
    ({ method, path, handler, access, requirement, note }) =>
      `${method} ${path} ${handler}: ${access}${requirement ? ` ${requirement}` : ''}${note ? ` (${note})` : ''}`,
  );

describe.each([
  ['created', (metadata: ModuleMetadata) => create('express', metadata)],
  ['created on Fastify', (metadata: ModuleMetadata) => create('fastify', metadata)],
  ['initialised', async (metadata: ModuleMetadata) => (await create('express', metadata)).init()],
  ['previewed', preview],
])('the handlers of an application that is %s', (_, load) => {
  it('are there with what they require, and what does not', async () => {
    const app = await load({
      imports: [EntraGuardModule.forRoot(options)],
      controllers: [OrdersController],
    });
    expect(lines(app)).toEqual([
      "GET /orders OrdersController.list: required scopes('Orders.Read')",
      'GET /orders/open OrdersController.open: public anonymous()',
      'GET /orders/opened OrdersController.open: public anonymous()',
      'GET /orders/maybe OrdersController.maybe: optional',
      'POST /orders OrdersController.forgotten: denied (it declares no requirement)',
    ]);
    expect(takeInventory(handlersIn(app))).toMatchObject({
      handlers: [
        { reasons: ['The shop shows them.'], owner: { team: 'Orders' } },
        { reasons: ['A probe asks.'] },
        {},
        {},
        {},
      ],
      catalogues: [catalogue.catalogue],
    });
  });

  it('know the options handlers and defaultRequirement', async () => {
    const app = await load({
      imports: [
        EntraGuardModule.forRoot({
          ...options,
          defaultRequirement: scopes('Default'),
          handlers: [[HealthController, anonymous().because('A probe asks.')]],
        }),
      ],
      controllers: [HealthController, OrdersController],
    });
    expect(lines(app)).toContain('GET /health HealthController.health: public anonymous()');
    expect(lines(app)).toContain("POST /orders OrdersController.forgotten: required scopes('Default')");
  });

  it('know what stands next to a factory', async () => {
    const app = await load({
      imports: [
        EntraGuardModule.forRootAsync({ useFactory: () => options, defaultRequirement: scopes('Default') }),
      ],
      controllers: [HealthController],
    });
    expect(lines(app)).toEqual(["GET /health HealthController.health: required scopes('Default')"]);
  });

  it('are open where no module is imported', async () => {
    const app = await load({ controllers: [HealthController] });
    expect(lines(app)).toEqual([
      'GET /health HealthController.health: open (EntraGuardModule is not imported)',
    ]);
  });

  it('are open where no guard stands in front of them, and guarded where they are decorated', async () => {
    @Controller('guarded')
    @UseGuards(EntraGuard)
    class GuardedController {
      @Get() @RequireScopes('Read') list(): void {}
    }
    const app = await load({
      imports: [
        EntraGuardModule.forRoot({
          ...options,
          installGuard: false,
          uncovered: 'warn',
          handlers: [[HealthController, scopes('Health.Read')]],
        }),
      ],
      controllers: [GuardedController, OrdersController, HealthController],
    });
    expect(lines(app)).toEqual([
      "GET /guarded GuardedController.list: required scopes('Read')",
      "GET /orders OrdersController.list: required scopes('Orders.Read')",
      'GET /orders/open OrdersController.open: public anonymous()',
      'GET /orders/opened OrdersController.open: public anonymous()',
      'GET /orders/maybe OrdersController.maybe: optional',
      'POST /orders OrdersController.forgotten: open (no EntraGuard stands in front of it)',
      "GET /health HealthController.health: required scopes('Health.Read')",
    ]);
  });

  it('have the paths that Nest gives them', async () => {
    @Controller({ path: 'items', version: ['1', VERSION_NEUTRAL] })
    class ItemsController {
      @Get(':id') @RequireScopes('Read') one(): void {}
    }
    @Module({ controllers: [ItemsController] })
    class ItemsModule {}
    @Module({ controllers: [HealthController] })
    class InnerModule {}
    const app = await load({
      imports: [
        EntraGuardModule.forRoot({ ...options, defaultRequirement: scopes('Default') }),
        ItemsModule,
        InnerModule,
        RouterModule.register([
          { path: 'shop', module: ItemsModule, children: [{ path: 'inner', module: InnerModule }] },
        ]),
      ],
      controllers: [OrdersController],
    });
    app.setGlobalPrefix('api', { exclude: [{ path: 'orders/maybe', method: RequestMethod.GET }] });
    app.enableVersioning({ type: VersioningType.URI });
    expect(lines(app).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual(
      expect.arrayContaining([
        'GET /api/v1/shop/items/:id',
        'GET /api/shop/items/:id',
        'GET /api/shop/inner/health',
        'GET /api/orders',
        'GET /orders/maybe',
      ]),
    );
  });
});

it('versions change the path only where the URI tells them', async () => {
  @Controller({ path: 'items', version: '1' })
  class ItemsController {
    @Get() @RequireScopes('Read') list(): void {}
    @Get('new') @RequireScopes('Read') newer(): void {}
  }
  const pathsWith = async (versioning: Parameters<INestApplication['enableVersioning']>[0]) => {
    const app = await preview({
      imports: [EntraGuardModule.forRoot(options)],
      controllers: [ItemsController, HealthController],
    });
    app.enableVersioning(versioning);
    return handlersIn(app).map(({ path }) => path);
  };
  expect(await pathsWith({ type: VersioningType.HEADER, header: 'v' })).toEqual([
    '/items',
    '/items/new',
    '/health',
  ]);
  expect(await pathsWith({ type: VersioningType.URI, prefix: false, defaultVersion: '2' })).toEqual([
    '/1/items',
    '/1/items/new',
    '/2/health',
  ]);
});

describe('what another guard stands in front of is that guard\u2019s, and not judged', () => {
  @Injectable()
  class OldGuard implements CanActivate {
    canActivate(): boolean {
      return true;
    }
  }
  class JwtGuard extends AuthGuard('jwt') {}

  @Controller('old')
  class OldController {
    @Get('mixin') @UseGuards(AuthGuard('jwt')) mixin(): void {}
    @Get('class') @UseGuards(JwtGuard) ofClass(): void {}
    @Get('instance') @UseGuards(new OldGuard()) instance(): void {}
    @Get('public') @UseGuards(JwtGuard) @Public('The old guard decides.') open(): void {}
    @Get('optional') @UseGuards(JwtGuard) @OptionalAuth() optional(): void {}
    @Get('declared') @UseGuards(JwtGuard) @RequireScopes('Read') declared(): void {}
    @Get('counted') @UseGuards(ThrottlerGuard) counted(): void {}
    @Get('nothing') nothing(): void {}
  }
  const throttling = ThrottlerModule.forRoot([{ ttl: 1000, limit: 1000 }]);
  const accesses = (app: INestApplication) =>
    lines(app).map((line) => line.replace(/^GET \/old\/\S+ OldController\./, ''));

  it('where none of ours stands in front of it', async () => {
    const app = await preview({
      imports: [EntraGuardModule.forRoot({ ...options, installGuard: false }), throttling],
      controllers: [OldController],
    });
    expect(accesses(app)).toEqual([
      'mixin: other-guard (not judged: AuthGuard of @nestjs/passport)',
      'ofClass: other-guard (not judged: JwtGuard)',
      'instance: other-guard (not judged: OldGuard)',
      'open: other-guard (not judged: JwtGuard)',
      'optional: other-guard (not judged: JwtGuard)',
      "declared: required scopes('Read')",
      'counted: open (no EntraGuard stands in front of it)',
      'nothing: open (no EntraGuard stands in front of it)',
    ]);
    const { warnings } = takeInventory(handlersIn(app));
    expect(warnings.find(({ code }) => code === 'other_guard')).toMatchObject({
      subject: 'GET /old/mixin (OldController.mixin)',
      message: expect.stringContaining('is left to another guard, not judged: AuthGuard'),
    });
  });

  it('where ours is told to let everybody in', async () => {
    const app = await preview({
      imports: [EntraGuardModule.forRoot(options), throttling],
      controllers: [OldController],
    });
    expect(accesses(app)).toEqual([
      'mixin: denied (it declares no requirement)',
      'ofClass: denied (it declares no requirement)',
      'instance: denied (it declares no requirement)',
      'open: other-guard (not judged: JwtGuard)',
      'optional: other-guard (not judged: JwtGuard)',
      "declared: required scopes('Read')",
      'counted: denied (it declares no requirement)',
      'nothing: denied (it declares no requirement)',
    ]);
  });

  it('where our module is missing', async () => {
    const app = await preview({ imports: [throttling], controllers: [OldController] });
    expect(accesses(app)[0]).toBe('mixin: other-guard (not judged: AuthGuard of @nestjs/passport)');
    expect(accesses(app).at(-1)).toBe('nothing: open (EntraGuardModule is not imported)');
  });

  const inFront: readonly [string, ModuleMetadata, (app: INestApplication) => void][] = [
    ['provided as a class', { providers: [{ provide: APP_GUARD, useClass: OldGuard }] }, () => {}],
    ['provided as a value', { providers: [{ provide: APP_GUARD, useValue: new OldGuard() }] }, () => {}],
    [
      'provided by another name',
      { providers: [OldGuard, { provide: APP_GUARD, useExisting: OldGuard }] },
      () => {},
    ],
    ['used for all', {}, (app) => app.useGlobalGuards(new OldGuard())],
  ];
  it.each(inFront)('where it stands in front of everything, %s', async (_, metadata, then) => {
    for (const load of [preview, (given: ModuleMetadata) => create('express', given)]) {
      const app = await load({
        ...metadata,
        imports: [EntraGuardModule.forRoot({ ...options, installGuard: false })],
        controllers: [HealthController],
      });
      then(app);
      expect(lines(app)).toEqual(['GET /health HealthController.health: other-guard (not judged: OldGuard)']);
    }
  });

  it('and one that is ours, and used for all, covers what it stands in front of', async () => {
    const app = await create('express', {
      imports: [EntraGuardModule.forRoot({ ...options, installGuard: false })],
      controllers: [OrdersController],
    });
    app.useGlobalGuards(app.get(EntraGuard));
    expect(lines(app)[0]).toBe("GET /orders OrdersController.list: required scopes('Orders.Read')");
    expect(lines(app).at(-1)).toContain('denied');
  });
});

describe('handlers that the check at boot finds to be covered by nothing are open', () => {
  @Controller()
  class JobsController {
    @MessagePattern('jobs') @RequireScopes('Jobs.Run') run(): void {}
    @MessagePattern('forgotten') forgotten(): void {}
    @MessagePattern('open') @Public('A probe asks.') open(): void {}
  }
  @WebSocketGateway()
  class NewsGateway {
    @SubscribeMessage('news') @RequireScopes('News.Read') news(): void {}
  }
  @Controller('health')
  class HttpController {
    @Get() @Public('A probe asks.') health(): void {}
  }
  const withContexts = (...contexts: ContextAdapter[]) => EntraGuardModule.forRoot({ ...options, contexts });

  it.each([
    ['previewed', preview],
    ['created', (metadata: ModuleMetadata) => create('express', metadata)],
  ])('of contexts that nothing reads, %s', async (_, load) => {
    const app = await load({
      imports: [EntraGuardModule.forRoot(options)],
      controllers: [HttpController, JobsController],
      providers: [NewsGateway],
    });
    const why = 'no EntraGuard stands in front of it, although it declares';
    expect(lines(app)).toEqual([
      'GET /health HttpController.health: public anonymous()',
      expect.stringContaining(
        `JobsController.run: open (${why} scopes('Jobs.Run'): Give EntraGuardModule contexts:`,
      ),
      expect.stringContaining('JobsController.forgotten: open (no EntraGuard stands in front of it: Give'),
      expect.stringContaining('JobsController.open: public anonymous()'),
      expect.stringContaining(
        `NewsGateway.news: open (${why} scopes('News.Read'): Give EntraGuardModule contexts:`,
      ),
    ]);
  });

  it('but not microservices, however they are connected: the guard stands on their handlers', async () => {
    const app = await preview({
      imports: [withContexts(microserviceContext())],
      controllers: [HttpController, JobsController],
    });
    expect(lines(app)[1]).toContain("required scopes('Jobs.Run')");
    const said = await preview({
      imports: [withContexts(microserviceContext({ inheritAppConfig: true }))],
      controllers: [HttpController, JobsController],
    });
    expect(lines(said)[1]).toContain("required scopes('Jobs.Run')");
    const alone = await preview({
      imports: [withContexts(microserviceContext())],
      controllers: [JobsController],
    });
    expect(lines(alone)[0]).toContain("required scopes('Jobs.Run')");
  });

  it('but not microservices that are connected without the guards of the application', async () => {
    for (const inheritAppConfig of [true, false]) {
      const app = await create('express', {
        imports: [withContexts(microserviceContext())],
        controllers: [HttpController, JobsController],
      });
      app.connectMicroservice({ transport: Transport.TCP, options: { port: 0 } }, { inheritAppConfig });
      expect(lines(app)[1]).toContain("required scopes('Jobs.Run')");
    }
  });

  it('of fields of GraphQL that no guard runs on: as open as what they are part of', async () => {
    @Resolver('Order')
    class OrdersResolver {
      @Query('orders') @RequireScopes('Orders.Read') orders(): void {}
      @ResolveField('bill') bill(): void {}
      @ResolveField('price') @RequireScopes('Prices.Read') price(): void {}
    }
    const app = await preview({ imports: [withContexts(graphqlContext())], providers: [OrdersResolver] });
    expect(lines(app).map((line) => line.replace(/^.* OrdersResolver\./, ''))).toEqual([
      "orders: required scopes('Orders.Read')",
      'bill: open (no guard runs on this field, so it is as open as what it is part of)',
      expect.stringContaining(
        "price: open (no EntraGuard stands in front of it, although it declares scopes('Prices.Read'): Give GraphQLModule",
      ),
    ]);
  });

  it('but not gateways, whichever version of NestJS runs them', async () => {
    const app = await preview({
      imports: [withContexts(webSocketContext())],
      providers: [NewsGateway],
    });
    expect(lines(app)[0]).toContain("required scopes('News.Read')");
    @WebSocketGateway()
    @UseGuards(EntraGuard)
    class GuardedGateway {
      @SubscribeMessage('news') @RequireScopes('News.Read') news(): void {}
    }
    const guarded = await preview({
      imports: [withContexts(webSocketContext())],
      providers: [GuardedGateway],
    });
    expect(lines(guarded)[0]).toContain("required scopes('News.Read')");
  });
});
