import type { DesiredPermission } from './desired-permissions.js';
import type { Drift, DriftKind } from './drift.js';
import type { Registration } from './registration.js';

/** Compares one permission of the code with what the registration has for it. */
export function comparePermission(desired: DesiredPermission, registration: Registration): readonly Drift[] {
  const { kind, value, id, enabled } = desired;
  const subject = `${kind} ${value}`;
  const found = registration.permissions.find((one) => one.value === value);
  if (found === undefined) return enabled ? [absent(desired, registration)] : [];
  if (found.kind !== kind) {
    return [
      {
        kind: 'permission_kind',
        subject,
        code: kind,
        registration: found.kind,
        change: 'registration',
        fix: `A value can't be both. Disable the ${found.kind} ${value}, delete it, then add the ${kind}; or, if the registration is right, move it to ${found.kind === 'scope' ? 'scopes' : 'appRoles'} in definePermissions.`,
      },
    ];
  }
  const row = (
    drift: DriftKind,
    code: string,
    there: string,
    fix: string,
    change: Drift['change'] = 'registration',
  ): readonly Drift[] =>
    code === there ? [] : [{ kind: drift, subject, code, registration: there, change, fix }];
  const orCode = (member: string): string =>
    ` If the registration is right, change ${member} in definePermissions.`;
  return [
    ...row(
      'permission_id',
      id,
      found.id,
      `Pin it: '${value}': { id: '${found.id}', … } in definePermissions. Consents and assignments refer to the registration's ID, so it stays.`,
      'code',
    ),
    ...(enabled && !found.enabled
      ? row(
          'permission_disabled',
          'enabled',
          'disabled',
          `Set isEnabled to true. If it is on its way out, set enabled: false in definePermissions.`,
        )
      : []),
    ...(!enabled && found.enabled
      ? row(
          'permission_not_retired',
          'disabled',
          'enabled',
          `Set isEnabled to false, so that it can no longer be granted. Callers who have it keep it until it is deleted.`,
        )
      : []),
    ...row(
      kind === 'scope' ? 'consent_differs' : 'members_differ',
      desired.who,
      found.who,
      kind === 'scope'
        ? `Set type to ${desired.who}.${orCode('consent')}`
        : `Set allowedMemberTypes to ${desired.who}.${orCode('for')}`,
    ),
    ...row(
      'title_differs',
      desired.title,
      found.title,
      `Set ${kind === 'scope' ? 'adminConsentDisplayName' : 'displayName'} to "${desired.title}".${orCode('title')}`,
    ),
    ...row(
      'description_differs',
      desired.description,
      found.description,
      `Set ${kind === 'scope' ? 'adminConsentDescription' : 'description'} to "${desired.description}".${orCode('description')}`,
    ),
  ];
}

function absent({ kind, value, id }: DesiredPermission, registration: Registration): Drift {
  const renamed = registration.permissions.find((one) => one.id === id);
  const subject = `${kind} ${value}`;
  if (renamed !== undefined) {
    return {
      kind: 'permission_renamed',
      subject,
      code: value,
      registration: renamed.value,
      change: 'registration',
      fix: `Disable ${renamed.value} (${id}), then set its value to ${value}: tokens hold the value, so clients and API have to change together. If the registration is right, rename it in definePermissions.`,
    };
  }
  return {
    kind: 'permission_missing',
    subject,
    code: 'defined',
    registration: 'absent',
    change: 'registration',
    fix: `Add it, with the ID ${id}: no client can ask for it before that. "entra-guard manifest" writes the steps.`,
  };
}

/** What the registration has and the code does not. Disabled ones are on their way out. */
export function surplusPermissions(
  desired: readonly DesiredPermission[],
  registration: Registration,
): readonly Drift[] {
  return registration.permissions
    .filter((one) => one.value !== '' && one.enabled)
    .filter((one) => !desired.some(({ value, id }) => value === one.value || id === one.id))
    .map(
      ({ kind, value, id }): Drift => ({
        kind: 'permission_surplus',
        subject: `${kind} ${value}`,
        code: 'absent',
        registration: 'enabled',
        change: 'registration',
        fix: `Set isEnabled to false, and delete it in a later step. If the API needs it, add it to ${kind === 'scope' ? 'scopes' : 'appRoles'} in definePermissions with id: '${id}'.`,
      }),
    );
}
