import type { KindCallers } from './kinds/kind.js';
import { isLeaf, isNarrowing, kindOf, partsIn, type RequirementNode } from './kinds.js';

/** Who can satisfy a node at all: an app acting for a user, an app acting as itself, either, or none. */
export type Callers = KindCallers | 'none';

export const meet = (a: Callers, b: Callers): Callers =>
  a === 'both' ? b : b === 'both' || a === b ? a : 'none';
const join = (a: Callers, b: Callers): Callers => (a === 'none' ? b : b === 'none' || a === b ? a : 'both');

/** Which kind of caller can satisfy a node at all, now or later. */
export function callersOf(node: RequirementNode): Callers {
  if (isLeaf(node)) return kindOf(node).callers;
  // Whatever it asks of agents, it asks nothing of others.
  if (node.kind === 'whenAgent') return 'both';
  const callers = partsIn(node).map(callersOf);
  return node.kind === 'allOf' ? callers.reduce(meet, 'both') : callers.reduce(join, 'none');
}

/**
 * Whether a delegated token could pass without holding any particular scope, now or later: any client of the user could act.
 */
export function delegatedWithoutScope(node: RequirementNode): boolean {
  if (isChoice(node)) return partsIn(node).some(delegatedWithoutScope);
  if (node.kind === 'anonymous' || isNarrowing(node) || callersOf(node) === 'app') return false;
  const parts = node.kind === 'allOf' ? node.of : [node];
  return !parts.some(namesScope);
}

/** Whether any one of its parts may decide. */
const isChoice = ({ kind }: RequirementNode): boolean => kind === 'anyOf' || kind === 'tighten';

function namesScope(part: RequirementNode): boolean {
  if (isChoice(part)) return !delegatedWithoutScope(part);
  return part.kind === 'scopes' || part.kind === 'anyScope';
}
