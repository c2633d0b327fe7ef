import { type LayerPath, mountPaths, routePaths } from './layer-path.js';
import { loaderBefore } from './loaders.js';
import { type Mark, markOfLayer } from './mark.js';
import { doubtOf, isDecided, NOTHING_PASSED, OnTheWay, type Passage, standing } from './on-the-way.js';
import { type OwnRoutes, ownRoutesOf, pathInRouter } from './own-routes.js';
import { registered } from './registered.js';
import {
  type Decision,
  demandsOf,
  inPlace,
  isErrorHandler,
  isForRequests,
  methodsOf,
  type OwnMethod,
} from './route-decision.js';
import { type Layer, type Route, type Router, routerOf } from './routing.js';

/** One method of one route, and what stands in front of it. */
export interface WalkedRoute extends OwnMethod {
  /** The route itself: all its methods have it in common. */
  readonly route: object;
  /** The pattern, where it has one in the place of a path. */
  readonly pattern?: MountedPattern;
  /** With the paths it is mounted at, as far as they can be read. */
  readonly path: string;
  /** Whether all of it is in Express's own path syntax. */
  readonly readable: boolean;
}

/** A pattern, and where its router is mounted, in Express's own path syntax. */
export interface MountedPattern {
  readonly above: string;
  readonly regexp: RegExp;
}

/** An application inside another, whose routes Express hides. */
export interface HiddenApp extends Omit<Decision, 'optional'>, Pick<WalkedRoute, 'path' | 'readable'> {
  /** The application itself, where it is known which one it is: `assertAllGuarded` was called on it. */
  readonly app?: object;
  /** What is in it, seen from outside. */
  readonly inside?: readonly Walked[];
  /** What runs before anything in it does. */
  readonly exposed?: string | undefined;
}

export type Walked = ({ readonly kind: 'route' } & WalkedRoute) | ({ readonly kind: 'app' } & HiddenApp);

/** What a walk is told, and what it notes. */
export interface Walk {
  /** The applications that may be mounted on one. */
  readonly known: (app: object) => readonly object[];
  /** The middlewares of this package that it came past. */
  readonly seen?: Set<Mark>;
}

/** A router in its place. */
interface Place {
  /** The application, where the router is one's own. */
  readonly app?: object;
  readonly router: Router;
  /** Where it is mounted, for people. */
  readonly above: string;
  /** Whether all of that is in Express's own path syntax. */
  readonly readable: boolean;
  readonly passage: Passage;
  /** The stacks of the routers around it: one can be mounted inside itself, and each wrapper of it has the same stack. */
  readonly within: ReadonlySet<object>;
}

/**
 * Every route of an application, nested routers included, in the order of registration; `undefined` for what is neither an
 * application nor a router.
 */
export function walkRoutes(app: object, walk: Walk): readonly Walked[] | undefined {
  const router = routerOf(app);
  if (router === undefined) return undefined;
  const place = {
    app,
    router,
    above: '',
    readable: true,
    passage: NOTHING_PASSED,
    within: new Set<object>(),
  };
  return walkRouter(place, walk);
}

function walkRouter(place: Place, walk: Walk): readonly Walked[] {
  const { app, router } = place;
  const within = new Set([...place.within, router.stack]);
  const apps = [...(app === undefined ? [] : walk.known(app))];
  const way = new OnTheWay(place.passage);
  return router.stack.flatMap((layer): readonly Walked[] => {
    if (layer.route !== undefined) return walkRoute(layer, layer.route, place, way, walk);
    const mounts = mountPaths(layer, router);
    const loader = loaderBefore(layer, router);
    if (loader !== undefined) for (const path of mounts) way.addLoader(path, loader);
    if (!isForRequests(layer)) {
      if (isErrorHandler(layer)) for (const path of mounts) way.addErrorHandler(path);
      return [];
    }
    const mark = noted(layer, walk);
    if (mark !== undefined) {
      if (demands(mark)) for (const path of mounts) way.addGuard(path, mark);
      return [];
    }
    const own = ownRoutesOf(layer);
    if (own !== undefined) return mounts.flatMap((path) => walkOwn(own, path, place, way, loader));
    const inner = routerOf(registered(layer.handle));
    if (inner !== undefined) {
      if (within.has(inner.stack)) return [];
      return mounts.flatMap((path) =>
        walkRouter({ router: inner, ...mountedAt(path, place), passage: way.to(path, true), within }, walk),
      );
    }
    // Express hides a mounted application in a closure of this name.
    if (layer.name !== 'mounted_app') return [];
    const found = takeOne(apps, mounts);
    const innermost = found === undefined ? undefined : routerOf(found);
    return mounts.map((path): Walked => {
      const passage = way.to(path, true);
      const at = mountedAt(path, place);
      const hidden = hiddenApp(at, passage);
      if (found === undefined || innermost === undefined) return hidden;
      return {
        ...hidden,
        app: found,
        inside: walkRouter({ app: found, router: innermost, ...at, passage, within }, walk),
      };
    });
  });
}

