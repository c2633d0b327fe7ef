import type { Owner } from '../options/options.js';
import type { RoleHolder } from '../requirements/catalogue.js';

/** The members of every permission's definition. */
export interface PermissionDefinition {
  /** What it allows, in a sentence, for users and administrators who consent or assign. At most 1000 characters. */
  readonly description: string;
  /**
   * Why the API offers it. Shown in audit events and reviews of handlers that require the permission. At most 1000
   * characters.
   */
  readonly because: string;
  /** Its display name, at most 120 characters. Default: the permission's value. */
  readonly title?: string;
  /**
   * Its GUID in the app registration. Set it if the registration already exists, because consents and assignments refer
   * to it. Default: derived from the API and the value, so that every run gives one result.
   */
  readonly id?: string;
  /** `false` disables it in the registration, so that a later deployment can delete it. Default `true`. */
  readonly enabled?: boolean;
}

/** A delegated permission: what a client may do for a signed-in user. */
export interface ScopeDefinition extends PermissionDefinition {
  /** Whether users may consent for themselves (`'user'`), or only an administrator. */
  readonly consent: 'user' | 'admin';
}

/**
 * An app role. `for: ['application']` makes it an application permission, `for: ['user']` a user role. Both at once is
 * allowed but discouraged, because the name then means two things.
 */
export interface AppRoleDefinition extends PermissionDefinition {
  readonly for: readonly [RoleHolder, ...RoleHolder[]];
}

/** A client that needs no consent for these scopes. */
export interface PreAuthorizedDefinition<S extends string> {
  /** Application (client) ID, a GUID. */
  readonly clientId: string;
  readonly scopes: readonly [S, ...S[]];
  readonly because: string;
}

/** A group of the tenant. */
export interface GroupDefinition {
  /** The group's object ID, a GUID: "Overview" of the group in Entra. */
  readonly id: string;
  /** Why its members may do more. Shown in audit events and reviews of handlers that require the group. */
  readonly because: string;
}

/** Groups, by the application's names for them. */
export type GroupDefinitions = Readonly<Record<string, GroupDefinition>>;
/** Scopes, by their short names as in `scp`. */
export type ScopeDefinitions = Readonly<Record<string, ScopeDefinition>>;
/** App roles, by their values as in `roles`. */
export type AppRoleDefinitions = Readonly<Record<string, AppRoleDefinition>>;

/** Definition for {@link definePermissions}. At least one scope or app role. */
export interface CatalogueDefinition<
  S extends ScopeDefinitions,
  R extends AppRoleDefinitions,
  G extends GroupDefinitions = Record<never, never>,
> {
  /**
   * The application ID URI (`api://…`, `https://…`), or the application (client) ID, which stands for `api://{clientId}`.
   */
  readonly api: string;
  /** Who is responsible for these permissions, and who is on call. */
  readonly owner: Owner;
  readonly scopes?: S;
  readonly appRoles?: R;
  /** Groups of the tenant that requirements name. Default none. */
  readonly groups?: G;
  /** Pre-authorized clients, for which users are not asked to consent. Default none. */
  readonly preAuthorized?: readonly PreAuthorizedDefinition<NoInfer<keyof S & string>>[];
}
