import { type HttpAnswer, toHttp } from '../answer/http.js';
import type { DecisionPlace } from '../audit/decision-place.js';
import { DecisionRecorder } from '../audit/recorder.js';
import { ConfigurationError, CredentialError, PermissionError } from '../base/errors.js';
import { consoleLog } from '../base/log.js';
import { classMember, ownMember } from '../base/own-member.js';
import { ownOptions } from '../base/own-options.js';
import { printable, printableOptions } from '../base/printable.js';
import { AuthContext } from '../caller/auth-context.js';
import { type ReadToken, readBearerToken } from '../credential/bearer.js';
import type { RequestLike } from '../credential/headers.js';
import { assertKnown, flag } from '../options/option-readers.js';
import type { ValidatorOptions } from '../options/options.js';
import { OPTION_NAMES } from '../options/settings.js';
import { authorizeNow } from '../requirements/authorize.js';
import { assertDecides } from '../requirements/build.js';
import { isPermissionHeld } from '../requirements/judge-permission.js';
import type { Anonymous, Grant } from '../requirements/requirement.js';
import {
  attemptNow,
  createValidator,
  isUntouched,
  settingsOf,
  type Validator,
  validateNow,
} from '../token/validator.js';
import { RequestMemo } from './request-memo.js';

/** Settings of a guard beside those of its validator. */
export interface GuardSettings {
  /** Adds what was found, expected and should be changed to the answers. For development. Default `false`. */
  readonly explain?: boolean;
  /** Claims to copy into audit events, by name. Default none. */
  readonly auditClaims?: readonly string[];
  /**
   * Gives the correlation ID of the request at hand, for audit events: `(header) => header('x-request-id')`, or whatever
   * an `AsyncLocalStorage` of yours holds. Asked while somebody listens, and for a log entry that names the caller. Default:
   * the trace ID of `traceparent`.
   */
  readonly correlationId?: (header: (name: string) => string | undefined) => string | undefined;
}

/** One authority, several of them, or a validator that exists already. */
export type GuardOptions = GuardSettings &
  (
    | ValidatorOptions
    | { readonly authorities: readonly ValidatorOptions[] }
    | { readonly validator: Validator }
  );

/** The whole way from a request's header to a decision, for any host. */
export interface Guard {
  readonly validator: Validator;
  /**
   * Reads and validates the access token. With `optional`, no credentials are fine and give `undefined`; bad ones are
   * refused all the same.
   *
   * @throws CredentialError, TokenError, KeysUnavailableError
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
   * Authenticates, unless this guard has done so for this very request and the credential that it has now, and judges the
   * requirement. Gives `undefined`
   * only for `anonymous()`.
   *
   * @throws CredentialError, TokenError, PermissionError, StepUpError, KeysUnavailableError, CheckFailedError
   */
  require(request: RequestLike, requirement: Grant, place?: DecisionPlace): Promise<AuthContext>;
  require(
    request: RequestLike,
    requirement: Grant | Anonymous,
    place?: DecisionPlace,
  ): Promise<AuthContext | undefined>;
  /**
   * The same as `require`, without a promise where the answer is at hand: for adapters, whose hosts wait only for what has
   * to be waited for. Never count on either: the signature of a new token is mostly verified at once, and in a crowd on
   * another thread.
   *
   * @throws the same, at once or as a rejection
   */
  decide(
    request: RequestLike,
    requirement: Grant | Anonymous,
    place?: DecisionPlace,
  ): AuthContext | undefined | Promise<AuthContext | undefined>;
  /**
   * Checks a requirement when it is declared, ahead of the first request, and warns of one that a user's token could pass
   * without any particular scope, so that any client of the user could act.
   *
   * @throws ConfigurationError for what is no requirement, or only narrows one
   */
  declare(requirement: unknown, handler?: string): void;
  /**
   * Refuses a request that nothing was declared for (`no_requirement`): logs, audits and returns the error to throw.
   *
   * @param why what to say instead, where something else is the reason that nobody can be let in
   */
  refuse(
    request: RequestLike,
    place?: DecisionPlace,
    why?: { readonly message: string; readonly hint: string },
  ): PermissionError;
  /**
   * Whom this guard has authenticated for this request, by the credential that the request still has. `undefined` as soon as
   * its header says something else, or was taken away: ask before you do that. Another library's `req.auth` is never looked at.
   */
  authOf(request: object): AuthContext | undefined;
  /** The answer for an error, with this guard's realm and `explain`. */
  toHttp(error: unknown): HttpAnswer;
  /** Lets go of keys and timers. */
  close(): void;
}

