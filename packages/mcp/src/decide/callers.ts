import { type AuthContext, ConfigurationError } from '@entra-guard/core';
import type { RequestId } from '../message/messages.js';
import type { Entry } from '../options/entries.js';
import type { AuthInfo } from './auth-info.js';

/** A caller of one HTTP request, and what it was let in to. */
export interface KnownCaller {
  readonly auth: AuthContext;
  readonly authInfo: AuthInfo;
  /** What each call of the request may use, by its ID. */
  readonly allowed: ReadonlyMap<RequestId, readonly Entry[]>;
}

/**
 * Who calls, by the objects that the SDKs hand on. The objects themselves are known, and not what they say: a handler or another
 * library can write anything into them.
 */
export class Callers {
  readonly #known = new WeakMap<object, KnownCaller>();

  /** @param request the host's request */
  add(request: object, caller: KnownCaller): void {
    this.#known.set(request, caller);
    this.#known.set(caller.authInfo, caller);
  }

  /**
   * The caller of a handler's context, in both lines of the SDK; of a request, or of an `AuthInfo`. `undefined` for what did not come
   * through the gate.
   */
  find(of: unknown): KnownCaller | undefined {
    if (!isObject(of)) return undefined;
    const http = member(of, 'http');
    const places = [of, member(of, 'authInfo'), isObject(http) ? member(http, 'authInfo') : undefined];
    for (const place of places) {
      const known = isObject(place) ? this.#known.get(place) : undefined;
      if (known !== undefined) return known;
    }
    return undefined;
  }

  /** @throws ConfigurationError for what did not come through the gate */
  authOf(of: unknown): AuthContext {
    const known = this.find(of);
    if (known !== undefined) return known.auth;
    throw new ConfigurationError(
      'authOf(...) was asked for a caller, and there is none.',
      'Pass the context of a tool, prompt or resource, the request, or its AuthInfo itself and not a copy. The gate has to be in front: mcp.express(handler), mcp.gate() or mcp.handle(request). What anonymous() opens has no caller.',
    );
  }
}

/** The ID of the call that a handler's context is of: `requestId` in the SDK's first line, `mcpReq.id` in the second. */
export function callIdOf(context: unknown): RequestId | undefined {
  if (!isObject(context)) return undefined;
  const modern = member(context, 'mcpReq');
  const id = isObject(modern) ? member(modern, 'id') : member(context, 'requestId');
  return typeof id === 'string' || typeof id === 'number' ? id : undefined;
}

function member(of: object, name: string): unknown {
  return name in Object.prototype ? undefined : (of as Readonly<Record<string, unknown>>)[name];
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
