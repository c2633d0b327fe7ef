import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type InProcessEntra, LocalEntraError, startEntra } from '../src/index.js';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra({
    apps: {
      orders: {
        scopes: ['Orders.Read', 'Orders.Write'],
        appRoles: {
          'Orders.Approver': ['User'],
          'Orders.Read.All': ['Application'],
          'Orders.Admin': ['User', 'Application'],
        },
        assignments: { ada: ['Orders.Approver'], 'nightly-job': ['Orders.Read.All'] },
      },
      'nightly-job': { secret: 'nightly' },
    },
  });
});
afterAll(async () => entra.close());

function refusal(make: () => unknown): LocalEntraError {
  try {
    make();
  } catch (error) {
    if (error instanceof LocalEntraError) return error;
  }
  throw new Error('Nothing was refused.');
}

describe('for an API with declared permissions, the local Entra', () => {
  it('mints its scopes, and the first one when none is asked for', () => {
    expect(entra.user('ada', { scp: ['Orders.Read', 'Orders.Write'] }).claims.scp).toBe(
      'Orders.Read Orders.Write',
    );
    expect(entra.user('ada').claims.scp).toBe('Orders.Read');
  });

  it('refuses a scope that the API does not have, and lists its scopes', () => {
    const { code, message, aadsts } = refusal(() => entra.user('ada', { scp: 'Orders.Delete' }));
    expect(code).toBe('scope_unknown');
    expect(aadsts).toBe(650053);
    expect(message).toContain('Orders.Read, Orders.Write');
  });

  it('refuses a full scope URI, and names the short name that scp holds', () => {
    const { message } = refusal(() => entra.user('ada', { scp: 'api://orders/Orders.Read' }));
    expect(message).toContain('ask for "Orders.Read"');
  });

  it('refuses a role that the API does not define, for users and apps', () => {
    expect(refusal(() => entra.user('ada', { roles: ['Orders.Boss'] })).code).toBe('role_unknown');
    expect(refusal(() => entra.app('nightly-job', { roles: ['Orders.Boss'] })).code).toBe('role_unknown');
  });

  it('refuses a role of the wrong member type', () => {
    expect(refusal(() => entra.user('ada', { roles: ['Orders.Read.All'] })).code).toBe('role_kind_wrong');
    expect(refusal(() => entra.app('nightly-job', { roles: ['Orders.Approver'] })).code).toBe(
      'role_kind_wrong',
    );
  });

  it('refuses a role that is not assigned', () => {
    expect(refusal(() => entra.user('bob', { roles: ['Orders.Approver'] })).code).toBe('role_not_assigned');
    expect(refusal(() => entra.app('nightly-job', { roles: ['Orders.Admin'] })).code).toBe(
      'role_not_assigned',
    );
    expect(refusal(() => entra.managedIdentity('vm', { roles: ['Orders.Read.All'] })).code).toBe(
      'role_not_assigned',
    );
    expect(refusal(() => entra.agent('helper', { roles: ['Orders.Read.All'] })).code).toBe(
      'role_not_assigned',
    );
  });

  it('gives users and apps the roles they are assigned, without being asked', () => {
    expect(entra.user('ada').claims.roles).toEqual(['Orders.Approver']);
    expect(entra.app('nightly-job').claims.roles).toEqual(['Orders.Read.All']);
    expect('roles' in entra.user('bob').claims).toBe(false);
    expect('roles' in entra.app('another-job').claims).toBe(false);
  });

  it('needs no name of the API when only one of the apps is an API', () => {
    expect(entra.user('ada').claims.aud).toBe(entra.options().clientId);
    expect(entra.options('orders').clientId).toBe(entra.clientIdOf('orders'));
  });

  it('refuses an undeclared API', () => {
    expect(refusal(() => entra.user('ada', { api: 'stock' })).code).toBe('api_unknown');
    expect(refusal(() => entra.options('stock')).message).toContain('orders');
  });
});

it('with several declared APIs a token must name one', async () => {
  const two = await startEntra({
    apps: { orders: { scopes: ['Orders.Read'] }, stock: { scopes: ['Stock.Read'] } },
  });
  expect(refusal(() => two.user('ada')).code).toBe('api_ambiguous');
  expect(refusal(() => two.options()).message).toContain('orders, stock');
  expect(two.user('ada', { api: 'stock' }).claims).toMatchObject({
    scp: 'Stock.Read',
    aud: two.clientIdOf('stock'),
  });
  expect(two.user('ada', { api: two.clientIdOf('stock') }).claims.scp).toBe('Stock.Read');
  expect(two.user('ada', { api: `api://${two.clientIdOf('orders')}` }).claims.scp).toBe('Orders.Read');
  await two.close();
});

it('with app roles but no assignments, every app has the roles and no user has', async () => {
  const entra2 = await startEntra({
    apps: { orders: { appRoles: { 'Orders.Read.All': ['Application'], 'Orders.Approver': ['User'] } } },
  });
  expect(entra2.app('any').claims.roles).toEqual(['Orders.Read.All']);
  expect(refusal(() => entra2.user('ada')).message).toContain('has no scopes');
  await entra2.close();
});

it('with no declared API any permission is minted', async () => {
  const lax = await startEntra();
  expect(lax.user('ada', { scp: 'Anything.At.All', roles: ['Whatever'] }).claims).toMatchObject({
    scp: 'Anything.At.All',
    roles: ['Whatever'],
  });
  expect(lax.user('ada').claims.scp).toBe('access_as_user');
  expect(lax.options('orders').clientId).toBe(lax.clientIdOf('orders'));
  await lax.close();
});

it('with declared tenants any other tenant is refused', async () => {
  const two = await startEntra({ tenants: ['contoso', 'fabrikam'] });
  expect(two.user('ada', { tenant: 'fabrikam' }).claims.tid).toBe(two.tenantIdOf('fabrikam'));
  expect(refusal(() => two.user('ada', { tenant: 'adatum' })).code).toBe('tenant_unknown');
  expect(two.wrong.tenant().claims.tid).not.toBe(two.tenantId);
  const { tenants } = two.options(undefined, { tenants: ['contoso', 'fabrikam'] });
  expect(tenants).toEqual([two.tenantIdOf('contoso'), two.tenantIdOf('fabrikam')]);
  await two.close();
});

it('a client ID that is not a GUID is refused', async () => {
  await expect(startEntra({ apps: { orders: { clientId: 'orders' } } })).rejects.toMatchObject({
    code: 'option_invalid',
  });
});
