import type { Requirement } from '@entra-guard/core';

type Node = Requirement['node'];

/** Whether a requirement has a part of one of these kinds, now or later. */
export function hasPart(node: Node, kinds: readonly Node['kind'][]): boolean {
  if (node.kind === 'anyOf' || node.kind === 'allOf') return node.of.some((part) => hasPart(part, kinds));
  if (node.kind === 'tighten') return hasPart(node.now, kinds) || hasPart(node.next, kinds);
  if (node.kind === 'whenAgent') return hasPart(node.narrowing, kinds);
  return kinds.includes(node.kind);
}
