import type { HealthPart } from '../base/health.js';
import type { Instant } from '../base/instant.js';
import type { AuthContext } from '../caller/auth-context.js';

/**
 * Whose access is revoked. IDs are those of Entra's sign-in logs: a user's and a service principal's object ID, the
 * application (client) ID of an app, the session ID (`sid`), the unique token identifier (`uti`), the tenant ID.
 */
export type Target =
  /** A user of the tenant, guests included: `tid` and `oid` of the token. */
  | { readonly user: string; readonly tenantId: string }
  /** A service principal, managed identity or agent identity that calls as itself: `tid` and `oid` of the token. */
  | { readonly servicePrincipal: string; readonly tenantId: string }
  /** A client application, with and without a user: `azp` or `appid`. Without `tenantId` in every tenant. */
  | { readonly client: string; readonly tenantId?: string }
  /** All agent identities of a blueprint (`xms_par_app_azp`). Without `tenantId` in every tenant. */
  | { readonly agentBlueprint: string; readonly tenantId?: string }
  /** One sign-in session of a user: `tid` and `sid`. The case of its letters matters. */
  | { readonly session: string; readonly tenantId: string }
  /** One access token (`uti`). The case of its letters matters. */
  | { readonly token: string; readonly expiresAt: Instant; readonly tenantId?: string }
  /** Every caller of a tenant. */
  | { readonly tenant: string }
  /** Every caller. Needs `issuedBefore`. */
  | 'everyone';

/** One revocation. Immutable. Times are milliseconds since the epoch. */
export interface RevocationRecord {
  /** A GUID, by which it is lifted. */
  readonly id: string;
  /** IDs in lower case, except `session` and `token`; `expiresAt` in milliseconds since the epoch. */
  readonly target: Target;
  /** Why, as the operator has said. For logs and audit events; callers are not told. */
  readonly because: string;
  /** Refuses tokens that were issued until then (a cutoff). Absent: refuses all tokens of the target (a ban). */
  readonly issuedBefore?: number;
  /** When the record ends; `Infinity` if it only ends when it is lifted. */
  readonly until: number;
  /** What has set it, such as `'leavers'`; absent if that was not said. */
  readonly source?: string;
  /** When it was set. */
  readonly at: number;
  /** Who knows of it: this process only, or all that share the store. */
  readonly reach: 'process' | 'shared';
}

/** How {@link Revocations.revoke} revokes. */
export interface RevokeOptions {
  /** Why. Required: it is in every audit event that the record causes. At most 500 characters. */
  readonly because: string;
  /**
   * Refuses tokens that were issued until then, so that a fresh sign-in helps: at most 5 minutes from now. Default: refuses all
   * tokens, until the record is lifted. Not for `session` and `token`.
   */
  readonly issuedBefore?: Instant;
  /**
   * When the record ends. Default: with `issuedBefore`, when the last token that it concerns has expired; for a session after 90
   * days; for a token 5 minutes after its `expiresAt`; else never.
   */
  readonly until?: Instant;
  /** What sets it. A second record for the same target, `issuedBefore` and source is not made. At most 100 characters. */
  readonly source?: string;
}

/** What has changed in a store. */
export type RevocationChange =
  | { readonly change: 'revoked'; readonly record: RevocationRecord }
  | { readonly change: 'lifted'; readonly record: RevocationRecord }
  /** Any number of records, and whether they can be told: look again at whatever depends on them. */
  | { readonly change: 'all' };

/**
 * Which access was revoked: the setting `revocations` of a guard or validator. Made by `memoryRevocations()`, by
 * `redisRevocations(...)` of `@entra-guard/redis`, or by the application.
 */
export interface Revocations {
  /**
   * The longest accepted life of a token, in seconds. Validators refuse tokens that live longer, because a record with
   * `issuedBefore` ends when no earlier token can be valid.
   */
  readonly longestToken: number;
  /** The option `margin` of the store, in seconds; `undefined` for that of each token's issuer. */
  readonly margin?: number | undefined;
  /** Whether other processes share the records. */
  readonly shared: boolean;
  /** Whether the operator has said that there is only one process, so that a store that is not shared is enough. */
  readonly oneProcess?: boolean;
  /**
   * Changes with every record, and never has a former value again. A cached token is not looked up as long as it stays the same.
   * Without it, or while it is `undefined`, {@link find} is called at each use of a token.
   */
  readonly version?: number | undefined;
  /**
   * Returns the record that refuses the caller; `undefined` if there is none. Synchronous. Records for one session or token,
   * and bans, come before those with `issuedBefore`, of which the newest is returned.
   *
   * @throws UnavailableError `revocations_unavailable` while it can't be told. Anything else that is thrown or returned refuses
   * the caller, too.
   */
  find(auth: AuthContext): RevocationRecord | undefined;
  /**
   * Revokes access, in this process before the promise is settled. Where the same was revoked before, returns that record.
   *
   * @throws ConfigurationError for a target, reason or time that is not valid; UnavailableError `revocations_full` if the store
   * holds as many records as it may, `revocations_unavailable` if the record could not be handed to others (as rejections)
   */
  revoke(target: Target, options: RevokeOptions): Promise<RevocationRecord>;
  /**
   * Ends a record. Does nothing for one that was lifted before.
   *
   * @throws ConfigurationError if there is no such record, or no reason; UnavailableError (as rejections)
   */
  lift(id: string, options: { readonly because: string }): Promise<void>;
  /** Returns the records of a target, or all; the newest first. @throws ConfigurationError for a target that is not valid */
  list(target?: Target): readonly RevocationRecord[];
  /** Calls `listener` after each change, also of other processes. Returns a function that ends it. */
  onChange(listener: (change: RevocationChange) => void): () => void;
  /** Waits until the records can be told. @throws UnavailableError (as a rejection) */
  ready(): Promise<void>;
  health(): HealthPart;
  /** Ends timers and connections. What was revoked stays refused. Idempotent. */
  close(): Promise<void>;
}
