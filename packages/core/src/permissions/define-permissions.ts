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

/** Makes a grant from one or more permissions. */
export type GrantOf<V extends string> = (...values: readonly [V, ...V[]]) => Grant;

/** Makes a narrowing from one or more names. */
export type NarrowingOf<V extends string> = (...values: readonly [V, ...V[]]) => Narrowing;

/**
 * Requirements for the permissions of one API: `S` its scopes, `A` its application permissions, `U` its user roles.
 * Each is equal to the plain requirement (`scopes('Orders.Read')`), and also carries why the permission exists and who
 * is responsible for it. All members can be destructured.
 */
export interface Permissions<S extends string, A extends string, U extends string, G extends string = never> {
  /** The permissions as plain data, for the inventory, the manifest and the comparison with an app registration. */
  readonly catalogue: Catalogue;
  /** Requires a delegated token whose `scp` holds all of these scopes. */
  readonly scopes: GrantOf<S>;
  /** Requires a delegated token whose `scp` holds at least one of these scopes. */
  readonly anyScope: GrantOf<S>;
  /** Requires an app-only token whose `roles` hold all of these application permissions. */
  readonly appPermissions: GrantOf<A>;
  /** Requires an app-only token whose `roles` hold at least one of these application permissions. */
  readonly anyAppPermission: GrantOf<A>;
  /** Requires a delegated token whose user has all of these app roles. */
  readonly userRoles: GrantOf<U>;
  /** Requires a delegated token whose user has at least one of these app roles. */
  readonly anyUserRole: GrantOf<U>;
  /** Narrows to users without any of these app roles. */
  readonly withoutUserRoles: NarrowingOf<U>;
  /** Narrows to users in all of these groups, by name. */
  readonly inGroups: NarrowingOf<G>;
  /** Narrows to users in at least one of these groups, by name. */
  readonly inAnyGroup: NarrowingOf<G>;
}

/** The roles among `R` that can be assigned to a kind of holder. */
export type RolesFor<R extends AppRoleDefinitions, H extends RoleHolder> = {
  [V in keyof R]: H extends R[V]['for'][number] ? V : never;
}[keyof R] &
  string;

/**
 * Defines an API's permissions in one place, with types: a misspelt permission does not compile.
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
 * @throws ConfigurationError for a definition that Entra would refuse (characters, lengths, duplicate names), or that
 * is incomplete
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

/** Returns a permission of the catalogue. Refuses an unknown one, which code without types can ask for. */
function knownTo<T>({ api }: Catalogue, known: ReadonlyMap<string, T>, what: string, value: string): T {
  const found = known.get(value);
  if (found !== undefined) return found;
  throw new ConfigurationError(
    `The catalogue of ${api} has no ${what} '${value}'.`,
    `It has ${[...known.keys()].join(', ') || 'none'}. Use one of these, or add it to definePermissions({ … }).`,
  );
}
