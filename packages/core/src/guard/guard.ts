import { type HttpAnswer, toHttp } from '../answer/http.js';
import type { DecisionPlace, Question } from '../audit/decision-place.js';
import { DecisionRecorder } from '../audit/recorder.js';
import { CredentialError, type PermissionError } from '../base/errors.js';
import type { Health } from '../base/health.js';
import { consoleLog, type LogEntry } from '../base/log.js';
import { classMember, ownMember } from '../base/own-member.js';
import { withStore } from '../base/store-health.js';
import type { AuthContext } from '../caller/auth-context.js';
import type { RequestLike } from '../credential/headers.js';
import type { ApprovalStore } from '../options/approvals.js';
import { flag, fn } from '../options/option-readers.js';
import type { Revocations } from '../options/revocations.js';
import { authorizeNow, isAtOnce, type JudgeOptions, type Sources } from '../requirements/authorize.js';
import type { JudgedFacts } from '../requirements/kinds/kind.js';
import { isPermissionHeld } from '../requirements/kinds/permissions.js';
import { type Anonymous, assertDecides, type Grant } from '../requirements/requirement.js';
import { settingsOf, sharedOf, type Validator } from '../token/validator-contract.js';
import { AgentNotices } from './agent-notices.js';
import { openScopeWarning, undeclared, type WhyClosed } from './declarations.js';
import { FORWARD_AUTH, type ForwardAuth } from './forward-auth.js';
import { GUARD_ACCESS, type GuardAccess, servedAuthorities } from './guard-access.js';
import { APPROVALS, GuardApprovals } from './guard-approvals.js';
import { GuardBudgets } from './guard-budgets.js';
import type { Guard } from './guard-contract.js';
import { claimNames, correlationSource, type GivenSettings, groupsResolver } from './guard-options.js';
import { GuardRevocations } from './guard-revocations.js';
import type { Identification } from './identification.js';
import { MIDDLE_TIER, MiddleTier } from './middle-tier.js';
import { RequestCallers } from './request-callers.js';
import { RequestUsers } from './request-users.js';
import { SwitchNotices } from './switch-notices.js';

/** Where an adapter says nothing of the place; not even what stands on `Object.prototype`. */
const NOWHERE: DecisionPlace = Object.freeze(Object.create(null) as object);

/** Reads a request, validates its token, judges the requirement, records the decision, and answers. */
export class RequestGuard implements Guard {
  readonly validator: Validator;
  readonly #revocations: GuardRevocations;
  readonly #explain: boolean;
  readonly #now: () => number;
  readonly #callers: RequestCallers;
  readonly #recorder: DecisionRecorder;
  readonly #budgets: GuardBudgets;
  readonly #sources: Sources;
  readonly #agents: AgentNotices;
  readonly #switches: SwitchNotices;
  readonly #users: RequestUsers;
  readonly [MIDDLE_TIER]: MiddleTier;
  readonly [APPROVALS]: GuardApprovals;
  readonly [GUARD_ACCESS]: GuardAccess;
  readonly [FORWARD_AUTH]: ForwardAuth;

