import type { Anonymous, Grant } from '@entra-guard/core';

/**
 * What makes middlewares known to `assertAllGuarded` and the inventories of `@entra-guard/express`, without loading that package:
 * its type of `req.auth` is not the one of the SDKs. Both packages know these names.
 */
const MARK = 'entra-guard';
const MARK_BRAND = Symbol.for('entra-guard/express/mark');
const ROUTES = Symbol.for('entra-guard/express/routes');

/** A route that a middleware answers itself. */
export interface OwnRoute {
  readonly method: string;
  readonly path: string;
  readonly requirement: Grant | Anonymous;
}

let made = 0;

/** Says that a middleware decides about the routes that it is in front of. @param maker the guard */
export function deciding<F extends object>(middleware: F, role: Grant, maker: object): F {
  const name = `entraGuard.mcp#${++made}`;
  const mark = Object.freeze({ role, maker, name, [MARK_BRAND]: true });
  Object.defineProperty(middleware, 'name', { value: name });
  return Object.defineProperty(middleware, MARK, { value: mark, enumerable: true });
}

/** Says which routes a middleware answers itself. */
export function withRoutes<F extends object>(middleware: F, routes: readonly OwnRoute[], maker: object): F {
  const own = Object.freeze({ root: routes[0]?.path ?? '', routes: Object.freeze(routes), maker });
  return Object.defineProperty(middleware, ROUTES, { value: own });
}
