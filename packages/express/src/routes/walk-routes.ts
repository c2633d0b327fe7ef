import type { Anonymous, Grant } from '@entra-guard/core';
import { covers, type LayerPath, mountPaths, routePaths } from './layer-path.js';
import { type Role, roleOf } from './mark.js';
import { type Layer, type Route, type Router, registered, routerOf } from './routing.js';

/** One method of one route, and what stands in front of it. */
export interface WalkedRoute {
  /** In upper case; `ALL` for any. */
  readonly method: string;
  /** With the paths it is mounted at, as far as they can be read. */
  readonly path: string;
  /** Whether all of it is in Express's own path syntax. */
  readonly readable: boolean;
  /** Every requirement that a request has to satisfy on its way, the farthest first. */
  readonly requirements: readonly (Grant | Anonymous)[];
  /** Callers without a token are welcome, and nothing on the way requires more. */
  readonly optional: boolean;
  /** A guard on the way accepts no caller without a token, whatever it requires. */
  readonly authenticated: boolean;
  /** Nobody decided about it; why not, where there is more to say than that. */
  readonly undecided?: string;
}

/** An application inside another, whose routes Express hides. */
export interface HiddenApp extends Pick<WalkedRoute, 'path' | 'readable' | 'requirements' | 'authenticated'> {
  /** The application itself, where it is known which one it is. */
  readonly app?: object;
}

export type Walked = ({ readonly kind: 'route' } & WalkedRoute) | ({ readonly kind: 'app' } & HiddenApp);

/** A router in its place. */
interface Place {
  /** The application, where the router is one's own. */
  readonly app?: object;
  readonly router: Router;
  /** Where it is mounted, for people. */
  readonly above: string;
  /** Whether all of that is in Express's own path syntax. */
  readonly readable: boolean;
  /** What requests have passed before they come here. */
  readonly passed: readonly Passed[];
  /** The routers around it: one can be mounted inside itself. */
  readonly within: ReadonlySet<Router>;
}

/** What a mounted guard demands of whoever passes it. */
type Passed = Grant | Anonymous | 'authenticate';

interface MountedGuard {
  readonly path: LayerPath;
  readonly demand: Passed;
}

/**
 * Every route of an application, nested routers included, in the order of registration; `undefined` for what is neither an
 * application nor a router.
 *
 * @param known the applications that may be mounted on one
 */
export function walkRoutes(
  app: object,
  known: (app: object) => readonly object[] = () => [],
): readonly Walked[] | undefined {
  const router = routerOf(app);
  return router && walk({ app, router, above: '', readable: true, passed: [], within: new Set() }, known);
}

function walk(place: Place, known: (app: object) => readonly object[]): readonly Walked[] {
  const { app, router, above } = place;
  const within = new Set([...place.within, router]);
  const mounted = [...(app === undefined ? [] : known(app))];
  const guards: MountedGuard[] = [];
  return router.stack.flatMap((layer): readonly Walked[] => {
    const { route } = layer;
    const passedBy = (path: LayerPath): readonly Passed[] => [
      ...place.passed,
      ...guards.filter((guard) => covers(guard.path, path, route === undefined)).map((one) => one.demand),
    ];
    if (route !== undefined) {
      const methods = methodsOf(route);
      return routePaths(route, router).flatMap((path) =>
        methods.map((method): Walked => {
          const shown = `${above}${routeShown(path, above)}`;
          const readable = place.readable && path.readable;
          return { kind: 'route', path: shown, readable, ...judged(method, passedBy(path)) };
        }),
      );
    }
    const mounts = mountPaths(layer, router);
    const demand = demandOf(layer);
    if (demand !== undefined) {
      guards.push(...mounts.map((path) => ({ path, demand })));
      return [];
    }
    const inner = routerOf(registered(layer.handle));
    if (inner !== undefined) {
      if (within.has(inner)) return [];
      return mounts.flatMap((path) =>
        walk(
          {
            router: inner,
            above: above + mountShown(path),
            readable: place.readable && path.readable,
            passed: passedBy(path),
            within,
          },
          known,
        ),
      );
    }
    // Express hides a mounted application in a closure of this name.
    if (layer.name !== 'mounted_app') return [];
    const found = takeOne(mounted, mounts);
    return mounts.map((path): Walked => {
      const passed = passedBy(path);
      return {
        kind: 'app',
        path: above + mountShown(path),
        readable: place.readable && path.readable,
        requirements: requirementsIn(passed),
        authenticated: demandToken(passed),
        ...(found === undefined ? {} : { app: found }),
      };
    });
  });
}