  constructor(validator: Validator, settings: GivenSettings, identification: Identification) {
    const ofValidator = settingsOf(validator);
    const { owner, now, log } = ofValidator;
    this.validator = validator;
    this.#explain = flag('explain', settings.explain);
    this.#now = now;
    const shared = sharedOf(ofValidator);
    this.#revocations = new GuardRevocations(settings.revocations, shared.revocations);
    this.#budgets = new GuardBudgets(settings.budgets);
    this[APPROVALS] = new GuardApprovals(settings.approvals, now);
    this.#sources = {
      groupsOf: groupsResolver(settings.groupsOf ?? shared.groupsOf, now),
      spend: (requirement, limit, auth) => this.#budgets.spend(requirement, limit, auth),
      approve: (requirement, node, auth, options) => this[APPROVALS].use(requirement, node, auth, options),
    };
    this.#recorder = new DecisionRecorder({
      auditClaims: claimNames(settings.auditClaims),
      correlationId: correlationSource(settings.correlationId),
      owner,
      now,
      log: log ?? consoleLog,
      readCredential: identification.readCredential,
    });
    const warn = (entry: Omit<LogEntry, 'level'>) => this.#recorder.warn(entry);
    this.#callers = new RequestCallers(this.#revocations.judging(identification, now, warn));
    this.#switches = new SwitchNotices(warn, now);
    this.#agents = new AgentNotices(warn);
    const { memo } = this.#callers;
    this.#users = new RequestUsers(fn('loadUser', settings.loadUser), this.#recorder, memo);
    this[MIDDLE_TIER] = new MiddleTier(ofValidator, memo, this.#revocations.store);
    this[GUARD_ACCESS] = {
      guard: this,
      authorities: servedAuthorities(ofValidator),
      now,
      log: log ?? consoleLog,
      identify: (request, place) => this.#identify(request, place),
      groupsOf: async (auth) => (auth.groups === 'overage' ? this.#sources.groupsOf?.(auth) : undefined),
    };
    this[FORWARD_AUTH] = {
      byAssertion: ofValidator.assertions === true,
      foresee: (request, requirement) => this.#foresee(request, requirement),
      refuse: (request, error, place = NOWHERE) =>
        this.#recorder.refuse({ request, place, requirement: undefined }, error, this.authOf(request)),
    };
  }

  decide(
    request: RequestLike,
    requirement: Grant | Anonymous,
    place: DecisionPlace = NOWHERE,
  ): AuthContext | undefined | Promise<AuthContext | undefined> {
    assertDecides('require(...)', requirement);
    if (requirement.role === 'anonymous') return this.#open({ request, place, requirement });
    const ask = { request, requirement, place };
    const caller = this.#read(ask);
    return typeof caller === 'string' ? this.#decideAbout(caller, ask) : this.#judge(ask, caller);
  }

  /** Lets a request pass where no caller is needed. */
  #open(ask: Question): undefined | Promise<undefined> {
    const admitted = this.#callers.admit(ask.request);
    if (admitted !== undefined) return this.#openAfter(admitted, ask);
    this.#recorder.allow(ask, undefined);
    return undefined;
  }

  async #openAfter(admitted: Promise<void>, ask: Question): Promise<undefined> {
    try {
      await admitted;
    } catch (error) {
      throw this.#refused(ask, error);
    }
    this.#recorder.allow(ask, undefined);
  }

  /** The caller, where the request's token was accepted before; else the token, to be validated. */
  #read(ask: Question): AuthContext | string {
    try {
      return this.#callers.find(ask.request);
    } catch (error) {
      throw this.#refused(ask, error);
    }
  }

  async #decideAbout(
    credential: string,
    ask: Question & { readonly requirement: Grant },
  ): Promise<AuthContext> {
    return this.#judge(ask, await this.#validate(credential, ask));
  }

  async #validate(credential: string, ask: Question): Promise<AuthContext> {
    try {
      return await this.#callers.validate(credential, ask.request);
    } catch (error) {
      throw this.#refused(ask, error);
    }
  }

  /** Judges the requirement, and waits only for checks and groups that are needed. */
  #judge(
    ask: Question & { readonly requirement: Grant },
    auth: AuthContext,
  ): AuthContext | Promise<AuthContext> {
    const { request, requirement, place } = ask;
    let facts: JudgedFacts | undefined;
    try {
      // Mostly it is one permission, which the caller has.
      if (!isPermissionHeld(requirement.node, auth)) {
        this.#switches.tell(requirement, place);
        this.#agents.tell(requirement, auth, place);
        const granted = authorizeNow(requirement, auth, this.#optionsAt(place, request), this.#sources);
        if (!isAtOnce(granted)) return this.#awaitChecks(granted, ask, auth);
        facts = granted;
      }
    } catch (error) {
      throw this.#refused(ask, error, auth);
    }
    return this.#allowed(ask, auth, facts);
  }

  #optionsAt(place: DecisionPlace, request: RequestLike): JudgeOptions {
    const resolve = classMember(place, 'resolve');
    const approves = classMember(place, 'approves');
    const options = { request: classMember(place, 'request') ?? request, now: this.#now() };
    if (!resolve && !approves) return options;
    return { ...options, ...(resolve ? { resolve } : {}), ...(approves ? { approves } : {}) };
  }

  async #awaitChecks(checks: Promise<JudgedFacts>, ask: Question, auth: AuthContext): Promise<AuthContext> {
    let facts: JudgedFacts;
    try {
      facts = await checks;
    } catch (error) {
      throw this.#refused(ask, error, auth);
    }
    return this.#allowed(ask, auth, facts);
  }

  #allowed(ask: Question, auth: AuthContext, facts?: JudgedFacts): AuthContext {
    this.#recorder.allow(ask, auth, facts);
    return auth;
  }

  /** Records a refusal, and gives the error to throw. */
  #refused(ask: Question, error: unknown, auth?: AuthContext): unknown {
    this.#recorder.refuse(ask, error, auth);
    return error;
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
    const auth = await this.#identify(request, place);
    this.#recorder.allow({ request, requirement: undefined, place }, auth);
    return auth;
  }

  /** Authenticates, and records nothing but a refusal. */
  async #identify(
    request: RequestLike,
    place: DecisionPlace & { readonly optional?: boolean },
  ): Promise<AuthContext | undefined> {
    const ask = { request, requirement: undefined, place };
    try {
      const caller = this.#callers.find(request);
      return typeof caller === 'string' ? await this.#callers.validate(caller, request) : caller;
    } catch (error) {
      const missing = CredentialError.is(error) && error.code === 'credentials_missing';
      if (!missing || ownMember(place, 'optional') !== true) throw this.#refused(ask, error);
    }
    try {
      await this.#callers.admit(request);
      return undefined;
    } catch (error) {
      throw this.#refused(ask, error);
    }
  }

  /** What {@link require} would throw, without telling anyone. */
  async #foresee(request: RequestLike, requirement: Grant | Anonymous): Promise<unknown> {
    try {
      assertDecides('foresee(...)', requirement);
      if (requirement.role === 'anonymous') {
        await this.#callers.admit(request);
        return undefined;
      }
      const caller = this.#callers.find(request);
      const auth = typeof caller === 'string' ? await this.#callers.validate(caller, request) : caller;
      const { groupsOf } = this.#sources;
      await authorizeNow(requirement, auth, this.#optionsAt(NOWHERE, request), { groupsOf });
      return undefined;
    } catch (error) {
      return error ?? new Error('Something was thrown that is not an error.');
    }
  }

  declare(requirement: unknown, handler?: string, place: Pick<DecisionPlace, 'approves'> = NOWHERE): void {
    assertDecides('require(...)', requirement);
    this.#budgets.assertCountable(requirement);
    this[APPROVALS].assertApprovable(requirement, classMember(place, 'approves') !== undefined);
    this.#switches.tell(requirement, { handler });
    if (requirement.leavesScopeOpen) this.#recorder.warn(openScopeWarning(requirement, handler));
  }

  refuse(request: RequestLike, place: DecisionPlace = NOWHERE, why?: WhyClosed): PermissionError {
    const error = undeclared(place, why);
    this.#recorder.refuse({ request, place, requirement: undefined }, error, this.authOf(request));
    return error;
  }

  authOf(request: object): AuthContext | undefined {
    return this.#callers.memo.get(request as RequestLike);
  }

  get loadsUsers(): boolean {
    return this.#users.canLoad;
  }

  async userOf(
    request: RequestLike,
    place: DecisionPlace = NOWHERE,
    auth: AuthContext | undefined = this.authOf(request),
  ): Promise<object> {
    return this.#users.of({ request, requirement: undefined, place }, auth);
  }

  toHttp(error: unknown): HttpAnswer {
    // Asked late: an authority's tenant is known only once its metadata has been read.
    return toHttp(error, { realm: settingsOf(this.validator).realm, explain: this.#explain });
  }

  get revocations(): Revocations | undefined {
    return this.#revocations.store;
  }

  get approvals(): ApprovalStore | undefined {
    return this[APPROVALS].store;
  }

  async ready(): Promise<void> {
    await Promise.all([this.validator.ready(), this.revocations?.ready()]);
  }

  async health(): Promise<Health> {
    const health = this.#revocations.health(await this.validator.health());
    return withStore(withStore(health, 'budgets', this.#budgets.store), 'approvals', this.approvals);
  }

  async close(): Promise<void> {
    this.validator.close();
    await Promise.all([this.revocations?.close(), this.#budgets.store?.close(), this.approvals?.close()]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
