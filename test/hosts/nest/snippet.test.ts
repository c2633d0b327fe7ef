import 'reflect-metadata';
import {
  Auth,
  AuthContext,
  anyOf,
  appPermissions,
  EntraGuardModule,
  Public,
  Require,
  RequireScopes,
  RequireUserRoles,
  scopes,
} from '@entra-guard/nestjs';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { Controller, Delete, Get, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { adapterOf, ask, platforms } from './platforms.js';

// Design, section 1: as it stands there, but for what the handlers answer.
@Controller('orders')
class OrdersController {
  @Get() @RequireScopes('Orders.Read') list(@Auth() auth: AuthContext) {
    return { objectId: auth.objectId };
  }
  @Post() @Require(anyOf(scopes('Orders.Write'), appPermissions('Orders.Write.All'))) create() {
    return { created: true };
  }
  @Delete(':id') @RequireScopes('Orders.Write') @RequireUserRoles('Orders.Admin') remove() {
    return { removed: true };
  }
  @Get('health') @Public() health() {
    return { healthy: true };
  }
}

describe.each(platforms)("the design's first page on %s", (platform) => {
  let entra: InProcessEntra;
  beforeAll(async () => {
    entra = await startEntra();
  });

  async function start(): Promise<string> {
    const { tenantId, clientId, fetch } = entra.options();
    @Module({
      imports: [EntraGuardModule.forRoot({ tenantId, clientId, fetch, log: false })],
      controllers: [OrdersController],
    })
    class AppModule {}
    const app = await NestFactory.create(AppModule, adapterOf(platform), { logger: false });
    onTestFinished(() => app.close());
    await app.listen(0, '127.0.0.1');
    return `${await app.getUrl()}/orders`;
  }

  it('lists for a user with the scope, and tells the handler who it is', async () => {
    const { headers } = entra.user('ada', { scp: 'Orders.Read' });
    const { status, body } = await ask(await start(), { headers });
    expect({ status, body }).toEqual({ status: 200, body: { objectId: entra.objectIdOf('ada') } });
  });

  it('refuses a user without the scope, and an app that has a permission of the same name', async () => {
    const url = await start();
    expect((await ask(url, { headers: entra.user('ada', { scp: 'Orders.Write' }).headers })).status).toBe(
      403,
    );
    expect((await ask(url, { headers: entra.app('job', { roles: ['Orders.Read'] }).headers })).status).toBe(
      403,
    );
  });

  it('creates for a user with the scope and for an app with the permission', async () => {
    const url = await start();
    const user = entra.user('ada', { scp: 'Orders.Write' });
    const app = entra.app('job', { roles: ['Orders.Write.All'] });
    expect((await ask(url, { method: 'POST', headers: user.headers })).status).toBe(201);
    expect((await ask(url, { method: 'POST', headers: app.headers })).status).toBe(201);
  });

  it.each([
    ['the scope alone', { scp: 'Orders.Write' }, 403],
    ['the role alone', { scp: 'Orders.Read', roles: ['Orders.Admin'] }, 403],
    ['both', { scp: 'Orders.Write', roles: ['Orders.Admin'] }, 200],
  ])('removes only for users with all that the stacked decorators ask: %s', async (_, claims, status) => {
    const { headers } = entra.user('ada', claims);
    expect((await ask(`${await start()}/7`, { method: 'DELETE', headers })).status).toBe(status);
  });

  it('answers the public handler without a token, and does not look at a broken one', async () => {
    const url = `${await start()}/health`;
    expect((await ask(url)).status).toBe(200);
    expect((await ask(url, { headers: { authorization: 'Bearer broken' } })).status).toBe(200);
  });

  it('asks for a token with a challenge where there is none', async () => {
    const { status, headers, body } = await ask(await start());
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toMatch(/^Bearer realm="/);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(body).toMatchObject({ status: 401, code: 'credentials_missing' });
  });
});
