import { isLeaf, kindOf, partsIn, type RequirementNode } from './kinds.js';

/** The requirement as one would write it in code, in its canonical form: equal requirements print the same. */
export function printNode(node: RequirementNode): string {
  if (isLeaf(node)) return `${node.kind}(${kindOf(node).print(node)})`;
  return `${node.kind}(${partsIn(node).map(printNode).join(', ')}${optionsOf(node)})`;
}

function optionsOf(node: RequirementNode): string {
  if (node.kind === 'tighten') return `, { until: '${node.until}' }`;
  return node.kind === 'whenAgent' && node.unknown === 'human' ? ", { unknown: 'human' }" : '';
}
