import type { Owner } from '../options/options.js';
import type { RoleHolder } from '../requirements/catalogue.js';

/** What is said of any permission. */
export interface PermissionDefinition {
  /** What it allows, in a sentence, for whoever consents or assigns. At most 1000 characters. */
  readonly description: string;
  /** Why the API offers it; shows in audit events and reviews wherever the permission is required. */
  readonly because: string;
  /** Its name for people, at most 120 characters. Default: the permission's value. */
  readonly title?: string;
  /**
   * Its GUID in the app registration. Pin it where the registration exists already: consents and assignments refer to it.
   * Default: derived from the API and the value, the same in every run.
   */
  readonly id?: string;
  /** `false` retires it: disabled in the registration, so that a later deployment can delete it. Default `true`. */
  readonly enabled?: boolean;
}

/** A delegated permission: what a client may do for a signed-in user. */
export interface ScopeDefinition extends PermissionDefinition {
  /** Whether users may consent for themselves (`'user'`), or only an administrator. */
  readonly consent: 'user' | 'admin';
}

/**
 * An app role. `for: ['application']` makes it an application permission, `for: ['user']` a role of people; both at once
 * is legal and discouraged, because the same word then means two things.
 */
export interface AppRoleDefinition extends PermissionDefinition {
  readonly for: readonly [RoleHolder, ...RoleHolder[]];
}

/** A client for which nobody is asked to consent. */
export interface PreAuthorizedDefinition<S extends string> {
  /** Application (client) ID, a GUID. */
  readonly clientId: string;
  readonly scopes: readonly [S, ...S[]];
  readonly because: string;
}

/** A group of the tenant. */
export interface GroupDefinition {
  /** Its object ID, a GUID, as its overview page in Entra shows it. */
  readonly id: string;
  /** Why its members may do more; shows in audit events and reviews wherever the group is required. */
  readonly because: string;
}

/** Groups by the names that the application has for them. */
export type GroupDefinitions = Readonly<Record<string, GroupDefinition>>;
/** Scopes by their short names, as `scp` holds them. */
export type ScopeDefinitions = Readonly<Record<string, ScopeDefinition>>;
/** App roles by their values, as `roles` holds them. */
export type AppRoleDefinitions = Readonly<Record<string, AppRoleDefinition>>;

/** What {@link definePermissions} is told: at least one scope or app role. */
export interface CatalogueDefinition<
  S extends ScopeDefinitions,
  R extends AppRoleDefinitions,
  G extends GroupDefinitions = Record<never, never>,
> {
  /**
   * The application ID URI (`api://…`, `https://…`), or the application (client) ID, which stands for `api://{clientId}`.
   */
  readonly api: string;
  /** Who answers for these permissions, and who is woken. */
  readonly owner: Owner;
  readonly scopes?: S;
  readonly appRoles?: R;
  /** Groups of the tenant that requirements name. Default none. */
  readonly groups?: G;
  /** Clients of the same owner that users are not asked about. Default none. */
  readonly preAuthorized?: readonly PreAuthorizedDefinition<NoInfer<keyof S & string>>[];
}
