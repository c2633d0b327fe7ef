import { type ErrorCode, STATUS_OF } from './code-status.js';
import { brand, EntraGuardError, type ErrorFacts } from './entra-guard-error.js';
import { ownMember } from './own-member.js';

export { EntraGuardError, type ErrorFacts };

/** The part of a request that holds a malformed credential. */
export type CredentialPlace = 'header' | 'query' | 'body' | 'header and body';

/** The request carries no usable credential: 401 without one, 400 with a malformed one (RFC 6750 section 3.1). */
export class CredentialError extends EntraGuardError {
  override readonly status: 400 | 401;
  /** The part of the request that is at fault; callers are told. Default `'header'`. */
  readonly place: CredentialPlace;

  constructor(
    facts: ErrorFacts & {
      readonly code: 'credentials_missing' | 'credentials_malformed';
      readonly place?: CredentialPlace;
    },
  ) {
    super(facts, false);
    this.place = ownMember(facts, 'place') ?? 'header';
    this.status = STATUS_OF[facts.code];
  }
}

/** The message of an error that must not tell callers which tenants are accepted. */
const CONCEALED = 'The access token is not accepted.';

/** Members that tell more: not enumerable in a concealed error, so that printed and serialised errors lack them. */
const TELLING = ['code', 'hint', 'found', 'expected'] as const;

/**
 * The access token was refused (401 `invalid_token`, or `insufficient_claims` where a fresh token would help). Where several tenants are accepted, an error from before the
 * signature check is concealed: frameworks put `message`, `stack` and enumerable members into answers, so these say
 * only that the token is not accepted. The reason is in `code`, `explanation`, `hint`, `found` and `expected`.
 */
export class TokenError extends EntraGuardError {
  override readonly status = 401;
  /** What the token held, bounded and escaped; `undefined` if there is nothing suitable to show. */
  readonly found: string | undefined;
  /** What would have been accepted. */
  readonly expected: string | undefined;
  /** Whether the signature was verified before the refusal. Only then can the token's claims be trusted. */
  readonly verified: boolean;
  /** Whether callers are told only `token_not_accepted`, because the code would tell which tenants are accepted. */
  readonly concealed: boolean;
  /** What a client has to ask Entra for to get a token that is accepted; `undefined` if no request would help. */
  readonly challenge: ClaimsChallenge | undefined;
  readonly #explanation: string;

  constructor(
    facts: ErrorFacts & {
      readonly found?: string | undefined;
      readonly expected?: string | undefined;
      readonly verified?: boolean;
      readonly concealed?: boolean;
      readonly challenge?: ClaimsChallenge | undefined;
    },
  ) {
    const verified = ownMember(facts, 'verified') ?? false;
    const concealed = ownMember(facts, 'concealed') ?? false;
    const hides = concealed && !verified;
    super(hides ? { ...facts, message: CONCEALED } : facts, false);
    this.found = ownMember(facts, 'found');
    this.expected = ownMember(facts, 'expected');
    this.verified = verified;
    this.concealed = concealed;
    this.challenge = ownMember(facts, 'challenge');
    this.#explanation = facts.message;
    if (hides) for (const name of TELLING) Object.defineProperty(this, name, { enumerable: false });
  }

  override get explanation(): string {
    return this.#explanation;
  }
}

/** The smallest set of permissions that would be enough. */
export interface Enough {
  /** Delegated permissions, fully qualified if the API's application ID URI is known. */
  readonly scopes?: readonly string[];
  readonly userRoles?: readonly string[];
  readonly appPermissions?: readonly string[];
}

/** The approval that a call needs: what to show to the person who may approve. */
export interface NeededApproval {
  /** The ID of the request for the approval. It stays the same until it ends. */
  readonly id: string;
  /** The page where a person approves; absent where the API names none. */
  readonly url?: string | undefined;
  /** When the request ends, in milliseconds since the epoch; in answers in ISO 8601. */
  readonly expiresAt: number;
}

