import { sentenceOf } from '../../support/sentences.js';
import 'reflect-metadata';
import { Auth, AuthContext, EntraGuardModule, Public, RequireScopes } from '@entra-guard/nestjs';
import {
  BearerStrategy,
  EntraGuardError,
  type IBearerStrategyOption,
  type IBearerStrategyOptionWithRequest,
  type ITokenPayload,
  StrategyError,
} from '@entra-guard/passport';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import {
  type ArgumentsHost,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  ForbiddenException,
  Get,
  HttpException,
  Injectable,
  Logger,
  Req,
  SetMetadata,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard, PassportModule, PassportStrategy } from '@nestjs/passport';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ask, bootFailure, serve } from './platforms.js';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra();
});
afterAll(() => entra.close());

/** What the environment of a service would say. */
function environment(changes: Partial<IBearerStrategyOption> = {}): IBearerStrategyOption {
  const { tenantId, clientId, fetch } = entra.options();
  return {
    identityMetadata: `https://login.microsoftonline.com/${tenantId}/v2.0/.well-known/openid-configuration`,
    clientID: clientId,
    fetch,
    log: false,
    ...changes,
  };
}

interface Told {
  readonly user?: unknown;
  readonly authInfo?: unknown;
}

/** The controller of every sample: it tells whom passport found. */
@Controller()
@UseGuards(AuthGuard('azure-ad'))
class OrdersController {
  @Get() list(@Req() request: Told): Told {
    return { user: request.user, authInfo: request.authInfo };
  }
}

async function serveWith(strategy: new () => object, controller: new () => object = OrdersController) {
  const metadata = { imports: [PassportModule], controllers: [controller], providers: [strategy] };
  return (await serve('express', metadata)).origin;
}

describe('the minimal strategy of most services', () => {
  @Injectable()
  class AzureADStrategy extends PassportStrategy(BearerStrategy, 'azure-ad') {
    constructor() {
      super(environment());
    }

    async validate(data: ITokenPayload) {
      return data;
    }
  }

  it('lets a user in, with the claims as the user', async () => {
    const ada = entra.user('ada', { scp: 'Orders.Read' });
    const answer = await ask(await serveWith(AzureADStrategy), { headers: ada.headers });
    expect(answer).toMatchObject({ status: 200, body: { user: ada.claims } });
  });

  it.each(['expired', 'audience', 'stranger', 'idToken'] as const)(
    'answers 401 with a challenge: %s',
    async (name) => {
      const { headers } = entra.wrong[name]();
      const answer = await ask(await serveWith(AzureADStrategy), { headers });
      expect(answer).toMatchObject({ status: 401, body: { message: 'Unauthorized', statusCode: 401 } });
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm="[^"]+", error="invalid_token"/);
    },
  );

  it('answers 401 without a token, with the challenge that has no error', async () => {
    const answer = await ask(await serveWith(AzureADStrategy));
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe(`Bearer realm="${entra.tenantId}"`);
  });

  it('answers 403 to an app that has no role, and says nothing of how that is known', async () => {
    const { headers } = entra.wrong.withoutPermissions();
    const answer = await ask(await serveWith(AzureADStrategy), { headers });
    expect(answer).toMatchObject({
      status: 403,
      body: { statusCode: 403, message: sentenceOf('token_without_permissions') },
    });
    expect(answer.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
  });

  it('answers 400 to a header that is broken', async () => {
    const answer = await ask(await serveWith(AzureADStrategy), { headers: { authorization: 'Bearer a b' } });
    expect(answer).toMatchObject({ status: 400, body: { statusCode: 400 } });
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_request"');
  });

  it('answers 503 while keys are unavailable, and recovers', async () => {
    const broken = await startEntra();
    const ada = broken.user('ada', { scp: 'Orders.Read' });
    const { tenantId, clientId, fetch } = broken.options();
    const identityMetadata = `https://login.microsoftonline.com/${tenantId}/v2.0/.well-known/openid-configuration`;
    let now = Date.now();
    @Injectable()
    class Strategy extends PassportStrategy(BearerStrategy, 'azure-ad') {
      constructor() {
        super({ identityMetadata, clientID: clientId, fetch, log: false, now: () => now });
      }
      validate(token: ITokenPayload) {
        return token;
      }
    }
    broken.fail('metadata', 'garbage', { times: 1 });
    const origin = await serveWith(Strategy);
    const refused = await ask(origin, { headers: ada.headers });
    expect(refused).toMatchObject({
      status: 503,
      body: { statusCode: 503, message: sentenceOf('keys_unavailable') },
    });
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    now += 60_000;
    expect((await ask(origin, { headers: ada.headers })).status).toBe(200);
    await broken.close();
  });
});

