import type { RegistrationManifest } from './manifest.js';

/** A member type of an app role: `User` for users and groups, `Application` for apps (an application permission). */
export type AppRoleMember = 'User' | 'Application';

/** An optional claim in an API's access tokens: its name, or an object as in the app manifest. */
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
  | 'xms_act_fct'
  | 'xms_cc'
  | 'xms_par_app_azp'
  | 'xms_sub_fct';

export interface ClientSecret {
  readonly value: string;
  /** ISO 8601. Default never. */
  readonly expires?: string;
}

/** Accepts the tokens of another identity provider in place of a secret. */
export interface FederatedCredential {
  /** What Microsoft Graph calls it. Default `credential-1`, by its place. */
  readonly name?: string;
  /** `iss` of the assertion, such as `https://token.actions.githubusercontent.com`. */
  readonly issuer: string;
  /** `sub` of the assertion, such as `repo:contoso/orders:ref:refs/heads/main`. */
  readonly subject: string;
  /** `aud` of the assertion. Default `api://AzureADTokenExchange`. */
  readonly audience?: string;
  /** The issuer's keys. Default: fetched from the issuer, if it is on this machine. */
  readonly jwks?: { readonly keys: readonly Readonly<Record<string, unknown>>[] };
}

/**
 * One app registration. With `scopes`, `appRoles` or an `applicationIdUri` it is an API, otherwise a client. For an API
 * with `scopes` or `appRoles` the local Entra mints only what Entra would. The names of the members are those of the
 * app manifest where it has them.
 */
export interface AppRegistration {
  /**
   * The registration as a Microsoft Graph `application`, in place of the members below: the result of
   * `manifestOf(catalogue)` of `@entra-guard/catalogue`, or the output of `az ad app show`. A member next to it wins.
   */
  readonly manifest?: RegistrationManifest;
  /** Application (client) ID, a GUID. Default: derived from the name, so it does not change between runs. */
  readonly clientId?: string;
  /** Application ID URI, the `aud` of version 1 tokens. Default `api://{clientId}`. */
  readonly applicationIdUri?: string;
  /** Delegated permissions by their short names, as in `scp`. If given, any other scope is refused. */
  readonly scopes?: readonly string[];
  /** App roles by value, each with its member types. If given, any other role is refused. */
  readonly appRoles?: Readonly<Record<string, readonly AppRoleMember[]>>;
  /** `api.requestedAccessTokenVersion`: the version of this API's access tokens. Default 2. */
  readonly tokenVersion?: 1 | 2;
  /** `optionalClaims.accessToken`. Default none: tokens have no `idtyp`. */
  readonly optionalClaims?: readonly OptionalClaim[];
  /**
   * App roles by the name of the user, app, managed identity or agent that has them. If given, a token carries the
   * assigned roles, and any other role is refused. Default: assignments are not checked, and every app has all
   * application permissions.
   */
  readonly assignments?: Readonly<Record<string, readonly string[]>>;
  /** What pages call the app. Default: its name here. */
  readonly displayName?: string;
  /** Who publishes the app, on the consent page. Default: it is shown as unverified. */
  readonly publisher?: string;
  /** Where sign-out tells the app that a session ended, http or https (`web.logoutUrl`). Default: it isn't told. */
  readonly frontChannelLogoutUrl?: string;
  /**
   * `web.implicitGrantSettings.enableIdTokenIssuance`: whether `response_type` may ask for `id_token`. Default: what the
   * manifest says, else `true`.
   */
  readonly enableIdTokenIssuance?: boolean;
  /** The kind of client. `spa`: refresh tokens end 24 hours after the sign-in; `public`: secrets are refused. Default `web`. */
  readonly platform?: 'web' | 'spa' | 'public';
  /** Whether only users and apps in `assignments` get tokens for this API. Default `false`. */
  readonly assignmentRequired?: boolean;
  /** How long access tokens for this API last, in seconds, 600 to 86,400. Default 3600. */
  readonly accessTokenLifetime?: number;
  /** Client secret. Default: any secret is accepted. */
  readonly secret?: string;
  /** Further client secrets, each with the time at which it expires, ISO 8601. Default none. */
  readonly secrets?: readonly ClientSecret[];
  /** The client's certificate, PEM. The token endpoint verifies client assertions with it. */
  readonly certificate?: string;
  /** Further certificates, PEM. Assertions name theirs by `x5t#S256`. */
  readonly certificates?: readonly string[];
  /** Users who own the registration, by name: `/applications/{id}/owners` of Microsoft Graph lists them. Default none. */
  readonly owners?: readonly string[];
  /** Identities of other providers that the client may authenticate with (workload identity federation). Default none. */
  readonly federatedCredentials?: readonly FederatedCredential[];
  /**
   * Application permissions of Microsoft Graph, as in `roles` of the app's tokens for Graph: `['User.Read.All']`. Default none.
   */
  readonly graph?: readonly string[];
  /**
   * Which of the user's groups access tokens for this API list in `groups`, by object ID and through other groups: those with
   * security enabled, or all. More than 200 are not listed (`_claim_names`). Default `None`.
   */
  readonly groupMembershipClaims?: 'SecurityGroup' | 'All' | 'None';
  /**
   * The https URL of the client's metadata, by which it identifies in place of its client ID (Client ID Metadata Documents, in Entra a
   * preview). It is not fetched: `redirectUris` says what the document says. Such a client has no credential, signs users in by code
   * with PKCE (`S256`) alone, and acts as an agent identity without a blueprint: its tokens have facet 11 in `xms_act_fct`.
   * Entra documents the agent identity; that its tokens are like this is inferred. Default: it has none.
   */
  readonly clientMetadataUrl?: string;
  /** Accepted redirect URIs. Default: any http or https address of this machine, and no other. */
  readonly redirectUris?: readonly string[];
}

/** App registrations by the names that tests use for them. */
export type AppRegistrations = Readonly<Record<string, AppRegistration>>;
