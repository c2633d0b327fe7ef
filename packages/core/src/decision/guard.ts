import type { AuthContext } from '../auth/auth-context.js';
import { type RequestLike, readBearerToken } from '../credential/bearer.js';
import { CredentialError, EntraGuardError, PermissionError } from '../errors.js';
import { consoleLog, limitedLog } from '../log.js';
import type { Owner, ValidatorOptions } from '../options.js';
import { authorize } from '../requirements/authorize.js';
import { assertRequirement } from '../requirements/build.js';
import type { Requirement } from '../requirements/requirement.js';
import { createValidator, settingsOf, type Validator } from '../token/validator.js';
import { auditing, correlationIdOf, type DecisionEvent, publish, verifiedFacts } from './audit.js';
import { claimedBy } from './claimed.js';
import { type HttpAnswer, toHttp } from './http.js';

/** Settings of a guard beside those of its validator. */
export interface GuardSettings {
  /** Adds what was found, expected and should be changed to the answers. For development. Default `false`. */
  readonly explain?: boolean;
  /** Claims to copy into audit events, by name. Default none. */
  readonly auditClaims?: readonly string[];
}

/** One authority, several of them, or a validator that exists already. */
export type GuardOptions = GuardSettings &
  (
    | ValidatorOptions
    | { readonly authorities: readonly ValidatorOptions[] }
    | { readonly validator: Validator }
  );

/** What an adapter knows of the place where a decision is made. */
export interface DecisionPlace {
  /** A name for people: `GET /orders`, `OrdersController.list`. */
  readonly handler?: string | undefined;
  /** Handed to checks. Default: the request itself. */
  readonly request?: unknown;
  /** Finds a provider for checks, in hosts that have them. */
  readonly resolve?: (token: unknown) => Promise<unknown>;
}

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
   * Authenticates, unless this guard has done so for this very request, and judges the requirement. Gives `undefined`
   * only for `anonymous()`.
   *
   * @throws CredentialError, TokenError, PermissionError, StepUpError, KeysUnavailableError, CheckFailedError
   */
  require(
    request: RequestLike,
    requirement: Requirement,
    place?: DecisionPlace,
  ): Promise<AuthContext | undefined>;
  /** Refuses a request that nothing was declared for (`no_requirement`): logs, audits and returns the error to throw. */
  refuse(request: RequestLike, place?: DecisionPlace): PermissionError;
  /** Whom this guard has authenticated for this request. Another library's `req.auth` is never looked at. */
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
  const { explain = false, auditClaims = [], ...rest } = options;
  const validator =
    'validator' in rest
      ? rest.validator
      : createValidator('authorities' in rest ? rest.authorities : (rest as ValidatorOptions));
  return new RequestGuard(validator, explain, Object.freeze([...auditClaims]));
}

class RequestGuard implements Guard {
  readonly validator: Validator;
  readonly #explain: boolean;
  readonly #auditClaims: readonly string[];
  readonly #owner: Owner | undefined;
  readonly #now: () => number;
  readonly #log: ReturnType<typeof limitedLog>;
  readonly #authenticated = new WeakMap<object, AuthContext>();

  constructor(validator: Validator, explain: boolean, auditClaims: readonly string[]) {
    const settings = settingsOf(validator);
    this.validator = validator;
    this.#explain = explain;
    this.#auditClaims = auditClaims;
    this.#owner = settings.owner;
    this.#now = settings.now;
    this.#log = limitedLog(settings.log ?? consoleLog, settings.now);
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
    place: DecisionPlace & { readonly optional?: boolean } = {},
  ): Promise<AuthContext | undefined> {
    try {
      const auth = await this.#authenticate(request);
      this.#record(request, place, undefined, { outcome: 'allow' }, auth);
      return auth;
    } catch (error) {
      if (place.optional && CredentialError.is(error) && error.code === 'credentials_missing') {
        this.#record(request, place, undefined, { outcome: 'allow' }, undefined);
        return undefined;
      }
      this.#recordRefusal(request, place, undefined, error);
      throw error;
    }
  }

