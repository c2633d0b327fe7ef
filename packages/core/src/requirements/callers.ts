import type { KindCallers } from './kinds/kind.js';
import { isCombined, isNarrowing, kindOf, type RequirementNode } from './kinds.js';

/** Who can satisfy a node at all: an app acting for a user, an app acting as itself, either, or none. */
export type Callers = KindCallers | 'none';

export const meet = (a: Callers, b: Callers): Callers =>
  a === 'both' ? b : b === 'both' || a === b ? a : 'none';
const join = (a: Callers, b: Callers): Callers => (a === 'none' ? b : b === 'none' || a === b ? a : 'both');

/** Which kind of caller can satisfy a node at all. */
export function callersOf(node: RequirementNode): Callers {
  if (!isCombined(node)) return kindOf(node).callers;
  const callers = node.of.map(callersOf);
  return node.kind === 'allOf' ? callers.reduce(meet, 'both') : callers.reduce(join, 'none');
}

/** Whether a delegated token could pass without holding any particular scope: any client of the user could act. */
export function delegatedWithoutScope(node: RequirementNode): boolean {
  const branches = node.kind === 'anyOf' ? node.of : [node];
  return branches.some((branch) => {
    if (branch.kind === 'anonymous' || isNarrowing(branch) || callersOf(branch) === 'app') return false;
    const parts = branch.kind === 'allOf' ? branch.of : [branch];
    return !parts.some(namesScope);
  });
}

function namesScope(part: RequirementNode): boolean {
  if (part.kind === 'anyOf') return !delegatedWithoutScope(part);
  return part.kind === 'scopes' || part.kind === 'anyScope';
}
