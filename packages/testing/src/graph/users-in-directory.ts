import { guidOf, isGuid } from '../directory/guid.js';
import type { Person } from '../directory/people.js';
import type { EntraServices } from '../endpoints/call.js';
import { notFound } from './graph-error.js';

/** Lists the users: those with facts, and those whose account was changed. Removed ones are left out. */
export function listUsers(entra: EntraServices): readonly Person[] {
  const { people, accounts, changes, tenants } = entra;
  const changed = changes.since('users', 0).flatMap(({ id }) => people.nameOf(id) ?? []);
  const found = new Map<string, Person>();
  for (const name of [...people.told, ...changed]) {
    const person = people.named(name, tenants.home);
    if (!found.has(person.oid) && !accounts.of(person.oid).removed) found.set(person.oid, person);
  }
  return [...found.values()];
}

/**
 * Finds a user by object ID or user principal name. Any name of the home domain is a user, as everywhere in the local Entra; an object
 * ID has to belong to a user that the directory has seen.
 *
 * @throws {GraphError} 404 for an unknown user, and for one who was removed
 */
export function userNamed(entra: EntraServices, id: string): Person {
  const person = isGuid(id) ? findById(entra, id.toLowerCase()) : findByUpn(entra, id.toLowerCase());
  if (person === undefined || entra.accounts.of(person.oid).removed) throw notFound(id);
  return person;
}

/** Finds a user by object ID, removed ones too. */
export function findById({ people, tenants, groups }: EntraServices, oid: string): Person | undefined {
  const name = people.nameOf(oid) ?? people.told.find((one) => guidOf('user', one) === oid);
  if (name !== undefined) return people.named(name, tenants.home);
  // Members of groups may not have been seen for long.
  const isMember = groups.list().some(({ members, id }) => members.has(oid) && id !== oid);
  return isMember && groups.find(oid) === undefined ? people.named(oid, tenants.home) : undefined;
}

function findByUpn({ people, tenants }: EntraServices, upn: string): Person | undefined {
  const [local = '', domain] = upn.split('@');
  if (local === '' || domain !== tenants.home.domain) return undefined;
  const told = people.told.map((name) => people.named(name, tenants.home));
  return told.find((one) => one.upn.toLowerCase() === upn) ?? people.named(local, tenants.home);
}
