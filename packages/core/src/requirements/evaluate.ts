import { ConfigurationError } from '../base/errors.js';
import { type Instant, timeOf } from '../base/instant.js';
import { ownMember } from '../base/own-member.js';
import type { AuthContext } from '../caller/auth-context.js';
import { assertCaller } from '../caller/caller.js';
import { givenGroups } from './given-groups.js';
import { judge, NO_ANSWERS } from './judge.js';
import type { Denial } from './kinds/outcome.js';
import { isPermissionHeld } from './kinds/permissions.js';
import { assertDecides, type Requirement } from './requirement.js';

/** What {@link evaluate} answers. */
export type Decision = { readonly granted: true } | Denial;

/**
 * Judges a requirement. Pure: no clock but `now`, no I/O.
 *
 * @param options.now a `Date`, or milliseconds since the epoch; default `Date.now()`
 * @param options.groups the object IDs of the user's groups, where the token has `'overage'` for them; else not looked at
 * @throws ConfigurationError for a requirement that holds a `check()`: use {@link authorize} for those; for one with a `limit()`
 * or an `approval()`, which only guards judge; and for what is not the very context that a guard gave, such as a copy of one
 */
export function evaluate(
  requirement: Requirement,
  auth: AuthContext,
  options: { readonly now?: Instant; readonly groups?: readonly string[] } = {},
): Decision {
  assertDecides('evaluate(...)', requirement);
  assertCaller('evaluate(...)', auth);
  const { node } = requirement;
  const now = ownMember(options, 'now');
  if (isPermissionHeld(node, auth)) return GRANTED;
  const outcome = judge(node, {
    auth,
    now: now === undefined ? undefined : timeOf(now),
    answers: NO_ANSWERS,
    groups: givenGroups('evaluate(...)', ownMember(options, 'groups')),
    ahead: false,
  });
  if (outcome.state === 'pending') {
    throw new ConfigurationError(
      `evaluate() was given ${requirement}, which holds something that has to be run: a check, a limit or an approval.`,
      'Use await authorize(requirement, auth, { request }) for it.',
    );
  }
  return outcome.state === 'granted' ? GRANTED : outcome.denial;
}

const GRANTED: Decision = Object.freeze({ granted: true });
