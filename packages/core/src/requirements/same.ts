import type { CheckNode } from './kinds/check.js';
import { leavesOf, type RequirementNode } from './kinds.js';
import { printNode } from './print.js';

/** Whether two canonical nodes are the same requirement. Checks are the same only with the same function. */
export function sameNode(a: RequirementNode, b: RequirementNode): boolean {
  if (printNode(a) !== printNode(b)) return false;
  const left = checksIn(a);
  const right = checksIn(b);
  return left.every((check, index) => check.test === right[index]?.test);
}

/** The checks inside a node, in canonical order. */
function checksIn(node: RequirementNode): readonly CheckNode[] {
  return leavesOf(node).filter((leaf) => leaf.kind === 'check');
}
