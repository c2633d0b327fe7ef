import type { Duration } from '../base/duration.js';
import type { LogSink } from '../base/log.js';
import type { AuthContext } from '../caller/auth-context.js';
import type { AssertionOptions } from './assertion.js';
import type { KeySnapshot } from './key-snapshot.js';

/** Signature algorithms that can be allowed. Entra signs with RS256. */
export type Algorithm = 'RS256' | 'PS256';

/**
 * Decides whether a tenant may use the API. Called only after the signature was verified; only `true` accepts. An
 * answer is cached per tenant for a minute. An error, or 2 s without an answer, is a 503 and is cached for 5 s.
 */
export type TenantPredicate = (tenantId: string) => boolean | Promise<boolean>;

/** Limits of fetching and keeping signing keys. */
export interface KeyOptions {
  /** Age after which keys are refreshed in the background while they stay in use. Default `'1h'`. */
  readonly softAge?: Duration;
  /**
   * Age after which keys are no longer trusted (last known good). Default `'24h'`. At least `softAge`; or `0`, which drops
   * keys at `softAge`.
   */
  readonly hardAge?: Duration;
  /** Least time between two refreshes caused by unknown key IDs. Default `'30s'`. */
  readonly coolDown?: Duration;
  /** Limit for a whole exchange: connect, headers and body. Default `'5s'`; may have a fraction, at least 0.01. */
  readonly timeout?: Duration;
  /** Largest accepted answer in bytes. Default 1 MiB. */
  readonly maxBytes?: number;
  /**
   * Keys to start with, from an earlier `validator.snapshot()`: for serverless cold starts and sites without a network.
   * Their age counts from when they were fetched: they are not used after `hardAge`. Default none.
   */
  readonly seed?: KeySnapshot;
}

/** How verified tokens are cached, so that the next request with the same token needs no signature check. */
export interface CacheOptions {
  /** Most tokens in the cache. Default 10,000. Refused if `maxBytes` can't hold that many. */
  readonly maxEntries?: number;
  /** Most memory for the cache, in bytes, estimated. Default 32 MiB. */
  readonly maxBytes?: number;
  /** After how long a token's signature is verified again. Default and maximum `'1d'`. */
  readonly maxAge?: Duration;
}

/** Who is responsible for the API. Shown in audit events and logs, so that the person on call knows whom to contact. */
export interface Owner {
  readonly team: string;
  /** Where the team is reached in working hours. */
  readonly contact?: string;
  /** Whom to wake when the API breaks, if that is not `contact`. */
  readonly onCall?: string;
}

/** Options of every kind of authority. */
export interface CommonValidatorOptions {
  /** This API's application (client) ID, a GUID: "Overview" of its app registration. */
  readonly clientId: string;
  /** The API's application ID URI. Default `api://{clientId}`. An accepted audience; also qualifies scopes in challenges. */
  readonly applicationIdUri?: string;
  /** Further accepted audiences. */
  readonly audience?: string | readonly string[];
  /** The national cloud. Default `'public'`. */
  readonly cloud?: Cloud;
  /**
   * B2C user flows or custom policies whose tokens are accepted, in upper or lower case. Default: the one in the
   * authority.
   */
  readonly policies?: readonly string[];
  /** B2C only: client IDs of daemons, whose permissions B2C puts in `scp`. Default none. */
  readonly appClients?: readonly string[];
  /**
   * Whether the app registration has custom signing keys: metadata and keys are then read with `?appid=`. Default
   * `false`.
   */
  readonly customSigningKeys?: boolean;
  /** Tolerated clock difference. Default `'1m'`, at most `'5m'`. */
  readonly clockTolerance?: Duration;
  /** Allowed signature algorithms. Default `['RS256']`. */
  readonly algorithms?: readonly Algorithm[];
  /** Makes every outgoing request (for proxies and tests). Default `globalThis.fetch`, looked up at each use. */
  readonly fetch?: typeof globalThis.fetch;
  /** Milliseconds since the epoch. Default `Date.now`, looked up at each use. */
  readonly now?: () => number;
  /** Receives log entries; `false` for none. Default: `console` for warnings and errors. */
  readonly log?: LogSink | false;
  /** Limits of fetching and keeping signing keys. */
  readonly keys?: KeyOptions;
  /**
   * How verified tokens are cached; `false` for no cache. A token is cached by the SHA-256 of its whole text, from its
   * second use until it expires or its key is dropped. Time, tenant, `isRevoked` and requirement are checked at each
   * use.
   */
  readonly cache?: CacheOptions | false;
  /**
   * Called for each request after the signature was verified. `false` accepts, `true` refuses (`token_revoked`). An
   * error, any other value, or 2 s without an answer is a 503 (`hook_failed`).
   */
  readonly isRevoked?: (auth: AuthContext) => boolean | Promise<boolean>;
  /** Who is responsible for the API. */
  readonly owner?: Owner;
  /**
   * Whether an `authority` on this machine is accepted although `NODE_ENV` is `production`, where it is refused: a local
   * Entra gives any caller any token. Default `false`.
   */
  readonly dangerouslyAllowLoopbackAuthority?: boolean;
}

export type Cloud = 'public' | 'usgov' | 'china';

/** One tenant: its GUID, or a verified domain (pinned to the GUID it first resolved to). */
export interface SingleTenantOptions extends CommonValidatorOptions {
  readonly tenantId: string;
  readonly tenants?: never;
  readonly authority?: never;
}

/** Several tenants: a list of GUIDs, a function, or every organisation. */
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

/**
 * Options of {@link createValidator}: `clientId`, and exactly one of `tenantId`, `tenants` and `authority`; or `assertion`, behind a
 * service that decides and signs who called.
 */
export type ValidatorOptions = SingleTenantOptions | MultiTenantOptions | AuthorityOptions | AssertionOptions;

/** Options of an authority, whose access tokens are validated. */
export type EntraOptions = SingleTenantOptions | MultiTenantOptions | AuthorityOptions;
