import { type Instant, timeOf } from '../base/instant.js';
import { ownMember } from '../base/own-member.js';
import type { AuthContext } from '../caller/auth-context.js';
import { assertCaller } from '../caller/caller.js';
import { givenGroups } from './given-groups.js';
import { judge, NO_ANSWERS } from './judge.js';
import type { JudgedFacts } from './kinds/kind.js';
import type { Denial } from './kinds/outcome.js';
import { assertDecides, type Requirement } from './requirement.js';

/** What {@link outlookOf} answers. */
export type Outlook =
  /** Nothing that is known of the caller is in the way. */
  | { readonly state: 'open' }
  /** More scopes are all that the caller lacks. A new token can bring them. */
  | {
      readonly state: 'lacks-scopes';
      /** Those that the requirement needs, held ones included; short names, sorted. */
      readonly scopes: readonly string[];
    }
  /** Something is lacking that no scope makes up for, which the denial names. */
  | { readonly state: 'closed'; readonly denial: Denial };

/**
 * Tells whether a caller could satisfy a requirement, for lists of what callers may use. Runs nothing: a check, a limit or an
 * approval counts as if the caller passed. It is a forecast: let no call pass by it.
 *
 * Agents that are the subject of their token can't ask anyone for consent, so that they never lack only scopes.
 *
 * @param options.now a `Date`, or milliseconds since the epoch; default `Date.now()`
 * @param options.groups the object IDs of the user's groups, where the token has `'overage'` for them; else not looked at
 * @throws ConfigurationError for what can't decide alone, and for what is not the very context that a guard gave
 */
export function outlookOf(
  requirement: Requirement,
  auth: AuthContext,
  options: { readonly now?: Instant; readonly groups?: readonly string[] | undefined } = {},
): Outlook {
  assertDecides('outlookOf(...)', requirement);
  assertCaller('outlookOf(...)', auth);
  const facts: JudgedFacts = {
    auth,
    now: timeOf(ownMember(options, 'now') ?? Date.now()),
    answers: NO_ANSWERS,
    groups: givenGroups('outlookOf(...)', ownMember(options, 'groups')),
    ahead: false,
    assumeScopes: false,
  };
  const outcome = judge(requirement.node, facts);
  if (outcome.state !== 'denied') return OPEN;
  if (auth.agent?.subject === true) return closed(outcome.denial);
  const assumed = judge(requirement.node, { ...facts, assumeScopes: true });
  if (assumed.state === 'denied') return closed(assumed.denial);
  // Only scopes were assumed, so that what it needs has some.
  return Object.freeze({ state: 'lacks-scopes', scopes: assumed.needs().scopes as readonly string[] });
}

const OPEN: Outlook = Object.freeze({ state: 'open' });

const closed = (denial: Denial): Outlook => Object.freeze({ state: 'closed', denial });
