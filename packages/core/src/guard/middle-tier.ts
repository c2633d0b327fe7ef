import { ConfigurationError, DownstreamError, PermissionError, TokenError } from '../base/errors.js';
import type { LogSink } from '../base/log.js';
import type { AuthContext } from '../caller/auth-context.js';
import type { RequestLike } from '../credential/headers.js';
import { acceptsTenant } from '../keys/accepted-issuers.js';
import { normalizedAudience } from '../options/audiences.js';
import type { Cloud } from '../options/options.js';
import type { Revocations } from '../options/revocations.js';
import { isB2c } from '../options/tenancy.js';
import { RevocationJudge } from '../revocation/judge.js';
import type { Candidate } from '../token/candidate.js';
import type { ValidatorSettings } from '../token/validator-contract.js';
import type { CallerToken, RequestMemo } from './request-memo.js';

/** A registered symbol, because another copy of the package may have made the guard. */
export const MIDDLE_TIER: unique symbol = Symbol.for('entra-guard/middle-tier') as never;

/** An authority from which the API gets tokens for other APIs. */
export interface TokenAuthority {
  /** The API's application (client) ID, by which it asks. */
  readonly clientId: string;
  readonly cloud: Cloud;
  /** Whether it is Azure AD B2C, which has no on-behalf-of flow. */
  readonly isB2c: boolean;
  /** Whether tokens are signed with the API's own keys, which Entra does not exchange. */
  readonly customSigningKeys: boolean;
  /** Whether tokens of more than one tenant are accepted. */
  readonly severalTenants: boolean;
  readonly fetch: typeof globalThis.fetch;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: LogSink | false | undefined;
  /**
   * Tells whether tokens of a tenant are accepted.
   *
   * @throws UnavailableError if a `tenants` function fails (as a rejection)
   */
  accepts(tenantId: string): Promise<boolean>;
  /**
   * Returns the token endpoint of a tenant, on a host that belongs to the authority.
   *
   * @throws UnavailableError while the metadata is unavailable, ConfigurationError if it names no token endpoint (as rejections)
   */
  tokenUrl(tenantId: string): Promise<string>;
}

/** What an API that calls other APIs needs of its guard. */
export class MiddleTier {
  readonly authorities: readonly TokenAuthority[];
  readonly revocations: Revocations | undefined;
  readonly #candidates: readonly Candidate[];
  readonly #memo: RequestMemo;
  readonly #now: () => number;
  readonly #assertions: boolean;

  constructor(
    { candidates = [], now, assertions = false }: ValidatorSettings,
    memo: RequestMemo,
    revocations: Revocations | undefined,
  ) {
    this.#candidates = candidates;
    this.authorities = candidates.map(tokenAuthority);
    this.revocations = revocations;
    this.#memo = memo;
    this.#now = now;
    this.#assertions = assertions;
  }

  /** Returns the authority that accepted a caller's token; `undefined` for a caller of another guard. */
  authorityOf(auth: AuthContext): TokenAuthority | undefined {
    const { tid, aud } = auth.claims;
    const whose = { iss: auth.issuer, tid: tid as string | undefined, policy: undefined };
    const at = this.#candidates.findIndex(
      ({ authority }) =>
        authority.couldIssue(whose) &&
        acceptsTenant(authority, auth.tenantId) &&
        authority.settings.audiences.accepted.has(normalizedAudience(String(aud))),
    );
    return this.authorities[at];
  }

  /**
   * Returns the user that the guard accepted for this very request, with the access token by which it did so. The token is read
   * from the request again, and kept nowhere.
   *
   * @throws ConfigurationError for a request that the guard has not accepted with a token; DownstreamError `caller_token_changed` if
   * the request has another token now; PermissionError `caller_kind_not_allowed` for an app-only caller; TokenError `token_expired`
   * and `token_revoked`; UnavailableError `revocations_unavailable`
   */
  callerToken(request: RequestLike): CallerToken {
    if (this.#assertions) throw withoutTokens();
    const caller = this.#memo.tokenOf(request);
    if (caller === undefined) throw notGuarded();
    if (caller === 'changed') throw changed();
    const { auth } = caller;
    if (auth.kind !== 'user') throw notUser();
    const now = this.#now();
    // Not `>=`: a broken clock must not pass.
    if (!(now < auth.expiresAt)) throw expired(auth);
    if (this.revocations !== undefined) new RevocationJudge(this.revocations, () => now).judge(auth);
    return caller;
  }
}

/**
 * Returns what an API that calls other APIs needs of its guard. For `@entra-guard/downstream`.
 *
 * @throws ConfigurationError for anything but a guard
 */
export function middleTierOf(guard: unknown): MiddleTier {
  const tier =
    typeof guard === 'object' && guard !== null
      ? (guard as { readonly [MIDDLE_TIER]?: MiddleTier })[MIDDLE_TIER]
      : undefined;
  if (tier !== undefined) return tier;
  throw new ConfigurationError(
    'guard is not a guard of this project.',
    'Pass what entraGuard(...) or createGuard(...) gave. In NestJS, import EntraDownstreamModule, which finds it.',
  );
}

/**
 * Returns the user that the guard accepted for this very request, with the access token by which it did so; see
 * {@link MiddleTier.callerToken}. For `@entra-guard/downstream`.
 */
export function callerTokenOf(guard: object, request: RequestLike): CallerToken {
  return middleTierOf(guard).callerToken(request);
}

function tokenAuthority({ authority, tenants }: Candidate): TokenAuthority {
  const { settings } = authority;
  const { fetch, now, log, cloud, customSigningKeys, tenancy, audiences } = settings;
  return {
    clientId: audiences.clientId,
    cloud,
    isB2c: isB2c(settings),
    customSigningKeys,
    severalTenants: tenancy.kind === 'any' || (tenancy.kind === 'list' && tenancy.tenants.size > 1),
    fetch,
    now,
    log,
    accepts: async (tenantId) =>
      acceptsTenant(authority, tenantId) && (tenants === undefined || tenants.accepts(tenantId)),
    tokenUrl: (tenantId) => authority.tokenUrl(tenantId),
  };
}

function notGuarded(): ConfigurationError {
  return new ConfigurationError(
    'The guard has not accepted a token for this request.',
    "Put the guard before the handler: guard.require(...). Pass the framework's request itself and not a copy. In unit tests use testDownstream().",
  );
}

function withoutTokens(): ConfigurationError {
  return new ConfigurationError(
    'The guard reads assertions, and has no access token that could be exchanged.',
    'In the policy, set passToken for this app, and give its guard the authority instead of assertion.',
  );
}

function changed(): DownstreamError {
  return new DownstreamError({
    code: 'caller_token_changed',
    message: 'The request no longer has the access token that the guard accepted.',
    hint: 'A middleware or a proxy hook between the guard and the handler changed or removed the Authorization header. Change it before the guard, or not at all.',
  });
}

function notUser(): PermissionError {
  return new PermissionError({
    code: 'caller_kind_not_allowed',
    message: 'An app-only caller has no user on whose behalf another API could be called.',
    hint: 'Entra exchanges delegated tokens only. Require scopes(...) here, or call the other API as this one: asApp().',
  });
}

function expired(auth: AuthContext): TokenError {
  return new TokenError({
    code: 'token_expired',
    message: `The access token expired at ${new Date(auth.expiresAt).toISOString()}, while the request was handled.`,
    hint: 'A request or connection that outlives its token needs a ticket: ticketFor(request, { validFor }).',
    verified: true,
  });
}