/**
 * Builds a guard for any host: Hono, Fastify, Azure Functions, Next.js.
 *
 * @throws ConfigurationError for options that can't be right
 */
export function createGuard(options: GuardOptions): Guard {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigurationError(
      `The options are ${printableOptions(options)}.`,
      'Pass an object: { tenantId, clientId }.',
    );
  }
  const { explain, auditClaims, correlationId, ...rest } = ownOptions('The options object', options, NAMES);
  return guardFor(
    validatorFrom(ownOptions('The options object', rest)),
    { explain, auditClaims, correlationId },
    readBearerToken,
  );
}

const NAMES = [...OPTION_NAMES, 'explain', 'auditClaims', 'correlationId', 'validator', 'authorities'];

/** The settings of a guard as they are given. */
type GivenSettings = { readonly [Name in keyof GuardSettings]: GuardSettings[Name] | undefined };

/** Finds out who calls; throws, or rejects, where nobody does. */
export type Identify = (request: RequestLike) => AuthContext | Promise<AuthContext>;

/** A guard over a validator, which finds the token in its own way. */
export function guardFor(validator: Validator, settings: GivenSettings, readToken: ReadToken): Guard {
  const attempt = (text: string) => attemptNow(validator, text);
  const identify: Identify = (request) => {
    const found = readToken(request, attempt);
    return typeof found === 'string' ? validateNow(validator, found) : found;
  };
  return guardThatIdentifies(validator, settings, readToken, identify);
}

/** A guard that finds out in its own way who calls. All that it decides afterwards is the same. */
export function guardThatIdentifies(
  validator: Validator,
  settings: GivenSettings,
  readToken: ReadToken,
  identify: Identify,
): Guard {
  const explain = flag('explain', settings.explain);
  const { owner, now, log } = settingsOf(validator);
  const recorder = new DecisionRecorder({
    auditClaims: claimNames(settings.auditClaims),
    correlationId: correlationSource(settings.correlationId),
    owner,
    now,
    log: log ?? consoleLog,
    readToken,
  });
  return new RequestGuard(validator, explain, now, identify, recorder, new RequestMemo(readToken));
}

function validatorFrom(options: Omit<GuardOptions, keyof GuardSettings>): Validator {
  if (Object.hasOwn(options, 'validator')) {
    assertKnown('option beside validator called', options, ['validator']);
    const { validator } = options as { readonly validator: Validator };
    if (typeof validator?.validate === 'function') return validator;
    throw new ConfigurationError(
      `validator is ${printable(validator)}.`,
      'Pass what createValidator returns, or leave it out and pass tenantId and clientId.',
    );
  }
  if (Object.hasOwn(options, 'authorities')) {
    assertKnown('option beside authorities called', options, ['authorities']);
    return createValidator((options as { readonly authorities: readonly ValidatorOptions[] }).authorities);
  }
  return createValidator(options as ValidatorOptions);
}

function correlationSource(value: unknown): GuardSettings['correlationId'] {
  if (value === undefined || typeof value === 'function') return value as GuardSettings['correlationId'];
  throw new ConfigurationError(
    `correlationId is ${printable(value)}.`,
    "Pass a function: (header) => header('x-request-id').",
  );
}

function claimNames(value: unknown = []): readonly string[] {
  if (Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== '')) {
    return Object.freeze([...value]);
  }
  throw new ConfigurationError(
    `auditClaims is ${printable(value)}.`,
    "List claims by their names: ['uti', 'acrs'].",
  );
}

