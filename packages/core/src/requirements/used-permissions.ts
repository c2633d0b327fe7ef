import { isPermission, nounOf, type PermissionUse } from './kinds/permissions.js';
import { leavesOf, type RequirementNode } from './kinds.js';

/** A permission that a requirement names. */
export interface UsedPermission {
  readonly use: PermissionUse;
  /** `Orders.Read` */
  readonly value: string;
}

/** Lists every permission that a requirement names, each once: those that are needed, and those of which one is enough. */
export function usedPermissions(node: RequirementNode): readonly UsedPermission[] {
  const all = leavesOf(node)
    .filter(isPermission)
    .flatMap((leaf) => leaf.values.map((value) => ({ use: nounOf(leaf), value })));
  return all.filter(
    (one, index) => all.findIndex(({ use, value }) => use === one.use && value === one.value) === index,
  );
}
