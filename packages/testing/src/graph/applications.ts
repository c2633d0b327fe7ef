import type { App } from '../directory/apps.js';
import { isGuid } from '../directory/guid.js';
import { type RegistrationManifest, readManifest } from '../directory/manifest.js';
import type { AppRegistration } from '../directory/registration.js';
import { type Application, applicationIdOf, applicationOf, type Permission } from './application-resource.js';
import { bodyOf, type GraphCall, noContent, ok } from './graph-call.js';
import { badRequest, missing, notFound } from './graph-error.js';
import { collection, type Shape, single } from './query.js';

type Body = Readonly<Record<string, unknown>>;

const changeable: readonly string[] = [
  'displayName',
  'description',
  'notes',
  'tags',
  'signInAudience',
  'identifierUris',
  'groupMembershipClaims',
  'api',
  'appRoles',
  'optionalClaims',
  'requiredResourceAccess',
  'web',
  'spa',
  'publicClient',
];

const applicationShape: Shape = {
  name: 'applications',
  properties: ['id', 'appId', 'createdDateTime', 'passwordCredentials', 'keyCredentials', ...changeable],
};

/** Finds the registration that a path names, by object ID or as `appId=…`. @throws {GraphError} 404 */
export function applicationIn({ entra, params }: GraphCall): App {
  const id = (params.app ?? '').toLowerCase();
  const found = entra.apps.told.find((app) => applicationIdOf(app) === id || `appid=${app.clientId}` === id);
  if (found === undefined) throw notFound(params.app ?? '');
  return found;
}

export function getApplications(call: GraphCall): Response {
  const { entra, state } = call;
  const all = entra.apps.told.map((app) => applicationOf(app, state.startedAt));
  return ok(collection(all, { ...call, shape: applicationShape }));
}

export function getApplication(call: GraphCall): Response {
  const application = applicationOf(applicationIn(call), call.state.startedAt);
  return ok(single(application, { ...call, shape: applicationShape }));
}

/**
 * Changes a registration. Later tokens are as it then says. A list replaces the one before; members of `api` that are left out stay.
 * An enabled permission can't be deleted or renamed: it has to be disabled first.
 *
 * Source: https://learn.microsoft.com/graph/api/application-update
 */
export async function patchApplication(call: GraphCall): Promise<Response> {
  const app = applicationIn(call);
  const body = await bodyOf(call);
  const unknown = Object.keys(body).find((name) => !changeable.includes(name));
  if (unknown !== undefined) {
    throw missing(`property "${unknown}" of applications to change. It has ${changeable.join(', ')}`);
  }
  assertKinds(body);
  const before = applicationOf(app, call.state.startedAt);
  const after = {
    ...before,
    ...body,
    api: { ...before.api, ...((body.api ?? {}) as Body) },
  } as unknown as Application;
  assertPermissions(before, after);
  call.entra.apps.update(app, registrationOf(app, body, after));
  return noContent();
}

function assertKinds(body: Body): void {
  const { api } = body;
  const lists = {
    identifierUris: body.identifierUris,
    appRoles: body.appRoles,
    'api.oauth2PermissionScopes': (api as Body | null | undefined)?.oauth2PermissionScopes,
    'api.preAuthorizedApplications': (api as Body | null | undefined)?.preAuthorizedApplications,
  };
  if (api !== undefined && (typeof api !== 'object' || api === null)) throw invalid('api', 'an object');
  for (const [name, value] of Object.entries(lists)) {
    if (value !== undefined && !Array.isArray(value)) throw invalid(name, 'a list');
  }
}

