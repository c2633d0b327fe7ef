import 'reflect-metadata';
import {
  type AuthContext,
  anonymous,
  authOf,
  type ContextAdapter,
  EntraGuard,
  EntraGuardModule,
  type EntraGuardModuleOptions,
  type HandlerAccess,
  Public,
  RequireScopes,
} from '@entra-guard/nestjs';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import {
  type ArgumentsHost,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  HttpException,
  Inject,
  Injectable,
  Module,
  VersioningType,
} from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { APP_FILTER, APP_GUARD, HttpAdapterHost } from '@nestjs/core';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import { PrometheusController, PrometheusModule } from '@willsoto/nestjs-prometheus';
import { ClsModule, ClsService } from 'nestjs-cls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask, bootFailure, platforms, serve } from '../nest/platforms.js';

let entra: LocalEntra;
beforeEach(async () => {
  entra = await startEntra();
});
afterEach(() => entra.close());

const guard = (extras: Partial<EntraGuardModuleOptions> = {}) =>
  EntraGuardModule.forRoot({ ...entra.options(), log: false, ...extras } as EntraGuardModuleOptions);

const reader = () => ({ headers: entra.user('ada', { scp: 'Read' }).headers });

@Controller('orders')
class OrdersController {
  @Get() @RequireScopes('Read') list(): string {
    return 'orders';
  }
}

describe('with @nestjs/throttler', () => {
  it('a ThrottlerGuard in the root module comes first, and counts refused callers too', async () => {
    const { origin } = await serve('express', {
      imports: [ThrottlerModule.forRoot([{ ttl: 60_000, limit: 2 }]), guard()],
      controllers: [OrdersController],
      providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }],
    });
    const statuses = [];
    for (let call = 0; call < 3; call++) statuses.push((await ask(`${origin}/orders`)).status);
    expect(statuses).toEqual([401, 401, 429]);
  });

  it('a ThrottlerGuard of a module that is imported later comes after, and counts callers only', async () => {
    @Module({
      imports: [ThrottlerModule.forRoot([{ ttl: 60_000, limit: 1 }])],
      providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }],
    })
    class LimitsModule {}
    const { origin } = await serve('express', {
      imports: [guard(), LimitsModule],
      controllers: [OrdersController],
    });
    const statuses = [];
    for (const init of [{}, {}, reader(), reader()])
      statuses.push((await ask(`${origin}/orders`, init)).status);
    expect(statuses).toEqual([401, 401, 200, 429]);
  });
});

describe('with nestjs-cls', () => {
  it('its interceptor finds the caller, and every service finds it there', async () => {
    @Injectable()
    class Orders {
      constructor(readonly cls: ClsService) {}
      list(): string {
        return `for a ${this.cls.get<AuthContext>('auth').kind}`;
      }
    }
    Reflect.defineMetadata('design:paramtypes', [ClsService], Orders);
    @Controller('orders')
    class ServiceController {
      constructor(readonly orders: Orders) {}
      @Get() @RequireScopes('Read') list(): string {
        return this.orders.list();
      }
    }
    Reflect.defineMetadata('design:paramtypes', [Orders], ServiceController);
    const setup = (cls: ClsService, context: ExecutionContext) =>
      cls.set('auth', authOf(context.switchToHttp().getRequest()));
    const { origin } = await serve('fastify', {
      imports: [ClsModule.forRoot({ global: true, interceptor: { mount: true, setup } }), guard()],
      controllers: [ServiceController],
      providers: [Orders],
    });
    expect(await ask(`${origin}/orders`, reader())).toMatchObject({ status: 200, body: 'for a user' });
  });
});

describe('with @nestjs/config', () => {
  it('forRootAsync takes its options from ConfigService', async () => {
    const { clientId, ...trust } = entra.options();
    const { origin } = await serve('express', {
      imports: [
        ConfigModule.forRoot({
          isGlobal: true,
          ignoreEnvFile: true,
          load: [() => ({ entra: { clientId } })],
        }),
        EntraGuardModule.forRootAsync({
          inject: [ConfigService],
          useFactory: (config: ConfigService) =>
            ({
              ...trust,
              clientId: config.getOrThrow<string>('entra.clientId'),
              log: false,
            }) as EntraGuardModuleOptions,
        }),
      ],
      controllers: [OrdersController],
    });
    expect((await ask(`${origin}/orders`, reader())).status).toBe(200);
    expect((await ask(`${origin}/orders`)).status).toBe(401);
  });
});