/** Where an adapter says nothing of the place; not even what stands on `Object.prototype`. */
const NOWHERE: DecisionPlace = Object.freeze(Object.create(null) as object);

class RequestGuard implements Guard {
  readonly validator: Validator;
  readonly #explain: boolean;
  readonly #now: () => number;
  readonly #recorder: DecisionRecorder;
  readonly #identify: Identify;
  readonly #memo: RequestMemo;

  constructor(
    validator: Validator,
    explain: boolean,
    now: () => number,
    identify: Identify,
    recorder: DecisionRecorder,
    memo: RequestMemo,
  ) {
    this.#memo = memo;
    this.validator = validator;
    this.#explain = explain;
    this.#identify = identify;
    this.#recorder = recorder;
    this.#now = now;
  }

  authenticate(
    request: RequestLike,
    place?: DecisionPlace & { readonly optional?: false },
  ): Promise<AuthContext>;
  authenticate(
    request: RequestLike,
    place: DecisionPlace & { readonly optional?: boolean },
  ): Promise<AuthContext | undefined>;
  async authenticate(
    request: RequestLike,
    place: DecisionPlace & { readonly optional?: boolean } = NOWHERE,
  ): Promise<AuthContext | undefined> {
    try {
      const auth = await this.#authenticate(request);
      this.#recorder.allow(request, place, undefined, auth);
      return auth;
    } catch (error) {
      if (
        ownMember(place, 'optional') === true &&
        CredentialError.is(error) &&
        error.code === 'credentials_missing'
      ) {
        this.#recorder.allow(request, place, undefined, undefined);
        return undefined;
      }
      this.#recorder.refuse(request, place, undefined, error, undefined);
      throw error;
    }
  }

  require(request: RequestLike, requirement: Grant, place?: DecisionPlace): Promise<AuthContext>;
  require(
    request: RequestLike,
    requirement: Grant | Anonymous,
    place?: DecisionPlace,
  ): Promise<AuthContext | undefined>;
  async require(
    request: RequestLike,
    requirement: Grant | Anonymous,
    place?: DecisionPlace,
  ): Promise<AuthContext | undefined> {
    return this.decide(request, requirement, place);
  }

  decide(
    request: RequestLike,
    requirement: Grant | Anonymous,
    place: DecisionPlace = NOWHERE,
  ): AuthContext | undefined | Promise<AuthContext | undefined> {
    assertDecides('require(...)', requirement);
    if (requirement.role === 'anonymous') {
      this.#recorder.allow(request, place, requirement, undefined);
      return undefined;
    }
    let found: AuthContext | Promise<AuthContext>;
    try {
      found = this.#authenticate(request);
    } catch (error) {
      this.#recorder.refuse(request, place, requirement, error, undefined);
      throw error;
    }
    // Nothing but a context is taken for one: who replaces the global Promise has promises of two kinds.
    return AuthContext.is(found)
      ? this.#decideAbout(request, requirement, place, found)
      : this.#decideLater(request, requirement, place, found);
  }

