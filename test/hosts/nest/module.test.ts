import 'reflect-metadata';
import {
  ConfigurationError,
  ENTRA_GUARD_OPTIONS,
  ENTRA_VALIDATOR,
  EntraGuard,
  EntraGuardModule,
  type EntraGuardModuleAsyncOptions,
  type EntraGuardModuleOptions,
  type EntraGuardOptionsFactory,
  type GuardOptions,
  type HandlerAccess,
  RequireScopes,
  scopes,
  type Validator,
} from '@entra-guard/nestjs';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import {
  Controller,
  type DynamicModule,
  type ExecutionContext,
  Get,
  Inject,
  Injectable,
  Module,
  Optional,
  UseGuards,
  VersioningType,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { adapterOf, ask, bootFailure, create, keptLog, moduleOf, platforms, serve } from './platforms.js';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra();
});

@Controller()
class OrdersController {
  @Get() @RequireScopes('Read') list(): object {
    return {};
  }
  @Get('plain') plain(): object {
    return {};
  }
}

const reader = () => ({ headers: entra.user('ada', { scp: 'Read' }).headers });
const writer = () => ({ headers: entra.user('ada', { scp: 'Write' }).headers });

/** A production tenant: no token of the local Entra is from there. */
const production = {
  tenantId: '11111111-1111-4111-8111-111111111111',
  clientId: '22222222-2222-4222-8222-222222222222',
  log: false,
} as const;

async function judges(guardModule: DynamicModule): Promise<void> {
  const { origin } = await serve('express', { imports: [guardModule], controllers: [OrdersController] });
  expect((await ask(origin)).status).toBe(401);
  expect((await ask(origin, writer())).status).toBe(403);
  expect((await ask(origin, reader())).status).toBe(200);
}

describe('forRootAsync', () => {
  const TRUST = Symbol('trust');

  @Module({
    providers: [{ provide: TRUST, useFactory: () => ({ ...entra.options(), log: false }) }],
    exports: [TRUST],
  })
  class TrustModule {}

  @Injectable()
  class Factory implements EntraGuardOptionsFactory {
    constructor(@Inject(TRUST) private readonly trust: GuardOptions) {}
    createEntraGuardOptions(): Promise<GuardOptions> {
      return Promise.resolve(this.trust);
    }
  }

  @Module({ imports: [TrustModule], providers: [Factory], exports: [Factory] })
  class FactoryModule {}

  it('takes options from a factory with what it injects', async () => {
    await judges(
      EntraGuardModule.forRootAsync({
        imports: [TrustModule],
        inject: [TRUST],
        useFactory: (trust: GuardOptions) => trust,
      }),
    );
  });

  it('takes options from a promise', async () => {
    await judges(
      EntraGuardModule.forRootAsync({
        useFactory: () => Promise.resolve({ ...entra.options(), log: false as const }),
      }),
    );
  });

  it('takes options from a class', async () => {
    await judges(EntraGuardModule.forRootAsync({ imports: [TrustModule], useClass: Factory }));
  });

  it('takes options from a class that is there already', async () => {
    await judges(EntraGuardModule.forRootAsync({ imports: [FactoryModule], useExisting: Factory }));
  });

  it('takes what is about handlers from the options of the factory, or from what it returns', async () => {
    const useFactory = () => ({ ...entra.options(), log: false as const });
    const beside = EntraGuardModule.forRootAsync({ useFactory, defaultRequirement: scopes('Write') });
    const within = EntraGuardModule.forRootAsync({
      useFactory: () => ({ ...useFactory(), defaultRequirement: scopes('Write') }),
    });
    for (const guardModule of [beside, within]) {
      const { origin } = await serve('express', { imports: [guardModule], controllers: [OrdersController] });
      expect((await ask(`${origin}/plain`, reader())).status).toBe(403);
      expect((await ask(`${origin}/plain`, writer())).status).toBe(200);
    }
  });

  it('refuses no source of options, or two', () => {
    expect(() => EntraGuardModule.forRootAsync({})).toThrow(
      /was given none of useFactory, useClass and useExisting/,
    );
    const two: EntraGuardModuleAsyncOptions = { useFactory: () => production, useClass: Factory };
    expect(() => EntraGuardModule.forRootAsync(two)).toThrow(/more than one of useFactory/);
  });

  it('refuses settings of the module from inside the factory, where NestJS reads them too late', async () => {
    const late = { ...production, installGuard: false };
    const failure = await bootFailure({
      imports: [EntraGuardModule.forRootAsync({ useFactory: () => late })],
    });
    expect(String(failure)).toMatch(/hold installGuard, which NestJS needs before/);
  });

  it('says what is missing when the factory gives nothing', async () => {
    const nothing = () => undefined as unknown as GuardOptions;
    const failure = await bootFailure({ imports: [EntraGuardModule.forRootAsync({ useFactory: nothing })] });
    expect(String(failure)).toMatch(/EntraGuardModule was given undefined instead of options/);
  });
});

