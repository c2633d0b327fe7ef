import type { Grant } from '@entra-guard/core';
import { registered } from './registered.js';
import type { Layer } from './routing.js';

/** What a middleware of this package answers itself. */
export interface OwnRoutes {
  /** The path that all of them begin with, which may also be where the middleware is mounted. */
  readonly root: string;
  readonly routes: readonly {
    /** In upper case. */
    readonly method: string;
    /** With the root, in the path syntax of Express. */
    readonly path: string;
    readonly requirement: Grant;
  }[];
  /** The guard that decides about them. */
  readonly maker: object;
}

/** Where a middleware keeps them: other copies of the package find them there, too. */
const KEPT_AT = Symbol.for('entra-guard/express/routes');

/** Makes the routes of a middleware known to inventories, documents and `assertAllGuarded`. */
export function withRoutes<F extends object>(middleware: F, own: OwnRoutes): F {
  return Object.defineProperty(middleware, KEPT_AT, { value: Object.freeze(own) });
}

/** The routes of what was registered as a layer; `undefined` for everything that is not of this package. */
export function ownRoutesOf({ handle }: Layer): OwnRoutes | undefined {
  const inner = registered(handle);
  return Object.hasOwn(inner, KEPT_AT) ? (inner as { readonly [KEPT_AT]?: OwnRoutes })[KEPT_AT] : undefined;
}

/**
 * The path of a route in the router that the middleware is mounted in.
 *
 * @param above where that router is mounted
 * @param mount where the middleware is mounted in it; an empty text for everywhere
 */
export function pathInRouter(path: string, root: string, above: string, mount: string): string {
  if (mount === '' && above.endsWith(root)) return path.slice(root.length);
  return (mount.endsWith(root) ? mount.slice(0, -root.length) : mount) + path;
}
