import 'reflect-metadata';
import {
  ConfigurationError,
  EntraGuard,
  EntraGuardModule,
  type EntraGuardModuleOptions,
  type EntraGuardOptionsFactory,
  RequireScopes,
} from '@entra-guard/nestjs';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import { Controller, type DynamicModule, Get, Inject, Injectable, Scope } from '@nestjs/common';
import { APP_GUARD, REQUEST } from '@nestjs/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask, bootFailure, platforms, serve } from '../nest/platforms.js';

let entra: LocalEntra;
beforeEach(async () => {
  entra = await startEntra();
});
afterEach(() => entra.close());

const options = () => ({ ...entra.options(), log: false }) as EntraGuardModuleOptions;

@Injectable({ scope: Scope.REQUEST })
class RequestScopedGuard extends EntraGuard {}

@Injectable({ scope: Scope.REQUEST, durable: true })
class DurableGuard extends EntraGuard {}

@Injectable({ scope: Scope.TRANSIENT })
class TransientGuard extends EntraGuard {}

@Injectable()
class GuardThatInjectsTheRequest extends EntraGuard {
  constructor(@Inject(REQUEST) readonly request: unknown) {
    super();
  }
}

@Injectable({ scope: Scope.REQUEST })
class RequestScopedFactory implements EntraGuardOptionsFactory {
  createEntraGuardOptions(): EntraGuardModuleOptions {
    return options();
  }
}

@Controller('orders')
class OrdersController {
  @Get() @RequireScopes('Read') list(): string {
    return 'orders';
  }
}

describe('what would be made anew for each request, so that NestJS runs no guard', () => {
  it.each<[string, () => DynamicModule]>([
    ['a request-scoped guard', () => EntraGuardModule.forRoot({ ...options(), guard: RequestScopedGuard })],
    ['a durable guard', () => EntraGuardModule.forRoot({ ...options(), guard: DurableGuard })],
    [
      'a guard that injects REQUEST',
      () => EntraGuardModule.forRoot({ ...options(), guard: GuardThatInjectsTheRequest }),
    ],
    [
      'a factory that injects REQUEST',
      () => EntraGuardModule.forRootAsync({ inject: [REQUEST], useFactory: options }),
    ],
    [
      'a request-scoped class of options',
      () => EntraGuardModule.forRootAsync({ useClass: RequestScopedFactory }),
    ],
  ])('%s does not boot', async (_, module) => {
    const failure = await bootFailure({ imports: [module()], controllers: [OrdersController] });
    expect(String(failure)).toMatch(/request-scoped/);
  });

  it('the error says what to do', async () => {
    const imports = [EntraGuardModule.forRoot({ ...options(), guard: RequestScopedGuard })];
    const failure = await bootFailure({ imports });
    expect(ConfigurationError.is(failure)).toBe(true);
    expect(String(failure)).toMatch(/The guard RequestScopedGuard is request-scoped.*Make it a singleton/s);
  });

  it('an APP_GUARD of the application is not taken for one that runs', async () => {
    const outcome = await serve('express', {
      imports: [EntraGuardModule.forRoot({ ...options(), installGuard: false })],
      controllers: [OrdersController],
      providers: [{ provide: APP_GUARD, useClass: GuardThatInjectsTheRequest }],
    }).then(
      async ({ origin }) => (await ask(`${origin}/orders`)).status,
      (error) => String(error),
    );
    // What is declared is judged all the same, by the guard that stands on it; NestJS may refuse, or run what was never made.
    expect(String(outcome)).toMatch(/^401$|^500$|depends on a request-scoped provider/);
  });
});

describe.each(platforms)('what is made for each request, and can be, on %s', (platform) => {
  it('a transient guard judges', async () => {
    const imports = [EntraGuardModule.forRoot({ ...options(), guard: TransientGuard })];
    const { origin } = await serve(platform, { imports, controllers: [OrdersController] });
    expect((await ask(`${origin}/orders`)).status).toBe(401);
    const { headers } = entra.user('ada', { scp: 'Read' });
    expect((await ask(`${origin}/orders`, { headers })).status).toBe(200);
  });

  it.each([
    ['request-scoped', { scope: Scope.REQUEST }],
    ['durable', { scope: Scope.REQUEST, durable: true }],
    ['transient', { scope: Scope.TRANSIENT }],
  ])('a %s controller is guarded', async (_, scope) => {
    @Controller({ path: 'orders', ...scope })
    @RequireScopes('Read')
    class ScopedController {
      @Get() list(): string {
        return 'orders';
      }
    }
    const imports = [EntraGuardModule.forRoot(options())];
    const { origin } = await serve(platform, { imports, controllers: [ScopedController] });
    expect((await ask(`${origin}/orders`)).status).toBe(401);
    const { headers } = entra.user('ada', { scp: 'Read' });
    expect((await ask(`${origin}/orders`, { headers })).body).toBe('orders');
  });
});
