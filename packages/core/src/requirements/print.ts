import { isCombined, kindOf, type RequirementNode } from './kinds.js';

/** The requirement as one would write it in code, in its canonical form: equal requirements print the same. */
export function printNode(node: RequirementNode): string {
  const inside = isCombined(node) ? node.of.map(printNode).join(', ') : kindOf(node).print(node);
  return `${node.kind}(${inside})`;
}
