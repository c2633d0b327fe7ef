import type { Anonymous, Grant } from '@entra-guard/core';

/** Registered, so that an ESM and a CommonJS copy of the package know each other's middlewares. */
const mark = Symbol.for('entra-guard/express/middleware');

/**
 * What a middleware of this package does. A requirement decides about a route. `'optional'` does so on the route itself,
 * where it says that callers without a token are welcome; `'authenticate'` never does.
 */
export type Role = Grant | Anonymous | 'authenticate' | 'optional';

/** Makes a middleware known to `assertAllGuarded`. */
export function marked<F extends object>(middleware: F, role: Role): F {
  return Object.defineProperty(middleware, mark, { value: role });
}

/** What a function does here; `undefined` for functions that are not of this package. */
export function roleOf(handler: object): Role | undefined {
  return (handler as { readonly [mark]?: Role })[mark];
}
