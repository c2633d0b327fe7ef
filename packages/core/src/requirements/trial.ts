import type { ErrorCode } from '../base/code-status.js';
import { judge } from './judge.js';
import type { JudgedFacts } from './kinds/kind.js';
import { printNode } from './print.js';
import type { Requirement } from './requirement.js';

/** What a `tighten(...)` would have answered to a caller whom it lets in until its time comes. */
export interface Trial {
  /** What will decide then, as it is written in code: the second argument of `tighten(...)`. */
  readonly requirement: string;
  /** Why it would have refused the caller. */
  readonly code: ErrorCode;
  /** What the caller lacks, in words, one entry each. */
  readonly missing: readonly string[];
}

/**
 * Tells what the caller will lack when every `tighten(...)` of a requirement has switched; `undefined` where nothing. Runs no
 * check and asks for nothing: what is not known yet counts as if the caller passed.
 *
 * @param facts those by which the caller was let in
 */
export function trialOf(requirement: Requirement, facts: JudgedFacts): Trial | undefined {
  // Another copy of the package may be older, and knows of none.
  const { node, tightenings = [] } = requirement;
  const { now = Date.now() } = facts;
  for (const { next, until } of tightenings) {
    if (now >= Date.parse(until)) continue;
    const outcome = judge(next, facts);
    if (outcome.state !== 'denied') continue;
    // Another branch may let the caller in all the same.
    if (judge(node, { ...facts, ahead: true }).state !== 'denied') return undefined;
    const { code, missing } = outcome.denial;
    return Object.freeze({ requirement: printNode(next), code, missing });
  }
  return undefined;
}
