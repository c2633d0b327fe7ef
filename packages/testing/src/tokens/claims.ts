/**
 * Claims of Entra's access tokens by name. Times are seconds since the epoch.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
export interface EntraTokenClaims {
  aud?: string | undefined;
  iss?: string | undefined;
  /** Issued at. Default 300 s ago: Entra back-dates it. */
  iat?: number | undefined;
  /** Not valid before. Default as `iat`. */
  nbf?: number | undefined;
  /** Expires at. Default in an hour; in a day for managed identities. */
  exp?: number | undefined;
  tid?: string | undefined;
  oid?: string | undefined;
  sub?: string | undefined;
  uti?: string | undefined;
  /** Version. Default that of the API's registration, else `'2.0'`. Given: the token has the claims of that version. */
  ver?: '1.0' | '2.0' | undefined;
  /** Authorized party of version 2 tokens: client ID of the app that asked. */
  azp?: string | undefined;
  /** How that app proved itself: `'0'` not at all, `'1'` with a secret, `'2'` with a certificate. */
  azpacr?: '0' | '1' | '2' | undefined;
  /** What `azp` is in version 1 tokens. */
  appid?: string | undefined;
  /** What `azpacr` is in version 1 tokens. */
  appidacr?: '0' | '1' | '2' | undefined;
  /** Scopes of a delegated token, by their short names. */
  scp?: string | readonly string[] | undefined;
  /** App roles of the user (delegated tokens), or application permissions (app-only tokens). */
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
  /** Client ID of the blueprint that an agent was made from. */
  xms_par_app_azp?: string | undefined;
  /** Facets of the actor, numbers in one string: `11` is an agent identity. */
  xms_act_fct?: string | undefined;
  /** Facets of the subject: `11` is an agent identity, `13` an agent's user account. */
  xms_sub_fct?: string | undefined;
  /** Facets of the tenant. */
  xms_tnt_fct?: string | undefined;
  xms_idrel?: string | undefined;
}

/** Every claim can be given a value, or taken away with `undefined`; any other claim may be named too. */
export interface ClaimOverrides extends EntraTokenClaims {
  [claim: string]: unknown;
}

/** Beside the claims, what a token is for. */
export interface TokenTarget {
  /** The API it is for: name, client ID or application ID URI. Default the only one there is. */
  api?: string | undefined;
  /** The tenant it is from: name, domain or GUID. Default the first one. */
  tenant?: string | undefined;
}

/** What {@link LocalEntra.user} takes: claims, and who, for what and through which app. */
export interface UserClaims extends ClaimOverrides, TokenTarget {
  /** The app that acts for the user: name or client ID. Default a single-page app without a credential. */
  client?: string | undefined;
  /** The user is a guest, from the tenant `fabrikam` or the one named. Default `false`. */
  guest?: boolean | string | undefined;
}

/** What {@link LocalEntra.app} and {@link LocalEntra.managedIdentity} take. */
export interface AppClaims extends ClaimOverrides, TokenTarget {}

/**
 * What {@link LocalEntra.agent} takes. Without `onBehalfOf` and `user` the agent acts as itself, with `roles`.
 *
 * Source: https://learn.microsoft.com/entra/agent-id/agent-token-claims
 */
export interface AgentClaims extends ClaimOverrides, TokenTarget {
  /** The agent acts for this human, with `scp`. */
  onBehalfOf?: string | undefined;
  /** The agent acts through its own user account, with `scp`. Default `false`. */
  user?: boolean | undefined;
  /** Name of the blueprint it was made from. Default `blueprint`. */
  blueprint?: string | undefined;
}

/** Claims as a token carries them. */
export type TokenPayload = Readonly<Record<string, unknown>>;

/** Claims that were signed: those of Entra are typed, and any other may be there. */
export interface IssuedClaims extends Readonly<Omit<EntraTokenClaims, 'scp'>> {
  /** Scopes, separated by spaces. */
  readonly scp?: string | undefined;
  readonly [claim: string]: unknown;
}

/** A token, ready for a request. */
export interface IssuedToken {
  /** The token as it is sent: three base64url parts. */
  readonly token: string;
  /** `{ authorization: 'Bearer …' }`, as fetch, supertest and `inject()` take it. */
  readonly headers: { readonly authorization: string };
  /** What was signed. */
  readonly claims: IssuedClaims;
}
