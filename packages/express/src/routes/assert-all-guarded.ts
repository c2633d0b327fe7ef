import { ConfigurationError } from '@entra-guard/core';
import { type Mark, marksOf } from './mark.js';
import { type Walked, walkRoutes } from './walk-routes.js';

/**
 * Throws unless every route of an application has been decided about: it requires something, or is declared open with
 * `anonymous()`. Routes count, in nested routers too. A plain function in `app.use()` (static files, a webhook) can't be
 * told from a middleware and is not looked at.
 *
 * @param maker whose middlewares are looked for where a wrapper may hide them
 * @throws ConfigurationError that names every undecided route
 */
export function assertAllGuarded(app: object, maker: object): void {
  const seen = new Set<Mark>();
  const walked = walkRoutes(app, { known: passedOn, seen });
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
      `Put guard.require(...) first: app.get('/orders', guard.require(scopes('Orders.Read')), handler). It may also be mounted before the route, in the same router. To open a route on purpose: guard.require(anonymous()), or guard.authenticate({ optional: true }) where a caller is welcome.${hiddenIn(maker, seen)}`,
    );
  }
  rememberPassed(app);
}

/** Guards that stand nowhere may be in wrappers that keep nothing of them. */
function hiddenIn(maker: object, seen: ReadonlySet<Mark>): string {
  const unseen = marksOf(maker).filter((mark) => typeof mark.role === 'object' && !seen.has(mark));
  const names = [...new Set(unseen.map(({ role }) => `guard.require(${role})`))];
  if (names.length === 0) return '';
  const shown = names.slice(0, MOST_NAMED).join(', ') + (names.length > MOST_NAMED ? ', …' : '');
  return ` These were made and stand on none of its routes: ${shown}. Where a function of your own is around one, such as asyncHandler(guard.require(...)), it hides the guard: take it off, a guard needs none; or let it declare what it calls: guard.wrapped((req, res, next) => fn(req, res, next), fn).`;
}

const MOST_NAMED = 5;

function undecided(walked: Walked): readonly string[] {
  if (walked.undecided === undefined) return [];
  if (walked.kind === 'app') {
    // By itself it has passed: only what is before it can be wrong.
    if (walked.inside !== undefined && walked.exposed === undefined) return [];
    return [`ALL ${walked.path}/* (${walked.undecided})`];
  }
  return [`${walked.method} ${walked.path}${walked.undecided === '' ? '' : ` (${walked.undecided})`}`];
}

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