describe('options', () => {
  it('that the core refuses stop the application with its sentence', async () => {
    const unknown = { ...production, tenant: 'contoso' } as EntraGuardModuleOptions;
    const failure = await bootFailure({ imports: [EntraGuardModule.forRoot(unknown)] });
    expect(ConfigurationError.is(failure)).toBe(true);
    expect(String(failure)).toContain('tenant');
  });

  it('may name several authorities', async () => {
    const authorities = [production, { ...entra.options(), log: false as const }];
    await judges(EntraGuardModule.forRoot({ authorities }));
  });

  it('can be injected, and so can the validator', async () => {
    const options = { ...entra.options(), log: false as const };
    const app = await create('express', { imports: [EntraGuardModule.forRoot(options)] });
    expect(app.get(ENTRA_GUARD_OPTIONS)).toBe(options);
    const validator = app.get<Validator>(ENTRA_VALIDATOR);
    const auth = await validator.validate(entra.user('ada', { scp: 'Read' }).token);
    expect(auth.objectId).toBe(entra.objectIdOf('ada'));
  });

  it('log through Nest by default', async () => {
    const lines: unknown[] = [];
    const write = (message: unknown): void => void lines.push(message);
    const logger = { log: () => {}, warn: write, error: write };
    const app = await create('express', {
      imports: [EntraGuardModule.forRoot(entra.options())],
      controllers: [OrdersController],
    });
    app.useLogger(logger);
    onTestFinished(() => app.useLogger(false));
    await app.listen(0, '127.0.0.1');
    await ask(await app.getUrl(), { headers: entra.wrong.expired().headers });
    expect(lines[0]).toContain('OrdersController.plain (GET /plain)');
    expect(lines[1]).toMatch(/401 token_expired: .* \| at OrdersController\.list \| /);
  });
});

describe.each(platforms)('a Nest e2e test on %s', (platform) => {
  it('overrides ENTRA_GUARD_OPTIONS, and what the module says of handlers stays', async () => {
    const AppModule = moduleOf({
      imports: [EntraGuardModule.forRoot({ ...production, defaultRequirement: scopes('Write') })],
      controllers: [OrdersController],
    });
    const testing = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(ENTRA_GUARD_OPTIONS)
      .useValue({ ...entra.options(), log: false })
      .compile();
    const app = testing.createNestApplication(adapterOf(platform), { logger: false });
    onTestFinished(() => app.close());
    await app.listen(0, '127.0.0.1');
    const origin = await app.getUrl();
    expect((await ask(origin, reader())).status).toBe(200);
    expect((await ask(origin, writer())).status).toBe(403);
    expect((await ask(`${origin}/plain`, reader())).status).toBe(403);
    expect((await ask(`${origin}/plain`, writer())).status).toBe(200);
  });

  it('overrides ENTRA_GUARD_OPTIONS of a factory that is never called', async () => {
    const useFactory = vi.fn(() => production);
    const AppModule = moduleOf({
      imports: [EntraGuardModule.forRootAsync({ useFactory })],
      controllers: [OrdersController],
    });
    const testing = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(ENTRA_GUARD_OPTIONS)
      .useValue({ ...entra.options(), log: false })
      .compile();
    const app = testing.createNestApplication(adapterOf(platform), { logger: false });
    onTestFinished(() => app.close());
    await app.listen(0, '127.0.0.1');
    expect((await ask(await app.getUrl(), reader())).status).toBe(200);
    expect(useFactory).not.toHaveBeenCalled();
  });
});

