import { LocalEntraError } from '../error.js';
import { isGuid } from './guid.js';
import type { AppRegistration, AppRoleMember, OptionalClaim } from './registration.js';

/**
 * The members of a Microsoft Graph `application` resource that the local Entra reads. `manifestOf` of
 * `@entra-guard/catalogue` writes them; `az ad app show` prints them.
 */
export interface RegistrationManifest {
  readonly appId?: string | null;
  readonly displayName?: string | null;
  readonly publisherDomain?: string | null;
  readonly web?: {
    readonly logoutUrl?: string | null;
    readonly implicitGrantSettings?: { readonly enableIdTokenIssuance?: boolean | null } | null;
  } | null;
  readonly identifierUris?: readonly string[] | null;
  readonly api?: {
    readonly requestedAccessTokenVersion?: number | null;
    readonly oauth2PermissionScopes?: readonly ManifestScope[] | null;
    readonly preAuthorizedApplications?: readonly ManifestPreAuthorization[] | null;
  } | null;
  readonly appRoles?:
    | readonly (ManifestPermission & { readonly allowedMemberTypes: readonly string[] })[]
    | null;
  /** `SecurityGroup`, `All`, `None`, or others that the local Entra takes as `None`. */
  readonly groupMembershipClaims?: string | null;
  readonly optionalClaims?: {
    readonly accessToken?:
      | readonly { readonly name: string; readonly additionalProperties?: readonly string[] | null }[]
      | null;
  } | null;
}

/** A client that needs no consent, and the IDs of the scopes it has: Graph's name of the list, or that of older manifests. */
interface ManifestPreAuthorization {
  readonly appId: string;
  readonly delegatedPermissionIds?: readonly string[] | null;
  readonly permissionIds?: readonly string[] | null;
}

interface ManifestScope extends ManifestPermission {
  readonly id?: string;
  /** `Admin`: only an administrator may consent. Default `User`. */
  readonly type?: string | null;
  readonly adminConsentDisplayName?: string | null;
  readonly adminConsentDescription?: string | null;
  readonly userConsentDisplayName?: string | null;
  readonly userConsentDescription?: string | null;
}

interface ManifestPermission {
  readonly value?: string | null;
  readonly isEnabled?: boolean;
}

/**
 * Merges a registration with its manifest. Members next to the manifest win. Disabled permissions are left out, because
 * Entra no longer grants them.
 *
 * @throws {LocalEntraError} `option_invalid`
 */
export function readManifest(app: string, { manifest, ...members }: AppRegistration): AppRegistration {
  if (manifest === undefined) return members;
  if (typeof manifest !== 'object' || manifest === null || Array.isArray(manifest)) {
    throw new LocalEntraError(
      'option_invalid',
      `apps.${app}.manifest is not an object. Pass the result of manifestOf(catalogue), or the parsed output of "az ad app show".`,
    );
  }
  const { api, appRoles, optionalClaims } = manifest;
  const [applicationIdUri] = manifest.identifierUris ?? [];
  const clientId = manifest.appId ?? guidIn(applicationIdUri);
  return {
    ...(clientId === undefined ? {} : { clientId }),
    ...(applicationIdUri === undefined ? {} : { applicationIdUri }),
    ...(manifest.displayName ? { displayName: manifest.displayName } : {}),
    ...(manifest.publisherDomain ? { publisher: manifest.publisherDomain } : {}),
    ...(manifest.web?.logoutUrl ? { frontChannelLogoutUrl: manifest.web.logoutUrl } : {}),
    enableIdTokenIssuance: manifest.web?.implicitGrantSettings?.enableIdTokenIssuance === true,
    scopes: enabled(api?.oauth2PermissionScopes).map(({ value }) => value),
    appRoles: Object.fromEntries(
      enabled(appRoles).map(({ value, allowedMemberTypes }) => [
        value,
        allowedMemberTypes as readonly AppRoleMember[],
      ]),
    ),
    // Entra: `null` or no value means version 1.
    tokenVersion: api?.requestedAccessTokenVersion === 2 ? 2 : 1,
    optionalClaims: (optionalClaims?.accessToken ?? []).map(
      // The local Entra does not mint claims that it does not know.
      ({ name, additionalProperties }) =>
        ({ name, additionalProperties: additionalProperties ?? [] }) as OptionalClaim,
    ),
    groupMembershipClaims: groupClaims(manifest.groupMembershipClaims),
    ...members,
  };
}

/** Reads `groupMembershipClaims`, which may name several kinds: `SecurityGroup, DirectoryRole`. */
function groupClaims(given: string | null | undefined): 'SecurityGroup' | 'All' | 'None' {
  const kinds = (given ?? '').split(',').map((kind) => kind.trim());
  return kinds.includes('All') ? 'All' : kinds.includes('SecurityGroup') ? 'SecurityGroup' : 'None';
}

/** Lists the enabled permissions that have a value. A role may have none, and is then in no token. */
function enabled<P extends ManifestPermission>(
  permissions: readonly P[] | null | undefined,
): readonly (P & { readonly value: string })[] {
  return (permissions ?? []).filter(
    (one): one is P & { readonly value: string } => one.isEnabled !== false && Boolean(one.value),
  );
}

function guidIn(uri: string | undefined): string | undefined {
  const id = uri?.startsWith('api://') ? uri.slice('api://'.length) : '';
  return isGuid(id) ? id : undefined;
}
