/** A function that Express calls: how many parameters it has says whether for requests, for errors or never. */
export type Handler = (...parameters: never[]) => unknown;

/**
 * One registration, as Express 4 and 5 keep it. None of this is their public API, so every part may be missing, and what
 * is missing never makes a route look guarded.
 */
export interface Layer {
  readonly handle: Handler;
  /** Name of the function when it was registered. */
  readonly name?: unknown;
  /** Set where the layer is a route. */
  readonly route?: Route | undefined;
  /** Inside a route: the method it is for, in lower case; none for `all`. */
  readonly method?: string | undefined;
  /** Express 4: the pattern its path was turned into. */
  readonly regexp?: RegExp & { readonly fast_slash?: boolean; readonly fast_star?: boolean };
  /** Express 4: the parameters of its path, or of all its paths in turn. */
  readonly keys?: readonly { readonly name?: unknown }[];
  /** Express 5: mounted at `/`. */
  readonly slash?: boolean;
  /** Express 5 with router 2.3 and later: the path as it was written. */
  readonly rawPath?: unknown;
}

export interface Route {
  readonly path: unknown;
  readonly stack: readonly Layer[];
  /** Methods in lower case, `_all` for `all`. */
  readonly methods: Readonly<Record<string, boolean>>;
}

export interface Router {
  readonly stack: readonly Layer[];
  /** What `param()` was given, by the names of the parameters. */
  readonly params?: Readonly<Record<string, readonly Handler[]>>;
  readonly caseSensitive?: boolean | undefined;
}

/** What an application keeps its routes in. */
interface Application {
  readonly lazyrouter?: unknown;
  readonly _router?: unknown;
  readonly router?: unknown;
}

const NO_ROUTES: Router = { stack: [] };

/** The router of an application, or the router itself; `undefined` for anything else. */
export function routerOf(app: object): Router | undefined {
  if (isRouter(app)) return app;
  const application: Application = app;
  // Express 4 makes its router at the first route, and its `app.router` throws.
  if (typeof application.lazyrouter === 'function') {
    return isRouter(application._router) ? application._router : NO_ROUTES;
  }
  return isRouter(application.router) ? application.router : undefined;
}

export function isRouter(value: unknown): value is Router {
  return (
    typeof value === 'function' &&
    Object.hasOwn(value, 'stack') &&
    'stack' in value &&
    Array.isArray(value.stack)
  );
}