describe('a refusal', () => {
  const strategyWith = (options: Partial<IBearerStrategyOption>) => {
    @Injectable()
    class Strategy extends PassportStrategy(BearerStrategy, 'azure-ad') {
      constructor() {
        super(environment(options));
      }
      validate(token: ITokenPayload) {
        return token;
      }
    }
    return Strategy;
  };
  const written = vi.fn();
  afterEach(() => {
    Logger.overrideLogger(false);
  });

  /** NestJS takes the logger when an application is made. */
  const heard = async (strategy: new () => object) => {
    const origin = await serveWith(strategy);
    Logger.overrideLogger({ log: () => {}, warn: written, error: written, fatal: written });
    return origin;
  };

  it('is not logged by NestJS as an error of the service, whatever its status', async () => {
    const broken = await startEntra();
    broken.fail('keys', 503);
    const identityMetadata = 'https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration';
    written.mockClear();
    const { headers } = entra.user('ada', { scp: 'Orders.Read' });
    // One after the other: passport has one strategy of a name in a process.
    const scoped = await heard(strategyWith({ scope: ['Orders.Write'] }));
    const statuses = [
      (await ask(scoped)).status,
      (await ask(scoped, { headers: { authorization: 'Bearer a b' } })).status,
      (await ask(scoped, { headers })).status,
    ];
    const down = await heard(strategyWith({ fetch: broken.fetch }));
    statuses.push((await ask(down, { headers })).status);
    const perRequest = await heard(strategyWith({ identityMetadata }));
    statuses.push((await ask(perRequest, { headers })).status);
    expect(statuses).toEqual([401, 400, 403, 503, 500]);
    expect(written).not.toHaveBeenCalled();
    await broken.close();
  });

  it('is caught by filters for HttpException, and by those for StrategyError', async () => {
    const caught: unknown[] = [];
    @Catch(StrategyError)
    class Filter implements ExceptionFilter {
      catch(error: StrategyError, host: ArgumentsHost) {
        caught.push(error);
        host
          .switchToHttp()
          .getResponse<{ status(code: number): { json(body: object): void } }>()
          .status(error.status)
          .json({ mine: error.code });
      }
    }
    @Controller()
    @UseGuards(AuthGuard('azure-ad'))
    @UseFilters(Filter)
    class Filtered {
      @Get() list() {
        return [];
      }
    }
    const origin = await serveWith(strategyWith({ scope: ['Orders.Write'] }), Filtered);
    const { headers } = entra.user('ada', { scp: 'Orders.Read' });
    expect(await ask(origin, { headers })).toMatchObject({ status: 403, body: { mine: 'scope_missing' } });
    const [error] = caught;
    expect(error).toBeInstanceOf(HttpException);
    expect(error).toBeInstanceOf(StrategyError);
    expect(EntraGuardError.is((error as Error).cause)).toBe(true);
    expect(new Error('another')).not.toBeInstanceOf(StrategyError);
  });

  it('that a guard of the application overrules leaves no challenge on the answer', async () => {
    class OptionalGuard extends AuthGuard('azure-ad') {
      override handleRequest<User>(_error: unknown, user: User) {
        return user || (null as User);
      }
    }
    @Controller()
    @UseGuards(OptionalGuard)
    class Open {
      @Get() list(@Req() { user }: Told) {
        return { user };
      }
    }
    const origin = await serveWith(strategyWith({ scope: ['Orders.Write'] }), Open);
    const { headers } = entra.user('ada', { scp: 'Orders.Read' });
    for (const given of [{}, headers, { authorization: 'Bearer a b' }]) {
      const answer = await ask(origin, { headers: given });
      expect(answer).toMatchObject({ status: 200, body: { user: null } });
      expect(answer.headers.get('www-authenticate')).toBeNull();
      expect(answer.headers.get('cache-control')).toBeNull();
    }
  });
});

