import {
  type AuthContext,
  authorize,
  type DecisionPlace,
  EntraGuardError,
  type Guard,
  type RequestLike,
} from '@entra-guard/core';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { CallPlace, resolverOf } from './call-place.js';
import type { HandlerAccess } from './composition.js';
import type { ContextAdapter, ContextCall, ContextHost, Lasting } from './contexts/context-adapter.js';
import type { ContextRegistry } from './contexts/context-registry.js';
import { decideOnce, once } from './contexts/decided-once.js';
import {
  accessIn,
  isCaller,
  isComposed,
  isOpen,
  isThenable,
  kindOf,
  needsNoCaller,
} from './decided-access.js';
import { EntraGuardException } from './entra-guard.exception.js';
import { CONTEXT_REGISTRY, CORE_GUARD, HANDLER_REQUIREMENTS } from './entra-guard.tokens.js';
import { copyOf, isAdapter, isRequest, isThrowable, NO_REQUEST } from './given-steps.js';
import type { HandlerRequirements } from './handler-requirements.js';
import { OpenRights } from './open-rights.js';
import { remember } from './request-auth.js';
import { coreSaid, hasPassed, hasPassedAny, noted, rememberPassed } from './verdicts.js';

type Caller = AuthContext | undefined;

/** One call, and what was read of it. */
interface Asked {
  readonly context: ExecutionContext;
  readonly adapter: ContextAdapter;
  readonly call: ContextCall;
}

/** What comes of judging a call that may pass. A value of its own: nothing else that a step may give lets a call pass. */
const ADMITTED = Symbol('admitted');
type Admitted = typeof ADMITTED;

/**
 * Judges every call by what its handler and class declare; denies where nothing is declared, and where the context is one
 * that no adapter knows. The rules are the core's. To change a step, extend it and pass it as the option `guard`; its parts
 * are injected as properties, so that a subclass has its constructor to itself.
 */
@Injectable()
export class EntraGuard implements CanActivate {
  /** The core's guard. */
  @Inject(CORE_GUARD)
  protected readonly core!: Guard;

  @Inject(HANDLER_REQUIREMENTS)
  private readonly requirements!: HandlerRequirements;

  @Inject(CONTEXT_REGISTRY)
  private readonly contexts!: ContextRegistry;

  @Inject(OpenRights)
  private readonly openRights!: OpenRights;

  @Inject(HttpAdapterHost)
  private readonly adapterHost!: HttpAdapterHost;

  @Inject(ModuleRef)
  private readonly moduleRef!: ModuleRef;

  /** The steps as they are here. One that was replaced on the prototype decides no more than one of a subclass. */
  private static readonly steps = {
    decide: EntraGuard.prototype.decide,
    requestOf: EntraGuard.prototype.requestOf,
    handlerName: EntraGuard.prototype.handlerName,
    toException: EntraGuard.prototype.toException,
  } as const;

  private readonly nameOf = (context: ExecutionContext): string => {
    const name: unknown = this.handlerName(context);
    if (typeof name === 'string') return name;
    // A promise of a name that is rejected would end the process.
    if (isThenable(name)) Promise.resolve(name).catch(() => {});
    return EntraGuard.steps.handlerName.call(this, context);
  };

