import 'reflect-metadata';
import { anonymous } from '@entra-guard/core';
import { takeInventory } from '@entra-guard/core/catalogue';
import {
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
import {
  Controller,
  Get,
  type INestApplication,
  Module,
  type ModuleMetadata,
  Post,
  RequestMethod,
  UseGuards,
  VERSION_NEUTRAL,
  VersioningType,
} from '@nestjs/common';
import { NestFactory, RouterModule } from '@nestjs/core';
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

  it('know what stands beside a factory', async () => {
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
      "GET /health HealthController.health: open (no EntraGuard stands in front of it, although it declares scopes('Health.Read'))",
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
