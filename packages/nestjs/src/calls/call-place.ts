import type { DecisionPlace } from '@entra-guard/core';
import type { ExecutionContext } from '@nestjs/common';
import { type ContextId, ContextIdFactory, type ModuleRef } from '@nestjs/core';
import type { ContextCall } from '../contexts/context-adapter.js';

export type Resolve = (token: unknown) => Promise<unknown>;

/**
 * Where a call is decided about. Its name is put together only when it is asked for: most calls pass unheard of. A class: an
 * object with a getter of its own gets a shape of its own each time, and that takes longer than the decision.
 */
export class CallPlace implements DecisionPlace {
  readonly request: unknown;
  readonly resolve: Resolve;
  /** Whether other calls come by this very request: the fields of a GraphQL operation. */
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

/** Finds providers for checks, request-scoped ones in the very scope that the handler lives in. */
export function resolverOf(moduleRef: ModuleRef, call: ContextCall): Resolve {
  let scope: ContextId | undefined;
  return (token) => {
    scope ??= scopeOf(moduleRef, call);
    return moduleRef.resolve(token as Parameters<ModuleRef['resolve']>[0], scope, { strict: false });
  };
}

function scopeOf(moduleRef: ModuleRef, call: ContextCall): ContextId {
  // Without an object that Nest knows the scope by, the call gets one of its own.
  const subject = call.scope ?? {};
  const scope = ContextIdFactory.getByRequest(subject, ['raw', 'req']);
  // Nest gives a request a scope only where its controller needs one; else each call makes another.
  if (ContextIdFactory.getByRequest(subject, ['raw', 'req']) !== scope)
    moduleRef.registerRequestByContextId(call.scope ?? call.request, scope);
  return scope;
}
