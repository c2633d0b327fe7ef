import { BoundedMap } from '../bounded-map.js';
import { guidOf, isGuid } from './guid.js';
import { domainOf, type Tenant, tenantIdOf } from './tenants.js';

/** A user as tokens show one. */
export interface Person {
  readonly name: string;
  readonly oid: string;
  readonly displayName: string;
  readonly givenName: string;
  readonly familyName: string;
  /** User principal name. */
  readonly upn: string;
}

/** The people of one local Entra: any name makes one, with the same object ID everywhere. */
export class People {
  readonly #names = new BoundedMap<string, string>(2000);

  /** `ada`, `Ada Lovelace`, `ada@contoso.example` or an object ID, with an account in the tenant. */
  named(name: string, tenant: Tenant): Person {
    const person = personOf(name, tenant.domain);
    this.#names.set(person.oid, person.name);
    return person;
  }

  /** The name behind an object ID, if a token was made for it before. */
  nameOf(oid: string): string | undefined {
    return this.#names.get(oid);
  }

  /** The tenant where a guest is at home; it need not be one of ours. */
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
