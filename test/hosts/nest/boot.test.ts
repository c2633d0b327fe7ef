import 'reflect-metadata';
import {
  Auth,
  AuthContext,
  allOf,
  anonymous,
  appPermissions,
  authenticated,
  ConfigurationError,
  EntraGuardModule,
  type EntraGuardModuleOptions,
  type Grant,
  members,
  OptionalAuth,
  Public,
  Require,
  RequireAppPermissions,
  RequireInstead,
  RequireScopes,
  RequireUserRoles,
  scopes,
} from '@entra-guard/nestjs';
import { applyDecorators, Controller, Get, Injectable, Post, type Type } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { bootFailure, keptLog } from './platforms.js';

const trust = {
  tenantId: '11111111-1111-4111-8111-111111111111',
  clientId: '22222222-2222-4222-8222-222222222222',
  fetch: () => Promise.reject(new Error('nothing is fetched at boot')),
};

type Extras = Partial<Pick<EntraGuardModuleOptions, 'defaultRequirement' | 'handlers' | 'installGuard'>>;

/** Boots an application of these controllers: what it failed with, and what it warned of. */
async function boot(controllers: Type[], extras: Extras = {}, providers: Type[] = []) {
  const { entries, log } = keptLog();
  const imports = [EntraGuardModule.forRoot({ ...trust, log, ...extras })];
  const failure = await bootFailure({ imports, controllers, providers });
  return {
    failure,
    warnings: entries.filter(({ event }) => event === 'configuration').map(({ message }) => message),
  };
}

async function refusal(controllers: Type[], extras: Extras = {}, providers: Type[] = []): Promise<string> {
  const { failure } = await boot(controllers, extras, providers);
  if (!ConfigurationError.is(failure)) throw new Error(`No ConfigurationError, but ${String(failure)}`);
  return failure.message;
}

describe('at boot', () => {
  it('names every handler that nothing is declared for, in one warning', async () => {
    @Controller('orders')
    class OrdersController {
      @Get() list(): void {}
      @Post(['new', 'create']) create(): void {}
      @Get('open') @Public() open(): void {}
      helper(): void {}
    }
    @Controller(['health', 'ready'])
    class HealthController {
      @Get() check(): void {}
    }
    const { failure, warnings } = await boot([OrdersController, HealthController]);
    expect(failure).toBeUndefined();
    expect(warnings).toEqual([
      '3 handlers declare no requirement and are denied: OrdersController.list (GET /orders), OrdersController.create (POST /orders/new, POST /orders/create), HealthController.check (GET /health, GET /ready).',
    ]);
  });

  it('says nothing where everything is declared', async () => {
    @Controller('orders')
    class OrdersController {
      @Get() @RequireScopes('Read') list(@Auth() _auth: AuthContext): void {}
      @Get('maybe') @OptionalAuth() maybe(@Auth() _auth: AuthContext | undefined): void {}
      @Get('open') @Public() open(@Auth({ optional: true }) _auth: AuthContext | undefined): void {}
      @Post() @RequireAppPermissions('Write.All') create(): void {}
    }
    expect(await boot([OrdersController])).toEqual({ failure: undefined, warnings: [] });
  });

  it('names handlers that leave the scope open, with what they require', async () => {
    @Controller('orders')
    class OrdersController {
      @Get() @RequireUserRoles('Admin') list(): void {}
      @Post() @RequireScopes('Write') @RequireUserRoles('Admin') create(): void {}
    }
    const { warnings } = await boot([OrdersController]);
    expect(warnings).toEqual([
      "1 handler names no scope for delegated tokens, so any client of a user could act there: OrdersController.list (GET /orders) requires userRoles('Admin').",
    ]);
  });

  it('leaves nothing to name with a defaultRequirement, but says when that leaves the scope open', async () => {
    @Controller('orders')
    class OrdersController {
      @Get() list(): void {}
    }
    expect((await boot([OrdersController], { defaultRequirement: scopes('Read') })).warnings).toEqual([]);
    const { warnings } = await boot([OrdersController], { defaultRequirement: authenticated() });
    expect(warnings).toEqual([expect.stringContaining('requires authenticated()')]);
  });

  it.each<[string, Grant, RegExp]>([
    ['anonymous()', anonymous() as unknown as Grant, /defaultRequirement was given anonymous\(\)/],
    ['a narrowing alone', members() as unknown as Grant, /defaultRequirement was given .*only narrows/],
  ])('refuses %s as defaultRequirement', async (_, defaultRequirement, sentence) => {
    expect(await refusal([], { defaultRequirement })).toMatch(sentence);
  });
});

