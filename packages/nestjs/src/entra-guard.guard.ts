import {
  AuthContext,
  type DecisionPlace,
  EntraGuardError,
  type Guard,
  type RequestLike,
} from '@entra-guard/core';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { type ContextId, ContextIdFactory, HttpAdapterHost, ModuleRef } from '@nestjs/core';
import type { HandlerAccess } from './composition.js';
import type { ContextAdapter, ContextCall, ContextHost, Lasting } from './contexts/context-adapter.js';
import type { ContextRegistry } from './contexts/context-registry.js';
import { EntraGuardException } from './entra-guard.exception.js';
import { CONTEXT_REGISTRY, CORE_GUARD, HANDLER_REQUIREMENTS } from './entra-guard.tokens.js';
import type { HandlerRequirements } from './handler-requirements.js';
import { OpenRights } from './open-rights.js';
import { remember } from './request-auth.js';

type Caller = AuthContext | undefined;

/** One call, and what was read of it. */
interface Asked {
  readonly context: ExecutionContext;
  readonly adapter: ContextAdapter;
  readonly call: ContextCall;
  readonly request: RequestLike | undefined;
}

interface Verdict {
  readonly core: Guard;
  readonly guard: Function;
  /** Of another guard, about the same call. */
  readonly before: Verdict | undefined;
}

/** What has been judged already: one call may meet the guard twice, installed for all and put on a class. */
const judged = new WeakMap<ExecutionContext, Verdict>();

type Resolve = (token: unknown) => Promise<unknown>;

/**
 * Where a call is decided about. Its name is put together only when somebody asks: most calls pass unheard of. A class: an
 * object with a getter of its own gets a shape of its own each time, and that takes longer than the decision.
 */
class CallPlace implements DecisionPlace {
  readonly request: unknown;
  readonly resolve: Resolve;
  readonly #nameOf: (context: ExecutionContext) => string;
  readonly #context: ExecutionContext;

  constructor(
    request: unknown,
    resolve: Resolve,
    nameOf: (context: ExecutionContext) => string,
    context: ExecutionContext,
  ) {
    this.request = request;
    this.resolve = resolve;
    this.#nameOf = nameOf;
    this.#context = context;
  }