describe('old and new guards in one application', () => {
  @Injectable()
  class Strategy extends PassportStrategy(BearerStrategy, 'azure-ad') {
    constructor() {
      super(environment());
    }
    validate(token: ITokenPayload) {
      return { id: token.oid };
    }
  }

  @Controller('reports')
  @Public()
  @UseGuards(AuthGuard('azure-ad'))
  class ReportsController {
    @Get() list(@Req() { user }: Told) {
      return { user };
    }
    @Get('both') @RequireScopes('Reports.Read') both() {
      return 'both';
    }
  }

  @Controller('stock')
  class StockController {
    @Get() @RequireScopes('Stock.Read') list(@Auth() auth: AuthContext) {
      return { of: auth.objectId };
    }
  }

  it('each judges its own handlers', async () => {
    const { origin } = await serve('express', {
      imports: [PassportModule, EntraGuardModule.forRoot({ ...entra.options(), log: false })],
      controllers: [ReportsController, StockController],
      providers: [Strategy],
    });
    const status = async (path: string, headers = {}) => (await ask(`${origin}/${path}`, { headers })).status;
    const reader = entra.user('ada', { scp: 'Stock.Read' });
    expect(await status('reports')).toBe(401);
    expect(await ask(`${origin}/reports`, { headers: reader.headers })).toMatchObject({
      status: 200,
      body: { user: { id: reader.claims.oid } },
    });
    expect(await status('reports/both', reader.headers)).toBe(403);
    expect(await status('reports/both', entra.user('ada', { scp: 'Reports.Read' }).headers)).toBe(200);
    expect(await status('stock')).toBe(401);
    expect(await status('stock', reader.headers)).toBe(200);
    expect(await status('stock', entra.user('ada', { scp: 'Reports.Read' }).headers)).toBe(403);
  });
});

describe('what validate says', () => {
  class Refusal extends ForbiddenException {}
  const rejected = async (reason: unknown): Promise<never> => {
    throw reason;
  };
  const answers: readonly (readonly [string, () => unknown, number])[] = [
    ['nothing', () => undefined, 401],
    ['null', () => null, 401],
    ['false', () => false, 401],
    ['a Nest exception', () => rejected(new Refusal('not you')), 403],
    ['an error', () => rejected(new Error('database down')), 500],
    ['nothing, thrown', () => rejected(undefined), 401],
  ];
  it.each(answers)('is heard: %s', async (_, answer, status) => {
    @Injectable()
    class Strategy extends PassportStrategy(BearerStrategy, 'azure-ad') {
      constructor() {
        super(environment());
      }
      validate() {
        return answer() as Promise<false>;
      }
    }
    const { headers } = entra.user('ada', { scp: 'Orders.Read' });
    expect((await ask(await serveWith(Strategy), { headers })).status).toBe(status);
  });

  it('may be a user and what goes with it', async () => {
    @Injectable()
    class Strategy extends PassportStrategy(BearerStrategy, 'azure-ad') {
      constructor() {
        super(environment());
      }
      validate(token: ITokenPayload) {
        return [{ id: token.oid }, token];
      }
    }
    const ada = entra.user('ada', { scp: 'Orders.Read' });
    const { body } = await ask(await serveWith(Strategy), { headers: ada.headers });
    expect(body).toEqual({ user: { id: ada.claims.oid }, authInfo: ada.claims });
  });

  it('counts once, where it calls done itself', async () => {
    @Injectable()
    class Strategy extends PassportStrategy(BearerStrategy, 'azure-ad') {
      constructor() {
        super(environment());
      }
      validate(token: ITokenPayload, done?: (error: unknown, user: unknown, info: unknown) => void) {
        done?.(null, { id: token.oid }, 'mine');
      }
    }
    const ada = entra.user('ada', { scp: 'Orders.Read' });
    const { body } = await ask(await serveWith(Strategy), { headers: ada.headers });
    expect(body).toEqual({ user: { id: ada.claims.oid }, authInfo: 'mine' });
  });
});

