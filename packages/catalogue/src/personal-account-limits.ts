import type { DesiredPermission } from './desired-permissions.js';
import type { Drift } from './drift.js';
import type { ApplicationManifest } from './manifest.js';
import type { Registration } from './registration.js';

/** Entra ("Validation differences by supported account types"): where personal accounts may sign in, less is allowed. */
export function personalAccountLimits(
  desired: readonly DesiredPermission[],
  manifest: ApplicationManifest,
  registration: Registration,
): readonly Drift[] {
  if (!registration.personalAccounts) return [];
  const limit = (subject: string, code: string, rule: string, fix: string): Drift => ({
    kind: 'personal_account_limit',
    subject,
    code,
    registration: rule,
    change: 'code',
    fix,
  });
  const elsewhere = 'or take personal accounts off signInAudience.';
  const long = desired.filter(({ kind, value }) => kind === 'scope' && value.length > 40);
  const { length: scopes } = manifest.api.oauth2PermissionScopes;
  const { length: roles } = manifest.appRoles;
  return [
    ...long.map(({ value }) =>
      limit(
        `scope ${value}`,
        `${value.length} characters`,
        'at most 40 characters with personal accounts',
        `Shorten the name, ${elsewhere}`,
      ),
    ),
    ...(scopes > 100
      ? [
          limit(
            'scopes',
            `${scopes} scopes`,
            'at most 100 scopes with personal accounts',
            `Use fewer scopes, ${elsewhere}`,
          ),
        ]
      : []),
    ...(roles > 0
      ? [
          limit(
            'app roles',
            `${roles} app roles`,
            'none with personal accounts',
            `Use scopes and checks instead of app roles, ${elsewhere}`,
          ),
        ]
      : []),
  ];
}
