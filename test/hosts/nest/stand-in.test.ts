import 'reflect-metadata';
import {
  Auth,
  AuthContext,
  allOf,
  anonymous,
  authOf,
  ConfigurationError,
  check,
  type DecisionEvent,
  ENTRA_VALIDATOR,
  EntraGuard,
  EntraGuardModule,
  OptionalAuth,
  onEvent,
  Public,
  Require,
  RequireScopes,
  RequireUserRoles,
  scopes,
  type Validator,
} from '@entra-guard/nestjs';
import {
  ENTRA_GUARD_CORE,
  provideTestAuth,
  type StandInCaller,
  standInGuard,
  type TestAuthOptions,
  testAuth,
} from '@entra-guard/nestjs/testing';
import { startEntra } from '@entra-guard/testing';
import {
  Controller,
  type ExecutionContext,
  Get,
  type INestApplication,
  Injectable,
  Module,
  type ModuleMetadata,
  Param,
  Post,
  Req,
  UseGuards,
} from '@nestjs/common';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { adapterOf, ask, keptLog, moduleOf, type Platform, platforms } from './platforms.js';

const ada = testAuth({ kind: 'user', scopes: ['Orders.Read'] });
const admin = testAuth({ kind: 'user', scopes: ['Orders.Read'], roles: ['Orders.Admin'] });
const job = testAuth({ kind: 'app', roles: ['Orders.Read.All'] });

@Injectable()
class Orders {
  ownerOf(id: string): string {
    return id === '7' ? ada.subjectKey : 'somebody else';
  }
}

const ownsOrder = check('owns order', async ({ auth, request, resolve }) => {
  const { params } = request as { readonly params: { readonly id: string } };
  return (await resolve<Orders>(Orders)).ownerOf(params.id) === auth.subjectKey;
});

@Controller('orders')
class OrdersController {
  @Get() @RequireScopes('Orders.Read') list(@Auth() auth: AuthContext, @Req() request: object) {
    return { objectId: auth.objectId, same: authOf(request) === auth, real: auth instanceof AuthContext };
  }
  @Post() @RequireScopes('Orders.Write') create(): void {}
  @Get('admin') @RequireScopes('Orders.Read') @RequireUserRoles('Orders.Admin') admin(): void {}
  @Get('owned/:id') @Require(allOf(scopes('Orders.Read'), ownsOrder)) owned(@Param('id') id: string) {
    return { id };
  }
  @Get('health') @Public() health(): void {}
  @Get('prices') @OptionalAuth() prices(@Auth() auth: AuthContext | undefined) {
    return { caller: auth?.objectId ?? 'nobody' };
  }
  @Get('forgotten') forgotten(): void {}
}

const production = {
  tenantId: '11111111-1111-4111-8111-111111111111',
  clientId: '22222222-2222-4222-8222-222222222222',
  log: false,
  fetch: (): never => {
    throw new Error('A stand-in needs no keys, and somebody asked for them.');
  },
} as const;

async function started(builder: TestingModuleBuilder, platform: Platform): Promise<string> {
  const testing = await builder.compile();
  const app: INestApplication = testing.createNestApplication(adapterOf(platform), { logger: false });
  onTestFinished(() => app.close());
  await app.listen(0, '127.0.0.1');
  return app.getUrl();
}

/** The two ways, which have to come to the same. */
const ways: Readonly<
  Record<string, (caller: StandInCaller, options?: TestAuthOptions) => TestingModuleBuilder>
> = {
  'provideTestAuth, without EntraGuardModule': (caller, options = {}) =>
    Test.createTestingModule({
      controllers: [OrdersController],
      providers: [Orders, provideTestAuth(caller, { log: false, ...options })],
    }),
  'standInGuard, in a whole application': (caller, { log = false } = {}) =>
    Test.createTestingModule({
      imports: [
        moduleOf({
          imports: [EntraGuardModule.forRoot(production)],
          controllers: [OrdersController],
          providers: [Orders],
        }),
      ],
    })
      .overrideProvider(ENTRA_GUARD_CORE)
      .useValue(standInGuard(caller, { log })),
};

afterEach(() => vi.unstubAllEnvs());

