import 'reflect-metadata';
import {
  Auth,
  type AuthContext,
  authenticated,
  CurrentUser,
  type DecisionEvent,
  EntraGuard,
  EntraGuardModule,
  type LoadUser,
  OptionalAuth,
  onEvent,
  Public,
  Require,
  RequireScopes,
} from '@entra-guard/nestjs';
import { ENTRA_GUARD_CORE, provideTestAuth, standInGuard, testAuth } from '@entra-guard/nestjs/testing';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import {
  type CallHandler,
  Controller,
  type ExecutionContext,
  Get,
  Injectable,
  type NestInterceptor,
  Param,
  Scope,
  type Type,
  UseInterceptors,
  ValidationPipe,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { adapterOf, ask, bootFailure, keptLog, platforms, serve } from './platforms.js';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra();
});

const reader = (name = 'ada') => ({ headers: entra.user(name, { scp: 'Read' }).headers });

class User {
  constructor(
    readonly name: string | undefined,
    readonly table = '',
  ) {}
}

@Controller('orders')
@RequireScopes('Read')
class OrdersController {
  @Get() list(@CurrentUser() user: User, @Auth() auth: AuthContext) {
    return { name: user.name, own: user.name === auth.objectId, real: user instanceof User };
  }
  @Get('twice') twice(@CurrentUser() user: User, @CurrentUser() again: User) {
    return { same: user === again, frozen: Object.isFrozen(user) };
  }
  @Get('plain') plain(@Auth() auth: AuthContext) {
    return { name: auth.objectId };
  }
  @Get('written') @RequireScopes('Write') written(@CurrentUser() user: User) {
    return user;
  }
  @Get('one/:id') one(@Param('id') id: string, @CurrentUser() user: User) {
    return { id, table: user.table };
  }
}

@Controller('prices')
class PricesController {
  @Get() @OptionalAuth() list(@CurrentUser() user: User | undefined) {
    return { name: user?.name ?? null };
  }
}

describe.each(platforms)('@CurrentUser() on %s', (platform) => {
  async function start(
    loadUser: LoadUser = ({ auth }) => new User(auth.objectId),
    controllers: Type[] = [OrdersController, PricesController],
    guard?: Type<EntraGuard>,
  ) {
    const asked: Parameters<LoadUser>[0][] = [];
    const events: DecisionEvent[] = [];
    onTestFinished(onEvent((event) => void events.push(event), { types: ['decision'] }));
    const { entries, log } = keptLog();
    const imports = [
      EntraGuardModule.forRootAsync({
        ...(guard && { guard }),
        useFactory: () => ({
          ...entra.options(),
          log,
          loadUser: (context) => {
            asked.push(context);
            return loadUser(context);
          },
        }),
      }),
    ];
    const served = await serve(platform, { imports, controllers, providers: [Users] }, (app) =>
      app.useGlobalPipes(new ValidationPipe({ transform: true, validateCustomDecorators: true })),
    );
    return { url: `${served.origin}/orders`, origin: served.origin, asked, events, entries };
  }

  @Injectable({ scope: Scope.REQUEST })
  class Users {
    readonly table = 'users';
  }

  it('is what loadUser gives, awaited before the handler runs, whatever pipes do', async () => {
    for (const loadUser of [
      ({ auth }) => new User(auth.objectId),
      async ({ auth }) => new User(auth.objectId),
    ] satisfies LoadUser[]) {
      const { url, asked } = await start(loadUser);
      const { status, body } = await ask(url, reader());
      expect([status, body]).toEqual([200, { name: expect.any(String), own: true, real: true }]);
      expect(asked).toHaveLength(1);
    }
  });

  it('is asked for once in a request, each request for itself, and only where it is taken', async () => {
    const { url, asked } = await start();
    expect((await ask(`${url}/plain`, reader())).status).toBe(200);
    expect(asked).toHaveLength(0);
    expect((await ask(`${url}/twice`, reader())).body).toEqual({ same: true, frozen: false });
    expect(asked).toHaveLength(1);
    await ask(`${url}/twice`, reader());
    expect(asked).toHaveLength(2);
  });

  it('is not asked for a caller whom the requirement refuses, or without one', async () => {
    const { url, asked } = await start();
    expect((await ask(`${url}/written`, reader())).status).toBe(403);
    expect((await ask(url)).status).toBe(401);
    expect(asked).toEqual([]);
  });

  it('is undefined with @OptionalAuth() and no token, where loadUser is not asked', async () => {
    const { origin, asked } = await start();
    expect((await ask(`${origin}/prices`)).body).toEqual({ name: null });
    expect(asked).toEqual([]);
    const known = await ask(`${origin}/prices`, {
      headers: entra.user('ada', { scp: 'Read' }).headers,
    });
    expect(known.body).toEqual({ name: expect.any(String) });
  });

  it('refuses an unknown user with 403 user_unknown: the handler does not run', async () => {
    const { url, events, entries } = await start(async () => undefined);
    const { status, headers, body } = await ask(url, reader());
    expect([status, body]).toEqual([403, expect.objectContaining({ code: 'user_unknown' })]);
    expect(headers.get('www-authenticate')).toContain('error="insufficient_scope"');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(events.at(-1)).toMatchObject({
      outcome: 'deny',
      code: 'user_unknown',
      handler: 'OrdersController.list',
    });
    expect(entries.filter(({ event }) => event === 'refused')).toMatchObject([{ code: 'user_unknown' }]);
  });

  it.each<[string, LoadUser]>([
    ['rejects', () => Promise.reject(new Error('no database'))],
    ['gives null', () => null as never],
    ['gives text', async () => 'Ada' as never],
  ])('is a 500 check_failed where loadUser %s', async (_, loadUser) => {
    const { url, events } = await start(loadUser);
    const { status, body } = await ask(`${url}/twice`, reader());
    expect([status, body]).toEqual([500, expect.objectContaining({ code: 'check_failed' })]);
    expect(JSON.stringify(body)).not.toContain('loadUser');
    expect(events.at(-1)).toMatchObject({ outcome: 'deny', code: 'check_failed' });
  });

  it('is loaded with providers, request-scoped ones too, and with the host’s request', async () => {
    const { url, asked } = await start(async ({ auth, resolve }) => {
      const users = await resolve<Users>(Users);
      return new User(auth.objectId, users.table);
    });
    expect((await ask(`${url}/one/7`, reader())).body).toEqual({ id: '7', table: 'users' });
    expect(asked).toMatchObject([{ request: { params: { id: '7' } } }]);
  });

  it('is that of the caller whom a guard of the application’s own lets in', async () => {
    const bob = testAuth({ kind: 'user', scopes: ['Read'] });
    class StandsForBob extends EntraGuard {
      protected override async decide(...asked: Parameters<EntraGuard['decide']>) {
        await super.decide(...asked);
        return bob;
      }
    }
    const { url, asked } = await start(undefined, [OrdersController], StandsForBob);
    expect((await ask(url, reader())).body).toMatchObject({ name: bob.objectId, own: true });
    expect(asked.map(({ auth }) => auth)).toEqual([bob]);
  });

  it('is that of the caller of @Auth(), even where an interceptor changes the header', async () => {
    class Swaps implements NestInterceptor {
      intercept(context: ExecutionContext, next: CallHandler) {
        const { headers } = context.switchToHttp().getRequest<{ headers: object }>();
        Object.assign(headers, reader('bob').headers);
        return next.handle();
      }
    }
    @Controller('swapped')
    @UseInterceptors(Swaps)
    class SwappedController {
      @Get() @Require(authenticated()) list(@CurrentUser() user: User, @Auth() auth: AuthContext) {
        return { own: user.name === auth.objectId };
      }
    }
    const { origin } = await start(undefined, [SwappedController]);
    expect((await ask(`${origin}/swapped`, reader())).body).toEqual({ own: true });
  });

  it('is loaded by the stand-ins for tests', async () => {
    const ada = testAuth({ kind: 'user', scopes: ['Read'] });
    const loadUser: LoadUser = ({ auth }) => new User(auth.objectId);
    const { origin } = await serve(platform, {
      controllers: [OrdersController],
      providers: [provideTestAuth(ada, { log: false, loadUser })],
    });
    expect((await ask(`${origin}/orders`)).body).toMatchObject({ name: ada.objectId });

    const testing = await Test.createTestingModule({
      imports: [EntraGuardModule.forRoot({ ...entra.options(), log: false })],
      controllers: [OrdersController],
    })
      .overrideProvider(ENTRA_GUARD_CORE)
      .useValue(standInGuard(ada, { log: false, loadUser }))
      .compile();
    const app = testing.createNestApplication(adapterOf(platform), { logger: false });
    onTestFinished(() => app.close());
    await app.listen(0, '127.0.0.1');
    expect((await ask(`${await app.getUrl()}/orders`)).body).toMatchObject({ name: ada.objectId });
  });
});