const BEHIND = 'guard.require stands behind another handler, which may have answered already';
const AUTHENTICATED = 'guard.authenticate alone requires nothing';

/** One method of a route by itself, whatever is mounted before it. */
type OwnMethod = Omit<WalkedRoute, 'path' | 'readable'>;

/** Each method of a route has a stack of its own: the handlers for it and those for all. */
function methodsOf(route: Route): readonly OwnMethod[] {
  const methods = Object.keys(route.methods).map((name): OwnMethod => {
    const stack = route.stack.filter((layer) => layer.method === undefined || layer.method === name);
    return { method: name === '_all' ? 'ALL' : name.toUpperCase(), ...decisionIn(stack) };
  });
  // Not imported: an ES module that imports anything of node:http reads all of it, `WebSocket` included, for which Node 22 and
  // later load seven megabytes.
  const { METHODS } = process.getBuiltinModule('node:http');
  // `app.all` registers a handler for each method there is.
  return METHODS.every((name) => methods.some(({ method }) => method === name)) ? merged(methods) : methods;
}

/** One entry in the place of all methods, where they are decided about alike. */
function merged(methods: readonly OwnMethod[]): readonly OwnMethod[] {
  const [first, ...others] = methods;
  const key = ({ requirements, optional, authenticated, undecided }: OwnMethod) =>
    `${undecided} ${optional} ${authenticated} ${requirements.join(' ')}`;
  if (first === undefined || others.some((other) => key(other) !== key(first))) return methods;
  return [{ ...first, method: 'ALL' }];
}

/** Decided is what has a requirement, or a welcome, for the first thing that runs; or nothing that could answer. */
function decisionIn(stack: readonly Layer[]): Omit<OwnMethod, 'method'> {
  // With four parameters it is for errors only, and nobody has failed yet.
  const handlers = stack.filter((layer) => registered(layer.handle).length < 4);
  const roles = handlers.map((layer) => roleOf(registered(layer.handle)));
  const requirements = requirementsIn(roles);
  const authenticated = demandToken(roles);
  const optional = requirements.length === 0 && roles.includes('optional');
  const first = roles.findIndex((role) => role !== 'authenticate');
  const decision = roles.findIndex((role) => typeof role === 'object' || role === 'optional');
  if (first === decision) return { requirements, optional, authenticated };
  const undecided = decision !== -1 ? BEHIND : first === 0 ? '' : AUTHENTICATED;
  return { requirements, optional, authenticated, undecided };
}

function judged(own: OwnMethod, passed: readonly Passed[]): OwnMethod {
  const { undecided, ...known } = own;
  const outer = requirementsIn(passed);
  return {
    ...known,
    requirements: [...outer, ...own.requirements],
    authenticated: own.authenticated || demandToken(passed),
    ...(outer.length > 0 || undecided === undefined ? {} : { undecided }),
  };
}

function requirementsIn(passed: readonly (Role | undefined)[]): readonly (Grant | Anonymous)[] {
  return passed.filter((one) => typeof one === 'object');
}

function demandToken(passed: readonly (Role | undefined)[]): boolean {
  return passed.some((one) => one === 'authenticate' || (typeof one === 'object' && one.role === 'grant'));
}

/** `undefined` for what demands nothing: other functions, and guards that callers without a token pass too. */
function demandOf(layer: Layer): Passed | undefined {
  const role = roleOf(registered(layer.handle));
  return role === 'optional' ? undefined : role;
}

function mountShown(path: LayerPath): string {
  return path.shown ?? '(mounted router)';
}

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