describe.each(platforms)('on %s', (platform) => {
  describe.each(Object.entries(ways))('%s:', (_, way) => {
    const start = (caller: StandInCaller, options?: TestAuthOptions) =>
      started(way(caller, options), platform);
    const status = async (url: string, init: RequestInit = {}) => (await ask(url, init)).status;
    const post = { method: 'POST' };

    it('the caller is there, by @Auth() and by authOf(request)', async () => {
      const { status, body } = await ask(`${await start(ada)}/orders`);
      expect(status).toBe(200);
      expect(body).toEqual({ objectId: ada.objectId, same: true, real: true });
    });

    it('the wrong scope, the wrong kind and the missing role are 403', async () => {
      const orders = `${await start(ada)}/orders`;
      const refused = await ask(orders, post);
      expect(refused).toMatchObject({ status: 403, body: { code: 'scope_missing' } });
      expect(refused.headers.get('www-authenticate')).toMatch(/insufficient_scope.*Orders\.Write/);
      expect(await status(`${orders}/admin`)).toBe(403);
      expect(await status(`${await start(admin)}/orders/admin`)).toBe(200);
      expect(await status(`${await start(job)}/orders`)).toBe(403);
    });

    it('a handler that declares nothing is denied to every caller', async () => {
      const { entries, log } = keptLog();
      expect(await ask(`${await start(admin, { log })}/orders/forgotten`)).toMatchObject({
        status: 403,
        body: { code: 'no_requirement' },
      });
      expect(entries.find(({ event }) => event === 'refused')).toMatchObject({
        code: 'no_requirement',
        handler: 'OrdersController.forgotten',
      });
    });

    it.each([null, undefined])(
      'with %s there is no caller: 401, except where a handler is open',
      async (nobody) => {
        const orders = `${await start(nobody)}/orders`;
        expect(await ask(orders)).toMatchObject({ status: 401, body: { code: 'credentials_missing' } });
        expect(await status(`${orders}/health`)).toBe(200);
        expect(await ask(`${orders}/prices`)).toMatchObject({ status: 200, body: { caller: 'nobody' } });
        expect(await status(`${orders}/forgotten`)).toBe(403);
      },
    );

    it('what is open or optional is so for callers, too', async () => {
      const orders = `${await start(ada)}/orders`;
      expect(await status(`${orders}/health`)).toBe(200);
      expect((await ask(`${orders}/prices`)).body).toEqual({ caller: ada.objectId });
    });

    it('a function changes the caller between requests', async () => {
      let caller: AuthContext | null = ada;
      const orders = `${await start(() => caller)}/orders`;
      expect(await status(orders)).toBe(200);
      caller = job;
      expect(await status(orders)).toBe(403);
      caller = null;
      expect(await status(orders)).toBe(401);
    });

    it('checks run, with the request and with providers', async () => {
      const orders = `${await start(ada)}/orders`;
      expect(await ask(`${orders}/owned/7`)).toMatchObject({ status: 200, body: { id: '7' } });
      expect(await ask(`${orders}/owned/8`)).toMatchObject({ status: 403, body: { code: 'check_refused' } });
    });

    it('no token is looked at, good or bad', async () => {
      const entra = await startEntra();
      const good = entra.user('ada', { scp: 'Orders.Read Orders.Write' }).headers;
      const [somebody, nobody] = [`${await start(ada)}/orders`, `${await start(null)}/orders`];
      for (const headers of [good, entra.wrong.expired().headers, { authorization: 'Basic eDp5' }]) {
        expect(await status(nobody, { headers })).toBe(401);
        expect(await status(somebody, { headers })).toBe(200);
        expect(await status(somebody, { ...post, headers })).toBe(403);
      }
      await entra.close();
    });

    it('decisions are published', async () => {
      const seen: DecisionEvent[] = [];
      const orders = `${await start(ada)}/orders`;
      onTestFinished(onEvent((event) => seen.push(event), { types: ['decision'] }));
      await ask(orders);
      await ask(orders, post);
      const who = { subjectKey: ada.subjectKey };
      expect(seen).toMatchObject([
        { outcome: 'allow', handler: 'OrdersController.list', who, token: { id: 'no-token' } },
        { outcome: 'deny', handler: 'OrdersController.create', who, code: 'scope_missing' },
      ]);
    });

    it('in production it is refused, and refuses', async () => {
      const orders = `${await start(ada)}/orders`;
      vi.stubEnv('NODE_ENV', 'production');
      expect(() => way(ada)).toThrow(/standInGuard.*"production"/);
      expect(() => way(null)).toThrow(ConfigurationError);
      expect(await status(orders)).toBe(500);
    });
  });
});

