import type { AppRoleDefinition } from './definition.js';

/** An application permission: no user role. */
export interface RevocationAppRole extends AppRoleDefinition {
  readonly for: readonly ['application'];
}

/**
 * The application permissions of the routes of revocations, for a catalogue. To say it in other words, define one of the same name
 * after them.
 *
 * ```ts
 * definePermissions({ api, owner, appRoles: { ...revocationAppRoles, 'Orders.Read.All': { … } } });
 * ```
 */
export const revocationAppRoles = Object.freeze({
  'Revocations.Read.All': role('List revocations', 'List who is shut out of this API, since when and why.'),
  'Revocations.Revoke.All': role(
    'Revoke and list',
    'Shut users, applications, sessions and tokens out of this API, and list who is. Enough for a leaver job.',
  ),
  'Revocations.Lift.All': role(
    'Lift revocations and list',
    'Let callers who were shut out back into this API, and list who is.',
  ),
  'Revocations.Manage.All': role(
    'Manage revocations',
    'Shut callers out of this API, let them back in, and list who is.',
  ),
});

function role(title: string, description: string): RevocationAppRole {
  return Object.freeze({
    title,
    description,
    for: Object.freeze(['application'] as const),
    because: 'Callers are shut out at once, although their tokens are still valid.',
  });
}
