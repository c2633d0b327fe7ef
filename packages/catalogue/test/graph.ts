import type { ManifestStep } from '@entra-guard/catalogue';
import type { Json } from './registered.js';

/**
 * Applies a PATCH as Microsoft Graph does, as far as its rules are documented (permissionScope, appRole): a collection is
 * replaced; what is enabled can't be deleted or get another value; IDs and values are unique across scopes and app roles;
 * a client is pre-authorized only for scopes that are there.
 */
export function patched(application: Json, { body }: ManifestStep): Json {
  const change = body as Json;
  const after = structuredClone({
    ...application,
    ...change,
    api: { ...application.api, ...change.api },
  });
  const before = permissionsOf(application);
  const now = permissionsOf(after);
  for (const old of before) {
    const next = now.find(({ id }: Json) => id === old.id);
    if (old.isEnabled && next === undefined)
      throw new Error(`${old.value} must be disabled before it is deleted.`);
    if (old.isEnabled && next.value !== old.value)
      throw new Error(`${old.value} is enabled and can't be renamed.`);
  }
  for (const name of ['id', 'value']) {
    const values = now.map((one: Json) => one[name]).filter((value: unknown) => value !== null);
    if (new Set(values).size < values.length) throw new Error(`It contains duplicate ${name}s: ${values}.`);
  }
  if (now.some((one: Json) => 'origin' in one)) throw new Error('origin is read-only.');
  const scopeIds = after.api.oauth2PermissionScopes.map(({ id }: Json) => id.toLowerCase());
  for (const { appId, delegatedPermissionIds } of after.api.preAuthorizedApplications) {
    const lost = delegatedPermissionIds.find((id: string) => !scopeIds.includes(id.toLowerCase()));
    if (lost !== undefined) throw new Error(`${appId} has a permission ID that cannot be found: ${lost}.`);
  }
  return after;
}

function permissionsOf(application: Json): Json[] {
  return [...application.api.oauth2PermissionScopes, ...application.appRoles].map((one) => ({
    ...one,
    id: one.id.toLowerCase(),
  }));
}
