import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asApp, type Body, type GraphCaller, listIn, refused } from './caller.js';

const READ = '10000000-0000-4000-8000-000000000001';
const WRITE = '10000000-0000-4000-8000-000000000002';
const ADMIN = '20000000-0000-4000-8000-000000000001';

/** A scope as a manifest has it. */
const scope = (id: string, value: string, isEnabled = true) => ({
  id,
  value,
  isEnabled,
  type: 'User',
  adminConsentDisplayName: value,
  adminConsentDescription: value,
  userConsentDisplayName: null,
  userConsentDescription: null,
});
const role = (id: string, value: string, allowedMemberTypes = ['User'], isEnabled = true) => ({
  id,
  value,
  isEnabled,
  displayName: value,
  description: value,
  allowedMemberTypes,
});

let entra: InProcessEntra;
let graph: GraphCaller;
let orders: string;

beforeEach(async () => {
  entra = await startEntra({
    users: { ada: {} },
    managedIdentities: { vm: {} },
    apps: {
      orders: {
        manifest: {
          identifierUris: ['api://orders.example'],
          api: {
            requestedAccessTokenVersion: 2,
            oauth2PermissionScopes: [scope(READ, 'Orders.Read'), scope(WRITE, 'Orders.Write', false)],
          },
          appRoles: [role(ADMIN, 'Orders.Admin')],
        },
      },
      stock: { scopes: ['Stock.Read'], appRoles: { 'Stock.Read.All': ['Application'] } },
      job: { graph: ['User.Read.All'] },
    },
  });
  graph = asApp(entra, 'Application.ReadWrite.All', 'AppRoleAssignment.ReadWrite.All');
  orders = `/applications(appId='${entra.clientIdOf('orders')}')`;
});
afterEach(() => entra.close());

const scopesOf = async () => {
  const { api } = (await graph.get(orders)).body as { api: { oauth2PermissionScopes: readonly Body[] } };
  return api.oauth2PermissionScopes;
};
const idOf = async (name: string) => {
  const query = `/servicePrincipals?$filter=displayName eq '${name}'&$select=id,appRoles`;
  return listIn(await graph.get(query))[0] as {
    id: string;
    appRoles: readonly { id: string; value: string }[];
  };
};

