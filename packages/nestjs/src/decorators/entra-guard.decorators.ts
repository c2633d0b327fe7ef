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
import { declarationOf, grantOf } from '../handlers/declarations.js';
import { declare } from './declare.js';
import { assertTakes, reasonIn, requirementOf } from './decorator-arguments.js';

/** At least one value. */
type Values = readonly [string, ...string[]];

/** Goes on a controller or on one of its handlers. */
export type RequirementDecorator = ClassDecorator & MethodDecorator;

/**
 * Accepts callers who satisfy the requirement. Requirements of the class and of the method both apply, and so do several on
 * one target.
 *
 * ```ts
 * @Require(anyOf(scopes('Orders.Write'), appPermissions('Orders.Write.All')))
 * ```
 *
 * @throws ConfigurationError for a narrowing alone, which grants nothing
 */
export function Require(requirement: Grant | Anonymous): RequirementDecorator;
export function Require(...given: readonly [Grant | Anonymous]): RequirementDecorator {
  const by = '@Require(...)';
  assertTakes(by, given, 1, COMBINE);
  return declare(declarationOf(by, given[0]));
}

/**
 * Like {@link Require}, but in place of what the class (or a base class) requires.
 *
 * @throws ConfigurationError for a narrowing alone, and for `anonymous()`: that is `@Public()`
 */
export function RequireInstead(requirement: Grant): RequirementDecorator;
export function RequireInstead(...given: readonly [Grant]): RequirementDecorator {
  const by = '@RequireInstead(...)';
  assertTakes(by, given, 1, COMBINE);
  return declare({ kind: 'instead', by, requirement: grantOf(by, given[0]) });
}

/** Lets in delegated tokens whose `scp` holds all of these scopes (short names: `Orders.Read`). */
export function RequireScopes(...values: Values): RequirementDecorator {
  return requiring('@RequireScopes(...)', values, scopes);
}

/** Lets in delegated tokens whose `scp` holds at least one of these scopes. */
export function RequireAnyScope(...values: Values): RequirementDecorator {
  return requiring('@RequireAnyScope(...)', values, anyScope);
}

/** Lets in app-only tokens whose `roles` hold all of these application permissions. A user's app role never counts. */
export function RequireAppPermissions(...values: Values): RequirementDecorator {
  return requiring('@RequireAppPermissions(...)', values, appPermissions);
}

/** Lets in app-only tokens whose `roles` hold at least one of these application permissions. */
export function RequireAnyAppPermission(...values: Values): RequirementDecorator {
  return requiring('@RequireAnyAppPermission(...)', values, anyAppPermission);
}

/** Lets in delegated tokens whose user has all of these app roles. An app's permission never counts. */
export function RequireUserRoles(...values: Values): RequirementDecorator {
  return requiring('@RequireUserRoles(...)', values, userRoles);
}

/** Lets in delegated tokens whose user has at least one of these app roles. */
export function RequireAnyUserRole(...values: Values): RequirementDecorator {
  return requiring('@RequireAnyUserRole(...)', values, anyUserRole);
}

/**
 * Opens a handler or a controller to every caller: no token is required, and none is read. On a method it replaces the
 * class's requirement. A reason shows in the audit trail: `@Public('the load balancer asks')`.
 *
 * @throws ConfigurationError for an empty reason, and for anything else: `@Public(false)` would open the handler
 */
export function Public(reason?: string): RequirementDecorator;
export function Public(...given: readonly [reason?: string]): RequirementDecorator {
  const by = '@Public()';
  const reason = reasonIn(by, given[0]);
  assertTakes(by, given, 1, "Give one reason: @Public('a probe asks').");
  const opening = anonymous();
  return declare({
    kind: 'public',
    by,
    requirement: reason === undefined ? opening : opening.because(reason),
  });
}

/**
 * Accepts callers without a token; `@Auth()` is `undefined` for them. A token is still validated: an invalid one is answered
 * with 401, and one that can't be verified now with 503. On a method it replaces the class's requirement.
 *
 * @throws ConfigurationError for an argument: `@OptionalAuth(false)` would let callers without a token in
 */
export function OptionalAuth(): RequirementDecorator;
export function OptionalAuth(...given: readonly unknown[]): RequirementDecorator {
  const by = '@OptionalAuth()';
  assertTakes(
    by,
    given,
    0,
    'It is not a switch: leave it out where a token is required. Always call it: @OptionalAuth().',
  );
  return declare({ kind: 'optional', by });
}

function requiring(by: string, values: Values, make: (...values: Values) => Grant): RequirementDecorator {
  return declare({ kind: 'require', by, requirement: requirementOf(by, values, () => make(...values)) });
}

const COMBINE = 'Combine requirements: allOf(a, b) where all must hold, anyOf(a, b) where one is enough.';
