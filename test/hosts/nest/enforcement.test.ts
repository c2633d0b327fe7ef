import 'reflect-metadata';
import {
  assertCovered,
  ConfigurationError,
  EntraGuard,
  EntraGuardModule,
  type EntraGuardModuleOptions,
  type HandlerAccess,
  onEvent,
  Public,
  Require,
  RequireScopes,
  scopes,
} from '@entra-guard/nestjs';
import { provideTestAuth } from '@entra-guard/nestjs/testing';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Injectable,
  Module,
  Post,
  type Type,
  UseGuards,
} from '@nestjs/common';
import { APP_GUARD, LazyModuleLoader } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ask, bootFailure, create, keptLog, moduleOf, platforms, serve } from './platforms.js';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra();
});

const options = (): EntraGuardModuleOptions => ({ ...entra.options(), log: false });
const reader = () => ({ headers: entra.user('ada', { scp: 'Read' }).headers });
const writer = () => ({ headers: entra.user('ada', { scp: 'Write' }).headers });

@Controller('orders')
class OrdersController {
  @Get() @RequireScopes('Read') list(): object {
    return {};
  }
  @Get('open') @Public() open(): object {
    return {};
  }
}

@RequireScopes('Read')
@Controller('items')
class ItemsController {
  @Get() list(): object {
    return {};
  }
}

@Controller('plain')
class PlainController {
  @Get() list(): object {
    return {};
  }
}

/** A decorator of another library that replaces the method, and with it the metadata of decorators below it. */
const Wrapped = (): MethodDecorator => (_target, _key, descriptor: PropertyDescriptor) => {
  const inner = descriptor.value as (...args: unknown[]) => unknown;
  descriptor.value = function wrapper(this: unknown, ...args: unknown[]): unknown {
    return inner.apply(this, args);
  };
};

@Controller('wrapped')
class WrappedController {
  @Get() @Wrapped() @RequireScopes('Read') list(): object {
    return {};
  }
}

describe.each(platforms)('declarations without EntraGuardModule, on %s', (platform) => {
  it.each<[string, Type]>([
    ['of a method', OrdersController],
    ['of a class', ItemsController],
    ['below a decorator that wraps the method', WrappedController],
    ['of a base class', class extends OrdersController {}],
  ])('%s do not boot', async (_, controller) => {
    const started = serve(platform, { controllers: [PlainController, decorated(controller)] });
    await expect(started).rejects.toThrow(
      /declares who may call it, and nothing in this application enforces that: EntraGuardModule is not imported\. Import EntraGuardModule\.forRoot/,
    );
  });

  it('of a shared module do not boot in the second application, and do in the first', async () => {
    const SharedModule = moduleOf({ controllers: [OrdersController] });
    const first = await serve(platform, { imports: [SharedModule, EntraGuardModule.forRoot(options())] });
    expect((await ask(`${first.origin}/orders`)).status).toBe(401);
    await expect(serve(platform, { imports: [SharedModule] })).rejects.toThrow(/OrdersController declares/);
  });

  it('stop nothing where nothing is declared', async () => {
    const { origin } = await serve(platform, { controllers: [PlainController] });
    expect((await ask(`${origin}/plain`)).status).toBe(200);
  });

  it('are enforced before the application has been looked at', async () => {
    const app = await create(platform, { controllers: [OrdersController] });
    await expect(app.init()).rejects.toSatisfy((error) => ConfigurationError.is(error));
  });
});

function decorated(controller: Type): Type {
  if (Reflect.hasOwnMetadata('path', controller)) return controller;
  Controller('inherited')(controller);
  return controller;
}

describe('a unit test of one controller', () => {
  it('makes it without any module, as long as nothing is started', async () => {
    const testing = await Test.createTestingModule({ controllers: [OrdersController] }).compile();
    expect(testing.get(OrdersController).list()).toEqual({});
  });

  it('starts with provideTestAuth', async () => {
    const testing = await Test.createTestingModule({
      controllers: [OrdersController],
      providers: [provideTestAuth(null, { log: false })],
    }).compile();
    const app = testing.createNestApplication({ logger: false });
    onTestFinished(() => app.close());
    await app.listen(0, '127.0.0.1');
    expect((await ask(`${await app.getUrl()}/orders`)).status).toBe(401);
  });
});

