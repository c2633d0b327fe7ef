import type { App } from '../directory/apps.js';
import { guidOf } from '../directory/guid.js';
import type { EntraServices } from '../endpoints/call.js';
import { applicationOf, type Permission } from './application-resource.js';
import type { Resource } from './filter.js';
import { type GraphCall, ok } from './graph-call.js';
import { notFound } from './graph-error.js';
import { collection, type Shape, single } from './query.js';

/** The service principal of an app, a managed identity or an agent identity. */
export interface Principal {
  readonly app: App;
  readonly type: 'Application' | 'ManagedIdentity' | 'ServiceIdentity';
}

const principalShape: Shape = {
  name: 'servicePrincipals',
  properties: [
    'id',
    'appId',
    'displayName',
    'appDisplayName',
    'accountEnabled',
    'appOwnerOrganizationId',
    'appRoleAssignmentRequired',
    'appRoles',
    'oauth2PermissionScopes',
    'servicePrincipalNames',
    'servicePrincipalType',
    'signInAudience',
    'tags',
  ],
};

/** Lists the service principals: of declared apps, managed identities and agents, and Microsoft Graph's. */
export function listPrincipals({ apps, managedIdentities, agents }: EntraServices): readonly Principal[] {
  return [
    ...apps.told.map((app) => ({ app, type: 'Application' as const })),
    ...managedIdentities.told.map((app) => ({ app, type: 'ManagedIdentity' as const })),
    ...agents.told.map(({ app }) => ({ app, type: 'ServiceIdentity' as const })),
    { app: apps.graph, type: 'Application' as const },
  ];
}

/** Returns the object ID of an app's service principal, given its client ID. */
export function principalIdOf(entra: EntraServices, clientId: string): string {
  const known = listPrincipals(entra).find(({ app }) => app.clientId === clientId);
  return known?.app.oid ?? guidOf('service-principal', clientId);
}

/** Finds the service principal that a path names, by object ID or as `appId=…`. @throws {GraphError} 404 */
export function principalOf({ entra, params }: GraphCall): Principal {
  const id = (params.app ?? '').toLowerCase();
  const found = listPrincipals(entra).find(({ app }) => app.oid === id || `appid=${app.clientId}` === id);
  if (found === undefined) throw notFound(params.app ?? '');
  return found;
}

function principalResource({ entra, state }: GraphCall, { app, type }: Principal): Resource {
  const application = applicationOf(app, state.startedAt);
  const isGraph = app.clientId === entra.apps.graph.clientId;
  return {
    id: app.oid,
    appId: app.clientId,
    displayName: application.displayName,
    appDisplayName: application.displayName,
    accountEnabled: true,
    // The tenant that Microsoft's own applications belong to.
    appOwnerOrganizationId: isGraph ? 'f8cdef31-a31e-4b4a-93e4-5f571e91255a' : entra.tenants.home.id,
    appRoleAssignmentRequired: app.registration.assignmentRequired === true,
    appRoles: isGraph ? graphRoles(app) : application.appRoles,
    oauth2PermissionScopes: application.api.oauth2PermissionScopes,
    servicePrincipalNames: [
      ...new Set([app.clientId, ...application.identifierUris, ...(isGraph ? [app.applicationIdUri] : [])]),
    ],
    servicePrincipalType: type,
    signInAudience: isGraph ? 'AzureADMultipleOrgs' : 'AzureADMyOrg',
    tags: [],
  };
}

/** Makes the app roles of Microsoft Graph that registrations name. */
export function graphRoles({ clientId, registration }: App): readonly Permission[] {
  const values = [...new Set(Object.values(registration.assignments ?? {}).flat())];
  return values.map((value) => ({
    id: guidOf('app-role', `${clientId} ${value}`),
    value,
    displayName: value,
    description: value,
    isEnabled: true,
    allowedMemberTypes: ['Application'],
  }));
}

export function getPrincipals(call: GraphCall): Response {
  const all = listPrincipals(call.entra).map((principal) => principalResource(call, principal));
  return ok(collection(all, { ...call, shape: principalShape }));
}

export function getPrincipal(call: GraphCall): Response {
  return ok(single(principalResource(call, principalOf(call)), { ...call, shape: principalShape }));
}
