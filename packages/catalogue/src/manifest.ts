import {
  type Catalogue,
  type CatalogueAppRole,
  type CatalogueScope,
  type ExposedHandler,
  ownOptions,
  type PreAuthorizedClient,
} from '@entra-guard/core';

/** A delegated permission as Microsoft Graph has it (`permissionScope`). */
export interface ManifestScope {
  readonly id: string;
  readonly value: string;
  /** Who can consent. */
  readonly type: 'User' | 'Admin';
  readonly isEnabled: boolean;
  readonly adminConsentDisplayName: string;
  readonly adminConsentDescription: string;
  /** `null` where users can't consent for themselves. */
  readonly userConsentDisplayName: string | null;
  readonly userConsentDescription: string | null;
}

/** An app role as Microsoft Graph has it (`appRole`). */
export interface ManifestAppRole {
  readonly id: string;
  readonly value: string;
  readonly displayName: string;
  readonly description: string;
  readonly allowedMemberTypes: readonly ('User' | 'Application')[];
  readonly isEnabled: boolean;
}

/** A claim that tokens carry only where the API asks for it (`optionalClaim`). */
export interface ManifestOptionalClaim {
  readonly name: string;
  readonly source: null;
  readonly essential: boolean;
  readonly additionalProperties: readonly string[];
}

/**
 * The part of an app registration that a catalogue decides about, as Microsoft Graph v1.0 has it (resource `application`):
 * fit for a PATCH, and for the local Entra.
 */
export interface ApplicationManifest {
  readonly identifierUris: readonly string[];
  readonly api: {
    /** Which access tokens the API gets. */
    readonly requestedAccessTokenVersion: 2;
    readonly oauth2PermissionScopes: readonly ManifestScope[];
    readonly preAuthorizedApplications: readonly {
      readonly appId: string;
      /** Graph's reference page says `permissionIds`; what works in v1.0 is this. */
      readonly delegatedPermissionIds: readonly string[];
    }[];
  };
  readonly appRoles: readonly ManifestAppRole[];
  readonly optionalClaims: { readonly accessToken: readonly ManifestOptionalClaim[] };
}

/** Options of {@link manifestOf}. */
export interface ManifestOptions {
  /** The application's handlers: the manifest asks for the optional claims that their requirements are judged by. Default: none. */
  readonly handlers?: readonly ExposedHandler[];
}

/**
 * Writes a catalogue as the app registration has to hold it. Equal input gives equal output.
 *
 * @throws ConfigurationError if `options` is not an object
 */
export function manifestOf(catalogue: Catalogue, options: ManifestOptions = {}): ApplicationManifest {
  const { handlers = [] } = ownOptions('manifestOf()', options);
  const claims = handlers.flatMap(({ access }) =>
    access.kind === 'requirement' ? access.requirement.optionalClaims : [],
  );
  return {
    identifierUris: [catalogue.api],
    api: {
      requestedAccessTokenVersion: 2,
      oauth2PermissionScopes: catalogue.scopes.map(scopeIn),
      preAuthorizedApplications: catalogue.preAuthorized.map((client) => clientIn(client, catalogue)),
    },
    appRoles: catalogue.appRoles.map(appRoleIn),
    optionalClaims: {
      accessToken: [
        // In any case: it is the one certain sign of an app-only token (Entra: optional claims reference).
        optionalClaim('idtyp', ['include_user_token']),
        ...[...new Set(claims)].sort((a, b) => (a < b ? -1 : 1)).map((name) => optionalClaim(name)),
      ],
    },
  };
}

function scopeIn({ id, value, title, description, consent, enabled }: CatalogueScope): ManifestScope {
  const byUser = consent === 'user';
  return {
    id,
    value,
    type: byUser ? 'User' : 'Admin',
    isEnabled: enabled,
    adminConsentDisplayName: title,
    adminConsentDescription: description,
    userConsentDisplayName: byUser ? title : null,
    userConsentDescription: byUser ? description : null,
  };
}

function appRoleIn(role: CatalogueAppRole): ManifestAppRole {
  return {
    id: role.id,
    value: role.value,
    displayName: role.title,
    description: role.description,
    allowedMemberTypes: role.for.map((holder) => (holder === 'user' ? 'User' : 'Application')),
    isEnabled: role.enabled,
  };
}

function clientIn({ clientId, scopes }: PreAuthorizedClient, catalogue: Catalogue) {
  return {
    appId: clientId,
    delegatedPermissionIds: catalogue.scopes
      .filter(({ value }) => scopes.includes(value))
      .map(({ id }) => id),
  };
}

export function optionalClaim(
  name: string,
  additionalProperties: readonly string[] = [],
): ManifestOptionalClaim {
  return { name, source: null, essential: false, additionalProperties };
}
