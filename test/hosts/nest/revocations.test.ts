import 'reflect-metadata';
import type { Server, ServerResponse } from 'node:http';
import { takeInventory } from '@entra-guard/catalogue';
import {
  definePermissions,
  EntraGuardModule,
  handlersIn,
  memoryRevocations,
  onEvent,
  RequireScopes,
  type Revocations,
} from '@entra-guard/nestjs';
import {
  EntraRevocationsModule,
  type RevocationRequestOptions,
  revocationAppRoles,
} from '@entra-guard/nestjs/revocations';
import { ENTRA_GUARD_CORE, standInGuard, testAuth } from '@entra-guard/nestjs/testing';
import {
  type ArgumentsHost,
  Catch,
  Controller,
  type DynamicModule,
  type ExceptionFilter,
  Get,
  type INestApplication,
  Injectable,
  Module,
  RequestMethod,
  VersioningType,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { contoso } from '../../support/contoso.js';
import {
  ADA,
  appClaims,
  fetchFromMemory,
  NOW,
  OTHER_TENANT,
  ofTenant,
  SPA,
  signed,
  TENANT,
  userClaims,
} from '../../support/forger.js';
import { bodyFor, OUT_OF_REACH, queryFor } from '../../support/out-of-reach.js';
import { adapterOf, bootFailure, moduleOf, type Platform, platforms } from './platforms.js';

const because = 'left the company, HR-1234';
const ada = { user: ADA, tenantId: TENANT };
const ALL = 'Revocations.Manage.All';
const daemon = (tenant: string, ...roles: readonly string[]) =>
  signed(ofTenant(tenant, appClaims({ roles })));

@Controller('orders')
class OrdersController {
  @Get() @RequireScopes('Orders.Read') list(): readonly unknown[] {
    return [];
  }
}

/** An application of Contoso with revocations, and what calls it. */
async function serving(
  platform: Platform,
  routes: RevocationRequestOptions | DynamicModule = {},
  { several = false, bodyParser = true, prepare = (_: INestApplication) => {}, isGlobal = true } = {},
) {
  const revocations: Revocations = memoryRevocations({ now: () => NOW });
  const one = contoso({ fetch: fetchFromMemory });
  const { tenantId: _tenant, ...rest } = one;
  const authority = several ? { ...rest, tenants: [TENANT, OTHER_TENANT] } : one;
  const imports = [
    EntraGuardModule.forRoot({ ...authority, revocations, isGlobal }),
    'module' in routes ? routes : EntraRevocationsModule.forRoot(routes),
  ];
  const app = await NestFactory.create(
    moduleOf({ imports, controllers: [OrdersController] }),
    adapterOf(platform),
    { logger: false, abortOnError: false, bodyParser },
  );
  // A connection that is idle only after close() lasts so long: Fastify keeps it for 72 seconds.
  (app.getHttpServer() as Server).keepAliveTimeout = 1;
  onTestFinished(() => app.close());
  prepare(app);
  await app.listen(0, '127.0.0.1');
  const origin = await app.getUrl();
  const call = async (
    method: string,
    path: string,
    token?: string,
    body?: unknown,
    type = 'application/json',
  ) => {
    const answer = await fetch(`${origin}${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': type }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const { status, headers } = answer;
    return { status, headers, body: text === '' ? undefined : JSON.parse(text) };
  };
  return { revocations, call };
}

describe.each(platforms)('the routes of revocations on %s', (platform) => {
  it.each([
    { bodyParser: true },
    { bodyParser: false },
    { prefix: 'api/v1' },
    { prefix: '/admin/' },
    { prefix: 'api', exclude: ['revocations', 'revocations/:id'] },
    { version: true },
    { isGlobal: false },
  ])('a leaver job revokes, lists and lifts, with %o', async (how) => {
    const { prefix = '', exclude = [], version = false, ...settings } = how;
    const prepare = (app: INestApplication) => {
      if (prefix !== '') app.setGlobalPrefix(prefix, { exclude: [...exclude] });
      if (version) app.enableVersioning({ type: VersioningType.URI, defaultVersion: '2' });
    };
    const { call } = await serving(platform, {}, { ...settings, prepare });
    const root = prefix === '' ? '' : `/${prefix.replace(/^\/|\/$/g, '')}`;
    const path = exclude.length > 0 ? '/revocations' : `${root}/revocations`;
    const orders = `${root}${version ? '/v2' : ''}/orders`;
    const job = daemon(TENANT, 'Revocations.Revoke.All', 'Revocations.Lift.All');
    const user = signed(userClaims());
    const cutoff = { target: ada, because, issuedBefore: new Date(NOW).toISOString() };
    expect((await call('GET', orders, user)).status).toBe(200);
    const made = await call('POST', path, job, cutoff);
    expect(made).toMatchObject({ status: 201, body: { ...cutoff, source: 'api', reach: 'process' } });
    expect(made.headers.get('cache-control')).toBe('no-store');
    expect(made.headers.get('content-type')).toBe('application/json');
    expect((await call('GET', orders, user)).status).toBe(401);
    const again = await call('POST', path, job, cutoff);
    expect(again).toMatchObject({ status: 200, body: { id: made.body.id } });
    expect((await call('GET', `${path}?${new URLSearchParams(ada)}`, job)).body).toEqual({
      revocations: [made.body],
    });
    const others = `${path}?user=${SPA}&tenantId=${TENANT}`;
    expect((await call('GET', others, job)).body).toEqual({ revocations: [] });
    expect((await call('DELETE', `${path}/${made.body.id}`, job)).status).toBe(400);
    const lifted = await call('DELETE', `${path}/${made.body.id}?because=back`, job);
    expect(lifted).toMatchObject({ status: 204, body: undefined });
    expect((await call('GET', orders, user)).status).toBe(200);
    expect((await call('DELETE', `${path}/${made.body.id}`, job, { because })).status).toBe(404);
  });

  it('lift with a reason in the body', async () => {
    const { call, revocations } = await serving(platform);
    const { id } = await revocations.revoke(ada, { because });
    expect((await call('DELETE', `/revocations/${id}`, daemon(TENANT, ALL), { because })).status).toBe(204);
    expect(revocations.list()).toEqual([]);
  });

  it.each<[string, string, readonly string[], number]>([
    ['GET', '/revocations', ['Revocations.Read.All'], 200],
    ['GET', '/revocations', ['Revocations.Revoke.All'], 200],
    ['GET', '/revocations', ['Revocations.Lift.All'], 200],
    ['GET', '/revocations', [ALL], 200],
    ['GET', '/revocations', ['Orders.Read.All'], 403],
    ['POST', '/revocations', ['Revocations.Read.All', 'Revocations.Lift.All'], 403],
    ['POST', '/revocations', ['Revocations.Revoke.All'], 201],
    ['POST', '/revocations', [ALL], 201],
    ['DELETE', '/revocations/x', ['Revocations.Read.All', 'Revocations.Revoke.All'], 403],
    ['DELETE', '/revocations/x', [ALL], 404],
    ['DELETE', '/revocations/revocations', [ALL], 404],
    ['PUT', '/revocations', [ALL], 405],
    ['HEAD', '/revocations', [ALL], 405],
    ['GET', '/revocations/x', [ALL], 405],
    ['GET', '/revocations/x/revocations', [ALL], 404],
    ['GET', '/revocationsx', [ALL], 404],
  ])('%s %s with %o is %i', async (method, path, roles, status) => {
    const { call, revocations } = await serving(platform);
    const body = method === 'POST' ? { target: ada, because } : undefined;
    const answer = await call(method, path, daemon(TENANT, ...roles), body);
    expect(answer.status).toBe(status);
    expect(revocations.list()).toHaveLength(status === 201 ? 1 : 0);
  });

  it('no user may, and no caller without a token', async () => {
    const { call, revocations } = await serving(platform);
    const nameless = await call('POST', '/revocations', undefined, { target: ada, because });
    expect(nameless).toMatchObject({ status: 401, body: { code: 'credentials_missing' } });
    expect(nameless.headers.get('www-authenticate')).toMatch(/^Bearer /);
    expect(nameless.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const user = signed(userClaims({ roles: [ALL] }));
    expect((await call('POST', '/revocations', user, { target: ada, because })).status).toBe(403);
    expect(revocations.list()).toEqual([]);
  });

  it.each<[unknown, string, string]>([
    ['no JSON', 'application/json', 'The body is not JSON.'],
    [{ target: ada, because }, 'text/plain', 'not of the type application/json'],
    [{ target: ada, because: 'x'.repeat(17_000) }, 'application/json', 'larger than 16384 bytes'],
    [[], 'application/json', 'which is not a JSON object'],
    [{ target: ada }, 'application/json', 'because is undefined'],
    [{ target: { planet: 'Earth' }, because }, 'application/json', 'an object without any of these'],
    [{ target: ada, because, reason: 'x' }, 'application/json', "no member of the body called 'reason'"],
    [{ target: ada, because, issuedBefore: '2100-01-01' }, 'application/json', 'more than 5 minutes ahead'],
  ])('%o as %s is a 400 that says what is wrong', async (body, type, detail) => {
    const { call, revocations } = await serving(platform, {}, { bodyParser: false });
    const answer = await call('POST', '/revocations', daemon(TENANT, ALL), body, type);
    expect(answer).toMatchObject({ status: 400, body: { code: 'request_invalid' } });
    expect(answer.body.explanation).toContain(detail);
    expect(revocations.list()).toEqual([]);
  });

  it('a client that sends far too much is answered, and the next one too', async () => {
    const { call, revocations } = await serving(platform, {}, { bodyParser: false });
    const large = { target: ada, because: 'x'.repeat(1_000_000) };
    expect((await call('POST', '/revocations', daemon(TENANT, ALL), large)).status).toBe(400);
    expect((await call('POST', '/revocations', undefined, large)).status).toBe(401);
    expect((await call('GET', '/revocations', daemon(TENANT, ALL))).status).toBe(200);
    expect(revocations.list()).toEqual([]);
  });

  it('a daemon of tenant B neither revokes, sees nor lifts any kind of target that is not of its tenant', async () => {
    const routes = {
      operatorTenants: [TENANT],
      allow: ['tenant', 'everyone', 'client', 'agentBlueprint'] as const,
    };
    const { call, revocations } = await serving(platform, routes, { several: true });
    const [stranger, operator] = [daemon(OTHER_TENANT, ALL), daemon(TENANT, ALL)];
    for (const target of OUT_OF_REACH) {
      const body = bodyFor(target, because);
      const before = revocations.list();
      const refused = await call('POST', '/revocations', stranger, body);
      expect(refused).toMatchObject({ status: 403, body: { code: 'target_not_allowed' } });
      expect(revocations.list()).toEqual(before);
      const { id } = (await call('POST', '/revocations', operator, body)).body;
      const all = revocations.list();
      expect(all).toHaveLength(before.length + 1);
      for (const query of ['', `?${queryFor(target)}`]) {
        expect((await call('GET', `/revocations${query}`, stranger)).body).toEqual({ revocations: [] });
      }
      expect((await call('GET', `/revocations?${queryFor(target)}`, operator)).body).toMatchObject({
        revocations: [{ id }],
      });
      for (const reason of [{ because }, undefined]) {
        const path = `/revocations/${id}${reason === undefined ? '?because=x' : ''}`;
        expect(await call('DELETE', path, stranger, reason)).toMatchObject({
          status: 404,
          body: { code: 'not_found' },
        });
      }
      expect(revocations.list()).toEqual(all);
    }
  });

  it('tell who asked and why, and each decision once', async () => {
    const events: unknown[] = [];
    onTestFinished(onEvent((event) => events.push(event), { types: ['decision', 'revocation'] }));
    const { call } = await serving(platform);
    const { body } = await call('POST', '/revocations', daemon(TENANT, ALL), {
      target: ada,
      because,
      source: 'hr',
    });
    expect(body.source).toBe('api/hr');
    expect(events).toHaveLength(3);
    expect(events).toMatchObject([
      { type: 'decision', handler: 'POST /revocations' },
      { change: 'revoked', id: body.id },
      { change: 'requested', action: 'revoke', id: body.id, because, by: { kind: 'app', tenantId: TENANT } },
    ]);
  });

  it('leave errors that are not theirs to the application', async () => {
    const caught: unknown[] = [];
    @Catch()
    class Filter implements ExceptionFilter {
      catch(error: unknown, host: ArgumentsHost): void {
        caught.push(error);
        // Node's response, on Fastify too: no reply is there yet.
        const response = host.switchToHttp().getResponse<ServerResponse>();
        response.statusCode = 500;
        response.end('{}');
      }
    }
    const { call, revocations } = await serving(
      platform,
      {},
      { prepare: (app) => void app.useGlobalFilters(new Filter()) },
    );
    const broken = new Error('the store is broken');
    revocations.list = () => {
      throw broken;
    };
    expect((await call('GET', '/revocations', daemon(TENANT, ALL))).status).toBe(500);
    expect(caught).toEqual([broken]);
  });

  describe('take who may from', () => {
    const OPERATORS = Symbol('operators');

    @Module({ providers: [{ provide: OPERATORS, useValue: [TENANT] }], exports: [OPERATORS] })
    class OperatorsModule {}

    @Injectable()
    class Factory {
      createEntraRevocationsOptions(): RevocationRequestOptions {
        return { operatorTenants: [TENANT], allow: ['client'] };
      }
    }

    @Module({ providers: [Factory], exports: [Factory] })
    class FactoryModule {}

    it.each<[string, DynamicModule]>([
      [
        'a factory with what it injects',
        EntraRevocationsModule.forRootAsync({
          imports: [OperatorsModule],
          inject: [OPERATORS],
          useFactory: async (operatorTenants: readonly string[]) => ({ operatorTenants, allow: ['client'] }),
        }),
      ],
      ['a class', EntraRevocationsModule.forRootAsync({ useClass: Factory })],
      [
        'a class that is there already',
        EntraRevocationsModule.forRootAsync({ imports: [FactoryModule], useExisting: Factory }),
      ],
    ])('%s', async (_, routes) => {
      const { call } = await serving(platform, routes, { several: true });
      const body = { target: { client: SPA }, because };
      expect((await call('POST', '/revocations', daemon(OTHER_TENANT, ALL), body)).status).toBe(403);
      expect((await call('POST', '/revocations', daemon(TENANT, ALL), body)).status).toBe(201);
    });
  });
});

describe('an application does not start', () => {
  const revocations = memoryRevocations();
  const guarded = EntraGuardModule.forRoot({ ...contoso(), revocations });
  const { tenantId: _, ...rest } = contoso();
  const several = EntraGuardModule.forRoot({ ...rest, tenants: [TENANT, OTHER_TENANT], revocations });
  const routes = EntraRevocationsModule;

  it.each<[string, readonly DynamicModule[], string]>([
    [
      'whose guard has no revocations',
      [EntraGuardModule.forRoot(contoso()), routes.forRoot()],
      'a guard without the setting revocations',
    ],
    ['without EntraGuardModule', [routes.forRoot()], 'an application without EntraGuardModule'],
    [
      'of several tenants, if it is not clear whose callers may',
      [several, routes.forRoot()],
      'operatorTenants does not say',
    ],
    ['with a wrong allow', [guarded, routes.forRoot({ allow: ['user'] as never })], 'allow is [user]'],
    ['with an unknown option', [guarded, routes.forRoot({ x: 1 } as never)], "called 'x'"],
    [
      'whose factory gives nothing',
      [guarded, routes.forRootAsync({ useFactory: () => undefined as never })],
      'was given undefined instead of options',
    ],
    ['without forRoot', [guarded, { module: routes }], 'Import EntraRevocationsModule.forRoot()'],
  ])('%s', async (_, imports, sentence) => {
    expect(String(await bootFailure({ imports: [...imports] }))).toContain(sentence);
  });

  it('and is not put together with no source of options, with two, or with one that is unknown', () => {
    const useFactory = () => ({});
    expect(() => routes.forRootAsync({})).toThrow('was given none of useFactory, useClass and useExisting');
    expect(() => routes.forRootAsync({ useFactory, useExisting: 'x' })).toThrow(
      'more than one of useFactory',
    );
    expect(() => routes.forRootAsync({ useFactory, allow: [] } as never)).toThrow("no option called 'allow'");
    expect(() => routes.forRootAsync(undefined as never)).toThrow('was given none of');
    expect(() => routes.forRoot([] as never)).toThrow('was given a list instead of options');
  });
});

describe('an inventory lists the routes', () => {
  const permissions = definePermissions({
    api: 'api://orders',
    owner: { team: 'Orders' },
    appRoles: revocationAppRoles,
  });
  const imports = [
    EntraGuardModule.forRoot({ ...contoso(), revocations: memoryRevocations() }),
    EntraRevocationsModule.forRootAsync({ useFactory: () => ({}) }),
  ];

  it.each([true, false])('with what they require, in a preview: %o', async (preview) => {
    const app = await NestFactory.create(moduleOf({ imports }), adapterOf('express'), {
      logger: false,
      preview,
    });
    onTestFinished(() => app.close());
    app.setGlobalPrefix('api', {
      exclude: [{ path: 'revocations/:id', method: RequestMethod.DELETE }],
    });
    const { handlers, warnings } = takeInventory(handlersIn(app), { catalogues: [permissions.catalogue] });
    expect(handlers).toMatchObject([
      { method: 'POST', path: '/api/revocations', handler: 'EntraRevocationsModule', access: 'required' },
      { method: 'GET', path: '/api/revocations' },
      { method: 'DELETE', path: '/revocations/:id' },
    ]);
    expect(warnings.filter(({ code }) => code === 'permission_unused')).toEqual([]);
  });
});

it('a test of the whole application has a stand-in revoke', async () => {
  const revocations = memoryRevocations();
  const caller = testAuth({ kind: 'app', roles: [ALL] });
  const testing = await Test.createTestingModule({
    imports: [
      EntraGuardModule.forRoot({ ...contoso(), revocations: memoryRevocations() }),
      EntraRevocationsModule.forRoot(),
    ],
  })
    .overrideProvider(ENTRA_GUARD_CORE)
    .useValue(standInGuard(caller, { revocations }))
    .compile();
  const app = testing.createNestApplication(adapterOf('express'), { logger: false });
  onTestFinished(() => app.close());
  await app.listen(0, '127.0.0.1');
  const target = { user: ADA, tenantId: caller.tenantId };
  const answer = await fetch(`${await app.getUrl()}/revocations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ target, because }),
  });
  expect(answer.status).toBe(201);
  expect(revocations.list(target)).toMatchObject([{ target, because }]);
});