describe('what contradicts itself does not boot, and the handler is named', () => {
  it('@Public() and @Require', async () => {
    @Controller('orders')
    class OrdersController {
      @Get() @Public() @RequireScopes('Read') list(): void {}
    }
    expect(await refusal([OrdersController])).toBe(
      "OrdersController.list (GET /orders): OrdersController.list has @RequireScopes(...) and @Public(), which contradict each other. Keep one of the two: @RequireScopes(...) requires scopes('Read'), @Public() opens it to every caller.",
    );
  });

  it('@Public() and @Require on a class', async () => {
    @Controller('orders')
    @Public()
    @RequireScopes('Read')
    class OrdersController {
      @Get() list(): void {}
    }
    expect(await refusal([OrdersController])).toMatch(
      /class OrdersController has @RequireScopes\(\.\.\.\) and @Public\(\)/,
    );
  });

  it('@OptionalAuth() and @Require', async () => {
    @Controller('orders')
    class OrdersController {
      @Get() @OptionalAuth() @Require(scopes('Read')) list(): void {}
    }
    expect(await refusal([OrdersController])).toMatch(
      /^OrdersController\.list \(GET \/orders\): .*@OptionalAuth\(\)/,
    );
  });

  it('@Auth() on a public handler', async () => {
    @Controller('orders')
    class OrdersController {
      @Get() @Public() list(@Auth() _auth: AuthContext): void {}
    }
    expect(await refusal([OrdersController])).toMatch(
      /^OrdersController\.list \(GET \/orders\) is public and takes @Auth\(\), which has no caller to give there\./,
    );
  });

  it('@Auth() on a handler that its class, or an entry of handlers, opens', async () => {
    @Public()
    @Controller('orders')
    class OrdersController {
      @Get() list(@Auth() _auth: AuthContext): void {}
    }
    @Controller('metrics')
    class MetricsController {
      @Get() index(@Auth() _auth: AuthContext): void {}
    }
    expect(await refusal([OrdersController])).toMatch(
      /OrdersController\.list .* is public and takes @Auth\(\)/,
    );
    const handlers = [[MetricsController, anonymous()]] as const;
    expect(await refusal([MetricsController], { handlers })).toMatch(/MetricsController\.index .* is public/);
  });

  it('a combination that no token can satisfy', async () => {
    @RequireScopes('Read')
    @Controller('orders')
    class OrdersController {
      @Get() @RequireAppPermissions('Read.All') list(): void {}
    }
    expect(await refusal([OrdersController])).toMatch(
      /^OrdersController\.list \(GET \/orders\): allOf\(appPermissions\('Read\.All'\), scopes\('Read'\)\) can't be satisfied by any token\./,
    );
  });

  it('several at once are all named', async () => {
    @Controller('orders')
    class OrdersController {
      @Get() @Public() @RequireScopes('Read') list(): void {}
      @Post() @RequireScopes('Write') @RequireAppPermissions('Write.All') create(): void {}
    }
    const message = await refusal([OrdersController]);
    expect(message).toMatch(/^2 declarations are invalid:/);
    expect(message).toContain('\n- OrdersController.list (GET /orders): ');
    expect(message).toContain('\n- OrdersController.create (POST /orders): ');
  });
});

/** A decorator of another library that replaces the method, and with it the metadata of decorators below it. */
const Wrapped = (): MethodDecorator => (_target, _key, descriptor: PropertyDescriptor) => {
  const inner = descriptor.value as (...args: unknown[]) => unknown;
  descriptor.value = function wrapper(this: unknown, ...args: unknown[]): unknown {
    return inner.apply(this, args);
  };
};