describe('with a Prometheus controller', () => {
  const prometheus = () => PrometheusModule.register({ defaultMetrics: { enabled: false } });

  it('metrics are denied until an entry of handlers says what they need', async () => {
    const { origin } = await serve('express', { imports: [prometheus(), guard()] });
    expect((await ask(`${origin}/metrics`)).status).toBe(403);
  });

  it('metrics are open with handlers: [[PrometheusController, anonymous()]]', async () => {
    const handlers = [[PrometheusController, anonymous().because('scraped inside the cluster')]] as const;
    const { origin } = await serve('express', { imports: [prometheus(), guard({ handlers })] });
    expect((await ask(`${origin}/metrics`)).status).toBe(200);
  });
});

describe('with @nestjs/terminus', () => {
  @Controller('health')
  class HealthController {
    constructor(@Inject(HealthCheckService) readonly health: HealthCheckService) {}
    @Get() @HealthCheck() ready(): Promise<unknown> {
      return this.health.check([]);
    }
  }
  const imports = (extras: Partial<EntraGuardModuleOptions> = {}) => [
    TerminusModule.forRoot({ logger: false }),
    guard(extras),
  ];

  it('a probe is denied until it is declared open', async () => {
    const { origin } = await serve('express', { imports: imports(), controllers: [HealthController] });
    expect((await ask(`${origin}/health`)).status).toBe(403);
  });

  it('a probe that an entry of handlers opens answers without a token, and the rest does not', async () => {
    const handlers = [[HealthController, anonymous().because('the platform asks')]] as const;
    const { origin } = await serve('fastify', {
      imports: imports({ handlers }),
      controllers: [HealthController, OrdersController],
    });
    expect((await ask(`${origin}/health`)).body).toMatchObject({ status: 'ok' });
    expect((await ask(`${origin}/orders`)).status).toBe(401);
  });
});