it('a warning at boot names a handler by the path that callers use: global prefix, version and module', async () => {
  @Controller({ path: 'orders', version: '2' })
  class Orders {
    @Get('bare') bare(): void {}
  }
  const { entries, log } = keptLog();
  const app = await create('express', {
    imports: [EntraGuardModule.forRoot({ ...entra.options(), log })],
    controllers: [Orders],
  });
  app.setGlobalPrefix('api');
  app.enableVersioning({ type: VersioningType.URI });
  await app.init();
  expect(entries.map(({ message }) => message)).toEqual([
    '1 handler declares no requirement and is denied: Orders.bare (GET /api/v2/orders/bare).',
  ]);
});

describe('installGuard: false', () => {
  const options = () => ({ ...entra.options(), installGuard: false });

  it('leaves the guard to @UseGuards, on a class or on a method', async () => {
    @UseGuards(EntraGuard)
    @Controller('a')
    class A {
      @Get() @RequireScopes('Read') list(): void {}
    }
    @Controller('b')
    class B {
      @Get() @UseGuards(EntraGuard) @RequireScopes('Read') list(): void {}
      @Get('open') open(): void {}
    }
    const { entries, log } = keptLog();
    const imports = [EntraGuardModule.forRoot({ ...options(), log, uncovered: 'warn' })];
    const { origin } = await serve('express', { imports, controllers: [A, B] });
    expect(entries.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^1 place is covered by no EntraGuard, .*\n- B\.open \(GET \/b\/open\)\./),
    ]);
    for (const path of ['a', 'b']) {
      expect((await ask(`${origin}/${path}`, writer())).status).toBe(403);
      expect((await ask(`${origin}/${path}`, reader())).status).toBe(200);
    }
    expect((await ask(`${origin}/b/open`)).status).toBe(200);
  });

  it('names guarded handlers without a requirement', async () => {
    @Controller('a')
    class A {
      @Get() @RequireScopes('Read') list(): void {}
    }
    @UseGuards(EntraGuard)
    @Controller('b')
    class B {
      @Get() list(): void {}
    }
    const { entries, log } = keptLog();
    const imports = [EntraGuardModule.forRoot({ ...options(), log })];
    await serve('express', { imports, controllers: [A, B] });
    expect(entries.map(({ message }) => message)).toEqual([
      '1 handler declares no requirement and is denied: B.list (GET /b).',
    ]);
  });

  it('sees the guard that the application installs by APP_GUARD', async () => {
    @Injectable()
    class MyGuard extends EntraGuard {}
    for (const provider of [
      { provide: APP_GUARD, useExisting: EntraGuard },
      { provide: APP_GUARD, useClass: MyGuard },
    ]) {
      const { entries, log } = keptLog();
      const imports = [EntraGuardModule.forRoot({ ...options(), log })];
      const { origin } = await serve('express', {
        imports,
        controllers: [OrdersController],
        providers: [provider],
      });
      expect(entries.map(({ message }) => message)).toEqual([
        expect.stringMatching(/no requirement and is denied/),
      ]);
      expect((await ask(origin)).status).toBe(401);
      expect((await ask(`${origin}/plain`)).status).toBe(403);
    }
  });
});

