import { isPermission, type PermissionKind, type RequirementNode } from './node.js';

/** The three ways in which a requirement asks for a permission. */
export type PermissionUse = 'scope' | 'application permission' | 'user role';

/** A permission that a requirement names. */
export interface UsedPermission {
  readonly use: PermissionUse;
  /** `Orders.Read` */
  readonly value: string;
}

const USES: Readonly<Record<PermissionKind, PermissionUse>> = {
  scopes: 'scope',
  anyScope: 'scope',
  appPermissions: 'application permission',
  anyAppPermission: 'application permission',
  userRoles: 'user role',
  anyUserRole: 'user role',
};

/** Lists every permission that a requirement names, each once: those that are needed, and those of which one is enough. */
export function usedPermissions(node: RequirementNode): readonly UsedPermission[] {
  const all = permissionsIn(node);
  return all.filter(
    (one, index) => all.findIndex(({ use, value }) => use === one.use && value === one.value) === index,
  );
}

function permissionsIn(node: RequirementNode): readonly UsedPermission[] {
  if (node.kind === 'anyOf' || node.kind === 'allOf') return node.of.flatMap(permissionsIn);
  if (!isPermission(node)) return [];
  return node.values.map((value) => ({ use: USES[node.kind], value }));
}
