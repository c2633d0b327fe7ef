import { isLeaf, kindOf, partsIn, type RequirementNode } from './kinds.js';

/** The requirement as one would write it in code, in its canonical form: equal requirements print the same. */
export function printNode(node: RequirementNode): string {
  if (isLeaf(node)) return `${node.kind}(${kindOf(node).print(node)})`;
  const options = node.kind === 'tighten' ? `, { until: '${node.until}' }` : '';
  return `${node.kind}(${partsIn(node).map(printNode).join(', ')}${options})`;
}
