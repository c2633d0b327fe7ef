import {
  type Anonymous,
  allOf,
  ConfigurationError,
  type ExposedHandler,
  type Grant,
  type HandlerAccess,
} from '@entra-guard/core';
import { HIDDEN_APP, passedOn } from './assert-all-guarded.js';
import { type Walked, type WalkedRoute, walkRoutes } from './walk-routes.js';

/**
 * Every route of an application with what stands in front of it, in the order of registration: what an inventory is taken
 * of. Mount paths and nested routers count; so do mounted applications, once `assertAllGuarded` was called on them, since
 * Express hides all others.
 *
 * ```ts
 * import { takeInventory } from '@entra-guard/core/catalogue';
 * const { handlers, warnings } = takeInventory(handlersIn(app));
 * ```
 *
 * @throws ConfigurationError for what is neither an application nor a router
 */
export function handlersIn(app: object): readonly ExposedHandler[] {
  const walked = walkRoutes(app, passedOn);
  if (walked === undefined) {
    throw new ConfigurationError(
      'handlersIn() was given something that is neither an Express application nor a router.',
      'Pass the application itself, after all its routes.',
    );
  }
  return walked.flatMap((one) => exposed(one));
}

function exposed(walked: Walked): readonly ExposedHandler[] {
  if (walked.kind === 'route') {
    const access = accessOf(walked);
    return access === undefined ? [] : [{ method: walked.method, path: walked.path, access }];
  }
  const { app, path, requirements } = walked;
  if (app === undefined) {
    const hidden = requirements.length === 0 ? { undecided: HIDDEN_APP } : {};
    const access = accessOf({ requirements, optional: false, ...hidden });
    return access === undefined ? [] : [{ method: 'ALL', path: `${path}/*`, access }];
  }
  return (walkRoutes(app, passedOn) ?? []).flatMap((inner) => exposed(behind(requirements, path, inner)));
}

/** What is inside a mounted application, as it is seen from outside. */
function behind(outer: WalkedRoute['requirements'], above: string, inner: Walked): Walked {
  const { undecided, ...known } = inner.kind === 'route' ? inner : { ...inner, undecided: undefined };
  return {
    ...known,
    path: above + (inner.path === '/' ? '' : inner.path),
    requirements: [...outer, ...inner.requirements],
    ...(undecided === undefined || outer.length > 0 ? {} : { undecided }),
  };
}

/** `undefined` where nothing is there that could answer. */
function accessOf({
  requirements,
  optional,
  undecided,
}: Pick<WalkedRoute, 'requirements' | 'optional' | 'undecided'>): HandlerAccess | undefined {
  if (undecided !== undefined) {
    return { kind: 'undecided', effect: 'open', why: undecided || 'nobody decided about it' };
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
