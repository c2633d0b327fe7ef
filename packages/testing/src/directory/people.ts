import { BoundedMap } from '../bounded-map.js';
import { guidOf, isGuid } from './guid.js';
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

/** The users of one local Entra. Any name makes one, with an object ID that depends on the name alone. */
export class People {
  readonly #names = new BoundedMap<string, string>(2000);

  /** Makes a user with an account in the tenant, from `ada`, `Ada Lovelace`, `ada@contoso.example` or an object ID. */
  named(name: string, tenant: Tenant): Person {
    const person = personOf(name, tenant.domain);
    this.#names.set(person.oid, person.name);
    return person;
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
