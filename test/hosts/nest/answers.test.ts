import { sentenceOf } from '../../support/sentences.js';
import 'reflect-metadata';
import {
  allOf,
  authContext,
  EntraGuardException,
  EntraGuardModule,
  Public,
  Require,
  RequireScopes,
  scopes,
  TokenError,
} from '@entra-guard/nestjs';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import {
  type ArgumentsHost,
  Catch,
  Controller,
  type ExceptionFilter,
  Get,
  HttpException,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ask, platforms, serve } from './platforms.js';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra();
});

@Controller()
class OrdersController {
  @Get() @RequireScopes('Read') list(): void {}
  @Get('step-up') @Require(allOf(scopes('Read'), authContext('c1'))) stepUp(): void {}
  @Get('undeclared') undeclared(): void {}
  @Get('open') @Public() open(): object {
    return { open: true };
  }
}

describe.each(platforms)('refusals on %s', (platform) => {
  const metadata = () => ({
    imports: [EntraGuardModule.forRoot({ ...entra.options(), log: false as const })],
    controllers: [OrdersController],
  });

  it('reach exception filters as HttpExceptions with body, headers and cause', async () => {
    const caught: EntraGuardException[] = [];
    @Catch(HttpException)
    class Keeping implements ExceptionFilter {
      catch(exception: HttpException, host: ArgumentsHost): void {
        if (exception instanceof EntraGuardException) caught.push(exception);
        const { httpAdapter } = app.get(HttpAdapterHost);
        httpAdapter.reply(
          host.switchToHttp().getResponse(),
          { mine: exception.message },
          exception.getStatus(),
        );
      }
    }
    const { origin, app } = await serve(platform, metadata(), (created) =>
      created.useGlobalFilters(new Keeping()),
    );
    const answer = await ask(origin, { headers: entra.wrong.audience().headers });
    expect(answer).toMatchObject({
      status: 401,
      body: { mine: sentenceOf('audience_not_accepted') },
    });
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm="[^"]*", error="invalid_token"/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const [exception] = caught;
    expect(exception).toBeInstanceOf(HttpException);
    expect(exception?.getStatus()).toBe(401);
    expect(exception?.getResponse()).toEqual({
      title: 'Unauthorized',
      status: 401,
      code: 'audience_not_accepted',
      detail: sentenceOf('audience_not_accepted'),
    });
    expect(exception?.code).toBe('audience_not_accepted');
    expect(exception?.headers).toMatchObject({
      'WWW-Authenticate': answer.headers.get('www-authenticate'),
      'Content-Type': 'application/problem+json',
    });
    expect(TokenError.is(exception?.cause)).toBe(true);
  });

  it('may be answered by a filter in another media type', async () => {
    @Catch(EntraGuardException)
    class Page implements ExceptionFilter {
      catch(exception: EntraGuardException, host: ArgumentsHost): void {
        const response = host
          .switchToHttp()
          .getResponse<Record<'status' | 'header' | 'send', (...all: unknown[]) => void>>();
        response.status(exception.getStatus());
        response.header('Content-Type', 'text/html; charset=utf-8');
        response.send('<h1>No</h1>');
      }
    }
    const { origin } = await serve(platform, metadata(), (app) => app.useGlobalFilters(new Page()));
    const answer = await ask(origin);
    expect(answer).toMatchObject({ status: 401, body: '<h1>No</h1>' });
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
  });

  it('are application/problem+json, and leave no warning of Nest in the log', async () => {
    const lines: unknown[] = [];
    const write = (message: unknown): void => void lines.push(message);
    const { origin, app } = await serve(platform, metadata());
    app.useLogger({ log: write, warn: write, error: write });
    onTestFinished(() => app.useLogger(false));
    for (const path of ['', '/undeclared', '/step-up']) {
      const answer = await ask(`${origin}${path}`, { headers: entra.user('ada', { scp: 'Other' }).headers });
      expect(answer.status).toBe(403);
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    }
    expect(lines).toEqual([]);
  });

  it('are what the type says only where they are refusals', async () => {
    const { origin } = await serve(platform, metadata());
    expect((await ask(`${origin}/open`)).headers.get('content-type')).toMatch(/^application\/json/);
    expect((await ask(`${origin}/nowhere`)).headers.get('content-type')).toMatch(/^application\/json/);
  });

  it('challenge a user for whom only a stronger sign-in is missing', async () => {
    const { origin } = await serve(platform, metadata());
    const user = entra.user('ada', { scp: 'Read', xms_cc: ['cp1'] });
    const answer = await ask(`${origin}/step-up`, { headers: user.headers });
    expect(answer).toMatchObject({ status: 401, body: { code: 'step_up_required' } });
    const claims = /claims="([^"]+)"/.exec(answer.headers.get('www-authenticate') ?? '')?.[1] ?? '';
    expect(JSON.parse(Buffer.from(claims, 'base64').toString())).toEqual({
      access_token: { acrs: { essential: true, value: 'c1' } },
    });
  });

  it('do not meet preflights where CORS is enabled, and browsers can read the challenge', async () => {
    const { origin } = await serve(platform, metadata(), (app) =>
      app.enableCors({ origin: 'https://portal.example', exposedHeaders: ['WWW-Authenticate'] }),
    );
    const preflight = await ask(origin, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://portal.example',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization',
      },
    });
    expect(preflight.status).toBe(204);
    const answer = await ask(origin, { headers: { origin: 'https://portal.example' } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://portal.example');
    expect(answer.headers.get('access-control-expose-headers')).toBe('WWW-Authenticate');
  });
});
