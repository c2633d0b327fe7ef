import type { RegistrationManifest } from './manifest.js';

/** Who may be assigned an app role: people, apps (then it is an application permission), or both. */
export type AppRoleMember = 'User' | 'Application';

/** An optional claim of the access tokens for an API, by name or as the manifest writes it. */
export type OptionalClaim =
  | OptionalClaimName
  | { readonly name: OptionalClaimName; readonly additionalProperties?: readonly string[] };

export type OptionalClaimName =
  | 'acct'
  | 'acrs'
  | 'aud'
  | 'auth_time'
  | 'email'
  | 'family_name'
  | 'given_name'
  | 'idtyp'
  | 'ipaddr'
  | 'sid'
  | 'upn'
  | 'xms_cc';

/**
 * What the local Entra is told of one app registration. An app that names `scopes`, `appRoles` or an
 * `applicationIdUri` is an API; any other one is a client. For an API that names `scopes` or `appRoles` the local Entra
 * mints only what Entra would; the words are those of the app manifest where it has them.
 */
export interface AppRegistration {
  /**
   * The registration as Microsoft Graph has it, in place of the members below: what `manifestOf(catalogue)` of
   * `@entra-guard/catalogue` writes, or what `az ad app show` prints. A member that is given beside it wins.
   */
  readonly manifest?: RegistrationManifest;
  /** Application (client) ID, a GUID. Default: derived from the name, the same in every run. */
  readonly clientId?: string;
  /** Application ID URI, the `aud` of version 1 tokens. Default `api://{clientId}`. */
  readonly applicationIdUri?: string;
  /** Delegated permissions by their short names, as `scp` holds them. Given: any other one is refused. */
  readonly scopes?: readonly string[];
  /** App roles by value, each with who may be assigned it. Given: any other one is refused. */
  readonly appRoles?: Readonly<Record<string, readonly AppRoleMember[]>>;
  /** `api.requestedAccessTokenVersion`: which tokens this API gets. Default 2. */
  readonly tokenVersion?: 1 | 2;
  /** `optionalClaims.accessToken`. Default none, so no `idtyp`. */
  readonly optionalClaims?: readonly OptionalClaim[];
  /**
   * Who has which app roles, by the name of a user, an app, a managed identity or an agent. Given: a role that is not
   * assigned is refused, and a token carries those that are. Default: nobody asks, and every app is taken to have all
   * application permissions.
   */
  readonly assignments?: Readonly<Record<string, readonly string[]>>;
  /** Client secret. Default: none is known and any is accepted. */
  readonly secret?: string;
  /** The client's certificate, PEM: the token endpoint verifies client assertions with it. */
  readonly certificate?: string;
  /** Accepted redirect URIs. Default: any http or https address of this machine, and no other. */
  readonly redirectUris?: readonly string[];
}

/** App registrations by the names that tests and the options of this package use for them. */
export type AppRegistrations = Readonly<Record<string, AppRegistration>>;
