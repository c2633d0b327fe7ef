import type { LocalEntra } from '@entra-guard/testing';
import { sentenceOf } from '../../../support/sentences.js';
import { bearer, challenge, get, type HttpRow, type Refused } from '../row.js';

const scopeMissing = (...names: readonly string[]): Refused => {
  const scopes = names.map((name) => `api://{api}/${name}`);
  return {
    status: 403,
    code: 'scope_missing',
    challenge: challenge('insufficient_scope', sentenceOf('scope_missing'), `, scope="${scopes.join(' ')}"`),
    enough: { scopes },
  };
};

const roleMissing = (enough: Refused['enough']): Refused => ({
  status: 403,
  code: 'role_missing',
  challenge: challenge('insufficient_scope', sentenceOf('role_missing')),
  ...(enough ? { enough } : {}),
});

const withoutPermissions: Refused = {
  status: 403,
  code: 'token_without_permissions',
  challenge: challenge('insufficient_scope', sentenceOf('token_without_permissions')),
};

const reader = (entra: LocalEntra) => entra.user('ada', { scp: 'Orders.Read' });
const approver = (entra: LocalEntra) => entra.user('ada', { scp: 'Orders.Read', roles: ['Orders.Approve'] });
const approvingApp = (entra: LocalEntra) => entra.app('robot', { roles: ['Orders.Approve'] });

