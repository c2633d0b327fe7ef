import { ConfigurationError, type Enough } from '../base/errors.js';
import { ownMember } from '../base/own-member.js';
import type { AuthContext } from '../caller/auth-context.js';
import { assertCaller } from '../caller/caller.js';
import { assertDecides } from './build.js';
import { sorted } from './canonical.js';
import { judgeNarrowing } from './judge-narrowing.js';
import { isPermissionHeld, judgeAuthenticated, judgePermission } from './judge-permission.js';
import { type CheckNode, isPermission, type RequirementNode } from './node.js';
import { type Denial, DISTANCE, denied, GRANTED_FREELY, nothing, type Outcome } from './outcome.js';
import type { Requirement } from './requirement.js';

/** What {@link evaluate} answers. */
export type Decision = { readonly granted: true } | Denial;

/**
 * Judges a requirement. Pure: no clock but `now`, no I/O.
 *
 * @param options.now milliseconds since the epoch; default `Date.now()`
 * @throws ConfigurationError for a requirement that holds a `check()`: use {@link authorize} for those; and for what is not
 * the very context that a guard gave, such as a copy of one
 */
export function evaluate(
  requirement: Requirement,
  auth: AuthContext,
  options: { readonly now?: number } = {},
): Decision {
  assertDecides('evaluate(...)', requirement);
  assertCaller('evaluate(...)', auth);
  const { node } = requirement;
  if (isPermissionHeld(node, auth)) return GRANTED;
  const outcome = judge(node, auth, ownMember(options, 'now'), NO_ANSWERS);
  if (outcome.state === 'pending') {
    throw new ConfigurationError(
      `evaluate() was given ${requirement}, which holds a check that has to be run.`,
      'Use await authorize(requirement, auth, { request }) for it.',
    );
  }
  return outcome.state === 'granted' ? GRANTED : outcome.denial;
}

const GRANTED: Decision = Object.freeze({ granted: true });

export const NO_ANSWERS: ReadonlyMap<CheckNode, boolean> = new Map();

/**
 * Judges a node, given the answers of the checks that have run; `pending` names the next check to run.
 *
 * @param now milliseconds since the epoch; without it the clock is read where a narrowing asks for the time
 */
export function judge(
  node: RequirementNode,
  auth: AuthContext,
  now: number | undefined,
  answers: ReadonlyMap<CheckNode, boolean>,
): Outcome {
  if (isPermission(node)) return judgePermission(node, auth);
  switch (node.kind) {
    case 'anonymous':
      return GRANTED_FREELY;
    case 'authenticated':
      return judgeAuthenticated(node.unassignedApps, auth);
    case 'allOf':
      return judgeAll(node.of.map((part) => judge(part, auth, now, answers)));
    case 'anyOf':
      return judgeAny(node.of.map((part) => judge(part, auth, now, answers)));
    case 'check':
      return judgeCheck(node, answers);
    default:
      return judgeNarrowing(node, auth, now);
  }
}

function judgeAll(parts: readonly Outcome[]): Outcome {
  const needs = (): Enough => union(parts.map((part) => part.needs()));
  if (parts.every((part) => part.state === 'granted')) return { state: 'granted', needs };
  const denied = parts.filter((part) => part.state === 'denied');
  // What can't be changed is named first; a challenge to step up only where nothing else is in the way.
  const [worst] = [...denied].sort((a, b) => b.distance - a.distance);
  if (worst === undefined) {
    const pending = parts.find((part) => part.state === 'pending') as Outcome;
    return { ...pending, needs };
  }
  const missing = denied.flatMap((part) => part.denial.missing);
  // To name permissions that the caller has would send the client round in circles.
  const lacking = denied.some((part) => Object.keys(part.denial.enough).length > 0);
  return {
    state: 'denied',
    needs,
    distance: denied.reduce((sum, part) => sum + part.distance, 0),
    denial: Object.freeze({
      ...worst.denial,
      missing: Object.freeze(missing),
      enough: lacking ? needs() : nothing(),
    }),
  };
}

function judgeAny(branches: readonly Outcome[]): Outcome {
  const open =
    branches.find((branch) => branch.state === 'granted') ?? branches.find((b) => b.state === 'pending');
  if (open) return open;
  const denied = branches.filter((branch) => branch.state === 'denied');
  return denied.reduce((nearest, next) => (next.distance < nearest.distance ? next : nearest));
}

function union(all: readonly Enough[]): Enough {
  const merge = (pick: (part: Enough) => readonly string[] | undefined) =>
    sorted(all.flatMap((part) => pick(part) ?? []));
  const merged = {
    scopes: merge((part) => part.scopes),
    userRoles: merge((part) => part.userRoles),
    appPermissions: merge((part) => part.appPermissions),
  };
  return Object.freeze(Object.fromEntries(Object.entries(merged).filter(([, list]) => list.length > 0)));
}

function judgeCheck(node: CheckNode, answers: ReadonlyMap<CheckNode, boolean>): Outcome {
  const answer = answers.get(node);
  if (answer === undefined) return { state: 'pending', needs: nothing, check: node };
  if (answer) return GRANTED_FREELY;
  return denied({}, DISTANCE.fixed, {
    code: 'check_refused',
    missing: Object.freeze([`check '${node.name}'`]),
    hint: `The API's own check '${node.name}' did not return true for this caller.`,
    hidden: node.otherwise === 'not-found',
  });
}