describe('applications', () => {
  it('are listed, and found by object ID and by client ID', async () => {
    const all = listIn(await graph.get('/applications'));
    expect(all.map(({ displayName }) => displayName)).toEqual(['orders', 'stock', 'job']);
    const byClientId = (await graph.get(orders)).body;
    expect(byClientId).toMatchObject({
      appId: entra.clientIdOf('orders'),
      identifierUris: ['api://orders.example'],
      api: { requestedAccessTokenVersion: 2, preAuthorizedApplications: [] },
    });
    expect((await graph.get(`/applications/${String(byClientId.id)}`)).body).toEqual(byClientId);
    expect((await graph.get(`/applications/${entra.clientIdOf('orders')}`)).status).toBe(404);
  });

  it('show disabled permissions, and permissions that only the registration names', async () => {
    expect((await scopesOf()).map(({ value, isEnabled }) => [value, isEnabled])).toEqual([
      ['Orders.Read', true],
      ['Orders.Write', false],
    ]);
    const { body } = await graph.get(`/applications(appId='${entra.clientIdOf('stock')}')`);
    expect(body).toMatchObject({
      api: { oauth2PermissionScopes: [{ value: 'Stock.Read', isEnabled: true }] },
      appRoles: [{ value: 'Stock.Read.All', allowedMemberTypes: ['Application'] }],
    });
  });

  it('are changed: later tokens are as the registration then says', async () => {
    const mint = (scp: string) => () => entra.user('ada', { api: 'orders', scp });
    expect(mint('Orders.Write')).toThrow('Orders.Write');
    const scopes = [scope(READ, 'Orders.Read'), scope(WRITE, 'Orders.Write')];
    const appRoles = [role(ADMIN, 'Orders.Admin', ['User', 'Application'])];
    const change = {
      api: { oauth2PermissionScopes: scopes },
      appRoles,
      optionalClaims: { accessToken: [{ name: 'idtyp', additionalProperties: ['include_user_token'] }] },
    };
    expect((await graph.patch(orders, change)).status).toBe(204);
    expect(mint('Orders.Write')().claims).toMatchObject({ scp: 'Orders.Write', idtyp: 'user', ver: '2.0' });
    expect(entra.app('job', { api: 'orders' }).claims.roles).toEqual(['Orders.Admin']);
    expect((await graph.patch(orders, { api: { requestedAccessTokenVersion: 1 } })).status).toBe(204);
    expect(mint('Orders.Read')().claims).toMatchObject({ ver: '1.0', aud: 'api://orders.example' });
    // What a request leaves out stays.
    expect(await scopesOf()).toHaveLength(2);
  });

  it('keep an undeclared API undeclared when something else changes', async () => {
    const job = `/applications(appId='${entra.clientIdOf('job')}')`;
    expect((await graph.patch(job, { displayName: 'Nightly job' })).status).toBe(204);
    expect((await graph.get(job)).body.displayName).toBe('Nightly job');
    expect(entra.user('ada', { api: 'job', scp: 'Anything' }).claims.scp).toBe('Anything');
  });

  it('pre-authorize clients for scopes that exist', async () => {
    const clients = (id: string) => ({
      api: {
        preAuthorizedApplications: [{ appId: entra.clientIdOf('job'), delegatedPermissionIds: [id] }],
      },
    });
    expect((await graph.patch(orders, clients(READ))).status).toBe(204);
    expect((await graph.get(orders)).body).toMatchObject(clients(READ));
    const answer = await graph.patch(orders, clients(ADMIN));
    expect(answer).toMatchObject(refused(400, 'Request_BadRequest', 'does not exist'));
  });

  it.each<[string, Body]>([
    ['delete an enabled scope', { api: { oauth2PermissionScopes: [scope(WRITE, 'Orders.Write', false)] } }],
    ['rename an enabled scope', { api: { oauth2PermissionScopes: [scope(READ, 'Orders.See')] } }],
    ['delete an enabled app role', { appRoles: [] }],
  ])('can not %s: it has to be disabled first', async (_, change) => {
    const answer = await graph.patch(orders, change);
    expect(answer).toMatchObject(refused(400, 'CannotDeleteOrUpdateEnabledEntitlement', 'disabled first'));
    expect((await scopesOf()).map(({ value }) => value)).toEqual(['Orders.Read', 'Orders.Write']);
  });

  it('delete what was disabled', async () => {
    expect(
      (await graph.patch(orders, { appRoles: [role(ADMIN, 'Orders.Admin', ['User'], false)] })).status,
    ).toBe(204);
    expect((await graph.patch(orders, { appRoles: [] })).status).toBe(204);
    expect((await graph.get(orders)).body.appRoles).toEqual([]);
  });

  it.each<[Body, number, string]>([
    [{ passwordCredentials: [] }, 501, 'passwordCredentials'],
    [{ api: 'all' }, 400, "'api'"],
    [{ appRoles: {} }, 400, "'appRoles'"],
    [{ appRoles: [role('admin', 'Orders.Admin')] }, 400, 'GUID'],
    [{ appRoles: [{ ...role(ADMIN, 'Orders.Admin'), isEnabled: 'yes' }] }, 400, 'isEnabled'],
    [{ appRoles: [role(ADMIN, 'Orders Admin')] }, 400, 'without spaces'],
    [{ appRoles: [role(ADMIN, 'Orders.Admin'), role(WRITE, 'Orders.Admin')] }, 400, 'used by two'],
    [{ appRoles: [role(ADMIN, 'A'), role('20000000-0000-4000-8000-000000000002', 'A')] }, 400, 'duplicate'],
  ])('are not changed by %j', async (change, status, message) => {
    const answer = await graph.patch(orders, change);
    expect(answer).toMatchObject(
      refused(status, status === 501 ? 'NotImplemented' : 'Request_BadRequest', message),
    );
  });
});

