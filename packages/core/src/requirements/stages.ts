import { ConfigurationError } from '../base/errors.js';
import { allOfNode, anyOfNode, widestOfNode } from './canonical.js';
import { partsIn, type RequirementNode, tighteningsIn } from './kinds.js';

/** What a requirement is at a time: each `tighten(...)` gives way to its part that decides then. In canonical form. */
export function stageAt(node: RequirementNode, time: number): RequirementNode {
  if (tighteningsIn(node).length === 0) return node;
  if (node.kind === 'tighten') return time < Date.parse(node.until) ? node.now : node.next;
  const parts = partsIn(node).map((part) => stageAt(part, time));
  return node.kind === 'allOf' ? allOfNode(parts) : widestOfNode(parts);
}

/**
 * Refuses parts of an `allOf` that no token could satisfy together, before or after one of them switches.
 *
 * @throws ConfigurationError
 */
export function assertAllSatisfiable(parts: readonly RequirementNode[]): void {
  const untils = untilsIn(parts);
  for (const until of untils) {
    if (until === untils[0]) assertStage(allOfNode, parts, Number.NEGATIVE_INFINITY, `Until ${until}`);
    assertStage(allOfNode, parts, Date.parse(until), `From ${until} on`);
  }
}

/**
 * Refuses branches of an `anyOf` of which one makes another pointless once all have switched: what was to become stricter would
 * not.
 *
 * @throws ConfigurationError
 */
export function assertAnyEffective(parts: readonly RequirementNode[]): void {
  const until = untilsIn(parts).at(-1);
  if (until !== undefined) assertStage(anyOfNode, parts, Date.parse(until), `From ${until} on`);
}

/** The times at which something switches, each once, in order. */
function untilsIn(parts: readonly RequirementNode[]): readonly string[] {
  return [...new Set(tighteningsIn({ kind: 'allOf', of: parts }).map(({ until }) => until))];
}

function assertStage(
  build: (parts: readonly RequirementNode[]) => RequirementNode,
  parts: readonly RequirementNode[],
  time: number,
  when: string,
): void {
  try {
    build(parts.map((part) => stageAt(part, time)));
  } catch (error) {
    const { problem, hint } = error as ConfigurationError;
    throw new ConfigurationError(`${when}: ${problem}`, hint);
  }
}