  declare(requirement: unknown, handler?: string): void {
    assertDecides('require(...)', requirement);
    if (!requirement.leavesScopeOpen) return;
    this.#recorder.warn({
      event: 'configuration',
      message: `${requirement} lets users in without any particular scope: any client that they use could act for them.`,
      hint: "Name a scope beside it: allOf(scopes('…'), …).",
      ...(handler === undefined ? {} : { handler }),
    });
  }

  refuse(
    request: RequestLike,
    place: DecisionPlace = NOWHERE,
    why: { readonly message: string; readonly hint: string } = {
      message: `${place.handler ?? 'This handler'} declares no requirement, so nobody may call it.`,
      hint: "Declare one: @RequireScopes('…'), @Require(...), or @Public() to open it on purpose.",
    },
  ): PermissionError {
    const error = new PermissionError({ code: 'no_requirement', message: why.message, hint: why.hint });
    this.#recorder.refuse(request, place, undefined, error, this.authOf(request));
    return error;
  }

  authOf(request: object): AuthContext | undefined {
    return this.#memo.get(request as RequestLike);
  }

  toHttp(error: unknown): HttpAnswer {
    // Asked late: an authority's tenant is known only once its metadata has been read.
    return toHttp(error, { realm: settingsOf(this.validator).realm, explain: this.#explain });
  }

  close(): void {
    this.validator.close();
  }

  // What has to be waited for stands by itself: a function that makes closures keeps its arguments on the heap, and makes
  // them dear for all requests that wait for nothing.

  #decideLater(
    request: RequestLike,
    requirement: Grant,
    place: DecisionPlace,
    found: Promise<AuthContext>,
  ): Promise<AuthContext> {
    return found.then(
      (auth) => this.#decideAbout(request, requirement, place, auth),
      (error: unknown) => {
        this.#recorder.refuse(request, place, requirement, error, undefined);
        throw error;
      },
    );
  }

  #recordingRefusal(
    request: RequestLike,
    requirement: Grant,
    place: DecisionPlace,
    auth: AuthContext,
    allowed: Promise<AuthContext>,
  ): Promise<AuthContext> {
    return allowed.catch((error: unknown) => {
      this.#recorder.refuse(request, place, requirement, error, auth);
      throw error;
    });
  }

  #rememberLater(request: RequestLike, answer: Promise<AuthContext>): Promise<AuthContext> {
    // A validator of another maker may give a context that says nothing of the token. What was read was read just now.
    const credential = isUntouched(this.validator) ? undefined : this.#memo.credentialOf(request);
    return answer.then((auth) => {
      if (credential === undefined) this.#memo.set(request, auth);
      else this.#memo.note(request, auth, credential);
      return auth;
    });
  }

  /** Judges the requirement, and records what came of it; waits only for checks that have to be run. */
  #decideAbout(
    request: RequestLike,
    requirement: Grant,
    place: DecisionPlace,
    auth: AuthContext,
  ): AuthContext | Promise<AuthContext> {
    try {
      const allowed = this.#authorize(request, requirement, place, auth);
      if (AuthContext.is(allowed)) return allowed;
      return this.#recordingRefusal(request, requirement, place, auth, allowed);
    } catch (error) {
      this.#recorder.refuse(request, place, requirement, error, auth);
      throw error;
    }
  }

  #authorize(
    request: RequestLike,
    requirement: Grant,
    place: DecisionPlace,
    auth: AuthContext,
  ): AuthContext | Promise<AuthContext> {
    // Most often it is one permission, which the caller has: nothing else has to be known then.
    if (isPermissionHeld(requirement.node, auth)) return this.#allow(request, requirement, place, auth);
    return this.#authorizeByAll(request, requirement, place, auth);
  }

  #authorizeByAll(
    request: RequestLike,
    requirement: Grant,
    place: DecisionPlace,
    auth: AuthContext,
  ): AuthContext | Promise<AuthContext> {
    const resolve = classMember(place, 'resolve');
    const asked = { request: classMember(place, 'request') ?? request, now: this.#now() };
    const checked = authorizeNow(requirement, auth, resolve ? { ...asked, resolve } : asked);
    if (checked === undefined) return this.#allow(request, requirement, place, auth);
    return checked.then(() => this.#allow(request, requirement, place, auth));
  }

  #allow(request: RequestLike, requirement: Grant, place: DecisionPlace, auth: AuthContext): AuthContext {
    this.#recorder.allow(request, place, requirement, auth);
    return auth;
  }

  #authenticate(request: RequestLike): AuthContext | Promise<AuthContext> {
    const known = this.#memo.get(request);
    if (known !== undefined) return known;
    const answer = this.#identify(request);
    if (!AuthContext.is(answer)) return this.#rememberLater(request, answer);
    this.#memo.set(request, answer);
    return answer;
  }
}
