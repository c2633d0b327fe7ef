import type { App, Apps } from './apps.js';
import { guidOf } from './guid.js';
import { assertMembers, invalidOption } from './invalid-option.js';
import type { Person } from './people.js';
import type { Tenant } from './tenants.js';

/** An agent identity. */
export interface AgentFact {
  /** Name of the app that is its blueprint. */
  readonly blueprint: string;
}

/** Agent identities by name: `{ helper: { blueprint: 'assistants' } }`. */
export type AgentFacts = Readonly<Record<string, AgentFact>>;

/** An agent identity with its blueprint. Its object ID is its client ID. */
export interface Agent {
  readonly app: App;
  readonly blueprint: App;
}

/** Name of the blueprint of an agent for which none is declared. */
const unnamedBlueprint = 'blueprint';

/** The agent identities of one local Entra. A test may mint for any name; endpoints know the declared ones. */
export class Agents {
  readonly #apps: Apps;
  readonly #told: readonly Agent[];

  /** @throws {LocalEntraError} `option_invalid` */
  constructor(apps: Apps, facts: AgentFacts = {}) {
    this.#apps = apps;
    this.#told = readAgents(apps, facts);
  }

  /** The declared agent identities. */
  get told(): readonly Agent[] {
    return this.#told;
  }

  /** Finds an agent identity by its client ID or name, as requests name it. */
  find(id: string): Agent | undefined {
    const wanted = id.toLowerCase();
    return this.#told.find(({ app }) => app.clientId === wanted || app.name === id);
  }

  /** Finds or makes the blueprint of an agent, for tests that mint. */
  blueprintOf(name: string, given: string | undefined): App {
    return given === undefined
      ? (this.find(name)?.blueprint ?? this.#apps.client(unnamedBlueprint))
      : this.#apps.client(given);
  }
}

/** Makes an agent's user account, which is bound to the agent. */
export function userOfAgent({ app }: Agent, tenant: Tenant): Person {
  return {
    name: app.name,
    oid: guidOf('agent-user', app.name),
    displayName: app.name,
    givenName: app.name,
    familyName: 'Agent',
    upn: `${app.name.toLowerCase()}@${tenant.domain}`,
  };
}

function readAgents(apps: Apps, facts: unknown): readonly Agent[] {
  if (typeof facts !== 'object' || facts === null || Array.isArray(facts)) {
    throw invalidOption(
      "agents is not an object. Pass agents by name: { helper: { blueprint: 'assistants' } }.",
    );
  }
  return Object.entries(facts).map(([name, fact]: [string, unknown]) => {
    const given = (fact ?? {}) as Partial<AgentFact>;
    assertMembers(`agents.${name}`, given, ['blueprint']);
    const { blueprint } = given;
    if (typeof blueprint !== 'string' || blueprint === '') {
      throw invalidOption(
        `agents.${name} names no blueprint. Name the app that it is made from: { blueprint }.`,
      );
    }
    const known = apps.told.find((app) => app.name === blueprint);
    if (known === undefined && apps.told.length > 0) {
      throw invalidOption(
        `agents.${name}.blueprint is "${blueprint}", and there is no such app. Add it to apps.`,
      );
    }
    const app = apps.client(name);
    return { app: { ...app, oid: app.clientId }, blueprint: known ?? apps.client(blueprint) };
  });
}
