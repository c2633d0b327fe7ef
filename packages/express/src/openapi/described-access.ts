import {
  allOf,
  ConfigurationError,
  type Grant,
  type OperationAccess,
  type Validator,
} from '@entra-guard/core';
import type { ExposedRoute } from '../routes/handlers-in.js';

/** What a document may say of an operation. */
export interface Described {
  /** `undefined` where nothing can be said. */
  readonly access?: OperationAccess | undefined;
  /** The route that comes first and hides what later ones require. */
  readonly after?: string;
}

/**
 * What stands in front of the first route that may answer: Express tries them in this order. Routes with nothing but guards
 * in them are passed on the way.
 *
 * @param routes those that take every request to the operation
 * @param validator of the guard that the document is of
 */
export function describedBy(routes: readonly ExposedRoute[], validator: Validator): Described {
  const until = routes.findIndex(({ answers }) => answers);
  const onTheWay = until === -1 ? routes : routes.slice(0, until + 1);
  if (onTheWay.some(({ makers }) => isOfAnotherApi(makers, validator))) return {};
  const accesses = onTheWay.map(accessOfRoute);
  const grants = accesses.filter((access) => isGrant(access));
  if (grants.length > 0) return { access: together(grants, onTheWay) };
  // What is open behind a guard that demands a token is not open.
  if (onTheWay.some(({ authenticated }) => authenticated)) return { access: 'authenticated' };
  const access = accesses.at(-1);
  const later = until === -1 ? [] : routes.slice(until + 1);
  const first = onTheWay.at(-1);
  const hides = access === undefined && later.some((route) => isGrant(accessOfRoute(route)));
  return hides && first !== undefined ? { access, after: nameOf(first) } : { access };
}

/** Whether a guard is of an API that has another application ID URI: its scopes are of no use in this document. */
export function isOfAnotherApi(makers: readonly object[], validator: Validator): boolean {
  return makers.some((maker) => {
    const { validator: own } = maker as { readonly validator?: Validator };
    return own !== undefined && own !== validator && own.applicationIdUri !== validator.applicationIdUri;
  });
}

/** A route, for people. */
export function nameOf({ method, path }: ExposedRoute): string {
  return `${method} ${path}`;
}

function accessOfRoute(route: ExposedRoute): OperationAccess | undefined {
  const { access } = route;
  if (access.kind === 'undecided' && access.effect === 'denied') {
    throw new ConfigurationError(
      `${nameOf(route)} can't be described: ${access.why}.`,
      'Take one of the guards on its way off, or mount it elsewhere.',
    );
  }
  if (access.kind === 'undecided' || access.kind === 'other-guard') return undefined;
  return access.kind === 'optional' ? 'optional' : access.requirement;
}

function isGrant(access: OperationAccess | undefined): access is Grant {
  return typeof access === 'object' && access.role === 'grant';
}

function together(grants: readonly Grant[], routes: readonly ExposedRoute[]): Grant {
  const [first, ...others] = grants;
  try {
    return first === undefined || others.length === 0 ? (first as Grant) : allOf(first, ...others);
  } catch (error) {
    if (!ConfigurationError.is(error)) throw error;
    throw new ConfigurationError(
      `${routes.map(nameOf).join(' and ')} can't be described: no token satisfies ${grants.join(' and ')} together.`,
      'Take one of the guards on the way off, or mount it elsewhere.',
    );
  }
}
