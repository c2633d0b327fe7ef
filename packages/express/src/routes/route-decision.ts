import type { Anonymous, Grant } from '@entra-guard/core';
import { type Mark, markOfLayer } from './mark.js';
import { doubtOf, isDecided, type Passage, standing } from './on-the-way.js';
import type { Layer, Route } from './routing.js';

/** What stands in front of one method of one route. */
export interface Decision {
  /** Every requirement that a request has to satisfy on its way, the farthest first. */
  readonly requirements: readonly (Grant | Anonymous)[];
  /** Callers without a token are welcome, and nothing on the way requires more. */
  readonly optional: boolean;
  /** A guard on the way accepts only callers with a token, before anything can answer. */
  readonly authenticated: boolean;
  /** Those who made the guards on the way. */
  readonly makers: readonly object[];
  /** Why it is undecided; empty where that says it all. */
  readonly undecided?: string;
}

/** One method of a route, without what is mounted before it. */
export interface OwnMethod extends Decision {
  /** In upper case; `ALL` for any. */
  readonly method: string;
  /** Something other than guards is in it, which may answer. */
  readonly answers: boolean;
}

const BEHIND = 'guard.require stands behind another handler, which may have answered already';
const AUTHENTICATED = 'guard.authenticate alone requires nothing';
const ERROR_HANDLER =
  'an error handler stands between guard.require and a handler: where that calls next(), a request that fails in the guard goes past it';

/** Each method of a route has its own stack: the handlers for it and those for all methods. */
export function methodsOf(route: Route): readonly OwnMethod[] {
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
  const handlers = stack.filter(isForRequests);
  const marks = handlers.map((layer) => markOfLayer(layer));
  const roles = marks.map((mark) => mark?.role);
  const demands = demandsOf(marks.filter((mark) => mark !== undefined));
  const answering = roles.indexOf(undefined);
  const before = marks
    .slice(0, answering === -1 ? undefined : answering)
    .filter((mark) => mark !== undefined);
  const known = {
    ...demands,
    authenticated: demandsOf(before).authenticated,
    optional: demands.requirements.length === 0 && roles.includes('optional'),
    answers: answering !== -1,
  };
  const first = roles.findIndex((role) => role !== 'authenticate');
  const decision = roles.findIndex((role) => typeof role === 'object' || role === 'optional');
  if (first !== decision) {
    return { ...known, undecided: decision !== -1 ? BEHIND : first === 0 ? '' : AUTHENTICATED };
  }
  const guard = handlers[decision];
  return guard !== undefined && goesOnAfterErrors(stack.slice(stack.indexOf(guard)))
    ? { ...known, undecided: ERROR_HANDLER }
    : known;
}

/** Whether a request that fails in the first of these may come to a later one. */
function goesOnAfterErrors(stack: readonly Layer[]): boolean {
  const handler = stack.findIndex(isErrorHandler);
  return handler !== -1 && stack.slice(handler).some(isForRequests);
}

/** Express looks at how many parameters the function has that it calls, which may be a wrapper. */
export function isForRequests({ handle }: Layer): boolean {
  return handle.length < 4;
}

/** One that may let the request go on: it is not ours. */
export function isErrorHandler(layer: Layer): boolean {
  return layer.handle.length === 4 && markOfLayer(layer)?.role !== 'answers';
}

/**
 * What is known of a method in its place.
 *
 * @param exposed what runs for the route itself before its first handler
 */
export function inPlace(own: OwnMethod, passage: Passage, exposed: string | undefined): OwnMethod {
  const { undecided: ownWhy, ...known } = own;
  const outer = demandsOf(standing(passage));
  const certain = demandsOf(passage.guards).authenticated;
  const undecided = whyUndecided();
  return {
    ...known,
    requirements: [...outer.requirements, ...own.requirements],
    authenticated: certain || (own.authenticated && undecided === ownWhy),
    makers: [...outer.makers, ...own.makers],
    ...(undecided === undefined ? {} : { undecided }),
  };

  function whyUndecided(): string | undefined {
    const ownDecides = ownWhy === undefined;
    if (isDecided(passage) || (ownDecides && isOpen(own))) return undefined;
    const doubt = doubtOf(passage);
    const early = passage.exposed ?? exposed;
    if (early !== undefined && (ownDecides || doubt !== undefined)) return early;
    return ownDecides ? undefined : (doubt ?? ownWhy);
  }
}

/** Declared open, or with nothing that could answer. */
function isOpen({ requirements }: Decision): boolean {
  return requirements.every(({ role }) => role === 'anonymous');
}

/** What guards ask for together. */
export function demandsOf(
  marks: readonly Mark[],
): Pick<Decision, 'requirements' | 'authenticated' | 'makers'> {
  const requirements = marks.map(({ role }) => role).filter((role) => typeof role === 'object');
  return {
    requirements,
    authenticated:
      requirements.some(({ role }) => role === 'grant') || marks.some(({ role }) => role === 'authenticate'),
    makers: marks.map(({ maker }) => maker),
  };
}
