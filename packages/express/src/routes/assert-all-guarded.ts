import { ConfigurationError } from '@entra-guard/core';
import { type Walked, walkRoutes } from './walk-routes.js';

/**
 * Throws unless every route of an application has been decided about: it requires something, or is declared open with
 * `anonymous()`. Routes count, in nested routers too. A plain function in `app.use()` (static files, a webhook) can't be
 * told from a middleware and is not looked at.
 *
 * @throws ConfigurationError that names every undecided route
 */
export function assertAllGuarded(app: object): void {
  const walked = walkRoutes(app, passedOn);
  if (walked === undefined) {
    throw new ConfigurationError(
      'assertAllGuarded() was given something that is neither an Express application nor a router.',
      'Pass the application itself, after all its routes: guard.assertAllGuarded(app).',
    );
  }
  const open = walked.flatMap(undecided);
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

function undecided(walked: Walked): readonly string[] {
  if (walked.kind === 'app') {
    if (walked.app !== undefined || walked.requirements.length > 0) return [];
    return [`ALL ${walked.path}/* (${HIDDEN_APP}: call assertAllGuarded on it first)`];
  }
  if (walked.undecided === undefined) return [];
  return [`${walked.method} ${walked.path}${walked.undecided === '' ? '' : ` (${walked.undecided})`}`];
}

/** Why nothing is known of the routes of a mounted application. */
export const HIDDEN_APP = "a mounted application, whose routes can't be seen from here";

/** Applications that passed, by the application they are mounted on. Express keeps no way from the outer to the inner. */
const passedApps = new WeakMap<object, Set<object>>();

/** The applications that passed and are mounted on this one. */
export function passedOn(app: object): readonly object[] {
  return [...(passedApps.get(app) ?? [])];
}

function rememberPassed(app: { readonly parent?: unknown }): void {
  if (typeof app.parent !== 'function') return;
  const siblings = passedApps.get(app.parent) ?? new Set();
  passedApps.set(app.parent, siblings.add(app));
}