export const permissionRows: readonly HttpRow[] = [
  {
    name: 'scopes() is satisfied by a delegated token with the scope',
    request: (entra) => get('/orders', bearer(reader(entra))),
    expect: { status: 200, body: { kind: 'user', scopes: ['Orders.Read'], roles: [] } },
  },
  {
    name: 'scopes() refuses a delegated token with another scope, and names the one it needs in full',
    request: (entra) => get('/orders', bearer(entra.user('ada', { scp: 'Orders.Write' }))),
    expect: scopeMissing('Orders.Read'),
  },
  {
    name: 'scopes() needs all of its scopes',
    request: (entra) => get('/scopes/both', bearer(reader(entra))),
    expect: scopeMissing('Orders.Read', 'Orders.Write'),
  },
  {
    name: 'scopes() is satisfied by all of its scopes',
    request: (entra) => get('/scopes/both', bearer(entra.user('ada', { scp: 'Orders.Write Orders.Read' }))),
    expect: { status: 200 },
  },
  {
    name: 'anyScope() is satisfied by one of its scopes',
    request: (entra) => get('/scopes/any', bearer(entra.user('ada', { scp: 'Orders.Write' }))),
    expect: { status: 200 },
  },
  {
    name: 'scopes are case-sensitive',
    request: (entra) => {
      const { claims } = reader(entra);
      return get('/orders', bearer(entra.sign({ ...claims, scp: 'orders.read' })));
    },
    expect: scopeMissing('Orders.Read'),
  },
  {
    name: 'a scope that only begins with the needed one does not do',
    request: (entra) => {
      const { claims } = reader(entra);
      return get('/orders', bearer(entra.sign({ ...claims, scp: 'Orders.Read.All Orders' })));
    },
    expect: scopeMissing('Orders.Read'),
  },
  {
    name: 'appPermissions() is satisfied by an app-only token with the application permission',
    request: (entra) => get('/permissions', bearer(entra.app('robot', { roles: ['Orders.Read.All'] }))),
    expect: { status: 200, body: { kind: 'app', scopes: [], roles: ['Orders.Read.All'] } },
  },
  {
    name: 'appPermissions() is satisfied by a managed identity with the application permission',
    request: (entra) =>
      get('/permissions', bearer(entra.managedIdentity('robot', { roles: ['Orders.Read.All'] }))),
    expect: { status: 200, body: { kind: 'app' } },
  },
  {
    name: 'appPermissions() refuses an app-only token with another one',
    request: (entra) => get('/permissions', bearer(entra.app('robot', { roles: ['Orders.Write.All'] }))),
    expect: roleMissing({ appPermissions: ['Orders.Read.All'] }),
  },
  {
    name: 'anyAppPermission() is satisfied by one of its permissions',
    request: (entra) => get('/permissions/any', bearer(entra.app('robot', { roles: ['Orders.Write.All'] }))),
    expect: { status: 200 },
  },
  {
    name: 'a user token with an app role never satisfies appPermissions',
    request: (entra) => get('/permissions/approve', bearer(approver(entra))),
    expect: roleMissing({ appPermissions: ['Orders.Approve'] }),
  },
  {
    name: 'an app-only token never satisfies scopes or userRoles',
    request: (entra) => get('/people', bearer(approvingApp(entra))),
    expect: scopeMissing('Orders.Read'),
  },
  {
    name: 'an app-only token never satisfies scopes, even with a role of that name',
    request: (entra) => {
      const { claims } = approvingApp(entra);
      return get('/orders', bearer(entra.sign({ ...claims, roles: ['Orders.Read'] })));
    },
    expect: scopeMissing('Orders.Read'),
  },
  {
    name: 'an app-only token never satisfies userRoles, even with a role of that name',
    request: (entra) => get('/roles/approve', bearer(approvingApp(entra))),
    expect: roleMissing({ userRoles: ['Orders.Approve'] }),
  },
  {
    name: 'userRoles() is satisfied by a delegated token of a user with the role',
    request: (entra) =>
      get('/roles', bearer(entra.user('ada', { scp: 'Orders.Read', roles: ['Orders.Admin'] }))),
    expect: { status: 200, body: { kind: 'user', roles: ['Orders.Admin'] } },
  },
  {
    name: 'userRoles() refuses a user without the role',
    request: (entra) => get('/roles', bearer(reader(entra))),
    expect: roleMissing({ userRoles: ['Orders.Admin'] }),
  },
  {
    name: 'anyUserRole() is satisfied by one of its roles',
    request: (entra) => get('/roles/any', bearer(approver(entra))),
    expect: { status: 200 },
  },
  {
    name: 'a role-less app-only token satisfies no bare authenticated()',
    request: (entra) => get('/authenticated', bearer(entra.wrong.withoutPermissions())),
    expect: withoutPermissions,
  },
  {
    name: 'a role-less app-only token satisfies authenticated({ unassignedApps: true })',
    request: (entra) => get('/authenticated/unassigned', bearer(entra.wrong.withoutPermissions())),
    expect: { status: 200, body: { kind: 'app', roles: [] } },
  },
  {
    name: 'authenticated() is satisfied by any scope',
    request: (entra) => get('/authenticated', bearer(reader(entra))),
    expect: { status: 200 },
  },
  {
    name: 'authenticated() is satisfied by any application permission',
    request: (entra) => get('/authenticated', bearer(approvingApp(entra))),
    expect: { status: 200, body: { kind: 'app' } },
  },
  {
    name: 'anyOf() takes the user who has the scope',
    request: (entra) => ({
      method: 'POST',
      path: '/orders',
      headers: [bearer(entra.user('ada', { scp: 'Orders.Write' }))],
    }),
    expect: { status: 200, body: { kind: 'user' } },
  },
  {
    name: 'anyOf() takes the app that has the application permission',
    request: (entra) => ({
      method: 'POST',
      path: '/orders',
      headers: [bearer(entra.app('robot', { roles: ['Orders.Write.All'] }))],
    }),
    expect: { status: 200, body: { kind: 'app' } },
  },
  {
    name: 'anyOf() tells a user which scope would do, and nothing of application permissions',
    request: (entra) => ({ method: 'POST', path: '/orders', headers: [bearer(reader(entra))] }),
    expect: scopeMissing('Orders.Write'),
  },
  {
    name: 'anyOf() tells an app which application permission would do',
    request: (entra) => ({ method: 'POST', path: '/orders', headers: [bearer(approvingApp(entra))] }),
    expect: roleMissing({ appPermissions: ['Orders.Write.All'] }),
  },
  {
    name: 'allOf() needs the scope and the role',
    request: (entra) => ({
      method: 'DELETE',
      path: '/orders/17',
      headers: [bearer(entra.user('ada', { scp: 'Orders.Write' }))],
    }),
    expect: {
      status: 403,
      code: 'role_missing',
      challenge: challenge(
        'insufficient_scope',
        sentenceOf('role_missing'),
        ', scope="api://{api}/Orders.Write"',
      ),
      enough: { scopes: ['api://{api}/Orders.Write'], userRoles: ['Orders.Admin'] },
    },
  },
  {
    name: 'allOf() is satisfied by the scope and the role together',
    request: (entra) => ({
      method: 'DELETE',
      path: '/orders/17',
      headers: [bearer(entra.user('ada', { scp: 'Orders.Write', roles: ['Orders.Admin'] }))],
    }),
    expect: { status: 200 },
  },
  {
    name: 'anonymous() needs no token',
    request: () => get('/public'),
    expect: { status: 200, body: { kind: 'nobody' } },
  },
  {
    name: 'anonymous() looks at no token, not even a bad one',
    request: (entra) => get('/public', bearer(entra.wrong.expired())),
    expect: { status: 200, body: { kind: 'nobody' } },
  },
  {
    name: 'optional authentication lets a request without credentials in, as nobody',
    request: () => get('/optional'),
    expect: { status: 200, body: { kind: 'nobody' } },
  },
  {
    name: 'optional authentication knows who comes with a token',
    request: (entra) => get('/optional', bearer(reader(entra))),
    expect: { status: 200, body: { kind: 'user', scopes: ['Orders.Read'] } },
  },
  {
    name: 'optional authentication refuses a bad token',
    request: (entra) => get('/optional', bearer(entra.wrong.expired())),
    expect: {
      status: 401,
      code: 'token_expired',
      challenge: challenge('invalid_token', sentenceOf('token_expired')),
    },
  },
  {
    name: 'optional authentication refuses a malformed header',
    request: () => get('/optional', ['Authorization', 'Bearer a b']),
    expect: {
      status: 400,
      code: 'credentials_malformed',
      challenge: challenge('invalid_request', sentenceOf('credentials_malformed')),
    },
  },
  {
    name: 'optional authentication is 503 for a token while keys cannot be had',
    keys: 'unavailable',
    request: (entra) => get('/optional', bearer(reader(entra))),
    expect: { status: 503, code: 'keys_unavailable', headers: { 'retry-after': /^[1-9]\d*$/ } },
  },
  {
    name: 'optional authentication lets a request without credentials in while keys cannot be had',
    keys: 'unavailable',
    request: () => get('/optional'),
    expect: { status: 200, body: { kind: 'nobody' } },
  },
  {
    name: 'a handler that declares nothing is denied to everybody',
    appliesTo: (host) => host.undeclared === 'denied',
    request: (entra) => get('/undeclared', bearer(entra.user('ada', { scp: 'Orders.Read Orders.Write' }))),
    expect: {
      status: 403,
      code: 'no_requirement',
      challenge: challenge('insufficient_scope', sentenceOf('no_requirement')),
    },
  },
];
