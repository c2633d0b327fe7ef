import 'reflect-metadata';
import {
  Auth,
  AuthContext,
  anyOf,
  appPermissions,
  EntraGuard,
  EntraGuardModule,
  OptionalAuth,
  Public,
  Require,
  RequireScopes,
  RequireUserRoles,
  scopes,
} from '@entra-guard/nestjs';
import { createGuardedDocument, type GuardedDocumentOptions } from '@entra-guard/nestjs/swagger';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import {
  All,
  type CanActivate,
  Controller,
  Delete,
  Get,
  Injectable,
  Post,
  Search,
  UseGuards,
} from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiExtension,
  ApiOperation,
  ApiResponse,
  DocumentBuilder,
  SwaggerModule,
} from '@nestjs/swagger';
import { Validator as OpenApiValidator } from '@seriousme/openapi-schema-validator';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { create } from './platforms.js';

/** What is looked at of a document. */
interface Operation {
  readonly security?: readonly Record<string, readonly string[]>[];
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: object }>>;
  readonly summary?: string;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly securitySchemes: Readonly<Record<string, Record<string, unknown>>> };
}

function ordersController(): new () => object {
  @Controller('orders')
  @RequireScopes('Orders.Read')
  class OrdersController {
    @Get()
    @ApiExtension('x-team', 'orders' as unknown as object)
    list(@Auth() _auth: AuthContext): object {
      return [];
    }
    @Post()
    @Require(anyOf(scopes('Orders.Write'), appPermissions('Orders.Write.All')).because('shops order'))
    @ApiOperation({ summary: 'Places an order' })
    @ApiResponse({ status: 403, description: 'Our own words.' })
    place(): object {
      return {};
    }
    @Delete(':id')
    @RequireUserRoles('Orders.Admin')
    remove(): void {}
    @Get('prices')
    @OptionalAuth()
    prices(): object {
      return {};
    }
    @Get('health')
    @Public('the platform asks')
    health(): object {
      return {};
    }
  }
  return OrdersController;
}

let entra: InProcessEntra;
let uri: string;
beforeAll(async () => {
  entra = await startEntra();
});
beforeEach(() => {
  uri = entra.options().applicationIdUri ?? `api://${entra.options().clientId}`;
});

const config = () => new DocumentBuilder().setTitle('Orders').setVersion('1');
const plain = (document: object): Document => JSON.parse(JSON.stringify(document));

function appOf(...controllers: (new () => object)[]) {
  return create('express', {
    imports: [EntraGuardModule.forRoot({ ...entra.options(), log: false })],
    controllers,
  });
}

async function documentOf(options?: GuardedDocumentOptions): Promise<Document> {
  return plain(await createGuardedDocument(await appOf(ordersController()), config().build(), options));
}

it('each operation says what it requires and how it refuses, with no second decorator', async () => {
  const { paths } = await documentOf();
  const read = `${uri}/Orders.Read`;
  expect(paths['/orders']?.get).toMatchObject({
    security: [{ entra: [read] }],
    responses: {
      '200': {},
      '401': { description: expect.stringContaining('No access token') },
      '403': { description: "The caller may not. Required: `scopes('Orders.Read')`." },
      '503': { description: expect.stringContaining('Retry-After') },
    },
  });
  expect(paths['/orders']?.get?.responses['403']?.content).toHaveProperty(['application/problem+json']);
  expect(paths['/orders/{id}']?.delete?.security).toEqual([{ entra: [read] }]);
  expect(paths['/orders/{id}']?.delete?.responses['403']?.description).toContain("userRoles('Orders.Admin')");
});

it('class and method together: a user with both scopes, since no app has any', async () => {
  const { paths } = await documentOf();
  expect(paths['/orders']?.post?.security).toEqual([
    { entra: [`${uri}/Orders.Read`, `${uri}/Orders.Write`] },
  ]);
});

it('what a handler says of itself stays', async () => {
  const { paths } = await documentOf();
  expect(paths['/orders']?.post).toMatchObject({
    summary: 'Places an order',
    responses: { '403': { description: 'Our own words.' } },
  });
});

it('a public handler requires nothing, and one with optional authentication says so', async () => {
  const { paths } = await documentOf();
  expect(paths['/orders/health']?.get?.security).toBeUndefined();
  expect(Object.keys(paths['/orders/health']?.get?.responses ?? {})).toEqual(['200']);
  expect(paths['/orders/prices']?.get?.security).toEqual([{}, { entra: [] }]);
  expect(Object.keys(paths['/orders/prices']?.get?.responses ?? {})).toEqual(['200', '401', '503']);
});