  /**
   * Lets pass, or rejects with the refusal in the context's own form. Never answers `false`: that would lose the reason.
   * Answers `true` at once where nothing has to be waited for.
   */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (hasPassed(context, this.core, this.constructor)) return true;
    let adapter: unknown;
    try {
      adapter = this.adapterOf(context);
      const judging = isAdapter(adapter) ? this.judge(context, adapter) : this.judgeLater(context, adapter);
      if (judging !== ADMITTED) return this.wait(context, adapter, judging);
    } catch (error) {
      return this.refuse(context, adapter, error);
    }
    return this.pass(context);
  }

  /** @internal Whether this guard, or one that extends it, has let the call pass already. */
  hasLetPass(context: ExecutionContext): boolean {
    return hasPassedAny(context, this.core, this.constructor);
  }

  /** @internal Whether anything is declared for the handler of the call, by a decorator or by an option. */
  hasDeclaration(context: ExecutionContext): boolean {
    return this.requirements.of(context.getClass(), context.getHandler()) !== undefined;
  }

  /** Which adapter reads this context; `undefined` denies. */
  protected adapterOf(context: ExecutionContext): ContextAdapter | undefined {
    return this.contexts.of(context);
  }

  /**
   * Where the credentials are: on HTTP Node's request, whose `rawHeaders` show a repeated header. `undefined` where the
   * context does not show it; then only public handlers can be called.
   */
  protected requestOf(context: ExecutionContext): RequestLike | undefined {
    return this.adapterOf(context)?.read(context, this.host()).credentials;
  }

  /** What the handler asks of its callers; nothing is a refusal. */
  protected requirementOf(
    context: ExecutionContext,
  ): HandlerAccess | undefined | Promise<HandlerAccess | undefined> {
    return this.requirements.of(context.getClass(), context.getHandler());
  }

  /** Lets the core decide: the caller, or `undefined` where none is needed; throws to refuse. */
  protected decide(
    request: RequestLike,
    access: HandlerAccess,
    place: DecisionPlace,
    context: ExecutionContext,
  ): Caller | Promise<Caller> {
    if (request === NO_REQUEST || !CallPlace.isShared(place))
      return this.decideByCore(request, access, place, context);
    return decideOnce(request, access, () => this.decideByCore(request, access, place, context)) as
      | Caller
      | Promise<Caller>;
  }

  private decideByCore(
    request: RequestLike,
    access: HandlerAccess,
    place: DecisionPlace,
    context: ExecutionContext,
  ): Caller | Promise<Caller> {
    if (access.mode === 'require') {
      const decided = this.core.decide(request, access.requirement, place);
      return this.decidesByItself() ? noted(place, access.requirement, decided) : decided;
    }
    if (accessIn(access)?.mode !== 'optional') throw this.refuseOdd(context, 'decide', access, DECISIONS);
    const { handler, request: asked, resolve } = place;
    return this.core.authenticate(request, {
      handler,
      request: asked,
      ...(resolve && { resolve }),
      optional: true,
    });
  }

  /** The handler's name in logs and audit events: `OrdersController.list`. */
  protected handlerName(context: ExecutionContext): string {
    const method = this.requirements.methodOf(context.getClass(), context.getHandler());
    return `${context.getClass().name}.${method ?? context.getHandler().name}`;
  }

  /**
   * What is thrown for an error, in the form of its context; on HTTP the headers are on the response then. Errors that are
   * not entra-guard's go on as they are: Nest logs them and answers 500.
   */
  protected toException(error: unknown, context: ExecutionContext): unknown {
    if (!EntraGuardError.is(error)) return error;
    const answer = this.core.toHttp(error);
    const adapter: unknown = this.adapterOf(context);
    const own = isAdapter(adapter) ? adapter.toException(answer, error, context, this.host()) : undefined;
    return isThrowable(own) ? own : new EntraGuardException(answer, error);
  }

  private pass(context: ExecutionContext): true {
    rememberPassed(context, this.core, this.constructor);
    return true;
  }

  private async refuse(context: ExecutionContext, adapter: unknown, error: unknown): Promise<never> {
    const given: unknown = await this.toException(error, context);
    // Whatever a step of the application's own made of the refusal, it stays one.
    const exception = isThrowable(given) ? given : EntraGuard.steps.toException.call(this, error, context);
    // Answered: whatever came of this promise now would be thrown where nothing catches it, which ends the process.
    if (isAdapter(adapter) && adapter.answer?.(exception, context) === true) return new Promise(() => {});
    throw exception;
  }

  // What has to be waited for stands by itself: a function that makes closures keeps its arguments on the heap, and makes
  // them dear for all calls that wait for nothing.

  private async wait(
    context: ExecutionContext,
    adapter: unknown,
    judging: Promise<Admitted> | undefined,
  ): Promise<true> {
    try {
      const judged: unknown = await judging;
      if (judged !== ADMITTED) throw this.refuseOdd(context, 'canActivate', judged);
    } catch (error) {
      return this.refuse(context, adapter, error);
    }
    return this.pass(context);
  }

  private host(): ContextHost {
    // Null where the application has no HTTP.
    return { core: this.core, httpAdapter: this.adapterHost.httpAdapter ?? undefined };
  }

  /** @returns a promise where something has to be waited for */
  private judge(context: ExecutionContext, adapter: ContextAdapter): Admitted | Promise<Admitted> {
    const call = adapter.read(context, this.host());
    // What was read just now is not read again, unless a subclass reads it in its own way.
    const own = this.requestOf === EntraGuard.steps.requestOf;
    const request: unknown = own ? call.credentials : this.requestOf(context);
    const access: unknown = this.requirementOf(context);
    const asked: Asked = { context, adapter, call };
    return isComposed(access) && !isThenable(request)
      ? this.admit(asked, request, access)
      : this.admitLater(asked, request, access);
  }

  private async judgeLater(context: ExecutionContext, given: unknown): Promise<Admitted> {
    const adapter = await given;
    if (isAdapter(adapter)) return this.judge(context, adapter);
    throw adapter === undefined
      ? this.refuseContext(context)
      : this.refuseOdd(context, 'adapterOf', adapter, 'a ContextAdapter, or undefined to refuse');
  }

  private async admitLater(asked: Asked, request: unknown, access: unknown): Promise<Admitted> {
    return this.admit(asked, await request, await access);
  }

  /** @returns a promise where something has to be waited for */
  private admit(asked: Asked, given: unknown, said: unknown): Admitted | Promise<Admitted> {
    const { context, adapter, call } = asked;
    const place = new CallPlace(call, resolverOf(this.moduleRef, call), this.nameOf, context);
    const access = accessIn(said);
    const request = isRequest(given) ? given : undefined;
    if (access === undefined) {
      if (said === undefined) throw this.refuseBare(asked, request, place);
      throw this.refuseOdd(context, 'requirementOf', said, DECISIONS);
    }
    if (request === undefined && !isOpen(access)) throw this.refuseBlind(adapter, place);
    const decided: unknown = this.decide(request ?? NO_REQUEST, access, place, context);
    return (isCaller(decided) || decided === undefined) && !this.decidesByItself()
      ? this.settle(asked, request, access, decided)
      : this.settleLater(asked, request, access, decided, place);
  }

  private async settleLater(
    asked: Asked,
    request: RequestLike | undefined,
    access: HandlerAccess,
    decided: unknown,
    place: DecisionPlace,
  ): Promise<Admitted> {
    const caller = await decided;
    if (isCaller(caller) && access.mode === 'require' && this.decidesByItself()) {
      const { requirement } = access;
      // What the core has not judged is judged now: a decision of the application's own can refuse more, never less.
      if (!isOpen(access) && !coreSaid(place, requirement, caller))
        await authorize(requirement, caller, {
          request: place.request,
          ...(place.resolve && { resolve: place.resolve }),
        });
    }
    return this.settle(asked, request, access, caller);
  }

  /** What came of it is remembered for whatever asks for the caller, and watched where it lasts. */
  private settle(
    { context, call }: Asked,
    request: RequestLike | undefined,
    access: HandlerAccess,
    caller: unknown,
  ): Admitted {
    if (!isCaller(caller) && !(caller === undefined && needsNoCaller(access)))
      throw this.refuseOdd(context, 'decide', caller, 'the AuthContext of who satisfies the requirement');
    remember(
      call.subjects,
      { auth: caller, optional: access.mode === 'optional' },
      call.shared ? { callback: context.getHandler(), controller: context.getClass() } : undefined,
      this.decidesByItself() ? undefined : request,
    );
    if (caller !== undefined && call.lasting !== undefined) this.watch(call.lasting, caller, request);
    return ADMITTED;
  }

  private watch(lasting: Lasting, auth: AuthContext, request: RequestLike | undefined): void {
    this.openRights.watch(lasting, auth, () => copyOf(request));
  }

  private decidesByItself(): boolean {
    return this.decide !== EntraGuard.steps.decide;
  }

  /** Nothing here knows how to read the credentials of this context, so nobody gets in. */
  private refuseContext(context: ExecutionContext): EntraGuardError {
    const type = context.getType<string>();
    const handler = `${this.nameOf(context)} (${type})`;
    return this.core.refuse(NO_REQUEST, { handler }, this.contexts.whyDenied(handler, type));
  }

  /** A step of the application's own gave something that is not a decision. */
  private refuseOdd(
    context: ExecutionContext,
    step: string,
    given: unknown,
    expected = 'a decision',
  ): EntraGuardError {
    const { name } = this.constructor;
    return this.core.refuse(
      NO_REQUEST,
      { handler: this.nameOf(context) },
      {
        message: `${this.nameOf(context)} was called, and ${name}.${step} gave ${kindOf(given)}, which is not a decision.`,
        hint: `${step} of ${name} has to give ${expected}.`,
      },
    );
  }

  /** Nothing is declared for the handler. */
  private refuseBare(
    { call, context }: Asked,
    request: RequestLike | undefined,
    place: DecisionPlace,
  ): EntraGuardError {
    const refuse = () => this.core.refuse(request ?? NO_REQUEST, place);
    return call.shared && request !== undefined ? once(request, context.getHandler(), refuse) : refuse();
  }

  private refuseBlind(adapter: ContextAdapter, place: DecisionPlace): EntraGuardError {
    return this.core.refuse(NO_REQUEST, place, {
      message: `${place.handler} was called, and its ${adapter.type} context does not show the request that credentials come with.`,
      hint: 'See the page on contexts: what the context has to hold, and how to connect an adapter to the connections.',
    });
  }
}

const DECISIONS =
  "{ mode: 'require', requirement } with a requirement that grants or anonymous(), { mode: 'optional' }, or undefined to refuse";
