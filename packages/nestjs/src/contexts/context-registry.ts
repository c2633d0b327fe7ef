import { ConfigurationError } from '@entra-guard/core';
import type { ExecutionContext } from '@nestjs/common';
import type { ContextAdapter } from './context-adapter.js';
import { httpContext } from './http-context.js';

/** How to register the adapters that this package has. */
const ENTRY_POINTS: Readonly<Record<string, string>> = {
  graphql: "graphqlContext() from '@entra-guard/nestjs/graphql'",
  ws: "webSocketContext() from '@entra-guard/nestjs/websockets'",
  rpc: "microserviceContext() from '@entra-guard/nestjs/microservices'",
};

/** The one line that makes the guard know a kind of context. */
export function registrationOf(type: string): string {
  const known = ENTRY_POINTS[type];
  return known === undefined
    ? `Give EntraGuardModule an adapter for it: contexts: [{ type: '${type}', … }].`
    : `Give EntraGuardModule contexts: [${known.replace(' from', '], imported from')}.`;
}

/** The adapters of one application, by the type of context that they read. */
export class ContextRegistry {
  readonly #adapters: ReadonlyMap<string, ContextAdapter>;

  /** @throws ConfigurationError for a value that is not an adapter, and for two adapters of one type */
  constructor(adapters: readonly ContextAdapter[]) {
    const byType = new Map<string, ContextAdapter>([[httpContext.type, httpContext]]);
    for (const adapter of adapters) {
      if (typeof adapter?.type !== 'string' || typeof adapter.read !== 'function') {
        throw new ConfigurationError(
          'contexts holds a value that is not a context adapter.',
          'Call the function: contexts: [graphqlContext()].',
        );
      }
      if (byType.has(adapter.type)) {
        throw new ConfigurationError(
          `contexts holds two adapters for '${adapter.type}'.`,
          adapter.type === 'http' ? 'HTTP is always there; remove it.' : 'Keep one.',
        );
      }
      byType.set(adapter.type, adapter);
    }
    this.#adapters = byType;
  }

  /** Returns the adapter that reads this context, if there is one. */
  of(context: ExecutionContext): ContextAdapter | undefined {
    return this.#adapters.get(context.getType<string>());
  }

  /** The adapter for a type of context. */
  get(type: string): ContextAdapter | undefined {
    return this.#adapters.get(type);
  }

  /** Says why a call in a context without an adapter is denied. */
  whyDenied(handler: string, type: string): { readonly message: string; readonly hint: string } {
    return {
      message: `${handler} was called, and no adapter reads the credentials of '${type}' contexts, so every call there is denied.`,
      hint: registrationOf(type),
    };
  }
}
