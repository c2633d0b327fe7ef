import type { ApplicationManifest } from './manifest.js';

/** A scope or an app role as the manifest wants it, in the words of a registration. */
export interface DesiredPermission {
  readonly kind: 'scope' | 'app role';
  readonly id: string;
  readonly value: string;
  readonly title: string;
  readonly description: string;
  readonly enabled: boolean;
  /** Scopes: `User` or `Admin`. App roles: `User`, `Application` or both, in this order. */
  readonly who: string;
}

/** Scopes and app roles of a manifest in one list. */
export function desiredPermissions({ api, appRoles }: ApplicationManifest): readonly DesiredPermission[] {
  return [
    ...api.oauth2PermissionScopes.map(
      (scope): DesiredPermission => ({
        kind: 'scope',
        id: scope.id,
        value: scope.value,
        title: scope.adminConsentDisplayName,
        description: scope.adminConsentDescription,
        enabled: scope.isEnabled,
        who: scope.type,
      }),
    ),
    ...appRoles.map(
      (role): DesiredPermission => ({
        kind: 'app role',
        id: role.id,
        value: role.value,
        title: role.displayName,
        description: role.description,
        enabled: role.isEnabled,
        who: role.allowedMemberTypes.join(', '),
      }),
    ),
  ];
}