describe.each(platforms)('what is attached to declarations, on %s', (platform) => {
  it('judges once, by the guard of the module', async () => {
    let judged = 0;
    @Injectable()
    class CountingGuard extends EntraGuard {
      protected override requirementOf(context: ExecutionContext): HandlerAccess {
        judged++;
        const asked: HandlerAccess = { mode: 'require', requirement: scopes('Write') };
        return context.getClass() === PlainController ? asked : asked;
      }
    }
    const events: unknown[] = [];
    onTestFinished(onEvent((event) => void events.push(event), { types: ['decision'] }));
    for (const isGlobal of [true, false]) {
      judged = 0;
      events.length = 0;
      const imports = [EntraGuardModule.forRoot({ ...options(), guard: CountingGuard, isGlobal })];
      const feature = moduleOf({ controllers: [OrdersController, ItemsController] });
      const { origin } = await serve(platform, { imports: [...imports, feature] });
      expect((await ask(`${origin}/orders`, reader())).status).toBe(403);
      expect((await ask(`${origin}/orders`, writer())).status).toBe(200);
      expect((await ask(`${origin}/items`, writer())).status).toBe(200);
      expect([judged, events.length]).toEqual([3, 3]);
    }
  });

  it('judges where installGuard is false and something is declared', async () => {
    const { entries, log } = keptLog();
    const { origin, app } = await serve(platform, {
      imports: [EntraGuardModule.forRoot({ ...options(), log, installGuard: false })],
      controllers: [OrdersController, ItemsController, WrappedController],
    });
    assertCovered(app);
    for (const path of ['orders', 'items', 'wrapped']) {
      expect((await ask(`${origin}/${path}`)).status).toBe(401);
      expect((await ask(`${origin}/${path}`, writer())).status).toBe(403);
      expect((await ask(`${origin}/${path}`, reader())).status).toBe(200);
    }
    expect((await ask(`${origin}/orders/open`)).status).toBe(200);
    expect(entries.filter(({ event }) => event === 'configuration')).toEqual([]);
  });

  it('leaves the call to a guard that the application has put there', async () => {
    @Injectable()
    class TicketGuard extends EntraGuard {
      protected override requestOf(context: ExecutionContext) {
        const { headers } = super.requestOf(context) as { headers: Record<string, string> };
        return { headers: { authorization: headers['x-ticket'] } };
      }
    }
    @RequireScopes('Read')
    @Controller('tickets')
    class TicketsController {
      @Get() @UseGuards(TicketGuard) list(): object {
        return {};
      }
    }
    const imports = [EntraGuardModule.forRoot({ ...options(), installGuard: false })];
    const { origin } = await serve(platform, { imports, controllers: [TicketsController] });
    const { authorization } = reader().headers;
    expect((await ask(`${origin}/tickets`, reader())).status).toBe(401);
    const ticket = { headers: { 'x-ticket': String(authorization) } };
    expect((await ask(`${origin}/tickets`, ticket)).status).toBe(200);
  });

  it('judges by the guard that the application has installed by APP_GUARD', async () => {
    @Injectable()
    class OpenerGuard extends EntraGuard {
      protected override requirementOf(): HandlerAccess {
        return { mode: 'require', requirement: scopes('Write') };
      }
    }
    const { origin } = await serve(platform, {
      imports: [EntraGuardModule.forRoot({ ...options(), installGuard: false })],
      controllers: [OrdersController],
      providers: [{ provide: APP_GUARD, useClass: OpenerGuard }],
    });
    expect((await ask(`${origin}/orders`, reader())).status).toBe(403);
    expect((await ask(`${origin}/orders`, writer())).status).toBe(200);
  });
});

