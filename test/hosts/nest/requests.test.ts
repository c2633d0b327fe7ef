import 'reflect-metadata';
import type { IncomingMessage } from 'node:http';
import {
  Auth,
  AuthContext,
  allOf,
  anonymous,
  authOf,
  check,
  type DecisionEvent,
  EntraGuardModule,
  type HandlerOptions,
  type LogSink,
  OptionalAuth,
  onEvent,
  Public,
  Require,
  RequireScopes,
  scopes,
} from '@entra-guard/nestjs';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import {
  type CallHandler,
  Controller,
  type ExecutionContext,
  Get,
  Inject,
  Injectable,
  type NestInterceptor,
  Param,
  Post,
  type Provider,
  Req,
  Scope,
  type Type,
  UseInterceptors,
} from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import type { Observable } from 'rxjs';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ask, keptLog, platforms, serve } from './platforms.js';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra();
});

const reader = () => ({ headers: entra.user('ada', { scp: 'Read' }).headers });
const writer = () => ({ headers: entra.user('ada', { scp: 'Write' }).headers });
const both = () => ({ headers: entra.user('ada', { scp: 'Read Write' }).headers });

type Extras = HandlerOptions & { readonly log?: LogSink };

describe.each(platforms)('requests on %s', (platform) => {
  async function start(
    controllers: Type[],
    extras: Extras = {},
    providers: Provider[] = [],
  ): Promise<string> {
    const imports = [EntraGuardModule.forRoot({ log: false, ...entra.options(), ...extras })];
    return (await serve(platform, { imports, controllers, providers })).origin;
  }
  const statuses = async (url: string, ...inits: RequestInit[]) =>
    Promise.all(inits.map(async (init) => (await ask(url, init)).status));

  it('are denied to every caller where nothing is declared, and the log names the handler', async () => {
    @Controller('orders')
    class OrdersController {
      @Get() list(): string {
        return 'never';
      }
    }
    const { entries, log } = keptLog();
    const url = `${await start([OrdersController], { log })}/orders`;
    const answer = await ask(url, both());
    expect(answer.status).toBe(403);
    expect(answer.body).toMatchObject({ code: 'no_requirement' });
    expect((await ask(url)).status).toBe(403);
    expect(entries.find(({ event }) => event === 'refused')).toMatchObject({
      code: 'no_requirement',
      handler: 'OrdersController.list',
    });
  });

  it('meet the defaultRequirement where nothing is declared, and only there', async () => {
    @Controller()
    class OrdersController {
      @Get('plain') plain(): void {}
      @Get('write') @RequireScopes('Write') write(): void {}
      @Get('open') @Public() open(): void {}
    }
    const origin = await start([OrdersController], { defaultRequirement: scopes('Read') });
    expect(await statuses(`${origin}/plain`, {}, writer(), reader())).toEqual([401, 403, 200]);
    expect(await statuses(`${origin}/write`, reader(), writer())).toEqual([403, 200]);
    expect(await statuses(`${origin}/open`, {})).toEqual([200]);
  });

  it('meet what the option handlers says of controllers that can not be decorated', async () => {
    @Controller('metrics')
    class MetricsController {
      @Get() index(): void {}
      @Get('raw') raw(): void {}
    }
    const origin = await start([MetricsController], {
      handlers: [
        [MetricsController, scopes('Read')],
        [MetricsController, 'index', anonymous().because('scraped inside the cluster')],
      ],
    });
    expect(await statuses(`${origin}/metrics`, {})).toEqual([200]);
    expect(await statuses(`${origin}/metrics/raw`, {}, writer(), reader())).toEqual([401, 403, 200]);
  });

  it('meet class and method requirements together, and openings as declared', async () => {
    @RequireScopes('Read')
    @Controller('guarded')
    class GuardedController {
      @Get() inherits(): void {}
      @Get('narrow') @RequireScopes('Write') narrow(): void {}
      @Get('open') @Public() open(): void {}
    }
    @Public()
    @Controller('public')
    class PublicController {
      @Get() inherits(): void {}
      @Get('narrow') @RequireScopes('Write') narrow(): void {}
    }
    const origin = await start([GuardedController, PublicController]);
    expect(await statuses(`${origin}/guarded`, {}, reader())).toEqual([401, 200]);
    expect(await statuses(`${origin}/guarded/narrow`, {}, reader(), writer(), both())).toEqual([
      401, 403, 403, 200,
    ]);
    expect(await statuses(`${origin}/guarded/open`, {})).toEqual([200]);
    expect(await statuses(`${origin}/public`, {})).toEqual([200]);
    expect(await statuses(`${origin}/public/narrow`, {}, reader(), writer())).toEqual([401, 403, 200]);
  });

  it('meet requirements below a decorator that wraps the method', async () => {
    const Wrapped = (): MethodDecorator => (_target, _key, descriptor: PropertyDescriptor) => {
      const inner = descriptor.value as (...args: unknown[]) => unknown;
      descriptor.value = function wrapper(this: unknown, ...args: unknown[]): unknown {
        return inner.apply(this, args);
      };
    };
    @RequireScopes('Read')
    @Controller()
    class OrdersController {
      @Get() @Wrapped() @RequireScopes('Write') list(): void {}
    }
    expect(await statuses(await start([OrdersController]), reader(), both())).toEqual([403, 200]);
  });

  it('meet the requirements of handlers that a constructor bound, also in request-scoped controllers', async () => {
    @RequireScopes('Read')
    @Controller('bound')
    class BoundController {
      constructor() {
        this.list = this.list.bind(this);
      }
      @Get() @RequireScopes('Write') list(): void {}
    }
    @RequireScopes('Read')
    @Controller({ path: 'scoped', scope: Scope.REQUEST })
    class ScopedController {
      constructor() {
        this.list = this.list.bind(this);
        this.lost = () => {};
      }
      @Get() @RequireScopes('Write') list(): void {}
      @Get('lost') @RequireScopes('Write') lost(): void {}
    }
    const origin = await start([BoundController, ScopedController]);
    expect(await statuses(`${origin}/bound`, reader(), both())).toEqual([403, 200]);
    expect(await statuses(`${origin}/scoped`, reader(), both())).toEqual([403, 200]);
    // What can't be told is denied, not judged by the class alone.
    expect(await statuses(`${origin}/scoped/lost`, reader(), both())).toEqual([403, 403]);
  });

  it('meet the requirements of inherited handlers', async () => {
    class Base {
      @Get() @RequireScopes('Read') list(): void {}
    }
    @RequireScopes('Write')
    @Controller('a')
    class A extends Base {}
    @Controller('b')
    class B extends Base {
      @Get() @RequireScopes('Write') override list(): void {}
    }
    const origin = await start([A, B]);
    expect(await statuses(`${origin}/a`, reader(), writer(), both())).toEqual([403, 403, 200]);
    expect(await statuses(`${origin}/b`, reader(), writer())).toEqual([403, 200]);
  });

  it('with @OptionalAuth(): no token is fine, an invalid one is a 401, and keys that are down are a 503', async () => {
    @Controller()
    class GreetingController {
      @Get() @OptionalAuth() greet(@Auth() auth: AuthContext | undefined): object {
        return { objectId: auth?.objectId ?? 'nobody' };
      }
    }
    const origin = await start([GreetingController]);
    expect(await ask(origin)).toMatchObject({ status: 200, body: { objectId: 'nobody' } });
    expect(await ask(origin, reader())).toMatchObject({
      status: 200,
      body: { objectId: entra.objectIdOf('ada') },
    });
    expect(await ask(origin, { headers: entra.wrong.expired().headers })).toMatchObject({
      status: 401,
      body: { code: 'token_expired' },
    });
    const down = await startEntra();
    down.fail('metadata', 503);
    const imports = [EntraGuardModule.forRoot({ ...down.options(), log: false })];
    const served = await serve(platform, { imports, controllers: [GreetingController] });
    const answer = await ask(served.origin, { headers: down.user('ada', { scp: 'Read' }).headers });
    expect(answer).toMatchObject({ status: 503, body: { code: 'keys_unavailable' } });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answer.headers.get('www-authenticate')).toBeNull();
  });

  it('never get undefined from @Auth() in silence', async () => {
    @Controller()
    class OrdersController {
      @Get() list(@Auth() _auth: AuthContext): void {}
    }
    const imports = [
      EntraGuardModule.forRoot({ ...entra.options(), log: false, installGuard: false, uncovered: 'warn' }),
    ];
    const { origin } = await serve(platform, { imports, controllers: [OrdersController] });
    expect((await ask(origin, reader())).status).toBe(500);
  });

  it('have no caller any more once their Authorization header is gone', async () => {
    @Controller()
    class OrdersController {
      @Get() @RequireScopes('Read') list(
        @Req() request: { raw?: IncomingMessage } & IncomingMessage,
      ): object {
        const before = authOf(request)?.kind;
        delete (request.raw ?? request).headers.authorization;
        return { before, after: authOf(request)?.kind ?? 'none' };
      }
    }
    expect((await ask(await start([OrdersController]), reader())).body).toEqual({
      before: 'user',
      after: 'none',
    });
  });

  it('give @Auth({ optional: true }) no caller on a public handler, even with a token', async () => {
    @Controller()
    class OrdersController {
      @Get() @Public() list(@Auth({ optional: true }) auth: AuthContext | undefined): object {
        return { nobody: auth === undefined };
      }
    }
    expect((await ask(await start([OrdersController]), reader())).body).toEqual({ nobody: true });
  });

  it('never see what a handler did to an earlier one: the caller is deeply immutable', async () => {
    @Controller()
    class MeanController {
      @Post() @RequireScopes('Read') spoil(@Auth() auth: AuthContext): object {
        const attempts = [
          () => Object.assign(auth, { objectId: 'eve' }),
          () => (auth.scopes as unknown as Set<string>).add('Write'),
          () => Set.prototype.add.call(auth.scopes, 'Write'),
          () => Object.assign(auth.claims, { scp: 'Read Write' }),
        ];
        for (const attempt of attempts) {
          try {
            attempt();
          } catch {
            // As it should be.
          }
        }
        return {};
      }
      @Get() @RequireScopes('Write') write(): void {}
      @Get('me') @RequireScopes('Read') me(@Auth() auth: AuthContext): object {
        return { objectId: auth.objectId, scopes: [...auth.scopes], scp: auth.claims.scp };
      }
    }
    const origin = await start([MeanController]);
    const same = reader();
    expect((await ask(origin, { method: 'POST', ...same })).status).toBe(201);
    expect((await ask(origin, same)).status).toBe(403);
    expect((await ask(`${origin}/me`, same)).body).toEqual({
      objectId: entra.objectIdOf('ada'),
      scopes: ['Read'],
      scp: 'Read',
    });
  });

  it('never trust an auth or user that something else put on the request', async () => {
    @Controller()
    class OrdersController {
      @Get() @OptionalAuth() list(@Auth() auth: AuthContext | undefined): object {
        return { objectId: auth?.objectId ?? 'nobody' };
      }
      @Get('write') @RequireScopes('Write') write(): void {}
    }
    const imports = [EntraGuardModule.forRoot({ ...entra.options(), log: false })];
    const { origin } = await serve(platform, { imports, controllers: [OrdersController] }, (app) => {
      app.use((request: object, _response: object, next: () => void) => {
        const forged = { objectId: 'eve', scopes: new Set(['Write']) };
        Object.assign(request, { auth: forged, user: forged });
        next();
      });
    });
    expect((await ask(origin)).body).toEqual({ objectId: 'nobody' });
    expect(await statuses(`${origin}/write`, {}, reader())).toEqual([401, 403]);
  });

  it('show their caller to interceptors and to request-scoped providers, through authOf', async () => {
    @Injectable()
    class Tagging implements NestInterceptor {
      intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
        const http = context.switchToHttp();
        const response = http.getResponse<{ header(name: string, value: string): void }>();
        response.header('x-caller', authOf(http.getRequest<object>())?.objectId ?? 'nobody');
        return next.handle();
      }
    }
    @Injectable({ scope: Scope.REQUEST })
    class Caller {
      constructor(@Inject(REQUEST) private readonly request: object) {}
      get id(): string | undefined {
        return authOf(this.request)?.objectId;
      }
    }
    @UseInterceptors(Tagging)
    @Controller()
    class OrdersController {
      constructor(@Inject(Caller) private readonly caller: Caller) {}
      @Get() @RequireScopes('Read') list(): object {
        return { id: this.caller.id };
      }
    }
    const answer = await ask(await start([OrdersController], {}, [Caller]), reader());
    expect(answer.body).toEqual({ id: entra.objectIdOf('ada') });
    expect(answer.headers.get('x-caller')).toBe(entra.objectIdOf('ada'));
  });

  it('run checks that resolve providers, and tell them the host request', async () => {
    @Injectable()
    class Orders {
      ownerOf(id: string): string {
        return id === '1' ? entra.objectIdOf('ada') : 'somebody else';
      }
    }
    const ownsOrder = check(
      'owns order',
      async ({ auth, request, resolve }) => {
        const orders = await resolve<Orders>(Orders);
        return orders.ownerOf((request as { params: { id: string } }).params.id) === auth.objectId;
      },
      { otherwise: 'not-found' },
    );
    @Controller('orders')
    class OrdersController {
      @Get(':id') @Require(allOf(scopes('Read'), ownsOrder)) read(@Param('id') id: string): object {
        return { id };
      }
    }
    const origin = await start([OrdersController], {}, [Orders]);
    expect(await ask(`${origin}/orders/1`, reader())).toMatchObject({ status: 200, body: { id: '1' } });
    expect((await ask(`${origin}/orders/2`, reader())).status).toBe(404);
    expect((await ask(`${origin}/orders/1`, writer())).status).toBe(403);
  });

  it.each([
    ['a static controller', Scope.DEFAULT],
    ['a request-scoped controller', Scope.REQUEST],
  ])(
    'run checks that resolve a request-scoped provider, in the scope of the request: %s',
    async (_, scope) => {
      let made = 0;
      @Injectable({ scope: Scope.REQUEST })
      class Tenant {
        readonly number = ++made;
        constructor(@Inject(REQUEST) private readonly request: { headers: Record<string, string> }) {}
        get name(): string | undefined {
          return this.request.headers['x-tenant'];
        }
      }
      const seen: number[] = [];
      const rightTenant = check('right tenant', async ({ resolve }) => {
        const [one, two] = [await resolve<Tenant>(Tenant), await resolve<Tenant>(Tenant)];
        seen.push(one.number);
        return one === two && one.name === 'contoso';
      });
      @Controller({ path: 'orders', scope })
      class OrdersController {
        @Get() @Require(allOf(scopes('Read'), rightTenant)) list(): void {}
      }
      const url = `${await start([OrdersController], {}, [Tenant])}/orders`;
      const from = (tenant: string) => ({ headers: { ...reader().headers, 'x-tenant': tenant } });
      expect(await statuses(url, from('contoso'), from('fabrikam'), from('contoso'))).toEqual([
        200, 403, 200,
      ]);
      expect(new Set(seen).size).toBe(3);
    },
  );

  it('get a 500 that says nothing from a check that throws or asks for what is not there', async () => {
    class Missing {}
    const broken = check('broken', ({ resolve }) => resolve(Missing).then(() => true));
    @Controller()
    class OrdersController {
      @Get() @Require(allOf(scopes('Read'), broken)) list(): void {}
    }
    const { entries, log } = keptLog();
    const answer = await ask(await start([OrdersController], { log }), reader());
    expect(answer).toMatchObject({ status: 500, body: { code: 'check_failed' } });
    expect(JSON.stringify(answer.body)).not.toContain('Missing');
    expect(entries.some(({ code, level }) => code === 'check_failed' && level === 'error')).toBe(true);
  });

  it('reach request-scoped controllers with their caller', async () => {
    @Controller({ scope: Scope.REQUEST })
    class OrdersController {
      @Get() @RequireScopes('Read') list(@Auth() auth: AuthContext): object {
        return { objectId: auth.objectId };
      }
    }
    const origin = await start([OrdersController]);
    expect(await statuses(origin, {}, writer())).toEqual([401, 403]);
    expect((await ask(origin, reader())).body).toEqual({ objectId: entra.objectIdOf('ada') });
  });

  it('become audit events with the handler, the requirement and its reason', async () => {
    @Controller('orders')
    class OrdersController {
      @Get() @Require(scopes('Read').because('GDPR art. 15 export')) list(): void {}
    }
    const url = `${await start([OrdersController])}/orders`;
    const events: DecisionEvent[] = [];
    onTestFinished(onEvent((event) => events.push(event), { types: ['decision'] }));
    await statuses(url, reader());
    await statuses(url, writer());
    expect(events).toMatchObject([
      {
        outcome: 'allow',
        handler: 'OrdersController.list',
        requirement: "scopes('Read')",
        reasons: ['GDPR art. 15 export'],
        who: { objectId: entra.objectIdOf('ada') },
      },
      { outcome: 'deny', code: 'scope_missing', handler: 'OrdersController.list' },
    ]);
  });
});
