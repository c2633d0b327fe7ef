import { leavesOf, type RequirementNode } from './kinds.js';
import { printNode } from './print.js';

/** Whether two canonical nodes are the same requirement. Checks and approvals are the same only with the same function. */
export function sameNode(a: RequirementNode, b: RequirementNode): boolean {
  if (printNode(a) !== printNode(b)) return false;
  const left = functionsIn(a);
  const right = functionsIn(b);
  return left.every((one, index) => one === right[index]);
}

/** The application's functions inside a node, in canonical order. */
function functionsIn(node: RequirementNode): readonly unknown[] {
  return leavesOf(node).flatMap((leaf) => {
    if (leaf.kind === 'check') return [leaf.test];
    return leaf.kind === 'approval' ? [leaf.of] : [];
  });
}