describe('provideTestAuth', () => {
  const moduleWith = (metadata: ModuleMetadata, options: TestAuthOptions = {}) => {
    const provider = provideTestAuth(ada, { log: false, ...options });
    return Test.createTestingModule({ ...metadata, providers: [...(metadata.providers ?? []), provider] });
  };
  const failure = (builder: TestingModuleBuilder): Promise<unknown> =>
    started(builder, 'express').catch((error: unknown) => error);

  it('takes what the module is told of handlers', async () => {
    @Controller('library')
    class LibraryController {
      @Get() get(): void {}
    }
    @Controller('plain')
    class PlainController {
      @Get() get(): void {}
    }
    const controllers = [LibraryController, PlainController];
    const of = (defaultRequirement: ReturnType<typeof scopes>) =>
      started(
        moduleWith({ controllers }, { defaultRequirement, handlers: [[LibraryController, anonymous()]] }),
        'express',
      );
    const [may, mayNot] = [await of(scopes('Orders.Read')), await of(scopes('Orders.Write'))];
    expect((await ask(`${may}/plain`)).status).toBe(200);
    expect((await ask(`${mayNot}/plain`)).status).toBe(403);
    expect((await ask(`${mayNot}/library`)).status).toBe(200);
  });

  it('looks at the handlers at boot, as the module does', async () => {
    @Controller('contradiction')
    class ContradictingController {
      @Get() @Public() get(@Auth() _auth: AuthContext): void {}
    }
    const error = await failure(moduleWith({ controllers: [ContradictingController] }));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(String(error)).toMatch(/ContradictingController\.get.*is public and takes @Auth\(\)/);
    const { entries, log } = keptLog();
    await started(moduleWith({ controllers: [OrdersController], providers: [Orders] }, { log }), 'express');
    expect(entries).toMatchObject([
      { event: 'configuration', message: expect.stringMatching(/OrdersController\.forgotten/) },
    ]);
  });

  it('does not boot with EntraGuardModule, and says what to do instead', async () => {
    const error = await failure(moduleWith({ imports: [EntraGuardModule.forRoot(production)] }));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(String(error)).toMatch(/with EntraGuardModule.*overrideProvider\(ENTRA_GUARD_CORE\)/);
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      'a description of a caller',
      () => provideTestAuth({ kind: 'user' } as unknown as AuthContext),
      /testAuth/,
    ],
    [
      'an option that is none',
      () => provideTestAuth(ada, { tenantId: 'x' } as TestAuthOptions),
      /'tenantId'/,
    ],
    [
      'an option of the module that it has not',
      () => provideTestAuth(ada, { installGuard: false } as TestAuthOptions),
      /'installGuard'/,
    ],
    [
      'a default that opens everything',
      () => provideTestAuth(ada, { defaultRequirement: anonymous() as never }),
      /defaultRequirement/,
    ],
  ])('refuses %s', (_, build, sentence) => {
    expect(build).toThrow(ConfigurationError);
    expect(build).toThrow(sentence);
  });
});

describe('standInGuard in a whole application', () => {
  const overridden = (AppModule: new () => object, caller: StandInCaller = ada) =>
    Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(ENTRA_GUARD_CORE)
      .useValue(standInGuard(caller, { log: false }));

  it('leaves @UseGuards(EntraGuard) in force', async () => {
    @Controller('orders')
    @UseGuards(EntraGuard)
    class GuardedController {
      @Get() @RequireScopes('Orders.Read') list(@Auth() auth: AuthContext) {
        return { caller: auth.objectId };
      }
      @Post() @RequireScopes('Orders.Write') create(): void {}
    }
    const AppModule = moduleOf({
      imports: [EntraGuardModule.forRoot({ ...production, installGuard: false })],
      controllers: [GuardedController],
    });
    const orders = `${await started(overridden(AppModule), 'express')}/orders`;
    expect(await ask(orders)).toMatchObject({ status: 200, body: { caller: ada.objectId } });
    expect((await ask(orders, { method: 'POST' })).status).toBe(403);
  });

  it('keeps your own guard, and the options about handlers', async () => {
    const seen: string[] = [];
    @Injectable()
    class NotingGuard extends EntraGuard {
      protected override handlerName(context: ExecutionContext): string {
        seen.push(super.handlerName(context));
        return super.handlerName(context);
      }
    }
    @Controller('plain')
    class PlainController {
      @Get() get(): void {}
    }
    const options = { ...production, guard: NotingGuard, defaultRequirement: scopes('Orders.Write') };
    const AppModule = moduleOf({
      imports: [EntraGuardModule.forRoot(options)],
      controllers: [PlainController],
    });
    const plain = `${await started(overridden(AppModule), 'express')}/plain`;
    expect((await ask(plain)).status).toBe(403);
    expect(seen).toContain('PlainController.get');
  });

  it('leaves options of a factory unasked for keys', async () => {
    @Module({
      imports: [EntraGuardModule.forRootAsync({ useFactory: async () => production })],
      controllers: [OrdersController],
      providers: [Orders],
    })
    class AppModule {}
    const origin = await started(overridden(AppModule), 'express');
    expect((await ask(`${origin}/orders`)).status).toBe(200);
  });

  it('validates no token elsewhere either', async () => {
    const entra = await startEntra();
    const AppModule = moduleOf({ imports: [EntraGuardModule.forRoot({ ...entra.options(), log: false })] });
    const testing = await overridden(AppModule).compile();
    const validator = testing.get<Validator>(ENTRA_VALIDATOR, { strict: false });
    const { token } = entra.user('ada', { scp: 'Orders.Read' });
    await expect(validator.validate(token)).rejects.toThrow(/stand-in.*startEntra/);
    await testing.close();
    await entra.close();
  });
});

describe('a handler as a plain function', () => {
  let controller: OrdersController;
  beforeEach(() => {
    controller = new OrdersController();
  });

  it('is called with a caller', () => {
    expect(controller.list(ada, {})).toEqual({ objectId: ada.objectId, same: false, real: true });
    expect(controller.prices(undefined)).toEqual({ caller: 'nobody' });
  });
});
