import {
  type AuthContext,
  type DecisionPlace,
  EntraGuardError,
  type Guard,
  type RequestLike,
} from '@entra-guard/core';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { CallPlace, resolverOf } from './calls/call-place.js';
import { decideOnce, once } from './calls/decided-once.js';
import { copyOf, drop, isAdapter, isRequest, isThrowable, NO_REQUEST } from './calls/given-steps.js';
import { mcpGateOf } from './calls/mcp-gates.js';
import { DECISIONS, oddStep, unseenCredentials } from './calls/odd-steps.js';
import { remember } from './calls/request-auth.js';
import { confirm, hasPassed, hasPassedAny, isCaller, noted, rememberPassed } from './calls/verdicts.js';
import type { ContextAdapter, ContextCall, ContextHost } from './contexts/context-adapter.js';
import type { ContextRegistry } from './contexts/context-registry.js';
import { EntraGuardException } from './entra-guard.exception.js';
import { CONTEXT_REGISTRY, CORE_GUARD, HANDLER_REQUIREMENTS } from './entra-guard.tokens.js';
import { accessIn, type HandlerAccess, isOpen, needsNoCaller } from './handlers/handler-access.js';
import type { HandlerRequirements } from './handlers/handler-requirements.js';
import { isMcpEndpoint } from './handlers/mcp-offers.js';
import { OpenRights } from './lasting/open-rights.js';

type Caller = AuthContext | undefined;

/** One call, and what was read of it. */
interface Asked {
  readonly context: ExecutionContext;
  readonly call: ContextCall;
  /** `undefined` where the context does not show credentials. */
  readonly request: RequestLike | undefined;
  readonly place: CallPlace;
}

