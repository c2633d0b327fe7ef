import { ConfigurationError } from '../base/errors.js';
import { countingPart } from './kinds.js';
import { printNode } from './print.js';
import type { Requirement } from './requirement.js';

/**
 * Refuses a part that counts calls where it may not stand: each call has to be counted once, whichever branch grants it.
 *
 * @param inside the combinator's name
 * @throws ConfigurationError
 */
export function assertCountsNothing(inside: string, { node }: Requirement): void {
  const part = countingPart(node);
  if (part === undefined) return;
  throw new ConfigurationError(
    `${inside}(...) holds ${printNode(part)}, which counts calls and has to stand outside of it.`,
    `Put it in the outermost allOf, directly or in whenAgent(...): allOf(${inside}(…), ${printNode(part)}).`,
  );
}