describe('@CurrentUser() at boot', () => {
  const loadUser: LoadUser = () => ({});
  const refusal = async (controllers: Type[], extras: object = { loadUser }) =>
    String(
      await bootFailure({
        imports: [EntraGuardModule.forRoot({ ...entra.options(), log: false, ...extras })],
        controllers,
      }),
    );

  it('is refused on a public handler, as @Auth() is', async () => {
    @Controller('orders')
    class OpenController {
      @Get() @Public() list(@CurrentUser() _user: User): void {}
    }
    expect(await refusal([OpenController])).toMatch(
      /OpenController\.list \(GET \/orders\) is public and takes @CurrentUser\(\), which has no caller to give there\./,
    );
  });

  it('is refused where the guard has no loadUser, which is named', async () => {
    const text = await refusal([OrdersController], {});
    expect(text).toMatch(
      /OrdersController\.list \(GET \/orders\) takes @CurrentUser\(\), and the guard has no loadUser\./,
    );
    expect(text).toContain('loadUser: ({ auth }) => ');
    expect(text).not.toContain('OrdersController.plain');
    const standIn = { controllers: [OrdersController], providers: [provideTestAuth(null, { log: false })] };
    expect(String(await bootFailure(standIn))).toContain('the guard has no loadUser');
  });

  it('is refused where loadUser is given inside one of several authorities, and the error says where it goes', async () => {
    const other = { ...entra.options(), clientId: '00009999-aaaa-2222-bbbb-3333cccc4444', loadUser };
    for (const asOption of [true, false]) {
      const options = { authorities: [entra.options(), other] };
      const failure = await bootFailure({
        imports: [
          asOption
            ? EntraGuardModule.forRoot(options)
            : EntraGuardModule.forRootAsync({ useFactory: () => options }),
        ],
        controllers: [OrdersController],
      });
      expect(String(failure)).toContain('Put it next to `authorities`: { authorities: […], loadUser }.');
    }
  });

  it('takes no arguments, and has no place in a constructor', () => {
    expect(() => CurrentUser('name' as never)).toThrow(/@CurrentUser\(\.\.\.\) was given/);
    expect(() => {
      class Caller {
        constructor(@CurrentUser() readonly user: User) {}
      }
      return Caller;
    }).toThrow(/@CurrentUser\(\) stands on a parameter of Caller's constructor/);
  });
});
