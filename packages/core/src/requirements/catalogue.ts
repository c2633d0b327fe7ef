import type { Owner } from '../options/options.js';

/** Who may be assigned an app role: people, or apps (then it is an application permission). */
export type RoleHolder = 'user' | 'application';

/** What every permission of a catalogue has. */
export interface CataloguePermission {
  /** As tokens hold it: `Orders.Read`. */
  readonly value: string;
  /** Its name for people. */
  readonly title: string;
  /** What it allows, for the people who consent to it or assign it. */
  readonly description: string;
  /** Why the API offers it, for the audit trail. */
  readonly because: string;
  /** Its GUID in the app registration: what consents and assignments refer to. */
  readonly id: string;
  /** `false` for one that is retired: it is no longer granted. Holders keep it until it is deleted. */
  readonly enabled: boolean;
}

/** A delegated permission. */
export interface CatalogueScope extends CataloguePermission {
  /** Whether users may consent for themselves, or only an administrator. */
  readonly consent: 'user' | 'admin';
}

/** An app role: of users, an application permission, or both. */
export interface CatalogueAppRole extends CataloguePermission {
  readonly for: readonly RoleHolder[];
}

/** A group of the tenant, under the name that the application has for it. */
export interface CatalogueGroup {
  /** The application's name for it: `Managers`. */
  readonly name: string;
  /** Its object ID, a GUID in lower case. */
  readonly id: string;
  /** Why its members may do more, for the audit trail. */
  readonly because: string;
}

/** A client whose users are not asked to consent. */
export interface PreAuthorizedClient {
  /** Application (client) ID. */
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly because: string;
}

/** Something in a catalogue that is allowed and deserves a second look. */
export interface CatalogueWarning {
  readonly code: 'role_for_both';
  readonly permission: string;
  readonly message: string;
  /** What to change, and where. */
  readonly fix: string;
}

/** The permissions of one API as plain data: frozen, and JSON as it stands. Made by {@link definePermissions}. */
export interface Catalogue {
  /** The application ID URI: `api://…`. */
  readonly api: string;
  readonly owner: Owner;
  readonly scopes: readonly CatalogueScope[];
  readonly appRoles: readonly CatalogueAppRole[];
  readonly preAuthorized: readonly PreAuthorizedClient[];
  /** Not part of the registration: groups belong to the tenant. */
  readonly groups: readonly CatalogueGroup[];
  readonly warnings: readonly CatalogueWarning[];
}
