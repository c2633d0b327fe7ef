import {
  type AuthContext,
  anyAppPermission,
  anyOf,
  anyScope,
  appPermissions,
  evaluate,
  type Grant,
  scopes,
} from '@entra-guard/core';
import { GraphError } from './graph-error.js';

/** The permissions of which one is enough, least privileged first. `A + B` are needed together. */
export interface Needs {
  /** For a user's token: scopes. */
  readonly delegated: readonly string[];
  /** For an app's token: application permissions. */
  readonly application: readonly string[];
  /** More scopes that are enough for what is the user's own. */
  readonly own?: readonly string[];
}

/** What is asked of a caller. */
export interface Asked {
  /** `GET /users`, for the message. */
  readonly what: string;
  readonly needs: Needs;
  /** Whether the caller is the user that is asked about. */
  readonly own: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Refuses a caller without one of the permissions.
 * @throws {GraphError} 403 `Authorization_RequestDenied`
 */
export function assertAllowed(auth: AuthContext, { what, needs, own, now }: Asked): void {
  const delegated = [...(own ? (needs.own ?? []) : []), ...needs.delegated];
  const requirement = requirementOf(delegated, needs.application);
  if (requirement !== undefined && evaluate(requirement, auth, { now }).granted) return;
  throw denied(`${what} needs ${sentence(auth, delegated, needs.application)}`);
}

/** Whether the caller has one of the permissions, as scopes or as application permissions. */
export function hasAny(auth: AuthContext, permissions: readonly string[]): boolean {
  const held = auth.kind === 'user' ? auth.scopes : auth.roles;
  return permissions.some((permission) => held.has(permission));
}

export function denied(why: string): GraphError {
  return new GraphError(
    403,
    'Authorization_RequestDenied',
    `Insufficient privileges to complete the operation. ${why}`,
  );
}

function sentence(auth: AuthContext, delegated: readonly string[], application: readonly string[]): string {
  const [kind, list] =
    auth.kind === 'user' ? ['delegated', delegated] : (['application', application] as const);
  if (list.length === 0) {
    return auth.kind === 'user'
      ? 'an application permission: users can not do it.'
      : 'a signed-in user: it has no application permission.';
  }
  return list.length === 1
    ? `the ${kind} permission ${list[0]}.`
    : `one of the ${kind} permissions ${list.join(', ')}.`;
}

function requirementOf(delegated: readonly string[], application: readonly string[]): Grant | undefined {
  const grants = [
    ...grantsOf(delegated, scopes, anyScope),
    ...grantsOf(application, appPermissions, anyAppPermission),
  ];
  const [first, second, ...others] = grants;
  if (first === undefined || second === undefined) return first;
  return anyOf(first, second, ...others);
}

type Build = (...names: readonly [string, ...string[]]) => Grant;

function grantsOf(list: readonly string[], all: Build, any: Build): readonly Grant[] {
  const [single, ...singles] = list.filter((one) => !one.includes(' + '));
  const together = list.filter((one) => one.includes(' + ')).map((one) => one.split(' + '));
  return [
    ...(single === undefined ? [] : [any(single, ...singles)]),
    ...together.map(([first = '', ...rest]) => all(first, ...rest)),
  ];
}