describe('what would be lost', () => {
  it('a decorator below one that wraps the method is not lost', async () => {
    @RequireScopes('Read')
    @Controller('orders')
    class OrdersController {
      @Get() @Wrapped() @RequireScopes('Admin') @RequireAppPermissions('Admin.All') list(): void {}
    }
    // That both count shows in that they can't be satisfied together.
    expect(await refusal([OrdersController])).toMatch(
      /allOf\(appPermissions\('Admin\.All'\), scopes\('Admin'(, 'Read')?\)\) can't be satisfied/,
    );
  });

  it('a handler whose route a wrapper dropped is named', async () => {
    @Controller('orders')
    class OrdersController {
      @Wrapped() @Get() @RequireScopes('Read') list(): void {}
    }
    expect(await refusal([OrdersController])).toMatch(
      /@RequireScopes\(\.\.\.\) on OrdersController\.list would be lost: the method has no route\. .*move the route decorator to the top/,
    );
  });

  /** What ts-rest does: several handlers of one method, each with the metadata that the method has by then. */
  const Several =
    (copies = true): MethodDecorator =>
    (target, key, { value }: PropertyDescriptor) => {
      const method = value as (...args: unknown[]) => unknown;
      for (const route of ['one', 'two']) {
        const name = `${String(key)}_${route}`;
        const made = function (this: unknown, ...args: unknown[]): unknown {
          return method.apply(this, args);
        };
        Object.defineProperty(target, name, { value: made, writable: true, configurable: true });
        if (copies)
          for (const metadata of Reflect.getMetadataKeys(method))
            Reflect.defineMetadata(metadata, Reflect.getMetadata(metadata, method) as unknown, made);
        Get(route)(target, name, Object.getOwnPropertyDescriptor(target, name) as PropertyDescriptor);
      }
    };

  it('a decorator below one that makes several handlers of the method reaches them all', async () => {
    @Controller('orders')
    class OrdersController {
      @Several() @RequireScopes('Read') @RequireAppPermissions('Read.All') handler(): void {}
    }
    const message = await refusal([OrdersController]);
    for (const route of ['one', 'two'])
      expect(message).toContain(`OrdersController.handler_${route} (GET /orders/${route}): allOf(`);
    expect(message).not.toContain('would be lost');
    @Controller('items')
    class ItemsController {
      @Several() @RequireScopes('Read') handler(): void {}
    }
    expect(await boot([ItemsController])).toEqual({ failure: undefined, warnings: [] });
  });

  it('a decorator that does not reach what was made of its method is named, with what it misses', async () => {
    @Public()
    @Controller('late')
    class LateController {
      @RequireScopes('Read') @Several() handler(): void {}
    }
    @Controller('dropped')
    class DroppedController {
      @Several(false) @RequireScopes('Read') handler(): void {}
    }
    for (const controller of [LateController, DroppedController]) {
      expect(await refusal([controller])).toMatch(
        /@RequireScopes\(\.\.\.\) on (Late|Dropped)Controller\.handler does not reach \1Controller\.handler_one \(GET .*handler_two .*move the route decorator to the top/,
      );
    }
  });

  it('a decorator on a method without a route is named', async () => {
    @Controller('orders')
    class OrdersController {
      @Get() @RequireScopes('Read') list(): void {}
      @Require(scopes('Read')) helper(): void {}
    }
    expect(await refusal([OrdersController])).toMatch(
      /@Require\(\.\.\.\) on OrdersController\.helper would be lost/,
    );
  });

  it('a decorator on a class without handlers is named', async () => {
    @RequireScopes('Read')
    @Controller()
    class MessagesController {
      handle(): void {}
    }
    expect(await refusal([MessagesController])).toMatch(
      /@RequireScopes\(\.\.\.\) on class MessagesController would be lost: the controller has no handler/,
    );
  });

  it('a decorator on a provider is named: on its class, on its method, on a base class', async () => {
    @RequireScopes('Read')
    @Injectable()
    class OnClass {}
    @Injectable()
    class OnMethod {
      @Public() work(): void {}
    }
    @Injectable()
    class Inherited extends OnMethod {}
    expect(await refusal([], {}, [OnClass])).toMatch(
      /@RequireScopes\(\.\.\.\) on class OnClass would be lost: OnClass is a provider/,
    );
    expect(await refusal([], {}, [OnMethod])).toMatch(/@Public\(\) on OnMethod\.work would be lost/);
    expect(await refusal([], {}, [Inherited])).toMatch(/@Public\(\) on Inherited\.work would be lost/);
  });

  it('stacked decorators inside applyDecorators are not lost', async () => {
    const Both = () => applyDecorators(RequireScopes('Read'), RequireAppPermissions('Read.All'));
    @Controller('orders')
    class OrdersController {
      @Get() @Both() list(): void {}
    }
    expect(await refusal([OrdersController])).toMatch(/can't be satisfied by any token/);
  });
});

describe('controllers that inherit', () => {
  class Base {
    @Get() @RequireScopes('Read') list(): void {}
  }

  it('get the requirements of inherited handlers in addition to those of their class', async () => {
    @RequireAppPermissions('Read.All')
    @Controller('orders')
    class OrdersController extends Base {}
    expect(await refusal([OrdersController])).toMatch(
      /^OrdersController\.list \(GET \/orders\): allOf\(appPermissions\('Read\.All'\), scopes\('Read'\)\) can't be satisfied/,
    );
  });

  it('get the requirement of their base class in addition to theirs', async () => {
    @RequireScopes('Read')
    class Guarded {}
    @RequireAppPermissions('Read.All')
    @Controller('orders')
    class OrdersController extends Guarded {
      @Get() list(): void {}
    }
    expect(await refusal([OrdersController])).toMatch(/can't be satisfied by any token/);
  });

  it('do not lose the requirement of a handler that they override', async () => {
    @RequireScopes('Other')
    @Controller('orders')
    class OrdersController extends Base {
      @Get() override list(): void {}
    }
    expect(await refusal([OrdersController])).toMatch(
      /^OrdersController\.list overrides Base\.list, whose @RequireScopes\(\.\.\.\) would be lost\. Declare again on OrdersController\.list/,
    );
  });

  it('may declare anew what an overridden handler requires', async () => {
    @Controller('orders')
    class OrdersController extends Base {
      @Get() @RequireAppPermissions('Read.All') override list(): void {}
    }
    expect(await boot([OrdersController])).toEqual({ failure: undefined, warnings: [] });
  });

  it('do not decide for one another', async () => {
    @Controller('a')
    class A extends Base {}
    @RequireAppPermissions('Read.All')
    @Controller('b')
    class B {
      @Get() list(): void {}
    }
    @Controller('c')
    class C extends Base {
      @Get('own') own(): void {}
    }
    expect((await boot([A, B, C])).warnings).toEqual([
      expect.stringContaining('1 handler declares no requirement and is denied: C.own (GET /c/own).'),
    ]);
  });

  it('get what mixins copy onto them', async () => {
    @Controller('orders')
    class OrdersController {}
    Object.defineProperty(
      OrdersController.prototype,
      'list',
      Object.getOwnPropertyDescriptor(Base.prototype, 'list') as PropertyDescriptor,
    );
    expect(await boot([OrdersController])).toEqual({ failure: undefined, warnings: [] });
  });

  it('may replace what their base class requires', async () => {
    @RequireAppPermissions('Read.All')
    class Guarded {}
    @RequireInstead(allOf(scopes('Read'), members()))
    @Controller('orders')
    class OrdersController extends Guarded {
      @Get() list(): void {}
    }
    expect(await boot([OrdersController])).toEqual({ failure: undefined, warnings: [] });
  });
});

describe('what opens a base class', () => {
  @Public()
  class OpenBase {
    @Get('inherited') inherited(): void {}
    @Get('opened') @Public() opened(): void {}
  }
  const Opener = () => OptionalAuth();

  it('does not open a controller that extends it: the controller says so itself, or does not boot', async () => {
    @Controller('orders')
    class OrdersController extends OpenBase {
      @Get() list(): void {}
    }
    const message = await refusal([OrdersController]);
    expect(message).toContain(
      'OrdersController.list (GET /orders): OrdersController.list would be opened by @Public() of OpenBase, which OrdersController extends',
    );
    expect(message).toContain('OrdersController.inherited would be opened by @Public() of OpenBase');
    // Declared on the very method, which is inherited as it is.
    expect(message).not.toContain('OrdersController.opened');
  });

  it('nor with a class between them, with @OptionalAuth(), or by the option handlers', async () => {
    class Between extends OpenBase {}
    @Controller('a')
    class A extends Between {}
    @Opener()
    class OptionalBase {}
    @Controller('b')
    class B extends OptionalBase {
      @Get() list(): void {}
    }
    class PlainBase {
      @Get() list(): void {}
    }
    @Controller('c')
    class C extends PlainBase {}
    expect(await refusal([A])).toContain('A.inherited would be opened by @Public() of OpenBase');
    expect(await refusal([B])).toContain('B.list would be opened by @OptionalAuth() of OptionalBase');
    expect(await refusal([C], { handlers: [[PlainBase, anonymous()]] })).toContain(
      'C.list would be opened by handlers: [PlainBase, …] of PlainBase',
    );
  });

  it('opens where the controller says so, and is lifted where it requires something', async () => {
    @Public()
    @Controller('a')
    class A extends OpenBase {}
    @RequireScopes('Read')
    @Controller('b')
    class B extends OpenBase {
      @Get() list(): void {}
    }
    @Controller('c')
    class C extends OpenBase {
      @Get('inherited') @RequireScopes('Read') override inherited(): void {}
    }
    expect(await boot([A, B, C])).toEqual({ failure: undefined, warnings: [] });
  });
});

describe('two handlers that are one function', () => {
  const shared = (): string => 'shared';

  function controllerOf(decorate: MethodDecorator): Type {
    @Controller('shared')
    class SharedController {
      @Get('a') @Public() a(): string {
        return '';
      }
      @Get('b') b(): string {
        return '';
      }
      constructor() {
        this.a = shared;
        this.b = shared;
      }
    }
    const { prototype } = SharedController;
    decorate(prototype, 'b', Object.getOwnPropertyDescriptor(prototype, 'b') as PropertyDescriptor);
    return SharedController;
  }

  it('and declare different things do not boot', async () => {
    for (const decorate of [RequireScopes('Read'), OptionalAuth()]) {
      expect(await refusal([controllerOf(decorate)])).toContain(
        "SharedController.b (GET /shared/b): SharedController.a and SharedController.b are one function, so that a call of one can't be told from a call of the other",
      );
    }
  });

  it('and declare the same boot', async () => {
    expect(await boot([controllerOf(Public())])).toEqual({ failure: undefined, warnings: [] });
  });
});

describe('the option handlers', () => {
  @Controller('metrics')
  class MetricsController {
    @Get() index(): void {}
    @Get('raw') raw(): void {}
  }
  class OtherController {}

  it('declares for a whole controller or for one handler of it', async () => {
    expect(
      (
        await boot([MetricsController], {
          handlers: [[MetricsController, anonymous().because('scraped inside')]],
        })
      ).warnings,
    ).toEqual([]);
    const { warnings } = await boot([MetricsController], {
      handlers: [[MetricsController, 'index', scopes('Metrics.Read')]],
    });
    expect(warnings).toEqual([
      '1 handler declares no requirement and is denied: MetricsController.raw (GET /metrics/raw).',
    ]);
  });

  it('composes an entry for a controller with one for its handler as class and method', async () => {
    const handlers = [
      [MetricsController, scopes('Read')],
      [MetricsController, 'raw', anonymous()],
    ] as const;
    expect(await boot([MetricsController], { handlers })).toEqual({ failure: undefined, warnings: [] });
    const impossible = [
      [MetricsController, scopes('Read')],
      [MetricsController, 'raw', appPermissions('Read.All')],
    ] as const;
    expect(await refusal([MetricsController], { handlers: impossible })).toMatch(
      /MetricsController\.raw .*can't be satisfied/,
    );
  });

  it.each<[string, NonNullable<Extras['handlers']>, RegExp]>([
    [
      'a controller that is not there',
      [[OtherController, anonymous()]],
      /handlers: \[OtherController, …\] matches no handler: OtherController is not a controller of this application/,
    ],
    [
      'a handler that is not there',
      [[MetricsController, 'rows', anonymous()]],
      /MetricsController has no handler 'rows'/,
    ],
    [
      'a narrowing alone',
      [[MetricsController, members() as unknown as Grant]],
      /handlers: \[MetricsController, …\] was given .*only narrows/,
    ],
    [
      'no requirement',
      [[MetricsController, 'raw'] as never],
      /handlers: \[MetricsController, 'raw', …\] was given undefined instead of a requirement/,
    ],
    [
      'no controller',
      [[undefined as never, anonymous()]],
      /begins with undefined instead of a controller class/,
    ],
    ['no list', 'MetricsController' as never, /handlers was given string/],
  ])('refuses %s', async (_, handlers, sentence) => {
    expect(await refusal([MetricsController], { handlers })).toMatch(sentence);
  });

  it('refuses an entry for a controller that is decorated as well', async () => {
    @Controller('orders')
    class OrdersController {
      @Get() @RequireScopes('Read') list(): void {}
      @Post() create(): void {}
    }
    expect(await refusal([OrdersController], { handlers: [[OrdersController, anonymous()]] })).toMatch(
      /handlers: \[OrdersController, …\] is about OrdersController\.list \(GET \/orders\), which is decorated as well/,
    );
    expect(
      (await boot([OrdersController], { handlers: [[OrdersController, 'create', scopes('Write')]] })).failure,
    ).toBeUndefined();
  });

  it('does not reach a handler that a subclass overrides', async () => {
    @Controller('mine')
    class MyMetrics extends MetricsController {
      @Get() override index(): void {}
    }
    const { warnings } = await boot([MyMetrics, MetricsController], {
      handlers: [[MetricsController, 'index', anonymous()]],
    });
    expect(warnings[0]).toContain('MyMetrics.index (GET /mine)');
    expect(warnings[0]).not.toContain('MetricsController.index');
  });
});