function walkRoute(layer: Layer, route: Route, place: Place, way: OnTheWay, walk: Walk): readonly Walked[] {
  for (const handler of route.stack) noted(handler, walk);
  const methods = methodsOf(route);
  const loader = loaderBefore(layer, place.router);
  return routePaths(route, place.router).flatMap((path) => {
    const shown = `${place.above}${routeShown(path, place.above)}`;
    const readable = place.readable && path.readable;
    const passage = way.to(path, false);
    const pattern =
      place.readable && path.regexp !== undefined
        ? { pattern: { above: place.above, regexp: path.regexp } }
        : {};
    return methods.map((method): Walked => {
      const decision = inPlace(method, passage, loader);
      return { kind: 'route', route, path: shown, readable, ...pattern, ...decision };
    });
  });
}

/** What a middleware of this package answers itself, as if each were a route at the path where it is. */
function walkOwn(
  own: OwnRoutes,
  mount: LayerPath,
  place: Place,
  way: OnTheWay,
  loader: string | undefined,
): readonly Walked[] {
  return own.routes.map(({ method, path: written, requirement }): Walked => {
    const path = pathInRouter(written, own.root, place.above, mount.shown ?? MOUNTED);
    const route = { path, stack: [], methods: {} };
    const [at = mount] = mount.readable ? routePaths(route, place.router) : [];
    const decided = { method, answers: true, optional: false, authenticated: true };
    return {
      kind: 'route',
      route,
      path: `${place.above}${path}`,
      readable: place.readable && mount.readable,
      ...inPlace(
        { ...decided, requirements: [requirement], makers: [own.maker] },
        way.to(at, at === mount),
        loader,
      ),
    };
  });
}

function hiddenApp(
  { above, readable }: Pick<Place, 'above' | 'readable'>,
  passage: Passage,
): { readonly kind: 'app' } & HiddenApp {
  return {
    kind: 'app',
    path: above,
    readable,
    ...demandsOf(standing(passage)),
    authenticated: demandsOf(passage.guards).authenticated,
    ...(isDecided(passage)
      ? {}
      : { undecided: passage.exposed ?? doubtOf(passage) ?? HIDDEN_APP, exposed: passage.exposed }),
  };
}

/** Why nothing is known of the routes of a mounted application. */
export const HIDDEN_APP = "a mounted application, whose routes can't be seen from here";

/** The mark of a layer's function. */
function noted(layer: Layer, { seen }: Walk): Mark | undefined {
  const mark = markOfLayer(layer);
  if (mark !== undefined) seen?.add(mark);
  return mark;
}

/** Guards that callers without a token pass too demand nothing, nor does what is for errors. */
function demands({ role }: Mark): boolean {
  return role !== 'optional' && role !== 'answers';
}

function mountedAt(path: LayerPath, place: Place): Pick<Place, 'above' | 'readable'> {
  return { above: place.above + (path.shown ?? MOUNTED), readable: place.readable && path.readable };
}

/** In the place of a mount path that Express did not keep. */
const MOUNTED = '(mounted router)';

function routeShown(path: LayerPath, above: string): string {
  if (path.shown === undefined) return '(unreadable path)';
  return path.shown === '' && above === '' ? '/' : path.shown;
}

/** Takes one application that is mounted at these paths off the list. */
function takeOne(apps: { readonly mountpath?: unknown }[], paths: readonly LayerPath[]): object | undefined {
  const found = apps.findIndex(({ mountpath }) => {
    const written = (Array.isArray(mountpath) ? mountpath : [mountpath]).map((path) =>
      String(path).replace(/\/+$/, ''),
    );
    return paths.every(({ shown }, index) => shown === undefined || shown === written[index]);
  });
  return found === -1 ? undefined : apps.splice(found, 1)[0];
}