describe.each(platforms)('with CORS on %s', (platform) => {
  const page = 'https://shop.example';
  const start = (enabled: boolean) =>
    serve(platform, { imports: [guard()], controllers: [OrdersController] }, (app) => {
      if (enabled) app.enableCors({ origin: page, exposedHeaders: ['WWW-Authenticate'] });
    });
  const preflight: RequestInit = {
    method: 'OPTIONS',
    headers: {
      origin: page,
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization',
    },
  };

  it('a preflight is answered before the guard, and a refusal can be read by the page', async () => {
    const { origin } = await start(true);
    const answer = await ask(`${origin}/orders`, preflight);
    expect(answer.status).toBeLessThan(300);
    expect(answer.headers.get('access-control-allow-origin')).toBe(page);
    const refused = await ask(`${origin}/orders`, { headers: { origin: page } });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('access-control-allow-origin')).toBe(page);
    expect(refused.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate');
    expect(refused.headers.get('www-authenticate')).toMatch(/^Bearer/);
  });

  it('without it no preflight is let through', async () => {
    const { origin } = await start(false);
    const answer = await ask(`${origin}/orders`, preflight);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe.each(platforms)('with exception filters on %s', (platform) => {
  /** Takes whatever an application throws, and answers in its own words. */
  @Catch()
  class EverythingFilter implements ExceptionFilter {
    catch(error: unknown, host: ArgumentsHost): void {
      const { httpAdapter } = adapters;
      const status = error instanceof HttpException ? error.getStatus() : 500;
      httpAdapter.reply(host.switchToHttp().getResponse(), { ours: true, status }, status);
    }
  }
  let adapters: HttpAdapterHost;

  it.each(['APP_FILTER', 'useGlobalFilters'])(
    'one that takes everything (%s) sees refusals with their status, and the challenge stays',
    async (by) => {
      const { origin } = await serve(
        platform,
        {
          imports: [guard()],
          controllers: [OrdersController],
          providers: by === 'APP_FILTER' ? [{ provide: APP_FILTER, useClass: EverythingFilter }] : [],
        },
        (app) => {
          adapters = app.get(HttpAdapterHost);
          if (by !== 'APP_FILTER') app.useGlobalFilters(new EverythingFilter());
        },
      );
      const missing = await ask(`${origin}/orders`);
      expect(missing).toMatchObject({ status: 401, body: { ours: true, status: 401 } });
      expect(missing.headers.get('www-authenticate')).toMatch(/^Bearer/);
      const { headers } = entra.user('ada', { scp: 'Other' });
      expect((await ask(`${origin}/orders`, { headers })).body).toEqual({ ours: true, status: 403 });
      expect((await ask(`${origin}/orders`, reader())).body).toBe('orders');
    },
  );
});

describe('with URI versioning', () => {
  it('each version has its own requirement', async () => {
    @Controller('orders')
    class VersionedController {
      @Get() @RequireScopes('Read') list(): string {
        return 'default';
      }
    }
    @Controller({ path: 'orders', version: '2' })
    class SecondController {
      @Get() @RequireScopes('Read.V2') list(): string {
        return 'second';
      }
      @Get('open') @Public() open(): string {
        return 'open';
      }
    }
    const { origin } = await serve(
      'express',
      { imports: [guard()], controllers: [SecondController, VersionedController] },
      (app) => app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' }),
    );
    expect((await ask(`${origin}/v1/orders`, reader())).body).toBe('default');
    expect((await ask(`${origin}/v2/orders`, reader())).status).toBe(403);
    expect((await ask(`${origin}/v2/orders/open`)).status).toBe(200);
  });
});

describe('your own guard', () => {
  it('may decide in another way, and nothing else changes', async () => {
    @Injectable()
    class OfficeHoursGuard extends EntraGuard {
      protected override async decide(...step: Parameters<EntraGuard['decide']>) {
        const auth = await super.decide(...step);
        if (auth?.scopes.has('Night')) throw this.core.refuse(step[0], step[2]);
        return auth;
      }
    }
    const { origin } = await serve('express', {
      imports: [guard({ guard: OfficeHoursGuard })],
      controllers: [OrdersController],
    });
    expect((await ask(`${origin}/orders`, reader())).status).toBe(200);
    const { headers } = entra.user('ada', { scp: 'Read Night' });
    expect(await ask(`${origin}/orders`, { headers })).toMatchObject({
      status: 403,
      body: { code: 'no_requirement' },
    });
  });

  it('may require more', async () => {
    @Injectable()
    class StrictGuard extends EntraGuard {
      protected override requirementOf(): HandlerAccess | undefined {
        return undefined;
      }
    }
    const { origin } = await serve('express', {
      imports: [guard({ guard: StrictGuard })],
      controllers: [OrdersController],
    });
    expect((await ask(`${origin}/orders`, reader())).status).toBe(403);
  });
});

describe('your own context', () => {
  const queue: ContextAdapter = {
    type: 'queue',
    read: (context) => {
      const [job] = context.getArgs<[{ authorization?: string }]>();
      return {
        credentials: { headers: { authorization: job.authorization } },
        request: job,
        subjects: [job],
      };
    },
    toException: ({ body }) => new Error(`refused: ${body.code}`),
  };

  it('is judged like any other, and denied without an adapter', async () => {
    const inQueue = (type: string, authorization?: string) =>
      ({
        getType: () => type,
        getClass: () => OrdersController,
        getHandler: () => OrdersController.prototype.list,
        getArgs: () => [{ authorization }],
      }) as unknown as ExecutionContext;
    const { app } = await serve('express', {
      imports: [guard({ contexts: [queue] })],
      controllers: [OrdersController],
    });
    const judge = app.get(EntraGuard);
    const { authorization } = reader().headers;
    expect(await judge.canActivate(inQueue('queue', authorization))).toBe(true);
    await expect(judge.canActivate(inQueue('queue'))).rejects.toThrow('refused: credentials_missing');
    await expect(judge.canActivate(inQueue('mail', authorization))).rejects.toMatchObject({
      code: 'no_requirement',
    });
  });

  it.each([
    ['a value that is not an adapter', [(() => queue) as never], /not a context adapter.*Call the function/],
    ['two for one context', [queue, queue], /two adapters for 'queue'/],
    ['one for HTTP', [{ ...queue, type: 'http' }], /HTTP is always there/],
  ])('%s does not boot', async (_, contexts, sentence) => {
    expect(String(await bootFailure({ imports: [guard({ contexts })] }))).toMatch(sentence);
  });

  it.each([
    [{ uncovered: 'ignore' as never }, /uncovered is "ignore"/],
    [{ recheckEvery: 0 }, /recheckEvery is 0/],
    [{ recheckEvery: 60_000 }, /recheckEvery is 60000, .* Did you mean '1m'/],
    [{ recheckEvery: Number.NaN }, /recheckEvery is NaN/],
  ])('options that can not be right are refused: %o', (extras, sentence) => {
    expect(() => guard(extras)).toThrow(sentence);
  });
});