/**
 * Judges every call by what its handler and class declare. Denies a call whose handler declares nothing, or whose context no
 * adapter reads. The core decides. To change a step, extend this class and pass yours as the option `guard`: its
 * dependencies are injected as properties, so your class may have a constructor. A step may be synchronous or `async`.
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

  /** The steps of this class. A step that is replaced on the prototype counts as a step of a subclass. */
  private static readonly steps = {
    decide: EntraGuard.prototype.decide,
    requestOf: EntraGuard.prototype.requestOf,
    handlerName: EntraGuard.prototype.handlerName,
    toException: EntraGuard.prototype.toException,
  } as const;

  private readonly nameOf = (context: ExecutionContext): string => {
    const name: unknown = this.handlerName(context);
    if (typeof name === 'string') return name;
    drop(name);
    return EntraGuard.steps.handlerName.call(this, context);
  };

  /**
   * Lets the call pass, or rejects with the refusal in the form of its context. Never answers `false`, which would lose the
   * reason. Only a call that reaches the end of the steps passes.
   */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (hasPassed(context, this.core, this.constructor)) return true;
    let adapter: unknown;
    try {
      adapter = await this.adapterOf(context);
      if (!isAdapter(adapter)) throw this.refuseContext(context, adapter);
      const call = adapter.read(context, this.host());
      const place = new CallPlace(call, resolverOf(this.moduleRef, call), this.nameOf, context);
      // What was read just now is not read again, unless a subclass reads it in its own way.
      const isOwn = this.requestOf !== EntraGuard.steps.requestOf;
      const given: unknown = isOwn ? await this.requestOf(context) : call.credentials;
      const request = isRequest(given) ? given : undefined;
      const asked: Asked = { context, call, request, place };
      const access = this.accessGiven(asked, await this.requirementOf(context));
      if (request === undefined && !isOpen(access)) throw unseenCredentials(this.core, place, adapter.type);
      const caller: unknown = await this.decide(request ?? NO_REQUEST, access, place, context);
      if (this.hasOwnDecide()) await confirm(access, caller, place);
      this.settle(asked, access, caller);
    } catch (error) {
      return this.refuse(context, adapter, error);
    }
    rememberPassed(context, this.core, this.constructor);
    return true;
  }

  /** @internal Whether this guard, or one that extends it, has let the call pass already. */
  hasLetPass(context: ExecutionContext): boolean {
    return hasPassedAny(context, this.core, this.constructor);
  }

  /** @internal Whether anything is declared for the handler of the call, by a decorator or by an option. */
  hasDeclaration(context: ExecutionContext): boolean {
    return this.requirements.of(context.getClass(), context.getHandler()) !== undefined;
  }

  /** @internal The application's user of a call that this guard let pass; rejects with a refusal in the form of its context. */
  async loadCurrentUser(
    context: ExecutionContext,
    auth: AuthContext,
    request: RequestLike | undefined,
  ): Promise<object> {
    let adapter: unknown;
    try {
      adapter = await this.adapterOf(context);
      if (!isAdapter(adapter)) throw this.refuseContext(context, adapter);
      const call = adapter.read(context, this.host());
      const place = new CallPlace(call, resolverOf(this.moduleRef, call), this.nameOf, context);
      // Users are kept by the request: an object of its own, where there is none.
      return await this.core.userOf(request ?? copyOf(), place, auth);
    } catch (error) {
      return this.refuse(context, adapter, error);
    }
  }

  /** @internal An error that a handler threw, in the form that a refusal of this guard has. */
  async exceptionFor(error: EntraGuardError, context: ExecutionContext): Promise<unknown> {
    try {
      const given: unknown = await this.toException(error, context);
      if (isThrowable(given)) return given;
    } catch {
      // A subclass may count on more than this context has: on the handler, for one.
    }
    return EntraGuard.steps.toException.call(this, error, context);
  }

  /** Returns the adapter that reads this context; `undefined` denies the call. */
  protected adapterOf(context: ExecutionContext): ContextAdapter | undefined {
    return mcpGateOf(this.core)?.callOf(context)?.adapter ?? this.contexts.of(context);
  }

  /**
   * Returns the request that holds the credentials: on HTTP Node's request, whose `rawHeaders` show a repeated header.
   * `undefined` where the context does not show one: only public handlers can be called then.
   */
  protected requestOf(context: ExecutionContext): RequestLike | undefined {
    return this.adapterOf(context)?.read(context, this.host()).credentials;
  }

  /** Returns what the handler requires of its callers; `undefined` denies the call. */
  protected requirementOf(
    context: ExecutionContext,
  ): HandlerAccess | undefined | Promise<HandlerAccess | undefined> {
    return this.requirements.of(context.getClass(), context.getHandler());
  }

  /** Returns the caller, as the core decides, or `undefined` where no caller is needed. Throws to refuse. */
  protected decide(
    request: RequestLike,
    access: HandlerAccess,
    place: DecisionPlace,
    context: ExecutionContext,
  ): Caller | Promise<Caller> {
    const byCore = () => this.decideByCore(request, access, place, context);
    return request !== NO_REQUEST && CallPlace.isShared(place)
      ? decideOnce(request, access, byCore)
      : byCore();
  }

  /** Returns the handler's name for logs and audit events: `OrdersController.list`. */
  protected handlerName(context: ExecutionContext): string {
    const method = this.requirements.methodOf(context.getClass(), context.getHandler());
    return `${context.getClass().name}.${method ?? context.getHandler().name}`;
  }

  /**
   * Returns what is thrown for an error, in the form of its context. On HTTP it sets the headers of the response, too. Errors
   * of other libraries are returned unchanged: Nest logs them and answers 500.
   */
  protected toException(error: unknown, context: ExecutionContext): unknown {
    if (!EntraGuardError.is(error)) return error;
    const answer = this.core.toHttp(error);
    const adapter: unknown = this.adapterOf(context);
    drop(adapter);
    const own = isAdapter(adapter) ? adapter.toException(answer, error, context, this.host()) : undefined;
    return isThrowable(own) ? own : new EntraGuardException(answer, error);
  }

  private decideByCore(
    request: RequestLike,
    access: HandlerAccess,
    place: DecisionPlace,
    context: ExecutionContext,
  ): Caller | Promise<Caller> {
    const gate = mcpGateOf(this.core);
    if (gate !== undefined && isMcpRequest(context)) return gate.enter(context, this.host());
    if (access.mode === 'require') {
      const { requirement } = access;
      const call = gate?.callOf(context);
      // A call of MCP was decided before it was dispatched. A subclass may ask for something else.
      const isDecided = call !== undefined && call.requirement === requirement;
      const decided = isDecided ? call.auth : this.core.decide(request, requirement, place);
      return this.hasOwnDecide() ? noted(place, requirement, decided) : decided;
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

  private hasOwnDecide(): boolean {
    return this.decide !== EntraGuard.steps.decide;
  }

  private host(): ContextHost {
    // Null where the application has no HTTP.
    return { core: this.core, httpAdapter: this.adapterHost.httpAdapter ?? undefined };
  }

  private accessGiven({ context, call, request, place }: Asked, given: unknown): HandlerAccess {
    const access = accessIn(given);
    if (access !== undefined) return access;
    if (given !== undefined) throw this.refuseOdd(context, 'requirementOf', given, DECISIONS);
    const refuse = () => this.core.refuse(request ?? NO_REQUEST, place);
    throw call.shared && request !== undefined ? once(request, context.getHandler(), refuse) : refuse();
  }

  /** Remembers the caller for the handler, and watches what goes on by the caller's right. */
  private settle({ context, call, request }: Asked, access: HandlerAccess, caller: unknown): void {
    if (!isCaller(caller) && !(caller === undefined && this.needsNoCaller(access, context, request)))
      throw this.refuseOdd(
        context,
        'decide',
        caller,
        'the AuthContext of a caller who satisfies the requirement',
      );
    remember(
      call.subjects,
      { auth: caller, optional: access.mode === 'optional', core: this.core, judge: this, context, request },
      call.shared ? { callback: context.getHandler(), controller: context.getClass() } : undefined,
      this.hasOwnDecide() ? undefined : request,
    );
    if (caller !== undefined && call.lasting !== undefined)
      this.openRights.watch(call.lasting, caller, () => copyOf(request));
  }

  private needsNoCaller(
    access: HandlerAccess,
    context: ExecutionContext,
    request: RequestLike | undefined,
  ): boolean {
    if (needsNoCaller(access)) return true;
    return request !== undefined && isMcpRequest(context) && mcpGateOf(this.core)?.isOpenTo(request) === true;
  }

  private async refuse(context: ExecutionContext, adapter: unknown, error: unknown): Promise<never> {
    const given: unknown = await this.toException(error, context);
    // A refusal stays one, whatever a subclass makes of it.
    const exception = isThrowable(given) ? given : EntraGuard.steps.toException.call(this, error, context);
    // Answered: an error would now be thrown where nothing catches it, which ends the process.
    if (isAdapter(adapter) && adapter.answer?.(exception, context) === true) return new Promise(() => {});
    throw exception;
  }

  /** No adapter reads this context, so no caller gets in. */
  private refuseContext(context: ExecutionContext, given: unknown): EntraGuardError {
    if (given !== undefined)
      return this.refuseOdd(context, 'adapterOf', given, 'a ContextAdapter, or undefined to refuse');
    const type = context.getType<string>();
    const handler = `${this.nameOf(context)} (${type})`;
    return this.core.refuse(NO_REQUEST, { handler }, this.contexts.whyDenied(handler, type));
  }

  private refuseOdd(context: ExecutionContext, step: string, given: unknown, expected: string) {
    return oddStep(this.core, this.nameOf(context), { guard: this.constructor.name, step, given, expected });
  }
}

/** Whether a call is a request of an MCP client: of each message in it, its gate decides. */
function isMcpRequest(context: ExecutionContext): boolean {
  return context.getType() === 'http' && isMcpEndpoint(context.getClass());
}
