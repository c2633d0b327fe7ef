import { ConfigurationError } from '../base/errors.js';
import { approvalsIn, countingPart, type RequirementNode } from './kinds.js';
import { printNode } from './print.js';
import type { Requirement } from './requirement.js';

const WHAT = { limit: 'counts calls', approval: 'is used up by a call' } as const;

/**
 * Refuses a part that counts calls, or uses something up, where it may not stand: each call has to be counted once, whichever branch grants it.
 *
 * @param inside the combinator's name
 * @throws ConfigurationError
 */
export function assertCountsNothing(inside: string, { node }: Requirement): void {
  const part = countingPart(node);
  if (part === undefined) return;
  throw new ConfigurationError(
    `${inside}(...) holds ${printNode(part)}, which ${WHAT[part.kind]} and has to stand outside of it.`,
    `Put it in the outermost allOf, directly or in whenAgent(...): allOf(${inside}(…), ${printNode(part)}).`,
  );
}

/**
 * Refuses two approvals in one requirement: the first would be used up while the second is still asked for.
 *
 * @throws ConfigurationError
 */
export function assertOneApproval(node: RequirementNode): void {
  const [first, second] = approvalsIn(node);
  if (first === undefined || second === undefined) return;
  throw new ConfigurationError(
    `allOf(...) holds ${printNode(first)} and ${printNode(second)}, and a call uses one approval up.`,
    'Ask for one that shows all that is to be approved.',
  );
}
