import { LocalEntraError } from '../error.js';
import { isGuid } from './guid.js';
import type { AppRegistration, AppRoleMember, OptionalClaim } from './registration.js';

/**
 * An app registration as Microsoft Graph has it (resource `application`), as far as the local Entra goes by it: what
 * `manifestOf` of `@entra-guard/catalogue` writes, what `az ad app show` prints.
 */
export interface RegistrationManifest {
  readonly appId?: string | null;
  readonly identifierUris?: readonly string[] | null;
  readonly api?: {
    readonly requestedAccessTokenVersion?: number | null;
    readonly oauth2PermissionScopes?: readonly ManifestPermission[] | null;
  } | null;
  readonly appRoles?:
    | readonly (ManifestPermission & { readonly allowedMemberTypes: readonly string[] })[]
    | null;
  readonly optionalClaims?: {
    readonly accessToken?:
      | readonly { readonly name: string; readonly additionalProperties?: readonly string[] | null }[]
      | null;
  } | null;
}

interface ManifestPermission {
  readonly value?: string | null;
  readonly isEnabled?: boolean;
}

/**
 * A registration with what its manifest says; what stands beside the manifest wins. Disabled permissions are left out:
 * Entra grants them to nobody any more.
 *
 * @throws {LocalEntraError} `option_invalid`
 */
export function readManifest(app: string, { manifest, ...beside }: AppRegistration): AppRegistration {
  if (manifest === undefined) return beside;
  if (typeof manifest !== 'object' || manifest === null || Array.isArray(manifest)) {
    throw new LocalEntraError(
      'option_invalid',
      `apps.${app}.manifest is no object. Pass what manifestOf(catalogue) gives, or what "az ad app show" prints, parsed.`,
    );
  }
  const { api, appRoles, optionalClaims } = manifest;
  const [applicationIdUri] = manifest.identifierUris ?? [];
  const clientId = manifest.appId ?? guidIn(applicationIdUri);
  return {
    ...(clientId === undefined ? {} : { clientId }),
    ...(applicationIdUri === undefined ? {} : { applicationIdUri }),
    scopes: enabled(api?.oauth2PermissionScopes).map(({ value }) => value),
    appRoles: Object.fromEntries(
      enabled(appRoles).map(({ value, allowedMemberTypes }) => [
        value,
        allowedMemberTypes as readonly AppRoleMember[],
      ]),
    ),
    // Entra: none said means version 1.
    tokenVersion: api?.requestedAccessTokenVersion === 2 ? 2 : 1,
    optionalClaims: (optionalClaims?.accessToken ?? []).map(
      // Claims that the local Entra does not know, it does not mint.
      ({ name, additionalProperties }) =>
        ({ name, additionalProperties: additionalProperties ?? [] }) as OptionalClaim,
    ),
    ...beside,
  };
}

/** Registrations may hold roles without a value: those are in no token. */
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
