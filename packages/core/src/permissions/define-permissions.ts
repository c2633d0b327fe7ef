import { ConfigurationError } from '../base/errors.js';
import {
  anyAppPermission,
  anyScope,
  anyUserRole,
  appPermissions,
  inAnyGroup,
  inGroups,
  scopes,
  userRoles,
  withoutUserRoles,
} from '../requirements/build.js';
import type { Catalogue, CataloguePermission, RoleHolder } from '../requirements/catalogue.js';
import { type Grant, type Narrowing, Requirement } from '../requirements/requirement.js';
import type {
  AppRoleDefinitions,
  CatalogueDefinition,
  GroupDefinitions,
  ScopeDefinitions,
} from './definition.js';
import { readDefinition } from './read-definition.js';

/** Makes a grant of at least one of these permissions. */
export type GrantOf<V extends string> = (...values: readonly [V, ...V[]]) => Grant;

/** Makes a narrowing of these names. */
export type NarrowingOf<V extends string> = (...values: readonly [V, ...V[]]) => Narrowing;

/**
 * Requirements of one API's own permissions: `S` its scopes, `A` its application permissions, `U` its users' roles. Each
 * is equal to the plain one (`scopes('Orders.Read')`), and carries why the permission exists and who answers for it. All
 * of them can be destructured.
 */
export interface Permissions<S extends string, A extends string, U extends string, G extends string = never> {
  /** The same as plain data: for the inventory, the manifest and the comparison with a registration. */
  readonly catalogue: Catalogue;
  /** A delegated token whose `scp` holds all of these scopes. */
  readonly scopes: GrantOf<S>;
  /** A delegated token whose `scp` holds at least one of these scopes. */
  readonly anyScope: GrantOf<S>;
  /** An app-only token whose `roles` hold all of these application permissions. */
  readonly appPermissions: GrantOf<A>;
  /** An app-only token whose `roles` hold at least one of these application permissions. */
  readonly anyAppPermission: GrantOf<A>;
  /** A delegated token whose user has all of these app roles. */
  readonly userRoles: GrantOf<U>;
  /** A delegated token whose user has at least one of these app roles. */
  readonly anyUserRole: GrantOf<U>;
  /** Narrows to users who have none of these app roles. */
  readonly withoutUserRoles: NarrowingOf<U>;
  /** Narrows to users who are in all of these groups, by their names. */
  readonly inGroups: NarrowingOf<G>;
  /** Narrows to users who are in at least one of these groups, by their names. */
  readonly inAnyGroup: NarrowingOf<G>;
}

/** The roles among `R` that a holder can be assigned. */
export type RolesFor<R extends AppRoleDefinitions, H extends RoleHolder> = {
  [V in keyof R]: H extends R[V]['for'][number] ? V : never;
}[keyof R] &
  string;

/**
 * Writes an API's permissions down once, typed: a misspelt one does not compile.
 *
 * ```ts
 * export const orders = definePermissions({
 *   api: 'api://orders.contoso.example',
 *   owner: { team: 'Orders', onCall: 'orders-oncall@contoso.example' },
 *   scopes: {
 *     'Orders.Read': { description: 'Read your orders.', consent: 'user', because: 'The web shop shows them.' },
 *   },
 *   appRoles: {
 *     'Orders.Read.All': { description: 'Read all orders.', for: ['application'], because: 'Invoices at night.' },
 *   },
 * });
 * app.get('/orders', guard.require(orders.scopes('Orders.Read')), list);
 * ```
 *
 * @throws ConfigurationError for what Entra would refuse (characters, lengths, names used twice), or what is missing
 */
export function definePermissions<
  const S extends ScopeDefinitions = Record<never, never>,
  const R extends AppRoleDefinitions = Record<never, never>,
  const G extends GroupDefinitions = Record<never, never>,
>(
  definition: CatalogueDefinition<S, R, G>,
): Permissions<keyof S & string, RolesFor<R, 'application'>, RolesFor<R, 'user'>, keyof G & string> {
  const catalogue = readDefinition(definition);
  const scope = new Map(catalogue.scopes.map((one) => [one.value, one]));
  const ofApps = rolesFor(catalogue, 'application');
  const ofUsers = rolesFor(catalogue, 'user');
  const maker =
    (known: ReadonlyMap<string, CataloguePermission>, what: string, plain: GrantOf<string>) =>
    (...values: readonly [string, ...string[]]): Grant => {
      const { node } = plain(...values);
      const reasons = values.map((value) => knownTo(catalogue, known, what, value).because);
      return new Requirement('grant', node, reasons, [catalogue]);
    };
  const groups = new Map(catalogue.groups.map((one) => [one.name, one]));
  const ofGroups =
    (plain: NarrowingOf<string>) =>
    (...names: readonly [string, ...string[]]): Narrowing => {
      const named = names.map((name) => knownTo(catalogue, groups, 'group', name));
      const { node } = plain(...(named.map(({ id }) => id) as [string, ...string[]]));
      return new Requirement(
        'narrowing',
        node,
        named.map(({ because }) => because),
        [catalogue],
      );
    };
  const without = (...roles: readonly [string, ...string[]]): Narrowing => {
    const { node } = withoutUserRoles(...roles);
    for (const role of roles) knownTo(catalogue, ofUsers, 'user role', role);
    return new Requirement('narrowing', node, [], [catalogue]);
  };
  return Object.freeze({
    catalogue,
    scopes: maker(scope, 'scope', scopes),
    anyScope: maker(scope, 'scope', anyScope),
    appPermissions: maker(ofApps, 'application permission', appPermissions),
    anyAppPermission: maker(ofApps, 'application permission', anyAppPermission),
    userRoles: maker(ofUsers, 'user role', userRoles),
    anyUserRole: maker(ofUsers, 'user role', anyUserRole),
    withoutUserRoles: without,
    inGroups: ofGroups(inGroups),
    inAnyGroup: ofGroups(inAnyGroup),
  });
}

function rolesFor(catalogue: Catalogue, holder: RoleHolder): ReadonlyMap<string, CataloguePermission> {
  return new Map(
    catalogue.appRoles.filter((role) => role.for.includes(holder)).map((role) => [role.value, role]),
  );
}

/** For code without types: what the catalogue does not have is refused, in the words of the plain requirements. */
function knownTo<T>({ api }: Catalogue, known: ReadonlyMap<string, T>, what: string, value: string): T {
  const found = known.get(value);
  if (found !== undefined) return found;
  throw new ConfigurationError(
    `The catalogue of ${api} has no ${what} '${value}'.`,
    `It has ${[...known.keys()].join(', ') || 'none'}. Use one of these, or add it to definePermissions({ … }).`,
  );
}
