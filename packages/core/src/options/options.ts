import type { LogSink } from '../base/log.js';
import type { AuthContext } from '../caller/auth-context.js';
import type { KeySnapshot } from './key-snapshot.js';

/** Signature algorithms that can be allowed. Entra signs with RS256. */
export type Algorithm = 'RS256' | 'PS256';

/**
 * Decides whether a tenant may use the API. Runs only after the signature held; only `true` accepts. Asked once for a tenant
 * and a minute, however many tokens come; an error, or 2 s without an answer, is a 503 and is remembered for 5 s.
 */
export type TenantPredicate = (tenantId: string) => boolean | Promise<boolean>;

/** Limits of fetching and keeping signing keys. All times in milliseconds. */
export interface KeyOptions {
  /** After this age keys are refreshed in the background while they go on serving. Default 1 h. */
  readonly softAge?: number;
  /** After this age keys are trusted no more (last known good). Default 24 h; at least `softAge`, or `0`: no grace. */
  readonly hardAge?: number;
  /** Least time between two refreshes that unknown key ids cause. Default 30 s. */
  readonly coolDown?: number;
  /** Limit for one whole exchange: connect, headers and body. Default 5 s. */
  readonly timeout?: number;
  /** Largest accepted answer in bytes. Default 1 MiB. */
  readonly maxBytes?: number;
  /**
   * Keys to start with, from an earlier `validator.snapshot()`: for serverless cold starts and sites without a network.
   * They age from when they were fetched: past `hardAge` they are not used. Default none.
   */
  readonly seed?: KeySnapshot;
}

/** How verified tokens are remembered, so that the next request with the same token needs no signature verified. */
export interface CacheOptions {
  /** Most tokens that are remembered. Default 10,000. More than `maxBytes` allows is refused. */
  readonly maxEntries?: number;
  /** Most memory that they may take, in bytes, estimated. Default 32 MiB. */
  readonly maxBytes?: number;
  /** After so many seconds a token's signature is verified anew, whatever else still stands. Default and most 86,400, a day. */
  readonly maxAge?: number;
}

/** Who answers for the API; shown in audit events and logs, so that whoever is woken knows whom to call. */
export interface Owner {
  readonly team: string;
  /** Where the team is reached in working hours. */
  readonly contact?: string;
  /** Whom to wake when it breaks, where that is somebody else. */
  readonly onCall?: string;
}

/** Settings every authority has, whatever its kind. */
export interface CommonValidatorOptions {
  /** This API's application (client) ID, a GUID: "Overview" of its app registration. */
  readonly clientId: string;
  /** The API's application ID URI. Default `api://{clientId}`. Qualifies scopes in challenges; an accepted audience. */
  readonly applicationIdUri?: string;
  /** Further accepted audiences. */
  readonly audience?: string | readonly string[];
  /** The national cloud. Default `'public'`. */
  readonly cloud?: Cloud;
  /** B2C user flows or custom policies whose tokens are accepted, in any case. Default: the one in the authority. */
  readonly policies?: readonly string[];
  /** B2C only: client IDs of daemons, whose permissions B2C puts in `scp`. Default none. */
  readonly appClients?: readonly string[];
  /** The API's registration has signing keys of its own: read metadata and keys with `?appid=`. Default `false`. */
  readonly customSigningKeys?: boolean;
  /** Tolerated clock difference in seconds. Default 60, at most 300. */
  readonly clockTolerance?: number;
  /** Allowed signature algorithms. Default `['RS256']`. */
  readonly algorithms?: readonly Algorithm[];
  /** Every outgoing request goes through it (proxies, tests). Default `globalThis.fetch`, looked up at each use. */
  readonly fetch?: typeof globalThis.fetch;
  /** Milliseconds since the epoch. Default `Date.now`, looked up at each use. */
  readonly now?: () => number;
  /** Receives log entries; `false` for none. Default: `console` for warnings and errors. */
  readonly log?: LogSink | false;
  /** Limits of fetching and keeping signing keys. */
  readonly keys?: KeyOptions;
  /**
   * How verified tokens are remembered; `false`: not at all. By SHA-256 of the whole token, from its second use on, and
   * until it expires or the key that verified it goes. Time, tenant, `isRevoked` and requirement are judged at each use.
   */
  readonly cache?: CacheOptions | false;
  /**
   * Asked for each request after the signature held: `false` goes on, `true` refuses (`token_revoked`). An error, anything else,
   * or 2 s is a 503 (`hook_failed`).
   */
  readonly isRevoked?: (auth: AuthContext) => boolean | Promise<boolean>;
  /** Who answers for the API. */
  readonly owner?: Owner;
}

export type Cloud = 'public' | 'usgov' | 'china';

/** One tenant: its GUID, or a verified domain (pinned to the GUID it first resolved to). */
export interface SingleTenantOptions extends CommonValidatorOptions {
  readonly tenantId: string;
  readonly tenants?: never;
  readonly authority?: never;
}

/** Several tenants: a list of GUIDs, a function, or every organisation there is. */
export interface MultiTenantOptions extends CommonValidatorOptions {
  readonly tenants: readonly string[] | TenantPredicate | 'any-organization';
  readonly tenantId?: never;
  readonly authority?: never;
}

/**
 * Azure AD B2C, External ID, a custom domain, a local Entra: the URL before `/.well-known/openid-configuration`, or the
 * whole metadata URL with its query. `http` only on loopback.
 */
export interface AuthorityOptions extends CommonValidatorOptions {
  readonly authority: string;
  readonly tenantId?: never;
  readonly tenants?: never;
}

/** What {@link createValidator} needs to know: exactly one of `tenantId`, `tenants` and `authority`, and the `clientId`. */
export type ValidatorOptions = SingleTenantOptions | MultiTenantOptions | AuthorityOptions;
