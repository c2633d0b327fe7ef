import {
  type Anonymous,
  anonymous,
  anyAppPermission,
  anyScope,
  anyUserRole,
  appPermissions,
  type Grant,
  scopes,
  userRoles,
} from '@entra-guard/core';
import { declarationOf, grantOf } from './declarations.js';
import { declare } from './declare.js';

/** At least one value. */
type Values = readonly [string, ...string[]];

/** Goes on a controller or on one of its handlers. */
export type RequirementDecorator = ClassDecorator & MethodDecorator;

/**
 * Lets in who satisfies the requirement. Class and method requirements both apply, and so do stacked ones.
 *
 * ```ts
 * @Require(anyOf(scopes('Orders.Write'), appPermissions('Orders.Write.All')))
 * ```
 *
 * @throws ConfigurationError for a narrowing alone, which would let in whoever happens to fit it
 */
export function Require(requirement: Grant | Anonymous): RequirementDecorator {
  return declare(declarationOf('@Require(...)', requirement));
}

/**
 * Like {@link Require}, but in place of what the class (or a base class) requires.
 *
 * @throws ConfigurationError for a narrowing alone, and for `anonymous()`: that is `@Public()`
 */
export function RequireInstead(requirement: Grant): RequirementDecorator {
  const by = '@RequireInstead(...)';
  return declare({ kind: 'instead', by, requirement: grantOf(by, requirement) });
}

/** Lets in delegated tokens whose `scp` holds all of these scopes (short names: `Orders.Read`). */
export function RequireScopes(...values: Values): RequirementDecorator {
  return declare({ kind: 'require', by: '@RequireScopes(...)', requirement: scopes(...values) });
}

/** Lets in delegated tokens whose `scp` holds at least one of these scopes. */
export function RequireAnyScope(...values: Values): RequirementDecorator {
  return declare({ kind: 'require', by: '@RequireAnyScope(...)', requirement: anyScope(...values) });
}

/** Lets in app-only tokens whose `roles` hold all of these application permissions. A user's app role never counts. */
export function RequireAppPermissions(...values: Values): RequirementDecorator {
  return declare({
    kind: 'require',
    by: '@RequireAppPermissions(...)',
    requirement: appPermissions(...values),
  });
}

/** Lets in app-only tokens whose `roles` hold at least one of these application permissions. */
export function RequireAnyAppPermission(...values: Values): RequirementDecorator {
  return declare({
    kind: 'require',
    by: '@RequireAnyAppPermission(...)',
    requirement: anyAppPermission(...values),
  });
}

/** Lets in delegated tokens whose user has all of these app roles. An app's permission never counts. */
export function RequireUserRoles(...values: Values): RequirementDecorator {
  return declare({ kind: 'require', by: '@RequireUserRoles(...)', requirement: userRoles(...values) });
}

/** Lets in delegated tokens whose user has at least one of these app roles. */
export function RequireAnyUserRole(...values: Values): RequirementDecorator {
  return declare({ kind: 'require', by: '@RequireAnyUserRole(...)', requirement: anyUserRole(...values) });
}

/**
 * Opens a handler, or a controller, to everybody: no token is needed and none is looked at. On a method it lifts the
 * class's requirement. A reason shows in the audit trail: `@Public('the load balancer asks')`.
 *
 * @throws ConfigurationError for an empty reason
 */
export function Public(reason?: string): RequirementDecorator {
  const opening = anonymous();
  return declare({
    kind: 'public',
    by: '@Public()',
    requirement: reason === undefined ? opening : opening.because(reason),
  });
}

/**
 * Lets callers without a token in; `@Auth()` gives `undefined` for them. Who brings a token is authenticated: an invalid
 * one is a 401, and a 503 where it can't be verified now. On a method it lifts the class's requirement.
 */
export function OptionalAuth(): RequirementDecorator {
  return declare({ kind: 'optional', by: '@OptionalAuth()' });
}
