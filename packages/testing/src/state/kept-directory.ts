import type { UserFact, UserProfile } from '../directory/people.js';
import type { AppRegistration } from '../directory/registration.js';
import type { EntraServices } from '../endpoints/call.js';

/** What one kind of object is made of, by ID. Values are JSON. */
export type Records = Readonly<Record<string, unknown>>;

/** The parts of a local Entra that are kept between runs. */
export type Directory = Pick<EntraServices, 'people' | 'accounts' | 'groups' | 'apps' | 'consents'>;

/** How objects of one kind are read and written. */
export interface Kept {
  read(directory: Directory): Records;
  /** Adds an object, or replaces it. */
  write(directory: Directory, id: string, value: unknown): void;
  remove(directory: Directory, id: string): void;
}

interface KeptUser extends UserFact {
  readonly profile?: UserProfile;
}

interface KeptGroup {
  readonly displayName: string;
  readonly description?: string | null;
  readonly securityEnabled?: boolean;
  readonly members: readonly string[];
}

interface KeptAccount {
  readonly disabled: boolean;
  readonly removed: boolean;
  /** ISO 8601. */
  readonly sessionsValidFrom?: string;
}

interface KeptConsent {
  readonly clientId: string;
  readonly resourceId: string;
  readonly principalId?: string;
  readonly scopes: readonly string[];
}

/** Every kind that is kept. What changes at run time and is not here is lost with the process. */
export const keptKinds = {
  users: {
    read: ({ people }) =>
      Object.fromEntries(
        people.told.map((name) => {
          const profile = people.profileOf(name);
          const kept: KeptUser = {
            ...people.factOf(name),
            ...(Object.keys(profile).length === 0 ? {} : { profile }),
          };
          return [name, kept];
        }),
      ),
    write: ({ people }, name, value) => {
      const { profile, ...fact } = value as KeptUser;
      people.forget(name);
      people.tell(name, fact);
      if (profile !== undefined) people.describe(name, profile);
    },
    remove: ({ people }, name) => {
      people.forget(name);
    },
  },
  apps: {
    read: ({ apps }) => Object.fromEntries(apps.told.map(({ name, registration }) => [name, registration])),
    write: ({ apps }, name, value) => {
      const app = apps.told.find((one) => one.name === name);
      if (app !== undefined && JSON.stringify(app.registration) !== JSON.stringify(value)) {
        apps.update(app, value as AppRegistration);
      }
    },
    // Only the configuration adds apps, and takes them away.
    remove: () => {},
  },
  accounts: {
    read: ({ accounts }) =>
      Object.fromEntries(
        accounts.changed().map(([oid, { disabled, removed, sessionsValidFrom }]) => {
          const kept: KeptAccount = {
            disabled,
            removed,
            ...(sessionsValidFrom === undefined
              ? {}
              : { sessionsValidFrom: new Date(sessionsValidFrom).toISOString() }),
          };
          return [oid, kept];
        }),
      ),
    write: ({ accounts }, oid, value) => {
      const { disabled, removed, sessionsValidFrom } = value as KeptAccount;
      const from = sessionsValidFrom === undefined ? undefined : Date.parse(sessionsValidFrom);
      accounts.put(oid, { disabled, removed, sessionsValidFrom: from });
    },
    // A configuration declares no accounts.
    remove: () => {},
  },
  groups: {
    read: ({ groups }) =>
      Object.fromEntries(
        groups.list().map(({ id, members, ...group }) => [id, { ...group, members: [...members] }]),
      ),
    write: ({ groups }, id, value) => {
      const { members, ...group } = value as KeptGroup;
      groups.add({ ...group, id, members: new Set(members) });
    },
    remove: ({ groups }, id) => groups.remove(id),
  },
  consents: {
    read: ({ consents }) =>
      Object.fromEntries(
        consents.list().map(({ id, principalId, scopes, clientId, resourceId }) => {
          const kept: KeptConsent = {
            clientId,
            resourceId,
            ...(principalId === undefined ? {} : { principalId }),
            scopes: [...scopes],
          };
          return [id, kept];
        }),
      ),
    write: ({ consents }, id, value) => {
      const { clientId, resourceId, principalId, scopes } = value as KeptConsent;
      consents.revoke(id);
      consents.grant({ clientId, resourceId, principalId }, scopes);
    },
    remove: ({ consents }, id) => {
      consents.revoke(id);
    },
  },
} as const satisfies Readonly<Record<string, Kept>>;

export type KeptKind = keyof typeof keptKinds;

/** Objects of every kind. */
export type Snapshot = Readonly<Record<KeptKind, Records>>;

const kinds = Object.keys(keptKinds) as readonly KeptKind[];

/** Reads all that is kept. */
export function snapshotOf(directory: Directory): Snapshot {
  return mapKinds((kind) => keptKinds[kind].read(directory));
}

/** Makes a directory hold a snapshot, and nothing else of its kinds. */
export function restore(directory: Directory, wanted: Snapshot): void {
  const present = snapshotOf(directory);
  for (const kind of kinds) {
    const kept: Kept = keptKinds[kind];
    for (const id of Object.keys(present[kind])) {
      if (!Object.hasOwn(wanted[kind], id)) kept.remove(directory, id);
    }
    for (const [id, value] of Object.entries(wanted[kind])) kept.write(directory, id, value);
  }
}

/** Makes one value for each kind. */
export function mapKinds<Value>(make: (kind: KeptKind) => Value): Readonly<Record<KeptKind, Value>> {
  return Object.fromEntries(kinds.map((kind) => [kind, make(kind)])) as Record<KeptKind, Value>;
}