describe('a guard of your own', () => {
  it('takes the place of EntraGuard, has its constructor to itself and can change each step', async () => {
    @Injectable()
    class Flags {
      readonly maintenance: boolean = true;
    }
    @Module({ providers: [Flags], exports: [Flags] })
    class FlagsModule {}
    const failed: unknown[] = [];
    @Injectable()
    class MyGuard extends EntraGuard {
      constructor(@Inject(Flags) private readonly flags: Flags) {
        super();
      }
      protected override async requirementOf(context: ExecutionContext): Promise<HandlerAccess | undefined> {
        const declared = await super.requirementOf(context);
        return this.flags.maintenance ? { mode: 'require', requirement: scopes('Maintenance') } : declared;
      }
      protected override handlerName(context: ExecutionContext): string {
        return `mine: ${super.handlerName(context)}`;
      }
      protected override toException(error: unknown, context: ExecutionContext): unknown {
        failed.push(error);
        return super.toException(error, context);
      }
    }
    const { entries, log } = keptLog();
    const guardModule = EntraGuardModule.forRootAsync({
      imports: [FlagsModule],
      useFactory: () => ({ ...entra.options(), log }),
      guard: MyGuard,
    });
    const { origin, app } = await serve('express', {
      imports: [guardModule],
      controllers: [OrdersController],
    });
    expect((await ask(origin, reader())).status).toBe(403);
    const maintainer = entra.user('ada', { scp: 'Maintenance' });
    expect((await ask(`${origin}/plain`, { headers: maintainer.headers })).status).toBe(200);
    expect(failed).toHaveLength(1);
    expect(entries.find(({ event }) => event === 'refused')?.handler).toBe('mine: OrdersController.list');
    expect(app.get(EntraGuard)).toBeInstanceOf(MyGuard);
  });

  it('may read the credential from elsewhere', async () => {
    @Injectable()
    class TicketGuard extends EntraGuard {
      protected override requestOf(context: ExecutionContext) {
        const { headers } = super.requestOf(context) as { headers: Record<string, string> };
        return { headers: { authorization: headers['x-ticket'] } };
      }
    }
    const imports = [EntraGuardModule.forRoot({ ...entra.options(), log: false, guard: TicketGuard })];
    const { origin } = await serve('fastify', { imports, controllers: [OrdersController] });
    const { authorization } = reader().headers;
    expect((await ask(origin, reader())).status).toBe(401);
    expect((await ask(origin, { headers: { 'x-ticket': String(authorization) } })).status).toBe(200);
  });

  it('has to extend EntraGuard', () => {
    class Impostor {
      canActivate(): boolean {
        return true;
      }
    }
    const guard = Impostor as unknown as typeof EntraGuard;
    expect(() => EntraGuardModule.forRoot({ ...production, guard })).toThrow(
      /guard was given Impostor, which does not extend EntraGuard/,
    );
  });
});

describe('the end', () => {
  it('lets go of keys when the application closes', async () => {
    const app = await create('express', {
      imports: [EntraGuardModule.forRoot({ ...entra.options(), log: false })],
    });
    await app.init();
    const validator = app.get<Validator>(ENTRA_VALIDATOR);
    expect(validator.state().closed).toBe(false);
    await app.close();
    expect(validator.state().closed).toBe(true);
  });

  it('lets go of keys when the application does not boot', async () => {
    @Controller()
    class Broken {
      @RequireScopes('Read') helper(): void {}
    }
    const app = await create('express', {
      imports: [EntraGuardModule.forRoot({ ...entra.options(), log: false })],
      controllers: [Broken],
    });
    await expect(app.init()).rejects.toThrow(/would be lost/);
    expect(app.get<Validator>(ENTRA_VALIDATOR).state().closed).toBe(true);
  });

  it('makes only what is asked for global', async () => {
    @Injectable()
    class Wants {
      constructor(@Optional() @Inject(ENTRA_VALIDATOR) readonly validator: unknown) {}
    }
    const FeatureModule = moduleOf({ providers: [Wants] });
    for (const isGlobal of [true, false]) {
      const imports = [EntraGuardModule.forRoot({ ...entra.options(), log: false, isGlobal }), FeatureModule];
      const app = await create('express', { imports });
      expect(app.get(Wants).validator !== undefined).toBe(isGlobal);
    }
  });
});

describe('an option that stands on every object is none', () => {
  it.each<[string, unknown]>([
    ['installGuard', false],
    ['isGlobal', false],
    ['uncovered', 'warn'],
    ['defaultRequirement', scopes('Evil')],
    ['guard', class {}],
    ['contexts', [{}]],
    ['handlers', [[OrdersController, scopes('Evil')]]],
    ['useFactory', () => ({})],
  ])('%s', (name, value) => {
    const options = entra.options();
    const shape = (module: DynamicModule) => [
      module.global,
      module.providers?.some((one) => 'provide' in one && one.provide === APP_GUARD),
      module.providers?.includes(EntraGuard),
    ];
    Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
    try {
      expect(shape(EntraGuardModule.forRoot(options))).toEqual([true, true, true]);
      expect(() => EntraGuardModule.forRootAsync({})).toThrow('none of useFactory');
    } finally {
      delete (Object.prototype as Record<string, unknown>)[name];
    }
  });
});
