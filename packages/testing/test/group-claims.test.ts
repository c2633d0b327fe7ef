import { AuthContext, createValidator } from '@entra-guard/core';
import { startEntra } from '@entra-guard/testing';
import { expect, it } from 'vitest';
import { Client } from './client.js';
import { claimsOf } from './read-token.js';

const manifest = (groupMembershipClaims: string | null) => ({
  appId: '11111111-1111-4111-8111-111111111111',
  api: { oauth2PermissionScopes: [{ value: 'Orders.Read' }] },
  groupMembershipClaims,
});

it.each<[string, object, number | undefined]>([
  ['does not say', {}, undefined],
  ['asks for none', { groupMembershipClaims: 'None' }, undefined],
  ['asks for security groups', { groupMembershipClaims: 'SecurityGroup' }, 2],
  ['asks for all', { groupMembershipClaims: 'All' }, 2],
  ['has a manifest with security groups', { manifest: manifest('SecurityGroup, DirectoryRole') }, 2],
  ['has a manifest with none', { manifest: manifest(null) }, undefined],
])('an API that %s', async (_, registration, count) => {
  const entra = await startEntra({
    apps: { orders: { applicationIdUri: 'api://orders.example', ...registration } },
    groups: { staff: ['ada'], everyone: ['staff'] },
  });
  const { groups } = entra.user('ada', { api: 'orders', scp: 'Orders.Read' }).claims;
  expect(groups?.length).toBe(count);
  expect(entra.user('bob', { api: 'orders', scp: 'Orders.Read' }).claims.groups).toBeUndefined();
  expect(
    entra.user('ada', { api: 'orders', scp: 'Orders.Read', tenant: 'fabrikam' }).claims.groups,
  ).toBeUndefined();
});

it('the token endpoint lists groups too, and an app has none', async () => {
  const entra = await startEntra({
    apps: { orders: { scopes: ['Orders.Read'], groupMembershipClaims: 'SecurityGroup' }, web: {} },
    groups: { staff: ['ada'] },
  });
  const scope = `api://${entra.clientIdOf('orders')}/.default`;
  const { body } = await new Client(entra).signIn('ada', { scope });
  expect(claimsOf(String(body.access_token)).groups).toHaveLength(1);
  expect(entra.app('web', { api: 'orders' }).claims.groups).toBeUndefined();
});

it.each([
  [200, 200, 'listed'],
  [201, 'overage', 'left out, as in Entra'],
] as const)('%i groups are %s', async (count, expected, _) => {
  const names = Array.from({ length: count }, (_, index) => `group ${index}`);
  const entra = await startEntra({
    apps: { orders: { scopes: ['Orders.Read'], groupMembershipClaims: 'SecurityGroup' } },
    groups: Object.fromEntries(names.map((name) => [name, ['ada']])),
  });
  const { token, claims } = entra.user('ada');
  const validator = createValidator({ ...entra.options(), log: false });
  const auth = await validator.validate(token);
  expect(AuthContext.is(auth)).toBe(true);
  if (expected === 'overage') {
    expect(auth.groups).toBe('overage');
    expect(claims._claim_names).toEqual({ groups: 'src1' });
    expect(claims._claim_sources).toEqual({
      src1: {
        endpoint: `https://graph.windows.net/${entra.tenantId}/users/${claims.oid}/getMemberObjects`,
      },
    });
    expect(claims.groups).toBeUndefined();
  } else {
    expect(claims.groups).toHaveLength(expected);
  }
  validator.close();
});

it('a value that Entra does not have is refused', async () => {
  await expect(
    startEntra({ apps: { orders: { groupMembershipClaims: 'Security' as 'All' } } }),
  ).rejects.toThrow(
    'apps.orders.groupMembershipClaims is "Security". Write "SecurityGroup", "All" or "None".',
  );
});