describe('service principals', () => {
  it('are those of apps, managed identities and Microsoft Graph', async () => {
    const all = listIn(await graph.get('/servicePrincipals'));
    expect(all.map(({ displayName, servicePrincipalType }) => [displayName, servicePrincipalType])).toEqual([
      ['orders', 'Application'],
      ['stock', 'Application'],
      ['job', 'Application'],
      ['vm', 'ManagedIdentity'],
      ['Microsoft Graph', 'Application'],
    ]);
    const { body } = await graph.get(`/servicePrincipals(appId='${entra.clientIdOf('job')}')`);
    expect(body.id).toBe(entra.app('job', { api: 'orders' }).claims.oid);
    expect((await graph.get(`/servicePrincipals/${String(body.id)}`)).body).toEqual(body);
    expect((await graph.get('/servicePrincipals/job')).status).toBe(404);
  });

  it('have app roles assigned, and tokens carry them', async () => {
    const { id: resourceId, appRoles } = await idOf('stock');
    const { id: principalId } = await idOf('job');
    const path = `/servicePrincipals/${resourceId}/appRoleAssignedTo`;
    const appRoleId = appRoles[0]?.id;
    const answer = await graph.post(path, { principalId, resourceId, appRoleId });
    expect(answer).toMatchObject({
      status: 201,
      body: {
        principalId,
        resourceId,
        appRoleId,
        principalType: 'ServicePrincipal',
        principalDisplayName: 'job',
      },
    });
    const [assignment] = listIn(await graph.get(path));
    expect(assignment?.id).toBe(answer.body.id);
    expect(entra.app('job', { api: 'stock' }).claims.roles).toEqual(['Stock.Read.All']);
    expect(await graph.post(path, { principalId, resourceId, appRoleId })).toMatchObject({ status: 400 });
    expect((await graph.delete(`${path}/${String(assignment?.id)}`)).status).toBe(204);
    expect(entra.app('job', { api: 'stock' }).claims.roles).toBeUndefined();
    expect((await graph.delete(`${path}/${String(assignment?.id)}`)).status).toBe(404);
  });

  it.each([
    ['a role that is not there', { appRoleId: READ }, 400, 'was not found'],
    ['another resource', { resourceId: READ }, 400, 'the path names'],
    ['an unknown principal', { principalId: READ }, 404, READ],
    ['a user, for a role of apps', {}, 400, 'allowedMemberTypes'],
  ])('are not assigned with %s', async (_, change, status, message) => {
    const { id: resourceId, appRoles } = await idOf('stock');
    const body = { principalId: entra.objectIdOf('ada'), resourceId, appRoleId: appRoles[0]?.id, ...change };
    const answer = await graph.post(`/servicePrincipals/${resourceId}/appRoleAssignedTo`, body);
    const code = status === 404 ? 'Request_ResourceNotFound' : 'Request_BadRequest';
    expect(answer).toMatchObject(refused(status, code, message));
  });

  it('of Microsoft Graph shows what registrations name, and is not changed', async () => {
    const { id, appRoles } = await idOf('Microsoft Graph');
    expect(appRoles.map(({ value }) => value)).toEqual(['User.Read.All']);
    const path = `/servicePrincipals/${id}/appRoleAssignedTo`;
    expect(listIn(await graph.get(path))).toMatchObject([{ principalDisplayName: 'job' }]);
    expect(await graph.post(path)).toMatchObject(refused(501, 'NotImplemented', 'apps.<name>.graph'));
  });
});

describe('oauth2PermissionGrants', () => {
  const path = '/oauth2PermissionGrants';
  const operator = () => asApp(entra, 'DelegatedPermissionGrant.ReadWrite.All');
  const grantFor = async (change: Body = {}) => ({
    clientId: (await idOf('job')).id,
    resourceId: (await idOf('orders')).id,
    consentType: 'AllPrincipals',
    scope: 'Orders.Read',
    ...change,
  });

  it('are made, read, changed and taken back', async () => {
    const made = await operator().post(path, await grantFor());
    expect(made).toMatchObject({ status: 201, body: { consentType: 'AllPrincipals', scope: 'Orders.Read' } });
    const one = `${path}/${String(made.body.id)}`;
    expect(await operator().post(path, await grantFor())).toMatchObject({ status: 400 });
    expect((await operator().patch(one, { scope: 'Orders.Write' })).status).toBe(204);
    expect((await operator().get(one)).body.scope).toBe('Orders.Write');
    const own = await grantFor({ consentType: 'Principal', principalId: entra.objectIdOf('ada') });
    expect((await operator().post(path, own)).status).toBe(201);
    const listed = listIn(await operator().get(`${path}?$filter=consentType eq 'Principal'`));
    expect(listed).toMatchObject([{ principalId: entra.objectIdOf('ada'), scope: 'Orders.Read' }]);
    expect((await operator().delete(one)).status).toBe(204);
    expect((await operator().get(one)).status).toBe(404);
  });

  it.each<[Body, number]>([
    [{ clientId: READ }, 404],
    [{ resourceId: READ }, 404],
    [{ consentType: 'Everyone' }, 400],
    [{ consentType: 'Principal' }, 400],
    [{ consentType: 'Principal', principalId: READ }, 404],
    [{ principalId: READ }, 400],
    [{ scope: undefined }, 400],
  ])('are not made with %j', async (change, status) => {
    expect((await operator().post(path, await grantFor(change))).status).toBe(status);
  });
});