  get handler(): string {
    return this.#nameOf(this.#context);
  }
}

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

  private readonly nameOf = (context: ExecutionContext): string => this.handlerName(context);

  /**
   * Lets pass, or rejects with the refusal in the context's own form. Never answers `false`: that would lose the reason.
   * Answers `true` at once where nothing has to be waited for.
   */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (this.hasJudged(context)) return true;
    const adapter = this.adapterOf(context);
    try {
      if (adapter === undefined) throw this.refuseContext(context);
      const judging = this.judge(context, adapter);
      if (judging !== undefined) return this.wait(context, adapter, judging);
    } catch (error) {
      return this.refuse(context, adapter, error);
    }
    return this.pass(context);
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
    _context: ExecutionContext,
  ): Caller | Promise<Caller> {
    if (access.mode === 'require') return this.core.decide(request, access.requirement, place);
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
    const adapter = this.adapterOf(context);
    return (
      adapter?.toException(answer, error, context, this.host()) ?? new EntraGuardException(answer, error)
    );
  }

  private pass(context: ExecutionContext): true {
    judged.set(context, { core: this.core, guard: this.constructor, before: judged.get(context) });
    return true;
  }

  private refuse(
    context: ExecutionContext,
    adapter: ContextAdapter | undefined,
    error: unknown,
  ): Promise<never> {
    const exception = this.toException(error, context);
    // Answered: whatever came of this promise now would be thrown where nobody catches it, which ends the process.
    if (adapter?.answer?.(exception, context) === true) return new Promise<never>(() => {});
    return Promise.reject(exception);
  }

  // What has to be waited for stands by itself: a function that makes closures keeps its arguments on the heap, and makes
  // them dear for all calls that wait for nothing.

  private wait(
    context: ExecutionContext,
    adapter: ContextAdapter,
    judging: Promise<undefined>,
  ): Promise<true> {
    return judging.then(
      () => this.pass(context),
      (error: unknown) => this.refuse(context, adapter, error),
    );
  }

  private host(): ContextHost {
    // Null where the application has no HTTP.
    return { core: this.core, httpAdapter: this.adapterHost.httpAdapter ?? undefined };
  }

  /** @returns a promise where something has to be waited for */
  private judge(context: ExecutionContext, adapter: ContextAdapter): undefined | Promise<undefined> {
    const call = adapter.read(context, this.host());
    // What was read just now is not read again, unless a subclass reads it in its own way.
    const own = this.requestOf === EntraGuard.prototype.requestOf;
    const request = own ? call.credentials : this.requestOf(context);
    const asked: Asked = { context, adapter, call, request };
    const access = this.requirementOf(context);
    return access instanceof Promise ? this.admitLater(asked, access) : this.admit(asked, access);
  }

  private admitLater(asked: Asked, access: Promise<HandlerAccess | undefined>): Promise<undefined> {
    return access.then((found) => this.admit(asked, found));
  }

  /** @returns a promise where something has to be waited for */
  private admit(asked: Asked, access: HandlerAccess | undefined): undefined | Promise<undefined> {
    const { context, adapter, call, request } = asked;
    const place = new CallPlace(call.request, this.resolver(call), this.nameOf, context);
    if (access === undefined) throw this.core.refuse(request ?? NO_REQUEST, place);
    if (request === undefined && !isOpen(access)) throw this.refuseBlind(adapter, place);
    const decided = this.decide(request ?? NO_REQUEST, access, place, context);
    return isCaller(decided)
      ? this.settle(asked, access, decided)
      : this.settleLater(asked, access, Promise.resolve(decided));
  }

  private settleLater(asked: Asked, access: HandlerAccess, decided: Promise<Caller>): Promise<undefined> {
    return decided.then((caller) => this.settle(asked, access, caller));
  }

  /** What came of it is remembered for whoever asks for the caller, and watched where it lasts. */
  private settle({ context, call }: Asked, access: HandlerAccess, auth: Caller): undefined {
    remember(
      call.subjects,
      { auth, optional: access.mode === 'optional' },
      call.shared ? context.getHandler() : undefined,
    );
    if (auth !== undefined && call.lasting !== undefined) this.watch(context, call.lasting, auth);
  }

  private watch(context: ExecutionContext, lasting: Lasting, auth: AuthContext): void {
    this.openRights.watch(lasting, auth, () => copyOf(this.requestOf(context)));
  }

  private hasJudged(context: ExecutionContext): boolean {
    for (let verdict = judged.get(context); verdict !== undefined; verdict = verdict.before) {
      if (verdict.core === this.core && verdict.guard === this.constructor) return true;
    }
    return false;
  }

  /** Nothing here knows how to read the credentials of this context, so nobody gets in. */
  private refuseContext(context: ExecutionContext): EntraGuardError {
    const type = context.getType<string>();
    const handler = `${this.handlerName(context)} (${type})`;
    return this.core.refuse(NO_REQUEST, { handler }, this.contexts.whyDenied(handler, type));
  }

  private refuseBlind(adapter: ContextAdapter, place: DecisionPlace): EntraGuardError {
    return this.core.refuse(NO_REQUEST, place, {
      message: `${place.handler} was called, and its ${adapter.type} context does not show the request that credentials come with.`,
      hint: 'See the page on contexts: what the context has to hold, and how to connect an adapter to the connections.',
    });
  }

  /** Finds providers for checks, request-scoped ones in the very scope that the handler lives in. */
  private resolver(call: ContextCall): Resolve {
    let scope: ContextId | undefined;
    return (token) => {
      scope ??= this.scopeOf(call);
      return this.moduleRef.resolve(token as Parameters<ModuleRef['resolve']>[0], scope, { strict: false });
    };
  }

  private scopeOf(call: ContextCall): ContextId {
    // Without an object that Nest knows the scope by, the call gets one of its own.
    const subject = call.scope ?? {};
    const scope = ContextIdFactory.getByRequest(subject, ['raw', 'req']);
    // Nest gives a request a scope only where its controller needs one; else each call makes another.
    if (ContextIdFactory.getByRequest(subject, ['raw', 'req']) !== scope)
      this.moduleRef.registerRequestByContextId(call.scope ?? call.request, scope);
    return scope;
  }
}

const NO_REQUEST: RequestLike = { headers: {} };

function isCaller(decided: Caller | Promise<Caller>): decided is Caller {
  return decided === undefined || decided instanceof AuthContext;
}

/** One object is authenticated once; a copy is looked at afresh. */
function copyOf({ headers, rawHeaders, method }: RequestLike = NO_REQUEST): RequestLike {
  return { headers, rawHeaders, method };
}

function isOpen(access: HandlerAccess): boolean {
  return access.mode === 'require' && access.requirement.role === 'anonymous';
}
