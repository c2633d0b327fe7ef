import type { App, Apps } from './apps.js';
import { guidOf, isGuid } from './guid.js';
import { assertMembers, invalidOption } from './invalid-option.js';

/** A user-assigned managed identity. */
export interface ManagedIdentityFact {
  /** Default: derived from the name. */
  readonly clientId?: string;
  /** Object ID of its service principal. Default: derived from the name. */
  readonly objectId?: string;
  /** Azure resource ID, `/subscriptions/…/userAssignedIdentities/vm`. Default: one that ends with the name. */
  readonly resourceId?: string;
}

/** User-assigned managed identities by name. */
export type ManagedIdentityFacts = Readonly<Record<string, ManagedIdentityFact>>;

/** How a request names an identity. */
export interface IdentityQuery {
  readonly clientId: string | null;
  readonly objectId: string | null;
  readonly resourceId: string | null;
}

interface Identity {
  readonly app: App;
  readonly resourceId: string;
}

/** Name of the system-assigned identity, for requests that name no other. */
const systemAssigned = 'managed-identity';

/** The managed identities of one local Entra. If none are declared, any name or ID is one. */
export class ManagedIdentities {
  readonly #apps: Apps;
  readonly #told: readonly Identity[];

  /** @throws {LocalEntraError} `option_invalid` */
  constructor(apps: Apps, facts: ManagedIdentityFacts = {}) {
    this.#apps = apps;
    this.#told = readIdentities(apps, facts);
  }

  /** The declared identities. */
  get told(): readonly App[] {
    return this.#told.map(({ app }) => app);
  }

  /** Finds the identity of a name, for tests that mint. */
  named(name = systemAssigned): App {
    return this.#told.find(({ app }) => app.name === name)?.app ?? this.#apps.client(name);
  }

  /** Finds the identity that a request names; `undefined` if it is not assigned. */
  find({ clientId, objectId, resourceId }: IdentityQuery): App | undefined {
    const asked = clientId ?? objectId ?? resourceId;
    if (asked === null) return this.named();
    if (this.#told.length === 0) return this.#apps.client(asked);
    const wanted = asked.toLowerCase();
    return this.#told.find(({ app, resourceId: id }) =>
      clientId !== null
        ? app.clientId === wanted || app.name === clientId
        : objectId !== null
          ? app.oid === wanted
          : id.toLowerCase() === wanted,
    )?.app;
  }
}

function readIdentities(apps: Apps, facts: unknown): readonly Identity[] {
  if (typeof facts !== 'object' || facts === null || Array.isArray(facts)) {
    throw invalidOption('managedIdentities is not an object. Pass identities by name: { vm: {} }.');
  }
  return Object.entries(facts).map(([name, fact]: [string, unknown]) => {
    const what = `managedIdentities.${name}`;
    if (typeof fact !== 'object' || fact === null) throw invalidOption(`${what} is not an object. Pass {}.`);
    assertMembers(what, fact, ['clientId', 'objectId', 'resourceId']);
    const { clientId, objectId, resourceId } = fact as ManagedIdentityFact;
    for (const [member, id] of Object.entries({ clientId, objectId })) {
      if (id !== undefined && !isGuid(id))
        throw invalidOption(`${what}.${member} is "${id}", and not a GUID.`);
    }
    const made = apps.client(name);
    const app: App = {
      ...made,
      clientId: (clientId ?? made.clientId).toLowerCase(),
      oid: (objectId ?? guidOf('service-principal', clientId?.toLowerCase() ?? made.clientId)).toLowerCase(),
    };
    return {
      app,
      resourceId:
        resourceId ??
        `/subscriptions/${guidOf('subscription', 'local')}/resourcegroups/local/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`,
    };
  });
}