it('the schemes name the endpoints of the authority, and what scopes are for', async () => {
  const { components } = await documentOf({ scopes: { 'Orders.Read': 'Read your orders' } });
  expect(components.securitySchemes).toEqual({
    entra: {
      type: 'oauth2',
      description: expect.any(String),
      flows: {
        authorizationCode: {
          authorizationUrl: expect.stringMatching(/\/oauth2\/v2\.0\/authorize$/),
          tokenUrl: expect.stringMatching(/\/oauth2\/v2\.0\/token$/),
          scopes: {
            [`${uri}/Orders.Read`]: 'Read your orders',
            [`${uri}/Orders.Write`]: 'Orders.Write',
          },
        },
      },
    },
    entraApp: expect.objectContaining({ type: 'oauth2' }),
  });
});

it('names are of your choosing', async () => {
  const { components, paths } = await documentOf({ userScheme: 'people', appScheme: 'jobs' });
  expect(Object.keys(components.securitySchemes)).toEqual(['people', 'jobs']);
  expect(paths['/orders']?.get?.security).toEqual([{ people: [`${uri}/Orders.Read`] }]);
});

it.each(['with the authority', 'without it'])('the document is valid OpenAPI %s', async (situation) => {
  const restore = situation === 'without it' ? entra.fail('metadata', 503) : () => {};
  const document = await documentOf();
  restore();
  const { valid, errors } = await new OpenApiValidator().validate(
    document as unknown as Record<string, unknown>,
  );
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
});

it('while the authority can not be reached the API starts, and the schemes name its metadata', async () => {
  const restore = entra.fail('metadata', 503);
  const { components, paths } = await documentOf();
  restore();
  expect(components.securitySchemes.entra).toEqual({
    type: 'openIdConnect',
    openIdConnectUrl: expect.stringContaining('/.well-known/openid-configuration'),
  });
  expect(paths['/orders']?.get?.security).toEqual([{ entra: [`${uri}/Orders.Read`] }]);
});

it('a document can be made again, and other extensions stay', async () => {
  const app = await appOf(ordersController());
  const first = plain(await createGuardedDocument(app, config().build()));
  const second = plain(await createGuardedDocument(app, config().build()));
  expect(second).toEqual(first);
  expect(JSON.stringify(first)).not.toContain('x-entra-guard');
  expect(first.paths['/orders']?.get).toHaveProperty('x-team', 'orders');
});

it('controllers that share an inherited handler each have what they require', async () => {
  abstract class Listing {
    @Get()
    list(): object {
      return [];
    }
  }
  @Controller('orders')
  @RequireScopes('Orders.Read')
  class Orders extends Listing {}
  @Controller('bills')
  @RequireScopes('Bills.Read')
  class Bills extends Listing {}
  const { paths } = plain(await createGuardedDocument(await appOf(Orders, Bills), config().build()));
  expect(paths['/orders']?.get?.security).toEqual([{ entra: [`${uri}/Orders.Read`] }]);
  expect(paths['/bills']?.get?.security).toEqual([{ entra: [`${uri}/Bills.Read`] }]);
});

it("what holds for the whole document is lifted for a public handler, and replaced where it isn't so", async () => {
  @Controller('orders')
  class Orders {
    @Get()
    @RequireScopes('Orders.Read')
    @ApiBearerAuth()
    list(): object {
      return [];
    }
    @Get('health')
    @Public('the platform asks')
    health(): object {
      return {};
    }
  }
  const document = await createGuardedDocument(
    await appOf(Orders),
    config().addSecurityRequirements('other').build(),
    { swagger: { operationIdFactory: (_, method) => `my-${method}` } },
  );
  const { paths } = plain(document);
  expect(paths['/orders']?.get?.security).toEqual([{ entra: [`${uri}/Orders.Read`] }]);
  expect(paths['/orders/health']?.get?.security).toEqual([]);
  expect(paths['/orders']?.get).toHaveProperty('operationId', 'my-list');
});