/** The caller is known and may not do this (403; 404 if a check asks to hide that the resource exists). */
export class PermissionError extends EntraGuardError {
  override readonly status: number;
  /** The smallest set of permissions that would be enough; empty if no permission is missing. */
  readonly enough: Enough;
  /** The optional claim that the token lacks, if that is the reason. */
  readonly claim: string | undefined;
  /** The requirement in its printed form. */
  readonly requirement: string | undefined;
  /** The approval that the call needs; for `approval_required` and `approval_denied`. */
  readonly approval: NeededApproval | undefined;

  constructor(
    facts: ErrorFacts & {
      readonly enough?: Enough;
      readonly claim?: string | undefined;
      readonly requirement?: string | undefined;
      readonly status?: number;
      readonly approval?: NeededApproval | undefined;
    },
  ) {
    super(facts, false);
    this.status = ownMember(facts, 'status') ?? 403;
    const approval = ownMember(facts, 'approval');
    this.approval = approval && Object.freeze({ ...approval });
    this.enough = Object.freeze(ownMember(facts, 'enough') ?? {});
    this.claim = ownMember(facts, 'claim');
    this.requirement = ownMember(facts, 'requirement');
  }
}

/** A claims challenge: what a client has to ask Entra for. */
export interface ClaimsChallenge {
  readonly kind: 'claims';
  /** The claims request, minified JSON: `{"access_token":{"acrs":{"essential":true,"value":"c1"}}}`. */
  readonly claims: string;
  readonly authorizationUri: string;
  /** The tenant, or `''` if authentication goes through the common endpoint. */
  readonly realm: string;
}

/** What a client has to do to pass: satisfy a claims challenge, or sign in again. */
export type StepUp =
  | ClaimsChallenge
  | {
      readonly kind: 'sign-in';
      /** How long ago the sign-in may be, in seconds (RFC 9470 section 3, `max_age`). */
      readonly maxAgeSeconds: number;
    };

/** Only a stronger or fresher sign-in is missing (401 with a challenge that a client can satisfy). */
export class StepUpError extends PermissionError {
  /** The challenge. */
  readonly stepUp: StepUp;

  constructor(
    facts: ErrorFacts & {
      readonly stepUp: StepUp;
      readonly enough?: Enough;
      readonly requirement?: string | undefined;
    },
  ) {
    super({ ...facts, status: 401 });
    this.stepUp = facts.stepUp;
  }
}

/** What a guard needs to decide, and what can be unavailable: each has its own owner. */
export type Part =
  /** Metadata and signing keys of the authority. */
  | 'keys'
  /** A function of the application: `isRevoked`, a tenant predicate, `now`. */
  | 'hook'
  | 'revocations'
  | 'groups'
  | 'budgets'
  | 'approvals'
  | 'sessions'
  | 'downstream'
  /** What tells of leavers: `graphLeavers` of `@entra-guard/graph`. No request waits for it. */
  | 'feed';

const UNAVAILABLE: Readonly<Partial<Record<Part, ErrorCode>>> = {
  keys: 'keys_unavailable',
  revocations: 'revocations_unavailable',
  budgets: 'budgets_unavailable',
  approvals: 'approvals_unavailable',
  sessions: 'sessions_unavailable',
  downstream: 'downstream_unavailable',
};

/** What the guard needs to decide is unavailable (503). Says nothing about the token or its caller. */
export class UnavailableError extends EntraGuardError {
  override readonly status = 503;
  /** What is unavailable. */
  readonly part: Part;
  /** After how many seconds to try again; at least 1. */
  readonly retryAfter: number;

  /**
   * The code is that of the part, such as `keys_unavailable`; `hook_failed` for parts without a code of their own.
   *
   * @param facts with `code: 'revocations_full'` where a store takes no further record
   */
  constructor(
    facts: Omit<ErrorFacts, 'code'> & {
      readonly part: Part;
      readonly retryAfter: number;
      readonly code?: 'revocations_full';
    },
  ) {
    const code = ownMember(facts, 'code') ?? ownMember(UNAVAILABLE, facts.part) ?? 'hook_failed';
    super({ ...facts, code }, false);
    this.part = facts.part;
    this.retryAfter = wholeSeconds(facts.retryAfter);
  }
}

/** Metadata or signing keys are unavailable (503). */
export class KeysUnavailableError extends UnavailableError {
  constructor(facts: Omit<ErrorFacts, 'code'> & { readonly retryAfter: number }) {
    super({ ...facts, part: 'keys' });
  }
}

