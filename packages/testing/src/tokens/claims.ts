/**
 * Claims of Entra's access tokens by name. Times are seconds since the epoch.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
export interface EntraTokenClaims {
  aud?: string | undefined;
  iss?: string | undefined;
  /** Issued at. Default: 300 s ago, because Entra back-dates it. */
  iat?: number | undefined;
  /** Not valid before. Default: `iat`. */
  nbf?: number | undefined;
  /** Expires at. Default: in an hour or the API's `accessTokenLifetime`; for managed identities in a day. */
  exp?: number | undefined;
  tid?: string | undefined;
  oid?: string | undefined;
  sub?: string | undefined;
  uti?: string | undefined;
  /** Version, which decides the other claims. Default: that of the API's registration, otherwise `'2.0'`. */
  ver?: '1.0' | '2.0' | undefined;
  /** Authorized party of version 2 tokens: client ID of the app that requested the token. */
  azp?: string | undefined;
  /** How that app authenticated: `'0'` not at all (public client), `'1'` with a secret, `'2'` with a certificate. */
  azpacr?: '0' | '1' | '2' | undefined;
  /** Client ID of the app that requested a version 1 token. */
  appid?: string | undefined;
  /** Like `azpacr`, for version 1 tokens. */
  appidacr?: '0' | '1' | '2' | undefined;
  /** Scopes of a delegated token, by their short names. */
  scp?: string | readonly string[] | undefined;
  /** App roles of the user (delegated tokens), or application permissions of the app (app-only tokens). */
  roles?: readonly string[] | undefined;
  groups?: readonly string[] | undefined;
  idtyp?: string | undefined;
  /** `0` member, `1` guest. */
  acct?: number | undefined;
  acr?: string | undefined;
  acrs?: readonly string[] | undefined;
  amr?: readonly string[] | undefined;
  auth_time?: number | undefined;
  cnf?: Readonly<Record<string, unknown>> | undefined;
  email?: string | undefined;
  family_name?: string | undefined;
  given_name?: string | undefined;
  idp?: string | undefined;
  ipaddr?: string | undefined;
  name?: string | undefined;
  preferred_username?: string | undefined;
  sid?: string | undefined;
  unique_name?: string | undefined;
  upn?: string | undefined;
  wids?: readonly string[] | undefined;
  xms_cc?: readonly string[] | undefined;
  /** Client ID of the agent's blueprint. */
  xms_par_app_azp?: string | undefined;
  /** Facets of the actor, as numbers in one string. `11` is an agent identity. */
  xms_act_fct?: string | undefined;
  /** Facets of the subject, as numbers in one string. `11` is an agent identity, `13` an agent's user account. */
  xms_sub_fct?: string | undefined;
  /** Facets of the tenant. */
  xms_tnt_fct?: string | undefined;
  xms_idrel?: string | undefined;
}

/** Claims that replace the default ones. `undefined` removes a claim. Any other claim may be added. */
export interface ClaimOverrides extends EntraTokenClaims {
  [claim: string]: unknown;
}

/** The API and the tenant of a token. */
export interface TokenTarget {
  /** The API: name, client ID or application ID URI. Default: the only one there is. */
  api?: string | undefined;
  /** The tenant: name, domain or GUID. Default: the first one. */
  tenant?: string | undefined;
  /** Whether External ID issues it, whose issuer is `https://{tenant GUID}.ciamlogin.com/…`. Default `false`. */
  external?: boolean | undefined;
}

/** The policy of a token of Azure AD B2C. */
export interface PolicyTarget {
  /** A user flow or custom policy of `startEntra({ policies })`. Default: the token is Entra's. */
  policy?: string | undefined;
}

/** What {@link LocalEntra.user} takes: claims, and the API, the tenant, the client and whether the user is a guest. */
export interface UserClaims extends ClaimOverrides, TokenTarget, PolicyTarget {
  /** The app that acts for the user: name or client ID. Default: a single-page app without a credential. */
  client?: string | undefined;
  /** Whether the user is a guest, and from which tenant; `true` is `fabrikam`. Default `false`. */
  guest?: boolean | string | undefined;
}

/** What {@link LocalEntra.app} and {@link LocalEntra.managedIdentity} take. */
export interface AppClaims extends ClaimOverrides, TokenTarget, PolicyTarget {}

/**
 * What {@link LocalEntra.agent} takes. Without `onBehalfOf` and `user` the agent acts as itself, with `roles`.
 *
 * Source: https://learn.microsoft.com/entra/agent-id/agent-token-claims
 */
export interface AgentClaims extends ClaimOverrides, TokenTarget {
  /** The user that the agent acts for, with `scp`. */
  onBehalfOf?: string | undefined;
  /** Whether the agent acts through its own user account, with `scp`. Default `false`. */
  user?: boolean | undefined;
  /** Name of the agent's blueprint. Default `blueprint`. */
  blueprint?: string | undefined;
}

/** The claims of a token. */
export type TokenPayload = Readonly<Record<string, unknown>>;

/** Claims that were signed. Entra's claims are typed; any other claim is possible. */
export interface IssuedClaims extends Readonly<Omit<EntraTokenClaims, 'scp'>> {
  /** Scopes, separated by spaces. */
  readonly scp?: string | undefined;
  readonly [claim: string]: unknown;
}

/** A signed token, with the header to send it in. */
export interface IssuedToken {
  /** The token: three base64url parts. */
  readonly token: string;
  /** `{ authorization: 'Bearer …' }`, as fetch, supertest and `inject()` take it. */
  readonly headers: { readonly authorization: string };
  /** The claims that were signed. */
  readonly claims: IssuedClaims;
}
