import type { App } from './apps.js';
import { graphClientId } from './graph-app.js';

/** How a consent page describes a delegated permission. */
export interface ExposedScope {
  /** The short name, as in `scp`. */
  readonly value: string;
  /** Whether an administrator has to consent (`type: 'Admin'`). */
  readonly adminOnly: boolean;
  readonly displayName: string;
  /** Empty if the registration has none. */
  readonly description: string;
}

/** Microsoft Graph's permissions that any sign-in may ask for: name, description. Anyone may consent to them. */
const ofGraph: Readonly<Record<string, readonly [string, string]>> = {
  openid: ['Sign you in', 'Lets the app know who you are.'],
  profile: ['View your basic profile', 'Lets the app see your name and user name.'],
  email: ['View your email address', 'Lets the app see your primary email address.'],
  offline_access: [
    'Keep access to what you have given it access to',
    'Lets the app use what you allow when you are not using it.',
  ],
  'User.Read': ['Sign you in and read your profile', 'Lets the app sign you in and read your profile.'],
};

/** Permissions of Microsoft Graph that a user may consent to, by the end of their names. Others are an administrator's. */
const adminOnlyOfGraph = /\.All$|^(Directory|Policy|RoleManagement|AuditLog)\./;

/**
 * Describes a scope of an API, with the texts of its registration.
 *
 * @param forAll whether an administrator reads them, who consents for all users
 */
export function exposedScope(api: App, value: string, forAll = false): ExposedScope {
  if (api.clientId === graphClientId) return scopeOfGraph(value);
  const told = api.manifest?.api?.oauth2PermissionScopes?.find((scope) => scope.value === value);
  const { userConsentDisplayName, userConsentDescription, adminConsentDisplayName, adminConsentDescription } =
    told ?? {};
  const [displayName, description] = forAll
    ? [adminConsentDisplayName || userConsentDisplayName, adminConsentDescription || userConsentDescription]
    : [userConsentDisplayName || adminConsentDisplayName, userConsentDescription || adminConsentDescription];
  return {
    value,
    adminOnly: told?.type === 'Admin',
    displayName: displayName || value,
    description: description ?? '',
  };
}

function scopeOfGraph(value: string): ExposedScope {
  const [displayName, description] = (Object.hasOwn(ofGraph, value) ? ofGraph[value] : undefined) ?? [
    value,
    '',
  ];
  return { value, adminOnly: adminOnlyOfGraph.test(value), displayName, description };
}

/**
 * Returns the scopes of an API that a client has without consent (`api.preAuthorizedApplications`).
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/reference-microsoft-graph-app-manifest
 */
export function preAuthorizedScopes(api: App, clientId: string): ReadonlySet<string> {
  const { preAuthorizedApplications, oauth2PermissionScopes } = api.manifest?.api ?? {};
  const ids = new Set(
    (preAuthorizedApplications ?? [])
      .filter(({ appId }) => appId.toLowerCase() === clientId)
      .flatMap(({ delegatedPermissionIds, permissionIds }) => delegatedPermissionIds ?? permissionIds ?? []),
  );
  const scopes = (oauth2PermissionScopes ?? []).filter(({ id }) => id !== undefined && ids.has(id));
  return new Set(scopes.flatMap(({ value }) => value ?? []));
}