/** The caller has used up what it may use for now (429, RFC 6585 section 4). */
export class LimitError extends EntraGuardError {
  override readonly status = 429;
  /** After how many seconds to try again; at least 1. */
  readonly retryAfter: number;

  constructor(facts: Omit<ErrorFacts, 'code'> & { readonly retryAfter: number }) {
    super({ ...facts, code: 'limit_exceeded' }, false);
    this.retryAfter = wholeSeconds(facts.retryAfter);
  }
}

/** The request's path, host, method or origin can't be served, whatever its caller may do (400, 403, 404 or 405). */
export class RequestError extends EntraGuardError {
  override readonly status: 400 | 403 | 404 | 405;
  /** The methods that are allowed instead; for `method_not_allowed` (RFC 9110 section 15.5.6). */
  readonly allow: readonly string[];

  constructor(
    facts: ErrorFacts & {
      readonly code:
        | 'request_invalid'
        | 'path_not_canonical'
        | 'cross_site_request'
        | 'host_not_known'
        | 'method_not_allowed';
      readonly allow?: readonly string[];
    },
  ) {
    super(facts, false);
    this.status = STATUS_OF[facts.code];
    this.allow = Object.freeze([...(ownMember(facts, 'allow') ?? [])]);
  }
}

/** `Retry-After` has whole seconds (RFC 9110 section 10.2.3). */
function wholeSeconds(seconds: number): number {
  return Math.max(1, Math.ceil(seconds));
}

/**
 * A caller that was sealed for a job could not be opened. There is no caller, so the job must not run. No client waits
 * for an answer, so there is no challenge; if jobs arrive over HTTP, the status is 403.
 */
export class SealedCallerError extends EntraGuardError {
  override readonly status = 403;

  constructor(
    facts: ErrorFacts & {
      readonly code: 'sealed_caller_invalid' | 'sealed_caller_unreadable' | 'sealed_caller_expired';
    },
  ) {
    super(facts);
  }
}

/** The application's check threw (500). The request was not granted. See `cause`. */
export class CheckFailedError extends EntraGuardError {
  override readonly status = 500;

  constructor(facts: Omit<ErrorFacts, 'code'>) {
    super({ ...facts, code: 'check_failed' });
  }
}

/** An option or a requirement is invalid. Thrown when it is built, never during a request. */
export class ConfigurationError extends EntraGuardError {
  override readonly status = 500;
  /** What was found and expected, without the hint. */
  readonly problem: string;

  /** @param problem a sentence; the message is this sentence and the hint, since a stack trace shows the message alone */
  constructor(problem: string, hint: string) {
    super({ code: 'configuration_invalid', message: `${problem} ${hint}`, hint });
    this.problem = problem;
  }
}

/** The API could not call another API, through a fault of its own or of the other one (500, or 502). */
export class DownstreamError extends EntraGuardError {
  override readonly status: 500 | 502;
  /** The name of the other API in the options; `undefined` where it is about all of them. */
  readonly api: string | undefined;
  /** Entra's number for the reason, as in AADSTS65001; `undefined` where Entra did not give one. */
  readonly aadsts: number | undefined;
  /** What the other API answered; for `downstream_answer`. */
  readonly answeredStatus: number | undefined;

  constructor(
    facts: ErrorFacts & {
      readonly code:
        | 'downstream_misconfigured'
        | 'downstream_target_refused'
        | 'downstream_answer'
        | 'caller_token_changed';
      readonly api?: string | undefined;
      readonly aadsts?: number | undefined;
      readonly answeredStatus?: number | undefined;
    },
  ) {
    super(facts);
    this.status = STATUS_OF[facts.code];
    this.api = ownMember(facts, 'api');
    this.aadsts = ownMember(facts, 'aadsts');
    this.answeredStatus = ownMember(facts, 'answeredStatus');
  }
}

const named = {
  CredentialError,
  TokenError,
  PermissionError,
  StepUpError,
  SealedCallerError,
  UnavailableError,
  KeysUnavailableError,
  LimitError,
  RequestError,
  CheckFailedError,
  DownstreamError,
  ConfigurationError,
};
for (const [name, errorClass] of Object.entries(named)) brand(name, errorClass);
