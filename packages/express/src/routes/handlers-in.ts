import {
  type Anonymous,
  allOf,
  ConfigurationError,
  type ExposedHandler,
  type Grant,
  type HandlerAccess,
} from '@entra-guard/core';
import { reasonOf } from './exceptions.js';
import { knownOn } from './known-apps.js';
import { type Walked, type WalkedRoute, walkRoutes } from './walk-routes.js';

/**
 * Lists every route of an application with what it requires, in the order of registration, for an inventory. Nested routers
 * are included, and so are `revocationRoutes(guard)`, `approvalRoutes(guard, …)`, and mounted applications on which `assertAllGuarded` was called: Express
 * hides all others.
 *
 * ```ts
 * import { takeInventory } from '@entra-guard/catalogue';
 * const { handlers, warnings } = takeInventory(handlersIn(app));
 * ```
 *
 * @throws ConfigurationError for what is neither an application nor a router
 */
export function handlersIn(app: object): readonly ExposedHandler[] {
  return exposedRoutes(app, 'handlersIn()').map(({ method, path, access }) => ({ method, path, access }));
}

/** A route as it can be reached, with what OpenAPI needs to know of it. */
export interface ExposedRoute
  extends ExposedHandler,
    Pick<WalkedRoute, 'readable' | 'authenticated' | 'makers' | 'answers' | 'pattern' | 'route'> {}

/**
 * Every route that could answer, in the order of registration.
 *
 * @param asked who asks, for the error
 * @throws ConfigurationError for what is neither an application nor a router
 */
export function exposedRoutes(app: object, asked: string): readonly ExposedRoute[] {
  const walked = walkRoutes(app, { known: knownOn });
  if (walked === undefined) {
    throw new ConfigurationError(
      `${asked} was given something that is neither an Express application nor a router.`,
      'Pass the application itself, after all its routes.',
    );
  }
  return walked.flatMap(exposed);
}

function exposed(walked: Walked): readonly ExposedRoute[] {
  if (walked.kind === 'app' && walked.inside !== undefined) return walked.inside.flatMap(exposed);
  const access = accessOf(walked.kind === 'route' ? walked : { ...walked, optional: false });
  if (access === undefined) return [];
  if (walked.kind === 'route') return [{ ...walked, access: withReason(access, walked) }];
  const { path, authenticated, makers } = walked;
  const all = { method: 'ALL', path: `${path}/*`, readable: false, answers: true, route: walked };
  return [{ ...all, authenticated, makers, access }];
}

/** An exception of `assertAllGuarded` says why the route is undecided. */
function withReason(access: HandlerAccess, { route, method }: WalkedRoute): HandlerAccess {
  const reason = reasonOf(route, method);
  if (access.kind !== 'undecided' || reason === undefined) return access;
  return { ...access, why: `${access.why}; assertAllGuarded leaves it out: ${reason}` };
}

/** `undefined` where nothing is there that could answer. */
function accessOf({
  requirements,
  optional,
  undecided,
}: Pick<WalkedRoute, 'requirements' | 'optional' | 'undecided'>): HandlerAccess | undefined {
  if (undecided !== undefined) {
    return { kind: 'undecided', effect: 'open', why: undecided || 'it is neither guarded nor declared open' };
  }
  const [first, ...others] = requirements.filter((one): one is Grant => one.role === 'grant');
  if (first !== undefined) return together([first, ...others]);
  if (optional) return { kind: 'optional' };
  const [opening, ...more] = requirements.filter((one): one is Anonymous => one.role === 'anonymous');
  if (opening === undefined) return undefined;
  const reasons = more.flatMap((one) => one.reasons);
  return {
    kind: 'requirement',
    requirement: reasons.reduce((joined, reason) => joined.because(reason), opening),
  };
}

/** Each guard on the way has to be satisfied. */
function together(grants: readonly [Grant, ...Grant[]]): HandlerAccess {
  try {
    return { kind: 'requirement', requirement: allOf(...grants) };
  } catch (error) {
    if (!ConfigurationError.is(error)) throw error;
    return {
      kind: 'undecided',
      effect: 'denied',
      why: `it stands behind ${grants.join(' and ')}, which no token satisfies together`,
    };
  }
}
