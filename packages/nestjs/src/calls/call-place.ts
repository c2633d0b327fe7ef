import type { DecisionPlace } from '@entra-guard/core';
import type { ExecutionContext } from '@nestjs/common';
import { type ContextId, ContextIdFactory, type ModuleRef } from '@nestjs/core';
import type { ContextCall } from '../contexts/context-adapter.js';

export type Resolve = (token: unknown) => Promise<unknown>;

/**
 * The place of a decision about one call. Its name is made when it is read, which few calls need. A class, since V8 makes a
 * new shape for each object literal with a getter, which costs more than the decision.
 */
export class CallPlace implements DecisionPlace {
  readonly request: unknown;
  readonly resolve: Resolve;
  /** Whether other calls share this request: the fields of a GraphQL operation. */
  readonly #shared: boolean;
  readonly #nameOf: (context: ExecutionContext) => string;
  readonly #context: ExecutionContext;

  constructor(
    { request, shared }: ContextCall,
    resolve: Resolve,
    nameOf: (context: ExecutionContext) => string,
    context: ExecutionContext,
  ) {
    this.request = request;
    this.#shared = shared === true;
    this.resolve = resolve;
    this.#nameOf = nameOf;
    this.#context = context;
  }

  get handler(): string {
    return this.#nameOf(this.#context);
  }

  static isShared(place: DecisionPlace): boolean {
    return place instanceof CallPlace && place.#shared;
  }
}

/** Finds providers for checks; request-scoped ones come from the scope of the handler. */
export function resolverOf(moduleRef: ModuleRef, call: ContextCall): Resolve {
  let scope: ContextId | undefined;
  return (token) => {
    scope ??= scopeOf(moduleRef, call);
    return moduleRef.resolve(token as Parameters<ModuleRef['resolve']>[0], scope, { strict: false });
  };
}

function scopeOf(moduleRef: ModuleRef, call: ContextCall): ContextId {
  // Without an object that Nest knows the scope by, the call gets a new scope.
  const subject = call.scope ?? {};
  const scope = ContextIdFactory.getByRequest(subject, ['raw', 'req']);
  // Nest gives a request a scope only where its controller needs one; else each call makes another.
  if (ContextIdFactory.getByRequest(subject, ['raw', 'req']) !== scope)
    moduleRef.registerRequestByContextId(call.scope ?? call.request, scope);
  return scope;
}
