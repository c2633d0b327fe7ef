import {
  entraGuard,
  memoryRevocations,
  onEvent,
  type Revocations,
  revocationRoutes,
  scopes,
} from '@entra-guard/express';
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
import { listen } from '../../support/listen.js';
import { bodyFor, OUT_OF_REACH, queryFor } from '../../support/out-of-reach.js';
import { majors } from './majors.js';

const because = 'left the company, HR-1234';
const ada = { user: ADA, tenantId: TENANT };
const daemon = (tenant: string, ...roles: readonly string[]) =>
  signed(ofTenant(tenant, appClaims({ roles })));
const ALL = 'Revocations.Manage.All';

describe.each(majors)('the routes of revocations on %s', (_, express) => {
  async function serving(
    routes: Parameters<typeof revocationRoutes>[1] = {},
    { several = false, parser = false, at = '' } = {},
  ) {
    const revocations: Revocations = memoryRevocations({ now: () => NOW });
    const one = contoso({ fetch: fetchFromMemory });
    const { tenantId: _tenant, ...rest } = one;
    const guard = entraGuard({
      ...(several ? { ...rest, tenants: [TENANT, OTHER_TENANT] } : one),
      revocations,
    });
    const app = express();
    if (parser) app.use(express.json());
    const handler = revocationRoutes(guard, routes);
    if (at === '') app.use(handler);
    else app.use(at, handler);
    app.get('/orders', guard.require(scopes('Orders.Read')), (_req, res) => void res.json([]));
    guard.assertAllGuarded(app);
    const host = await listen(app);
    onTestFinished(() => host.close());
    const call = async (
      method: string,
      path: string,
      token?: string,
      body?: unknown,
      headers: object = {},
    ) => {
      const answer = await fetch(`${host.origin}${path}`, {
        method,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await answer.text();
      return {
        status: answer.status,
        headers: answer.headers,
        body: text === '' ? undefined : JSON.parse(text),
      };
    };
    return { revocations, call };
  }

  it.each([
    { parser: false },
    { parser: true },
    { at: '/admin', path: '/admin/revocations' },
    { at: '/revocations' },
  ])('a leaver job revokes, lists and lifts, with %o', async ({ path = '/revocations', ...how }) => {
    const { call } = await serving({}, how);
    const job = daemon(TENANT, 'Revocations.Revoke.All', 'Revocations.Lift.All');
    const user = signed(userClaims());
    expect((await call('GET', '/orders', user)).status).toBe(200);
    const made = await call('POST', path, job, {
      target: ada,
      because,
      issuedBefore: new Date(NOW).toISOString(),
    });
    expect(made).toMatchObject({
      status: 201,
      body: {
        target: ada,
        because,
        issuedBefore: new Date(NOW).toISOString(),
        source: 'api',
        reach: 'process',
      },
    });
    expect(made.headers.get('cache-control')).toBe('no-store');
    expect((await call('GET', '/orders', user)).status).toBe(401);
    const again = await call('POST', path, job, {
      target: ada,
      because,
      issuedBefore: new Date(NOW).toISOString(),
    });
    expect(again).toMatchObject({ status: 200, body: { id: made.body.id } });
    const query = new URLSearchParams(ada);
    expect((await call('GET', `${path}?${query}`, job)).body).toEqual({ revocations: [made.body] });
    expect((await call('GET', `${path}?user=${SPA}&tenantId=${TENANT}`, job)).body).toEqual({
      revocations: [],
    });
    expect((await call('DELETE', `${path}/${made.body.id}`, job)).status).toBe(400);
    expect((await call('DELETE', `${path}/${made.body.id}?because=back`, job)).status).toBe(204);
    expect((await call('GET', '/orders', user)).status).toBe(200);
    expect((await call('DELETE', `${path}/${made.body.id}`, job, { because })).status).toBe(404);
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
    ['PUT', '/revocations', [ALL], 405],
    ['GET', '/revocations/x', [ALL], 405],
    ['GET', '/revocationsx', [ALL], 404],
  ])('%s %s with %o is %i', async (method, path, roles, status) => {
    const { call, revocations } = await serving();
    const body = method === 'POST' ? { target: ada, because } : undefined;
    const answer = await fetchless(call(method, path, daemon(TENANT, ...roles), body));
    expect(answer.status).toBe(status);
    expect(revocations.list()).toHaveLength(status === 201 ? 1 : 0);
  });

  it('no user may, and no caller without a token', async () => {
    const { call } = await serving();
    expect((await call('GET', '/revocations')).status).toBe(401);
    expect((await call('GET', '/revocations', signed(userClaims({ roles: [ALL] })))).status).toBe(403);
  });

  it.each<[unknown, object, string]>([
    ['no JSON', {}, 'The body is not JSON.'],
    [{ target: ada, because }, { 'content-type': 'text/plain' }, 'not of the type application/json'],
    [{ target: ada, because: 'x'.repeat(17_000) }, {}, 'larger than 16384 bytes'],
    [[], {}, 'which is not a JSON object'],
    [{ target: ada }, {}, 'because is undefined'],
    [{ target: { planet: 'Earth' }, because }, {}, 'an object without any of these'],
    [{ target: 'anyone', because }, {}, 'The target is anyone.'],
    [{ target: ada, because, reason: 'x' }, {}, "no member of the body called 'reason'"],
    [{ target: ada, because, issuedBefore: NOW }, {}, 'which is not a time in ISO 8601'],
    [{ target: ada, because, issuedBefore: '2100-01-01' }, {}, 'more than 5 minutes ahead'],
    [{ target: ada, because, source: {} }, {}, 'source is api/[object Object]'],
  ])('%o is a 400 that says what is wrong, and nothing has changed', async (body, headers, detail) => {
    const { call, revocations } = await serving();
    const answer = await call('POST', '/revocations', daemon(TENANT, ALL), body, headers);
    expect(answer).toMatchObject({ status: 400, body: { code: 'request_invalid' } });
    expect(answer.body.explanation).toContain(detail);
    expect(revocations.list()).toEqual([]);
  });

  it('a client that sends far too much is answered, and the next one too', async () => {
    const { call, revocations } = await serving();
    const large = { target: ada, because: 'x'.repeat(1_000_000) };
    expect((await call('POST', '/revocations', daemon(TENANT, ALL), large)).status).toBe(400);
    expect((await call('POST', '/revocations', undefined, large)).status).toBe(401);
    expect((await call('GET', '/revocations', daemon(TENANT, ALL))).status).toBe(200);
    expect(revocations.list()).toEqual([]);
  });

  it('a query names one target', async () => {
    const { call, revocations } = await serving();
    await revocations.revoke({ token: 'T', expiresAt: NOW + 1 }, { because });
    await revocations.revoke('everyone', { because, issuedBefore: NOW - 86_400_000 });
    const list = async (query: string) => call('GET', `/revocations?${query}`, daemon(TENANT, ALL));
    expect((await list('token=T')).body.revocations).toMatchObject([
      { target: { expiresAt: new Date(NOW + 1).toISOString() } },
    ]);
    expect((await list('everyone=true')).body.revocations).toMatchObject([{ target: 'everyone' }]);
    expect((await list('user=x&tenantId=y')).status).toBe(400);
    expect((await list('user=x&user=y')).body.explanation).toContain('more than once');
  });

  describe('a daemon of tenant B', () => {
    const client = { client: SPA };
    it.each<[unknown, number, number]>([
      [{ user: ADA, tenantId: TENANT }, 403, 201],
      [{ servicePrincipal: ADA, tenantId: TENANT }, 403, 201],
      [{ session: 'S', tenantId: TENANT }, 403, 201],
      [{ token: 'T', expiresAt: new Date(NOW + 1).toISOString(), tenantId: TENANT }, 403, 201],
      [{ token: 'T', expiresAt: new Date(NOW + 1).toISOString() }, 403, 201],
      [{ ...client, tenantId: TENANT }, 403, 201],
      [{ agentBlueprint: SPA, tenantId: TENANT }, 403, 201],
      [client, 403, 403],
      [{ agentBlueprint: SPA }, 403, 403],
      [{ tenant: TENANT }, 403, 403],
      [{ tenant: OTHER_TENANT }, 403, 403],
      ['everyone', 403, 403],
    ])('against %o: %i; an operator: %i', async (target, stranger, operator) => {
      const { call, revocations } = await serving(
        { operatorTenants: [TENANT.toUpperCase()] },
        { several: true },
      );
      const body = {
        target,
        because,
        ...(target === 'everyone' ? { issuedBefore: new Date(NOW).toISOString() } : {}),
      };
      const refused = await call('POST', '/revocations', daemon(OTHER_TENANT, ALL), body);
      expect(refused).toMatchObject({ status: stranger, body: { code: 'target_not_allowed' } });
      expect(revocations.list()).toEqual([]);
      expect((await call('POST', '/revocations', daemon(TENANT, ALL), body)).status).toBe(operator);
      const all = await serving(
        { operatorTenants: [TENANT], allow: ['tenant', 'everyone', 'client', 'agentBlueprint'] },
        { several: true },
      );
      expect((await all.call('POST', '/revocations', daemon(OTHER_TENANT, ALL), body)).status).toBe(stranger);
      expect((await all.call('POST', '/revocations', daemon(TENANT, ALL), body)).status).toBe(201);
    });

    it('neither revokes, sees nor lifts any kind of target that is not of its tenant', async () => {
      const routes = {
        operatorTenants: [TENANT],
        allow: ['tenant', 'everyone', 'client', 'agentBlueprint'] as const,
      };
      const { call, revocations } = await serving(routes, { several: true });
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

    it('reaches its own tenant, and sees and lifts nothing else', async () => {
      const { call, revocations } = await serving({ operatorTenants: [TENANT] }, { several: true });
      const { id } = await revocations.revoke(ada, { because });
      const own = { user: ADA, tenantId: OTHER_TENANT };
      const stranger = daemon(OTHER_TENANT, ALL);
      const made = await call('POST', '/revocations', stranger, { target: own, because });
      expect(made.status).toBe(201);
      expect((await call('GET', '/revocations', stranger)).body.revocations).toEqual([made.body]);
      expect((await call('DELETE', `/revocations/${id}`, stranger, { because })).body.code).toBe('not_found');
      expect(revocations.list(ada)).toHaveLength(1);
      const banned = await revocations.revoke(
        { tenant: OTHER_TENANT },
        { because, issuedBefore: NOW - 86_400_000 },
      );
      expect((await call('DELETE', `/revocations/${banned.id}`, stranger, { because })).status).toBe(403);
      expect((await call('GET', '/revocations', daemon(TENANT, ALL))).body.revocations).toHaveLength(3);
      expect(
        (await call('DELETE', `/revocations/${made.body.id}`, daemon(TENANT, ALL), { because })).status,
      ).toBe(204);
    });
  });

  it('in an API of one tenant, no other tenant is a target', async () => {
    const { call } = await serving();
    const body = { target: { user: ADA, tenantId: OTHER_TENANT }, because };
    expect((await call('POST', '/revocations', daemon(TENANT, ALL), body)).body.code).toBe(
      'target_not_allowed',
    );
  });

  it('tell who asked, and why', async () => {
    const events: unknown[] = [];
    onTestFinished(onEvent((event) => events.push(event), { types: ['revocation'] }));
    const { call } = await serving();
    const { body } = await call('POST', '/revocations', daemon(TENANT, ALL), {
      target: ada,
      because,
      source: 'hr',
    });
    expect(body.source).toBe('api/hr');
    expect(events).toMatchObject([
      { change: 'revoked', id: body.id },
      { change: 'requested', action: 'revoke', id: body.id, because, by: { kind: 'app', tenantId: TENANT } },
    ]);
  });
});

it('are refused where it is not clear who may', () => {
  const revocations = memoryRevocations();
  const { tenantId: _, ...rest } = contoso();
  const several = entraGuard({ ...rest, tenants: [TENANT, OTHER_TENANT], revocations });
  expect(() => revocationRoutes(several)).toThrow(
    'Several tenants are accepted, and operatorTenants does not say',
  );
  const one = entraGuard({ ...contoso(), revocations });
  expect(() => revocationRoutes(one, { operatorTenants: ['x'] })).toThrow('operatorTenants is [x]');
  expect(() => revocationRoutes(one, { allow: ['user'] as never })).toThrow('allow is [user]');
  expect(() => revocationRoutes(one, { allow: 'tenant' as never })).toThrow('allow is tenant');
  expect(() => revocationRoutes(one, { operatorTenants: 'x' as never })).toThrow('operatorTenants is x');
  expect(() => revocationRoutes(one, { operator: [] } as never)).toThrow("called 'operator'");
  expect(() => revocationRoutes(entraGuard(contoso()))).toThrow('a guard without the setting revocations');
  expect(() => revocationRoutes({} as never)).toThrow('something else than a guard');
});

/** Express answers an unknown path with HTML. */
async function fetchless<T extends { status: number }>(asked: Promise<T>): Promise<{ status: number }> {
  return asked.catch((error: unknown) => {
    if (error instanceof SyntaxError) return { status: 404 };
    throw error;
  });
}