function assertPermissions(before: Application, after: Application): void {
  const permissions = [
    ...after.api.oauth2PermissionScopes.map((one) => ({ one, where: 'oauth2PermissionScopes' })),
    ...after.appRoles.map((one) => ({ one, where: 'appRoles' })),
  ];
  const ids = new Set<string>();
  for (const { one, where } of permissions) {
    if (typeof one !== 'object' || one === null || !isGuid(String(one.id)))
      throw invalid(`${where}.id`, 'a GUID');
    if (ids.has(one.id) && !isSharedId(before, one)) {
      throw badRequest(`The id '${one.id}' is used by two permissions. Give each an id of its own.`);
    }
    ids.add(one.id);
    if (typeof one.isEnabled !== 'boolean') throw invalid(`${where}.isEnabled`, 'true or false');
    if (one.value !== null && (typeof one.value !== 'string' || /\s/.test(one.value))) {
      throw invalid(`${where}.value`, 'a text without spaces');
    }
  }
  for (const list of [after.api.oauth2PermissionScopes, after.appRoles]) {
    const values = list.map(({ value }) => value).filter((value) => Boolean(value));
    const twice = values.find((value, index) => values.indexOf(value) !== index);
    if (twice !== undefined) throw badRequest(`It contains duplicate value '${twice}'. Values are unique.`);
  }
  assertDisabledFirst(before.api.oauth2PermissionScopes, after.api.oauth2PermissionScopes);
  assertDisabledFirst(before.appRoles, after.appRoles);
  assertPreAuthorized(after);
}

/** Entra lets a scope and an app role share an ID if they have the same value. */
function isSharedId({ api, appRoles }: Application, { id, value }: Permission): boolean {
  const has = (list: readonly Permission[]) => list.some((one) => one.id === id && one.value === value);
  return has(api.oauth2PermissionScopes) && has(appRoles);
}

function assertDisabledFirst(before: readonly Permission[], after: readonly Permission[]): void {
  for (const { id, value, isEnabled } of before) {
    const kept = after.find((one) => one.id === id);
    if (!isEnabled || (kept !== undefined && kept.value === value)) continue;
    throw badRequest(
      `Permission '${value}' (${id}) can not be deleted or updated unless it is disabled first.`,
      'CannotDeleteOrUpdateEnabledEntitlement',
    );
  }
}

function assertPreAuthorized({ api }: Application): void {
  const known = new Set(api.oauth2PermissionScopes.map(({ id }) => id));
  for (const client of api.preAuthorizedApplications as readonly Body[]) {
    const ids = client.delegatedPermissionIds ?? client.permissionIds;
    const unknown = Array.isArray(ids) ? ids.find((id: unknown) => !known.has(String(id))) : undefined;
    if (unknown !== undefined) {
      throw badRequest(
        `Property PreAuthorizedApplications references the scope '${unknown}' which does not exist. Add it to oauth2PermissionScopes in an earlier request.`,
      );
    }
  }
}

/** Returns the members of the registration that a body changes, as the manifest would give them. */
function registrationOf(app: App, body: Body, after: Application): Partial<AppRegistration> {
  const manifest = after as unknown as RegistrationManifest;
  const read = readManifest(app.name, { manifest });
  const api = (body.api ?? {}) as Body;
  const { platform = 'web' } = app.registration;
  const redirectUris = (body[platform === 'public' ? 'publicClient' : platform] as Body | undefined)
    ?.redirectUris;
  const has = (name: string) => Object.hasOwn(body, name);
  const changes: Partial<AppRegistration>[] = [
    has('displayName') ? pick(read, 'displayName') : {},
    has('identifierUris') ? pick(read, 'applicationIdUri') : {},
    Object.hasOwn(api, 'oauth2PermissionScopes') ? pick(read, 'scopes') : {},
    Object.hasOwn(api, 'requestedAccessTokenVersion') ? pick(read, 'tokenVersion') : {},
    has('appRoles') ? pick(read, 'appRoles') : {},
    has('optionalClaims') ? pick(read, 'optionalClaims') : {},
    has('groupMembershipClaims') ? pick(read, 'groupMembershipClaims') : {},
    Array.isArray(redirectUris) ? { redirectUris: redirectUris.map(String) } : {},
  ];
  return Object.assign({ manifest }, ...changes) as Partial<AppRegistration>;
}

function pick<Name extends keyof AppRegistration>(
  from: AppRegistration,
  name: Name,
): Partial<AppRegistration> {
  return from[name] === undefined ? {} : { [name]: from[name] };
}

function invalid(name: string, expected: string) {
  return badRequest(
    `Invalid value specified for property '${name}' of resource 'Application'. Expected ${expected}.`,
  );
}