describe('a strategy with the request, registered under its own name', () => {
  @Injectable()
  class AzureStrategy extends PassportStrategy(BearerStrategy) {
    constructor() {
      const options: IBearerStrategyOptionWithRequest = { ...environment(), passReqToCallback: true };
      super(options);
    }
    validate(request: { readonly method: string }, token: ITokenPayload) {
      return { method: request.method, id: token.oid };
    }
  }

  const IS_PUBLIC = 'isPublic';
  const Public = () => SetMetadata(IS_PUBLIC, true);

  @Injectable()
  class BearerGuard extends AuthGuard('oauth-bearer') {
    readonly reflector = new Reflector();
    override canActivate(context: ExecutionContext) {
      return this.reflector.get<boolean>(IS_PUBLIC, context.getHandler()) || super.canActivate(context);
    }
  }

  class RolesGuard implements CanActivate {
    canActivate(context: ExecutionContext): boolean {
      return context.switchToHttp().getRequest<{ user?: { id?: string } }>().user?.id !== undefined;
    }
  }

  @Controller()
  @UseGuards(BearerGuard)
  class ReportsController {
    @Get() @UseGuards(RolesGuard) list(@Req() request: Told): unknown {
      return request.user;
    }
    @Get('health') @Public() health(): string {
      return 'ok';
    }
  }

  it('hands validate the request first', async () => {
    const ada = entra.user('ada', { scp: 'Orders.Read' });
    const origin = await serveWith(AzureStrategy, ReportsController);
    expect((await ask(origin, { headers: ada.headers })).body).toEqual({ method: 'GET', id: ada.claims.oid });
    expect((await ask(origin)).status).toBe(401);
    expect((await ask(`${origin}/health`)).status).toBe(200);
  });
});

describe('answers as in former times', () => {
  @Injectable()
  class Strategy extends PassportStrategy(BearerStrategy, 'azure-ad') {
    constructor() {
      super(environment({ legacyResponses: true, scope: ['Orders.Write'] }));
    }
    validate(token: ITokenPayload) {
      return token;
    }
  }

  it('have no challenge, and no 403', async () => {
    const origin = await serveWith(Strategy);
    const { headers } = entra.user('ada', { scp: 'Orders.Read' });
    for (const given of [{}, headers]) {
      const answer = await ask(origin, { headers: given });
      expect(answer).toMatchObject({ status: 401, body: { message: 'Unauthorized', statusCode: 401 } });
      expect(answer.headers.get('www-authenticate')).toBeNull();
    }
  });
});

describe('an unset environment', () => {
  it('keeps the service from starting, and says what is missing', async () => {
    @Injectable()
    class Strategy extends PassportStrategy(BearerStrategy, 'azure-ad') {
      constructor() {
        super(environment({ clientID: undefined as unknown as string }));
      }
      validate(token: ITokenPayload) {
        return token;
      }
    }
    expect(String(await bootFailure({ providers: [Strategy] }))).toContain('clientID cannot be empty');
  });
});