  async require(
    request: RequestLike,
    requirement: Requirement,
    place: DecisionPlace = {},
  ): Promise<AuthContext | undefined> {
    assertRequirement('require', requirement);
    if (requirement.role === 'anonymous') {
      this.#record(request, place, requirement, { outcome: 'allow' }, undefined);
      return undefined;
    }
    try {
      const auth = await this.#authenticate(request);
      await authorize(requirement, auth, {
        request: place.request ?? request,
        now: this.#now(),
        ...(place.resolve ? { resolve: place.resolve } : {}),
      });
      this.#record(request, place, requirement, { outcome: 'allow' }, auth);
      return auth;
    } catch (error) {
      this.#recordRefusal(request, place, requirement, error);
      throw error;
    }
  }

  refuse(request: RequestLike, place: DecisionPlace = {}): PermissionError {
    const error = new PermissionError({
      code: 'no_requirement',
      message: `${place.handler ?? 'This handler'} declares no requirement, so nobody may call it.`,
      hint: "Declare one: @RequireScopes('…'), @Require(...), or @Public() to open it on purpose.",
    });
    this.#recordRefusal(request, place, undefined, error);
    return error;
  }

  authOf(request: object): AuthContext | undefined {
    return this.#authenticated.get(request);
  }

  toHttp(error: unknown): HttpAnswer {
    // Asked late: an authority's tenant is known only once its metadata has been read.
    return toHttp(error, { realm: settingsOf(this.validator).realm, explain: this.#explain });
  }

  close(): void {
    this.validator.close();
  }

  async #authenticate(request: RequestLike): Promise<AuthContext> {
    const known = this.#authenticated.get(request);
    if (known !== undefined) return known;
    const auth = await this.validator.validate(readBearerToken(request));
    this.#authenticated.set(request, auth);
    return auth;
  }

  #recordRefusal(
    request: RequestLike,
    place: DecisionPlace,
    requirement: Requirement | undefined,
    error: unknown,
  ): void {
    if (!EntraGuardError.is(error)) return;
    // A request without credentials is how browsers and probes begin: worth an event, not a line in the log.
    if (error.code !== 'credentials_missing') {
      this.#log({
        level: error.status >= 500 ? 'error' : 'warn',
        event: 'refused',
        code: error.code,
        message: `${error.status} ${error.code}: ${error.message}`,
        hint: error.hint,
        ...(place.handler === undefined ? {} : { handler: place.handler }),
        ...(this.#owner ? { owner: ownerLine(this.#owner) } : {}),
      });
    }
    const outcome = { outcome: 'deny', code: error.code, explanation: error.message } as const;
    this.#record(request, place, requirement, outcome, this.#authenticated.get(request));
  }

  #record(
    request: RequestLike,
    place: DecisionPlace,
    requirement: Requirement | undefined,
    outcome: Pick<DecisionEvent, 'outcome' | 'code' | 'explanation'>,
    auth: AuthContext | undefined,
  ): void {
    if (!auditing()) return;
    const time = this.#now();
    const correlationId = correlationIdOf(request);
    const claimed = auth === undefined && outcome.outcome === 'deny' ? claimedBy(request, time) : undefined;
    publish({
      time,
      ...outcome,
      ...(place.handler === undefined ? {} : { handler: place.handler }),
      ...(requirement === undefined ? {} : { requirement: requirement.toString() }),
      reasons: requirement?.reasons ?? [],
      ...(this.#owner ? { owner: this.#owner } : {}),
      ...(auth ? verifiedFacts(auth, this.#auditClaims) : {}),
      ...(claimed ? { claimed } : {}),
      ...(correlationId === undefined ? {} : { correlationId }),
    });
  }
}

function ownerLine(owner: Owner): string {
  return owner.contact === undefined ? owner.team : `${owner.team} (${owner.contact})`;
}
