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
import type { ContextAdapter, ContextCall, ContextHost } from './contexts/context-adapter.js';
import type { ContextRegistry } from './contexts/context-registry.js';
import { EntraGuardException } from './entra-guard.exception.js';
import { CONTEXT_REGISTRY, CORE_GUARD, HANDLER_REQUIREMENTS } from './entra-guard.tokens.js';
import type { HandlerRequirements } from './handler-requirements.js';
import { OpenRights } from './open-rights.js';
import { remember } from './request-auth.js';

type Caller = AuthContext | undefined;

interface Verdict {
  readonly core: Guard;
  readonly guard: Function;
  /** Of another guard, about the same call. */
  readonly before: Verdict | undefined;
}

/** What has been judged already: one call may meet the guard twice, installed for all and put on a class. */
const judged = new WeakMap<ExecutionContext, Verdict>();

/**
 * Where a call is decided about. Its name is put together only when somebody asks: most calls pass unheard of. A class: an
 * object with a getter of its own gets a shape of its own each time, and that takes longer than the decision.
 */
class CallPlace implements DecisionPlace {
  readonly request: unknown;
  readonly resolve: (token: unknown) => Promise<unknown>;
  readonly #name: () => string;

  constructor(request: unknown, name: () => string, resolve: (token: unknown) => Promise<unknown>) {
    this.request = request;
    this.resolve = resolve;
    this.#name = name;
  }

  get handler(): string {
    return this.#name();
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

  /**
   * Lets pass, or rejects with the refusal in the context's own form. Never answers `false`: that would lose the reason.
   * Answers `true` at once where nothing has to be waited for.
   */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (this.hasJudged(context)) return true;
    const adapter = this.adapterOf(context);
    const pass = (): true => {
      this.rememberVerdict(context);
      return true;
    };
    const refuse = (error: unknown): Promise<never> => {
      const exception = this.toException(error, context);
      // Answered: whatever came of this promise now would be thrown where nobody catches it, which ends the process.
      if (adapter?.answer?.(exception, context) === true) return new Promise<never>(() => {});
      return Promise.reject(exception);
    };
    try {
      if (adapter === undefined) throw this.refuseContext(context);
      const judging = this.judge(context, adapter);
      if (judging !== undefined) return judging.then(pass, refuse);
    } catch (error) {
      return refuse(error);
    }
    return pass();
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
    const admit = (access: HandlerAccess | undefined): undefined | Promise<undefined> => {
      const place = this.placeOf(context, call);
      if (access === undefined) throw this.core.refuse(request ?? NO_REQUEST, place);
      if (request === undefined && !isOpen(access)) throw this.refuseBlind(adapter, place);
      const settle = (caller: Caller): undefined => this.settle(context, call, access, caller);
      const decided = this.decide(request ?? NO_REQUEST, access, place, context);
      return isCaller(decided) ? settle(decided) : Promise.resolve(decided).then(settle);
    };
    const access = this.requirementOf(context);
    return access instanceof Promise ? access.then(admit) : admit(access);
  }

  /** What came of it is remembered for whoever asks for the caller, and watched where it lasts. */
  private settle(
    context: ExecutionContext,
    call: ContextCall,
    access: HandlerAccess,
    auth: Caller,
  ): undefined {
    remember(
      call.subjects,
      { auth, optional: access.mode === 'optional' },
      call.shared ? context.getHandler() : undefined,
    );
    if (auth !== undefined && call.lasting !== undefined) {
      this.openRights.watch(call.lasting, auth, () => copyOf(this.requestOf(context)));
    }
  }

  private placeOf(context: ExecutionContext, call: ContextCall): DecisionPlace {
    return new CallPlace(call.request, () => this.handlerName(context), this.resolver(call));
  }

  private hasJudged(context: ExecutionContext): boolean {
    for (let verdict = judged.get(context); verdict !== undefined; verdict = verdict.before) {
      if (verdict.core === this.core && verdict.guard === this.constructor) return true;
    }
    return false;
  }

  private rememberVerdict(context: ExecutionContext): void {
    judged.set(context, { core: this.core, guard: this.constructor, before: judged.get(context) });
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
  private resolver(call: ContextCall): (token: unknown) => Promise<unknown> {
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