describe('the document says what is enforced', () => {
  abstract class Listing {
    @Get()
    list(): object {
      return [];
    }
  }
  const one = { swagger: { operationIdFactory: () => 'same' } };

  it.each<[string, GuardedDocumentOptions | undefined]>([
    ['with the usual operation IDs', undefined],
    ['where all operation IDs are one', one],
    ['where they are the names of methods', { swagger: { operationIdFactory: (_, method) => method } }],
  ])('of controllers of one name that share an inherited handler, %s', async (_, options) => {
    const controllerAt = (path: string, guarded: ClassDecorator) => {
      @Controller(path)
      class Same extends Listing {}
      guarded(Same);
      return Same;
    };
    const controllers = [
      controllerAt('orders', RequireScopes('Orders.Read') as ClassDecorator),
      controllerAt('open', Public('the platform asks') as ClassDecorator),
      controllerAt('bills', RequireScopes('Bills.Read') as ClassDecorator),
    ];
    for (const order of [controllers, controllers.toReversed()]) {
      const { paths } = plain(await createGuardedDocument(await appOf(...order), config().build(), options));
      expect(paths['/orders']?.get?.security).toEqual([{ entra: [`${uri}/Orders.Read`] }]);
      expect(paths['/bills']?.get?.security).toEqual([{ entra: [`${uri}/Bills.Read`] }]);
      expect(paths['/open']?.get?.security).toBeUndefined();
    }
  });

  it('of handlers that give themselves an operation ID, answer to all methods, or have security of their class', async () => {
    @Controller('orders')
    @ApiBearerAuth('ofClass')
    class Orders {
      @Get('named')
      @ApiOperation({ operationId: 'mine' })
      @RequireScopes('Named')
      named(): void {}
      @Search('found')
      @RequireScopes('Search')
      search(): void {}
      @All('all')
      @RequireScopes('All')
      all(): void {}
      @Get('forgotten')
      forgotten(): void {}
    }
    const app = await appOf(Orders);
    const document = plain(await createGuardedDocument(app, config().build()));
    expect(document.paths['/orders/named']?.get?.security).toEqual([{ entra: [`${uri}/Named`] }]);
    expect(document.paths['/orders/all']?.delete?.security).toEqual([{ entra: [`${uri}/All`] }]);
    expect(document.paths['/orders/found']?.search?.security).toEqual([{ entra: [`${uri}/Search`] }]);
    expect(document.paths['/orders/forgotten']?.get?.security).toEqual([{ ofClass: [] }]);
    expect(JSON.stringify(document)).not.toContain('x-entra-guard');
    // Swagger's own document is as it was.
    expect(
      plain(SwaggerModule.createDocument(app, config().build())).paths['/orders/named']?.get?.security,
    ).toEqual([{ ofClass: [] }]);
  });

  it('of handlers that no guard stands in front of, and of those that declarations guard', async () => {
    @Controller('plain')
    class Plain {
      @Get() list(): void {}
    }
    @Controller('guarded')
    @UseGuards(EntraGuard)
    @RequireScopes('Guarded')
    class Guarded extends Listing {}
    const app = await create('express', {
      imports: [EntraGuardModule.forRoot({ ...entra.options(), installGuard: false, log: false })],
      controllers: [ordersController(), Guarded, Plain],
    });
    const { paths } = plain(
      await createGuardedDocument(app, config().addSecurityRequirements('other').build()),
    );
    expect(paths['/guarded']?.get?.security).toEqual([{ entra: [`${uri}/Guarded`] }]);
    expect(paths['/orders']?.get?.security).toEqual([{ entra: [`${uri}/Orders.Read`] }]);
    // What nothing is declared for is the application's to describe.
    expect(paths['/plain']?.get?.security).toBeUndefined();
    expect(Object.keys(paths['/plain']?.get?.responses ?? {})).toEqual(['200']);
  });

  it.each([true, false])(
    'of handlers under another guard: what the application says; ours installed %s',
    async (installGuard) => {
      @Injectable()
      class OldGuard implements CanActivate {
        canActivate(): boolean {
          return true;
        }
      }
      @Controller('old')
      @UseGuards(OldGuard)
      class Old {
        @Get('public') @Public('The old guard decides.') @ApiBearerAuth() open(): void {}
        @Get('optional') @OptionalAuth() @ApiBearerAuth() optional(): void {}
        @Get('declared') @RequireScopes('Declared') @ApiBearerAuth() declared(): void {}
      }
      const app = await create('express', {
        imports: [EntraGuardModule.forRoot({ ...entra.options(), installGuard, log: false })],
        controllers: [Old],
      });
      const { paths, components } = plain(await createGuardedDocument(app, config().addBearerAuth().build()));
      expect(paths['/old/public']?.get?.security).toEqual([{ bearer: [] }]);
      expect(paths['/old/optional']?.get?.security).toEqual([{ bearer: [] }]);
      expect(paths['/old/declared']?.get?.security).toEqual([{ entra: [`${uri}/Declared`] }]);
      expect(components.securitySchemes).toHaveProperty('bearer');
    },
  );
});
