import { LocalEntraError } from '../error.js';
import { type App, graphClientId, knowsPermissionsOf } from './apps.js';
import type { AppRoleMember } from './registration.js';

/** Scope of delegated tokens for an API whose scopes are not declared. */
const unnamedScope = 'access_as_user';
/** The scope of Microsoft Graph that every new app registration asks for. */
const firstGraphScope = 'User.Read';

/**
 * Returns the scopes of a delegated token: those asked for, otherwise the API's first scope.
 * @throws {LocalEntraError} `scope_unknown` when the API's permissions are declared and a scope is not among them
 */
export function scopesFor(api: App, asked: readonly string[] | undefined): readonly string[] {
  if (!knowsPermissionsOf(api))
    return asked ?? [api.clientId === graphClientId ? firstGraphScope : unnamedScope];
  const known = api.registration.scopes ?? [];
  const [first] = known;
  if (asked === undefined) {
    if (first !== undefined) return [first];
    throw new LocalEntraError(
      'scope_unknown',
      `Entra gives no delegated token for "${api.name}", because it has no scopes. Add some to apps.${api.name}.scopes, or make a token for an app.`,
      650053,
    );
  }
  for (const scope of asked) {
    if (known.includes(scope)) continue;
    const short = scope.slice(scope.lastIndexOf('/') + 1);
    const fix = known.includes(short)
      ? `scp holds the short name: ask for "${short}".`
      : `Add it to apps.${api.name}.scopes, or ask for one of these.`;
    const has = known.length === 0 ? 'It has none' : `It has ${known.join(', ')}`;
    throw new LocalEntraError(
      'scope_unknown',
      `The scope "${scope}" doesn't exist on "${api.name}". ${has}. ${fix}`,
      650053,
    );
  }
  return asked;
}

/**
 * Refuses a user or app that is not assigned to an API that requires it.
 * @throws {LocalEntraError} `user_not_assigned`: AADSTS50105 for a user, 501051 for an app
 */
export function assertAssigned(api: App, { kind, name }: Assignee): void {
  const { assignmentRequired, assignments = {} } = api.registration;
  if (assignmentRequired !== true || (Object.hasOwn(assignments, name) && assignments[name]?.length !== 0))
    return;
  throw new LocalEntraError(
    'user_not_assigned',
    `"${name}" is not assigned to a role for the application "${api.name}", which requires it. Add it to apps.${api.name}.assignments.`,
    kind === 'User' ? 50105 : 501051,
  );
}

/** The subject of a token: a user or an app, by its name in `assignments`. */
export interface Assignee {
  readonly kind: AppRoleMember;
  readonly name: string;
}

/**
 * Returns the roles of a token: those asked for, otherwise those the user or app has.
 * @throws {LocalEntraError} `role_unknown`, `role_kind_wrong` or `role_not_assigned`
 */
export function rolesFor(
  api: App,
  assignee: Assignee,
  asked: readonly string[] | undefined,
): readonly string[] {
  // Users have no application permissions of Graph, whatever app has the user's name.
  if (api.clientId === graphClientId && assignee.kind === 'User') return asked ?? [];
  const assigned = api.registration.assignments?.[assignee.name];
  if (!knowsPermissionsOf(api)) return asked ?? assigned ?? [];
  if (asked === undefined) return rolesOf(api, assignee);
  for (const role of asked) assertRole(api, assignee, role);
  return asked;
}

/** Lists the app roles that a user or app has on an API. */
function rolesOf(api: App, { kind, name }: Assignee): readonly string[] {
  const { appRoles = {}, assignments } = api.registration;
  const possible = Object.keys(appRoles).filter((role) => appRoles[role]?.includes(kind));
  if (assignments === undefined) return kind === 'Application' ? possible : [];
  const assigned = assignments[name] ?? [];
  return possible.filter((role) => assigned.includes(role));
}

function assertRole(api: App, assignee: Assignee, role: string): void {
  const { appRoles = {}, assignments } = api.registration;
  const members = appRoles[role];
  if (members === undefined) {
    const known = Object.keys(appRoles);
    throw new LocalEntraError(
      'role_unknown',
      `"${api.name}" has no app role "${role}". It has ${known.length === 0 ? 'none' : known.join(', ')}. Add it to apps.${api.name}.appRoles.`,
    );
  }
  if (!members.includes(assignee.kind)) {
    const who = assignee.kind === 'User' ? 'a user' : 'an app';
    throw new LocalEntraError(
      'role_kind_wrong',
      `The app role "${role}" of "${api.name}" can't be assigned to ${who} such as "${assignee.name}": its member types are ${members.join(', ')}.`,
    );
  }
  if (assignments !== undefined && assignments[assignee.name]?.includes(role) !== true) {
    const has = assignments[assignee.name] ?? [];
    throw new LocalEntraError(
      'role_not_assigned',
      `"${assignee.name}" is not assigned the app role "${role}" of "${api.name}", but ${has.length === 0 ? 'none' : has.join(', ')}. Add it to apps.${api.name}.assignments.`,
    );
  }
}
