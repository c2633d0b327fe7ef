import { comparePermission, surplusPermissions } from './compare-permissions.js';
import { type DesiredPermission, desiredPermissions } from './desired-permissions.js';
import type { Drift } from './drift.js';
import type { ApplicationManifest } from './manifest.js';
import { personalAccountLimits } from './personal-account-limits.js';
import { type Registration, readRegistration } from './registration.js';

/**
 * Compares the manifest with an exported app registration, in both directions. Not reported: what Entra fills in (`null`,
 * empty lists), what the code does not decide (redirect URIs, secrets), and disabled permissions that are gone from the code.
 *
 * @param application the JSON of `az ad app show` or of Microsoft Graph v1.0, parsed
 * @throws ConfigurationError if that is not an app registration
 */
export function compareWithRegistration(
  manifest: ApplicationManifest,
  application: unknown,
): readonly Drift[] {
  const registration = readRegistration(application);
  const desired = desiredPermissions(manifest);
  return [
    ...identifierUris(manifest, registration),
    ...tokenVersion(registration),
    ...desired.flatMap((permission) => comparePermission(permission, registration)),
    ...surplusPermissions(desired, registration),
    ...optionalClaims(manifest, registration),
    ...preAuthorizations(manifest, desired, registration),
    ...personalAccountLimits(desired, manifest, registration),
  ];
}

function identifierUris(manifest: ApplicationManifest, registration: Registration): readonly Drift[] {
  return manifest.identifierUris
    .filter((uri) => !registration.identifierUris.includes(uri))
    .map((uri) => ({
      kind: 'identifier_uri_missing',
      subject: `identifier URI ${uri}`,
      code: uri,
      registration: registration.identifierUris.join(', ') || 'none',
      change: 'registration',
      fix: `Add ${uri} to identifierUris. If this is not the registration of that API (it is ${registration.clientId}${registration.displayName === '' ? '' : `, "${registration.displayName}"`}), compare another one, or correct api in definePermissions.`,
    }));
}

function tokenVersion({ tokenVersion: version }: Registration): readonly Drift[] {
  if (version === 2) return [];
  return [
    {
      kind: 'token_version',
      subject: 'access token version',
      code: '2',
      registration: '1',
      change: 'registration',
      fix: 'Set api.requestedAccessTokenVersion to 2. Clients get version 2 tokens when their present ones expire; other APIs are not touched.',
    },
  ];
}

function optionalClaims(manifest: ApplicationManifest, registration: Registration): readonly Drift[] {
  return manifest.optionalClaims.accessToken.flatMap(({ name, additionalProperties }): readonly Drift[] => {
    const found = registration.accessTokenClaims.find((claim) => claim.name === name);
    const properties: unknown = found?.additionalProperties;
    const has = Array.isArray(properties) ? properties : [];
    const lacking = additionalProperties.filter((property) => !has.includes(property));
    if (found !== undefined && lacking.length === 0) return [];
    const wanted =
      additionalProperties.length === 0 ? name : `${name} with ${additionalProperties.join(', ')}`;
    return [
      {
        kind: 'optional_claim_missing',
        subject: `optional claim ${name}`,
        code: wanted,
        registration: found === undefined ? 'absent' : `${name} without ${lacking.join(', ')}`,
        change: 'registration',
        fix: `Add ${wanted} to optionalClaims.accessToken: requirements are judged by it.`,
      },
    ];
  });
}

function preAuthorizations(
  manifest: ApplicationManifest,
  desired: readonly DesiredPermission[],
  registration: Registration,
): readonly Drift[] {
  const wanted = manifest.api.preAuthorizedApplications.flatMap(({ appId, delegatedPermissionIds }) =>
    desired
      .filter(({ id }) => delegatedPermissionIds.includes(id))
      .map(({ value }) => ({ clientId: appId, value })),
  );
  const present = registration.preAuthorized.flatMap(({ clientId, permissionIds }) =>
    permissionIds.map((id) => ({ clientId, value: valueWithId(id, registration) })),
  );
  const has = (list: typeof wanted, one: (typeof wanted)[number]): boolean =>
    list.some(({ clientId, value }) => clientId === one.clientId && value === one.value);
  return [
    ...wanted
      .filter((one) => !has(present, one))
      .map(
        ({ clientId, value }): Drift => ({
          kind: 'pre_authorization_missing',
          subject: `client ${clientId}`,
          code: value,
          registration: 'absent',
          change: 'registration',
          fix: `Pre-authorize ${clientId} for ${value}: until then its users are asked to consent.`,
        }),
      ),
    ...present
      .filter((one) => !has(wanted, one))
      .map(
        ({ clientId, value }): Drift => ({
          kind: 'pre_authorization_surplus',
          subject: `client ${clientId}`,
          code: 'absent',
          registration: value,
          change: 'registration',
          fix: `Take ${value} from the pre-authorization of ${clientId}: its users are not asked for consent. If it is one of your clients, add it to preAuthorized in definePermissions, and say why.`,
        }),
      ),
  ];
}

function valueWithId(id: string, { permissions }: Registration): string {
  return permissions.find((one) => one.id === id)?.value ?? id;
}
