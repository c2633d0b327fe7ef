import type { HttpAnswer } from '../answer/http.js';
import type { DecisionPlace } from '../audit/decision-place.js';
import type { PermissionError } from '../base/errors.js';
import type { Health } from '../base/health.js';
import type { AuthContext } from '../caller/auth-context.js';
import type { RequestLike } from '../credential/headers.js';
import type { ApprovalStore } from '../options/approvals.js';
import type { Revocations } from '../options/revocations.js';
import type { Anonymous, Grant } from '../requirements/requirement.js';
import type { Validator } from '../token/validator-contract.js';

/** Decides about requests, from the `Authorization` header to the answer, for any host. */
export interface Guard {
  readonly validator: Validator;
  /** The setting `revocations`, by which callers are judged; `undefined` without one. */
  readonly revocations: Revocations | undefined;
  /** The setting `approvals`, in which approvals are kept; `undefined` without one. */
  readonly approvals: ApprovalStore | undefined;
  /**
   * Reads and validates the access token. With `optional`, no credentials are fine and give `undefined`; bad ones are
   * refused all the same.
   *
   * @throws CredentialError, TokenError, UnavailableError
   */
  authenticate(
    request: RequestLike,
    place?: DecisionPlace & { readonly optional?: false },
  ): Promise<AuthContext>;
  authenticate(
    request: RequestLike,
    place: DecisionPlace & { readonly optional?: boolean },
  ): Promise<AuthContext | undefined>;
  /**
   * Authenticates, unless this guard has done so for this request and the credential that it has now, and judges the
   * requirement. Gives `undefined` only for `anonymous()`.
   *
   * @throws CredentialError, TokenError, PermissionError, StepUpError, UnavailableError, CheckFailedError
   */
  require(request: RequestLike, requirement: Grant, place?: DecisionPlace): Promise<AuthContext>;
  require(
    request: RequestLike,
    requirement: Grant | Anonymous,
    place?: DecisionPlace,
  ): Promise<AuthContext | undefined>;
  /**
   * Decides like `require`, and gives no promise for a token that was accepted before: for adapters, whose hosts need not wait
   * then. Never count on either.
   *
   * @throws what `require` throws, at once or as a rejection
   */
  decide(
    request: RequestLike,
    requirement: Grant | Anonymous,
    place?: DecisionPlace,
  ): AuthContext | undefined | Promise<AuthContext | undefined>;
  /**
   * Checks a requirement when it is declared, ahead of the first request. Warns of one that a user's token could pass without any
   * particular scope, so that any client of the user could act; and of a `tighten(...)` that switches within 14 days, or has.
   *
   * @throws ConfigurationError for what is not a requirement, or only narrows one; for a `limit(...)` without the setting `budgets`;
   * for an `approval(...)` without the setting `approvals`, or that says what is approved as little as `place` does
   *
   * @param place with `approves` where the place of each decision has it, too
   */
  declare(requirement: unknown, handler?: string, place?: Pick<DecisionPlace, 'approves'>): void;
  /**
   * Refuses a request that nothing was declared for (`no_requirement`): logs, audits and returns the error to throw.
   *
   * @param why what to say instead, where another reason keeps every caller out
   */
  refuse(
    request: RequestLike,
    place?: DecisionPlace,
    why?: { readonly message: string; readonly hint: string },
  ): PermissionError;
  /**
   * The caller that this guard authenticated for this request, by the credential that the request still has. `undefined` once
   * its header was changed or removed: ask before you do that. Another library's `req.auth` is never read.
   */
  authOf(request: object): AuthContext | undefined;
  /** Whether the guard has the setting `loadUser`. */
  readonly loadsUsers: boolean;
  /**
   * Returns the application's user of the caller, as `loadUser` gives it. Asks once per request and caller; a changed
   * credential is another caller. Call it after {@link require} has let the request pass. A refusal is logged and audited as
   * that of `place.handler`.
   *
   * @param auth the caller, where the host knows it. Default: `authOf(request)`
   * @throws PermissionError `user_unknown` if `loadUser` gives `undefined`; CheckFailedError if it throws or gives anything
   * else; ConfigurationError without `loadUser`, and without a caller (as rejections)
   */
  userOf(request: RequestLike, place?: DecisionPlace, auth?: AuthContext): Promise<object>;
  /** The answer for an error, with this guard's realm and `explain`. */
  toHttp(error: unknown): HttpAnswer;
  /**
   * Prepares all that the guard was given, before the first request: its validator loads keys. Optional.
   *
   * @throws UnavailableError while something can't be read, ConfigurationError if two authorities accept the same tokens (as
   * rejections)
   */
  ready(): Promise<void>;
  /**
   * Tells whether requests can be decided about, for readiness probes: of all that the guard was given. Loads keys if none
   * have been read yet. Never rejects.
   */
  health(): Promise<Health>;
  /** Closes all that the guard was given: drops keys, ends timers. Idempotent. */
  close(): Promise<void>;
  /** Like {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
