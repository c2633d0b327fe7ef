import { anyOf, appPermissions, entraGuard, scopes } from '@entra-guard/express';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import type { RequestHandler } from 'express5';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { registrations } from '../http/routes.js';
import { bearer, get } from '../http/row.js';
import { call, post } from './call.js';
import { majors } from './majors.js';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra({ apps: registrations });
  vi.stubGlobal('fetch', entra.fetch);
});
afterEach(() => {
  vi.unstubAllEnvs();
});
afterAll(async () => {
  vi.unstubAllGlobals();
  await entra.close();
});

const listFor = (objectId: string | undefined) => [{ id: 17, owner: objectId }];
const create: RequestHandler = (req, res) => {
  res.status(201).json({ by: req.auth.kind });
};

describe.each(majors)('the snippet of the design on %s', (_, express) => {
  it('runs as it is written', async () => {
    const { tenantId, clientId } = entra.options('orders');
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    const app = express();

    const guard = entraGuard({ tenantId, clientId });
    app.get('/orders', guard.require(scopes('Orders.Read')), (req, res) =>
      res.json(listFor(req.auth.objectId)),
    );
    app.post(
      '/orders',
      guard.require(anyOf(scopes('Orders.Write'), appPermissions('Orders.Write.All'))),
      create,
    );
    guard.assertAllGuarded(app);

    const user = bearer(entra.user('ada', { scp: 'Orders.Read' }));
    const list = await call(app, get('/orders', user));
    expect([list.status, JSON.parse(list.body)]).toEqual([200, listFor(entra.objectIdOf('ada'))]);
    const robot = bearer(entra.app('robot', { roles: ['Orders.Write.All'] }));
    expect(await call(app, post('/orders', robot))).toMatchObject({ status: 201, body: '{"by":"app"}' });
    expect(await call(app, post('/orders', user))).toMatchObject({ status: 403 });
    expect(await call(app, get('/orders'))).toMatchObject({ status: 401 });
    expect(warn.mock.calls).toEqual([
      [expect.stringMatching(/^entra-guard: 403 scope_missing: .* at POST \/orders /)],
    ]);
    warn.mockRestore();
    guard.validator.close();
  });

  it('runs with entraGuard.fromEnv()', async () => {
    const { tenantId, clientId } = entra.options('orders');
    vi.stubEnv('ENTRA_GUARD_TENANT_ID', tenantId);
    vi.stubEnv('ENTRA_GUARD_CLIENT_ID', clientId);
    const app = express();

    const guard = entraGuard.fromEnv();
    app.get('/orders', guard.require(scopes('Orders.Read')), (req, res) => res.json(req.auth.kind));

    const user = bearer(entra.user('ada', { scp: 'Orders.Read' }));
    expect(await call(app, get('/orders', user))).toMatchObject({ status: 200, body: '"user"' });
    expect(await call(app, get('/orders'))).toMatchObject({ status: 401 });
    guard.validator.close();
  });
});

describe('entraGuard.fromEnv()', () => {
  it('names the variables that are missing', () => {
    for (const name of ['TENANT_ID', 'CLIENT_ID']) {
      vi.stubEnv(`ENTRA_GUARD_${name}`, undefined);
      vi.stubEnv(`AZURE_${name}`, undefined);
    }
    expect(() => entraGuard.fromEnv()).toThrow(/ENTRA_GUARD_TENANT_ID and no ENTRA_GUARD_CLIENT_ID/);
  });

  it('takes overrides in addition to the environment', async () => {
    const { tenantId, clientId } = entra.options('orders');
    vi.stubEnv('ENTRA_GUARD_TENANT_ID', tenantId);
    vi.stubEnv('ENTRA_GUARD_CLIENT_ID', clientId);
    const guard = entraGuard.fromEnv({ explain: true, fetch: entra.fetch, log: false });
    const [, express] = majors[0] ?? expect.fail();
    const app = express().get('/orders', guard.require(scopes('Orders.Write')));
    const refused = await call(app, get('/orders', bearer(entra.user('ada', { scp: 'Orders.Read' }))));
    expect(JSON.parse(refused.body)).toMatchObject({ hint: expect.stringContaining('Orders.Write') });
  });

  it('takes an authority in place of a tenant', async () => {
    vi.stubEnv('ENTRA_GUARD_AUTHORITY', `https://login.microsoftonline.com/${entra.tenantId}/v2.0`);
    vi.stubEnv('ENTRA_GUARD_TENANT_ID', undefined);
    vi.stubEnv('ENTRA_GUARD_CLIENT_ID', entra.clientIdOf('orders'));
    const guard = entraGuard.fromEnv({ fetch: entra.fetch, log: false });
    const [, express] = majors[0] ?? expect.fail();
    const app = express().get('/orders', guard.require(scopes('Orders.Read')), (_, res) => res.json([]));
    const headers = bearer(entra.user('ada', { scp: 'Orders.Read' }));
    expect(await call(app, get('/orders', headers))).toMatchObject({ status: 200 });
    vi.stubEnv('ENTRA_GUARD_TENANT_ID', entra.tenantId);
    expect(() => entraGuard.fromEnv()).toThrow(/both ENTRA_GUARD_TENANT_ID and ENTRA_GUARD_AUTHORITY/);
  });

  it('does not know an option that does not exist', () => {
    vi.stubEnv('ENTRA_GUARD_TENANT_ID', entra.tenantId);
    vi.stubEnv('ENTRA_GUARD_CLIENT_ID', entra.clientIdOf('orders'));
    // @ts-expect-error no such option
    expect(() => entraGuard.fromEnv({ passError: true })).toThrow(/passError/);
  });
});