describe('installGuard: false', () => {
  const off = (extras: Partial<EntraGuardModuleOptions> = {}) =>
    EntraGuardModule.forRoot({ ...options(), installGuard: false, ...extras } as EntraGuardModuleOptions);

  it('does not boot with handlers that no guard at all stands in front of', async () => {
    const metadata = { imports: [off()], controllers: [PlainController, OrdersController] };
    const failure = await bootFailure(metadata);
    expect(String(failure)).toMatch(
      /1 place is covered by no EntraGuard, so that EVERYBODY gets in:\n- PlainController\.list \(GET \/plain\)\. Leave installGuard at true/,
    );
    const app = await create('express', metadata);
    expect(() => assertCovered(app)).toThrow(/PlainController\.list \(GET \/plain\)/);
  });

  it("boots with uncovered: 'warn', and names them", async () => {
    const { entries, log } = keptLog();
    const imports = [off({ uncovered: 'warn', log })];
    const { origin } = await serve('express', { imports, controllers: [PlainController] });
    expect((await ask(`${origin}/plain`)).status).toBe(200);
    expect(entries.map(({ message }) => message)).toEqual([
      expect.stringContaining('PlainController.list (GET /plain)'),
    ]);
  });

  it('boots with what another guard stands in front of', async () => {
    class OldGuard implements CanActivate {
      canActivate(): boolean {
        return false;
      }
    }
    class ThrottlerGuard extends OldGuard {}
    @Controller('old')
    class OldController {
      @Get() @UseGuards(OldGuard) list(): void {}
      @Post() @UseGuards(new OldGuard()) create(): void {}
    }
    @UseGuards(ThrottlerGuard)
    @Controller('throttled')
    class ThrottledController {
      @Get() list(): void {}
    }
    expect(await bootFailure({ imports: [off()], controllers: [OldController] })).toBeUndefined();
    expect(String(await bootFailure({ imports: [off()], controllers: [ThrottledController] }))).toContain(
      'ThrottledController.list',
    );
  });

  it('sees the guard that app.useGlobalGuards installs', async () => {
    const app = await create('express', { imports: [off()], controllers: [PlainController] });
    app.useGlobalGuards(app.get(EntraGuard));
    await app.listen(0, '127.0.0.1');
    expect((await ask(`${await app.getUrl()}/plain`)).status).toBe(403);
  });

  it('enforces defaultRequirement and handlers as it does decorators', async () => {
    for (const extras of [
      { defaultRequirement: scopes('Read') },
      { handlers: [[PlainController, scopes('Read')] as const] },
    ]) {
      const { origin } = await serve('express', { imports: [off(extras)], controllers: [PlainController] });
      expect((await ask(`${origin}/plain`)).status).toBe(401);
      expect((await ask(`${origin}/plain`, writer())).status).toBe(403);
      expect((await ask(`${origin}/plain`, reader())).status).toBe(200);
    }
  });
});

describe('EntraGuardModule', () => {
  it('that is loaded late is an error, and nothing is guarded by it', async () => {
    @Module({ imports: [EntraGuardModule.forRoot({ tenantId: 'x', clientId: 'y' } as never)] })
    class LateModule {}
    const app = await create('express', { controllers: [PlainController] });
    await app.init();
    const loading = app.get(LazyModuleLoader).load(() => LateModule);
    await expect(loading).rejects.toThrow(ConfigurationError);
    const other = EntraGuardModule.forRoot(options());
    await expect(app.get(LazyModuleLoader).load(() => other)).rejects.toThrow(
      /EntraGuardModule was loaded by LazyModuleLoader, where it guards nothing/,
    );
  });

  it('without forRoot says what is missing', async () => {
    const failure = await bootFailure({ imports: [EntraGuardModule], controllers: [OrdersController] });
    expect(ConfigurationError.is(failure)).toBe(true);
    expect(String(failure)).toMatch(/EntraGuardModule was imported without options\. .*forRoot\(\{/);
  });
});

it('requirements of both copies count where a class is guarded twice', async () => {
  @Controller('twice')
  @UseGuards(EntraGuard)
  class TwiceController {
    @Get() @UseGuards(EntraGuard) @Require(scopes('Read')) list(): void {}
  }
  const { origin } = await serve('express', {
    imports: [EntraGuardModule.forRoot(options())],
    controllers: [TwiceController],
  });
  expect((await ask(`${origin}/twice`)).status).toBe(401);
  expect((await ask(`${origin}/twice`, reader())).status).toBe(200);
});
