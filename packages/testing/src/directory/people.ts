import { BoundedMap } from '../bounded-map.js';
import { guidOf, isGuid } from './guid.js';
import { assertMembers, invalidOption } from './invalid-option.js';
import { domainOf, type Tenant, tenantIdOf } from './tenants.js';

/** A user, as the claims of a token describe one. */
export interface Person {
  readonly name: string;
  readonly oid: string;
  readonly displayName: string;
  readonly givenName: string;
  readonly familyName: string;
  /** User principal name. */
  readonly upn: string;
}

/** Facts about a user. */
export interface UserFact {
  /** Default: made from the name. */
  readonly displayName?: string;
  /** Whether the user may consent for everyone and use the pages of administrators. Default `false`. */
  readonly admin?: boolean;
}

/** What a directory knows of a user and tokens don't say, by the names of Microsoft Graph. */
export type UserProfile = Readonly<Partial<Record<ProfileMember, string | null>>>;

export type ProfileMember =
  | 'givenName'
  | 'surname'
  | 'mail'
  | 'mailNickname'
  | 'jobTitle'
  | 'department'
  | 'companyName'
  | 'employeeId'
  | 'employeeType'
  | 'officeLocation'
  | 'mobilePhone'
  | 'preferredLanguage'
  | 'usageLocation'
  | 'userType';

/** Facts about users by name: `{ ada: { displayName: 'Ada Lovelace', admin: true } }`. */
export type UserFacts = Readonly<Record<string, UserFact>>;

/** The users of one local Entra. Any name makes one, with an object ID that depends on the name alone. */
export class People {
  readonly #names = new BoundedMap<string, string>(2000);
  readonly #facts: Map<string, UserFact>;
  readonly #profiles = new Map<string, UserProfile>();

  /** @throws {LocalEntraError} `option_invalid` */
  constructor(facts: UserFacts = {}) {
    this.#facts = readUsers(facts);
  }

  /** Makes a user with an account in the tenant, from `ada`, `Ada Lovelace`, `ada@contoso.example` or an object ID. */
  named(name: string, tenant: Tenant): Person {
    const made = personOf(name, tenant.domain);
    const displayName = this.#facts.get(made.name)?.displayName;
    const named = displayName === undefined ? made : { ...made, ...namesOf(displayName) };
    const { givenName, surname } = this.profileOf(made.name);
    const person = {
      ...named,
      ...(typeof givenName === 'string' ? { givenName } : {}),
      ...(typeof surname === 'string' ? { familyName: surname } : {}),
    };
    this.#names.set(person.oid, person.name);
    return person;
  }

  /** Lists the names of users that the directory has facts about. Pages and lists show these alone. */
  get told(): readonly string[] {
    return [...this.#facts.keys()];
  }

  /** Whether the user may consent for everyone. */
  isAdmin({ name }: Person): boolean {
    return this.#facts.get(name)?.admin === true;
  }

  /** Adds facts about a user, or changes those that are given. */
  tell(name: string, fact: UserFact): void {
    this.#facts.set(name, { ...this.#facts.get(name), ...fact });
  }

  /** Returns what is known of a user but the facts. */
  profileOf(name: string): UserProfile {
    return this.#profiles.get(name) ?? {};
  }

  /** Adds to what is known of a user, or changes it. */
  describe(name: string, profile: UserProfile): void {
    this.#profiles.set(name, { ...this.profileOf(name), ...profile });
  }

  /** Returns the facts about a user. */
  factOf(name: string): UserFact {
    return this.#facts.get(name) ?? {};
  }

  /** Forgets the facts about a user. @returns whether there were any */
  forget(name: string): boolean {
    this.#profiles.delete(name);
    return this.#facts.delete(name);
  }

  /** Finds the name that belongs to an object ID, if a token was made for that user before. */
  nameOf(oid: string): string | undefined {
    return this.#names.get(oid);
  }

  /** Finds the home tenant of a guest, which may be a tenant that is not declared. */
  homeOf(nameOrId: string): Tenant {
    return { id: tenantIdOf(nameOrId), domain: domainOf(nameOrId) };
  }
}

function readUsers(facts: unknown): Map<string, UserFact> {
  if (typeof facts !== 'object' || facts === null || Array.isArray(facts)) {
    throw invalidOption(
      `users is not an object. Pass facts by name: { ada: { displayName: 'Ada Lovelace' } }.`,
    );
  }
  const read = Object.entries(facts).map(([name, fact]: [string, unknown]): [string, UserFact] => {
    if (typeof fact !== 'object' || fact === null || Array.isArray(fact)) {
      throw invalidOption(`users.${name} is not an object. Pass { displayName, admin }, or {}.`);
    }
    assertMembers(`users.${name}`, fact, ['displayName', 'admin']);
    const { displayName, admin } = fact as { displayName?: unknown; admin?: unknown };
    if (displayName !== undefined && (typeof displayName !== 'string' || displayName.trim() === '')) {
      throw invalidOption(`users.${name}.displayName is not a name. Write text: 'Ada Lovelace'.`);
    }
    if (admin !== undefined && typeof admin !== 'boolean') {
      throw invalidOption(`users.${name}.admin is not true or false. Write true, or leave it out.`);
    }
    return [name, fact];
  });
  return new Map(read);
}

/** Takes a display name apart: the last word is the family name. */
function namesOf(displayName: string): Pick<Person, 'displayName' | 'givenName' | 'familyName'> {
  const words = displayName.trim().split(/\s+/);
  const givenName = words.length === 1 ? (words[0] as string) : words.slice(0, -1).join(' ');
  return { displayName, givenName, familyName: words.at(-1) as string };
}

function personOf(name: string, domain: string): Person {
  const at = name.indexOf('@');
  const local = at < 0 ? name : name.slice(0, at);
  const words = local.split(/[\s._-]+/).filter((word) => word !== '');
  const [given = 'User', ...rest] = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  const family = rest.length === 0 ? 'Example' : rest.join(' ');
  return {
    name: local,
    oid: isGuid(local) ? local.toLowerCase() : guidOf('user', local),
    displayName: `${given} ${family}`,
    givenName: given,
    familyName: family,
    upn: at < 0 ? `${words.join('.').toLowerCase()}@${domain}` : name,
  };
}
