import { METHODS } from 'node:http';
import { ConfigurationError } from '@entra-guard/core';
import { covers, type LayerPath, mountPaths, routePaths } from './layer-path.js';
import { roleOf } from './mark.js';
import { type Layer, type Route, type Router, registered, routerOf } from './routing.js';

/**
 * Throws unless every route of an application has been decided about: it requires something, or is declared open with
 * `anonymous()`. Routes count, in nested routers too. A plain function in `app.use()` (static files, a webhook) can't be
 * told from a middleware and is not looked at.
 *
 * @throws ConfigurationError that names every undecided route
 */
export function assertAllGuarded(app: object): void {
  const router = routerOf(app);
  if (router === undefined) {
    throw new ConfigurationError(
      'assertAllGuarded() was given something that is neither an Express application nor a router.',
      'Pass the application itself, after all its routes: guard.assertAllGuarded(app).',
    );
  }
  const open = undecidedIn({ app, router, above: '', within: new Set() });
  if (open.length > 0) {
    throw new ConfigurationError(
      `${open.length === 1 ? 'One route is' : `${open.length} routes are`} neither guarded nor declared open:\n${open
        .map((line) => `  ${line}`)
        .join('\n')}\n`,
      "Put guard.require(...) first: app.get('/orders', guard.require(scopes('Orders.Read')), handler). It may also be mounted before the route, in the same router. To open a route on purpose: guard.require(anonymous()), or guard.authenticate({ optional: true }) where a caller is welcome.",
    );
  }
  rememberPassed(app);
}

/** A router in its place. */
interface Place {
  /** The application, where the router is one's own. */
  readonly app?: object;
  readonly router: Router;
  /** Where it is mounted, for people. */
  readonly above: string;
  /** The routers around it: one can be mounted inside itself. */
  readonly within: ReadonlySet<Router>;
}

/** Names what nobody has decided about, in the order of registration. */
function undecidedIn(place: Place): readonly string[] {
  const { app, router, above } = place;
  const within = new Set([...place.within, router]);
  const passed = [...(app === undefined ? [] : (passedApps.get(app) ?? []))];
  const guards: LayerPath[] = [];
  return router.stack.flatMap((layer) => {
    const { route } = layer;
    const open = (paths: readonly LayerPath[]) =>
      paths.filter((path) => !guards.some((guard) => covers(guard, path, route === undefined)));
    if (route !== undefined) {
      const methods = undecidedMethods(route);
      return open(routePaths(route, router)).flatMap((path) =>
        methods.map(({ method, why }) => `${method} ${above}${routeShown(path, above)}${why}`),
      );
    }
    const mounts = mountPaths(layer, router);
    if (decides(layer)) {
      guards.push(...mounts);
      return [];
    }
    const inner = routerOf(registered(layer.handle));
    if (inner !== undefined) {
      if (within.has(inner)) return [];
      return open(mounts).flatMap((path) =>
        undecidedIn({ router: inner, above: above + mountShown(path), within }),
      );
    }
    // Express hides a mounted application in a closure of this name.
    if (layer.name !== 'mounted_app' || takeOne(passed, mounts)) return [];
    return open(mounts).map((path) => `ALL ${above}${mountShown(path)}/* ${HIDDEN}`);
  });
}

const HIDDEN =
  "(a mounted application, whose routes can't be seen from here: call assertAllGuarded on it first)";
const BEHIND = ' (guard.require stands behind another handler, which may have answered already)';
const AUTHENTICATED = ' (guard.authenticate alone requires nothing)';

interface UndecidedMethod {
  readonly method: string;
  readonly why: string;
}

/** Each method of a route has a stack of its own: the handlers for it and those for all. */
function undecidedMethods(route: Route): readonly UndecidedMethod[] {
  const undecided = Object.keys(route.methods).flatMap((name) => {
    const stack = route.stack.filter((layer) => layer.method === undefined || layer.method === name);
    const why = whyUndecided(stack);
    return why === undefined ? [] : [{ method: name === '_all' ? 'ALL' : name.toUpperCase(), why }];
  });
  // `app.all` registers a handler for each method there is.
  const [first] = undecided;
  const all = METHODS.every((method) =>
    undecided.some((one) => one.method === method && one.why === first?.why),
  );
  return all && first !== undefined ? [{ ...first, method: 'ALL' }] : undecided;
}

/** `undefined` when the first thing that runs is a requirement, or nothing runs that could answer. */
function whyUndecided(stack: readonly Layer[]): string | undefined {
  // With four parameters it is for errors only, and nobody has failed yet.
  const handlers = stack.filter((layer) => registered(layer.handle).length < 4);
  const first = handlers.findIndex((layer) => roleOf(registered(layer.handle)) !== 'authenticate');
  const decision = handlers.findIndex(
    (layer) => decides(layer) || roleOf(registered(layer.handle)) === 'optional',
  );
  if (first === decision) return undefined;
  if (decision !== -1) return BEHIND;
  return first === 0 ? '' : AUTHENTICATED;
}

function decides(layer: Layer): boolean {
  const role = roleOf(registered(layer.handle));
  return role !== undefined && role !== 'authenticate' && role !== 'optional';
}

function mountShown(path: LayerPath): string {
  return path.shown ?? '(mounted router)';
}

function routeShown(path: LayerPath, above: string): string {
  if (path.shown === undefined) return '(unreadable path)';
  return path.shown === '' && above === '' ? '/' : path.shown;
}

/** Applications that passed, by the application they are mounted on. Express keeps no way from the outer to the inner. */
const passedApps = new WeakMap<object, Set<MountedApp>>();

interface MountedApp {
  readonly parent?: unknown;
  readonly mountpath?: unknown;
}

function rememberPassed(app: MountedApp): void {
  if (typeof app.parent !== 'function') return;
  const siblings = passedApps.get(app.parent) ?? new Set();
  passedApps.set(app.parent, siblings.add(app));
}

/** Takes one application that passed and is mounted at these paths off the list. */
function takeOne(apps: MountedApp[], paths: readonly LayerPath[]): boolean {
  const found = apps.findIndex(({ mountpath }) => {
    const written = (Array.isArray(mountpath) ? mountpath : [mountpath]).map((path) =>
      String(path).replace(/\/+$/, ''),
    );
    return paths.every(({ shown }, index) => shown === undefined || shown === written[index]);
  });
  if (found === -1) return false;
  apps.splice(found, 1);
  return true;
}
