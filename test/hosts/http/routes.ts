import {
  type AuthContext,
  allOf,
  anyAppPermission,
  anyOf,
  anyScope,
  anyUserRole,
  appOnly,
  appPermissions,
  authContext,
  authenticated,
  type CheckContext,
  type CheckFunction,
  check,
  clients,
  delegated,
  type Grant,
  inAnyGroup,
  inGroups,
  inTenants,
  members,
  noAgents,
  scopes,
  signedInWithin,
  userRoles,
  withoutUserRoles,
} from '@entra-guard/core';
import type { AppRegistrations, LocalEntra } from '@entra-guard/testing';

/** Groups of the tenant, by their object IDs. */
export const MANAGERS = 'aaaaaaaa-0000-4000-8000-000000000001';
export const DIRECTORS = 'bbbbbbbb-0000-4000-8000-000000000002';

/** The API of the table, as the local Entra is told of it. */
export const registrations: AppRegistrations = {
  orders: {
    scopes: ['Orders.Read', 'Orders.Write'],
    appRoles: {
      'Orders.Read.All': ['Application'],
      'Orders.Write.All': ['Application'],
      'Orders.Admin': ['User'],
      // The dangerous kind: one name for people and for apps.
      'Orders.Approve': ['User', 'Application'],
    },
  },
  portal: {},
};

/**
 * One handler that every host has to serve. It answers 200 with {@link whoCalls} as JSON, whatever the method, and for
 * `'public'` and `'optional'` it asks for the caller where there may be none.
 */
export interface HttpRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** `:id` is a parameter in all hosts. */
  readonly path: string;
  /** `'undeclared'`: the handler says nothing at all. */
  readonly requirement: Grant | 'public' | 'optional' | 'undeclared';
}

/** Every handler's answer. */
export interface WhoCalls {
  readonly kind: 'user' | 'app' | 'nobody';
  readonly objectId?: string | undefined;
  readonly clientId?: string;
  readonly scopes?: readonly string[];
  readonly roles?: readonly string[];
}

export function whoCalls(auth: AuthContext | undefined): WhoCalls {
  if (auth === undefined) return { kind: 'nobody' };
  const { kind, objectId, clientId } = auth;
  return { kind, objectId, clientId, scopes: [...auth.scopes], roles: [...auth.roles] };
}

/** The handlers that every host of the table serves. */
export function httpRoutes(entra: LocalEntra): readonly HttpRoute[] {
  const get = (path: string, requirement: HttpRoute['requirement']): HttpRoute => ({
    method: 'GET',
    path,
    requirement,
  });
  const read = scopes('Orders.Read');
  return [
    get('/public', 'public'),
    get('/optional', 'optional'),
    get('/undeclared', 'undeclared'),
    get('/authenticated', authenticated()),
    get('/authenticated/unassigned', authenticated({ unassignedApps: true })),
    get('/orders', read),
    {
      method: 'POST',
      path: '/orders',
      requirement: anyOf(scopes('Orders.Write'), appPermissions('Orders.Write.All')),
    },
    {
      method: 'DELETE',
      path: '/orders/:id',
      requirement: allOf(scopes('Orders.Write'), userRoles('Orders.Admin')),
    },
    get('/scopes/both', scopes('Orders.Read', 'Orders.Write')),
    get('/scopes/any', anyScope('Orders.Read', 'Orders.Write')),
    get('/permissions', appPermissions('Orders.Read.All')),
    get('/permissions/any', anyAppPermission('Orders.Read.All', 'Orders.Write.All')),
    get('/permissions/approve', appPermissions('Orders.Approve')),
    get('/roles', userRoles('Orders.Admin')),
    get('/roles/any', anyUserRole('Orders.Admin', 'Orders.Approve')),
    get('/roles/approve', userRoles('Orders.Approve')),
    get('/people', anyOf(scopes('Orders.Read'), userRoles('Orders.Approve'))),
    get('/delegated', allOf(authenticated(), delegated())),
    get('/app-only', allOf(authenticated(), appOnly())),
    get('/clients', allOf(read, clients(entra.clientIdOf('portal')))),
    get('/tenants/ours', allOf(read, inTenants(entra.tenantId))),
    get('/tenants/other', allOf(read, inTenants(entra.tenantIdOf('fabrikam')))),
    get('/members', allOf(read, members())),
    get('/members/unknown', allOf(read, members({ unknown: 'allow' }))),
    get('/no-agents', allOf(read, noAgents())),
    get('/no-agents/unknown', allOf(read, noAgents({ unknown: 'allow' }))),
    get('/groups', allOf(read, inGroups(MANAGERS))),
    get('/groups/any', allOf(read, inAnyGroup(MANAGERS, DIRECTORS))),
    get('/without-roles', allOf(read, withoutUserRoles('Orders.Approve'))),
    get('/step-up', allOf(read, authContext('c1'))),
    get('/recent', allOf(read, signedInWithin('15m'))),
    get('/checks/owner/:id', allOf(read, check('owns order', isOwner))),
    get('/checks/hidden/:id', allOf(read, check('owns order', isOwner, { otherwise: 'not-found' }))),
    get('/checks/throws', allOf(read, check('asks a database that is down', throws))),
    get('/checks/truthy', allOf(read, check('answers something else than true', truthy))),
  ];
}

/** What a directory would answer about a user whose token has too many groups; of Bob it knows nothing. */
export async function groupsOf({ objectId }: AuthContext, entra: LocalEntra): Promise<readonly string[]> {
  if (objectId === entra.user('bob').claims.oid) throw new Error('The directory is down.');
  return [MANAGERS];
}

/** An order's ID holds the object ID of its owner; every host's request has `params`. */
function isOwner({ auth, request }: CheckContext): boolean {
  const { params } = request as { readonly params: { readonly id: string } };
  return params.id === `order-of-${auth.objectId}`;
}

async function throws(): Promise<boolean> {
  throw new Error('connection to orders-db:5432 refused');
}

/** What a check in JavaScript may do. */
const truthy = (() => 'yes') as unknown as CheckFunction;
