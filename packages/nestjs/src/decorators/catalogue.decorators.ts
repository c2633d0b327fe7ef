import type { Grant, GrantOf, Permissions } from '@entra-guard/core';
import { declare } from './declare.js';
import { requirementOf } from './decorator-arguments.js';
import type { RequirementDecorator } from './entra-guard.decorators.js';

/** Makes a decorator that asks for at least one of these permissions. */
export type DecoratorOf<V extends string> = (...values: readonly [V, ...V[]]) => RequirementDecorator;

/** The decorators of one API's own permissions; see {@link requirementDecorators}. */
export interface RequirementDecorators<S extends string, A extends string, U extends string> {
  readonly RequireScopes: DecoratorOf<S>;
  readonly RequireAnyScope: DecoratorOf<S>;
  readonly RequireAppPermissions: DecoratorOf<A>;
  readonly RequireAnyAppPermission: DecoratorOf<A>;
  readonly RequireUserRoles: DecoratorOf<U>;
  readonly RequireAnyUserRole: DecoratorOf<U>;
}

/**
 * The decorators `@RequireScopes(...)` and the like, for the permissions of a catalogue: a misspelt one does not compile,
 * and each carries why the permission exists and who answers for it.
 *
 * ```ts
 * export const { RequireScopes, RequireUserRoles } = requirementDecorators(orders);
 * ```
 */
export function requirementDecorators<S extends string, A extends string, U extends string>(
  permissions: Permissions<S, A, U>,
): RequirementDecorators<S, A, U> {
  return Object.freeze({
    RequireScopes: decorator('@RequireScopes(...)', permissions.scopes),
    RequireAnyScope: decorator('@RequireAnyScope(...)', permissions.anyScope),
    RequireAppPermissions: decorator('@RequireAppPermissions(...)', permissions.appPermissions),
    RequireAnyAppPermission: decorator('@RequireAnyAppPermission(...)', permissions.anyAppPermission),
    RequireUserRoles: decorator('@RequireUserRoles(...)', permissions.userRoles),
    RequireAnyUserRole: decorator('@RequireAnyUserRole(...)', permissions.anyUserRole),
  });
}

function decorator<V extends string>(by: string, grantOf: GrantOf<V>): DecoratorOf<V> {
  return (...values) => {
    const requirement: Grant = requirementOf(by, values, () => grantOf(...values));
    return declare({ kind: 'require', by, requirement });
  };
}
