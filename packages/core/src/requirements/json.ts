import { ConfigurationError } from '../base/errors.js';
import { ownMember, ownMembers } from '../base/own-member.js';
import { printable } from '../base/printable.js';
import {
  allOf,
  anonymous,
  anyAppPermission,
  anyOf,
  anyScope,
  anyUserRole,
  appOnly,
  appPermissions,
  authContext,
  authenticated,
  check,
  clients,
  delegated,
  inTenants,
  members,
  noAgents,
  scopes,
  signedInWithin,
  userRoles,
} from './build.js';
import type { CheckFunction } from './node.js';
import type { Grant, Narrowing, Requirement } from './requirement.js';

type Values = readonly [string, ...string[]];

const LISTS: Readonly<Record<string, (...values: Values) => Requirement>> = {
  scopes,
  anyScope,
  appPermissions,
  anyAppPermission,
  userRoles,
  anyUserRole,
  clients,
  inTenants,
};
const PLAIN: Readonly<Record<string, () => Requirement>> = { delegated, appOnly, anonymous };

/**
 * Reads a requirement from its JSON form, with all the rules of building one. Checks are looked up by name.
 *
 * @throws ConfigurationError for an unknown kind, a check without a function, or what building it would refuse
 */
export function requirementFromJSON(
  json: unknown,
  options: { readonly checks?: Readonly<Record<string, CheckFunction>> } = {},
): Requirement {
  if (typeof json !== 'object' || json === null || !Object.hasOwn(json, 'requirement')) {
    throw unreadable(json);
  }
  const { requirement: node, because: reasons } = ownMembers(json as Readonly<Record<string, unknown>>);
  const because: readonly string[] = Array.isArray(reasons) ? reasons : [];
  let requirement = fromNode(node, ownMember(options, 'checks') ?? {});
  for (const reason of because) requirement = requirement.because(reason);
  return requirement;
}

function fromNode(node: unknown, checks: Readonly<Record<string, CheckFunction>>): Requirement {
  if (typeof node !== 'object' || node === null) throw unreadable(node);
  const facts = ownMembers(node as Readonly<Record<string, unknown>>);
  const kind = String(facts.kind);
  const list = Object.hasOwn(LISTS, kind) ? LISTS[kind] : undefined;
  if (list) return list(...((Array.isArray(facts.values) ? facts.values : []) as unknown as Values));
  const plain = Object.hasOwn(PLAIN, kind) ? PLAIN[kind] : undefined;
  if (plain) return plain();
  const parts = (): Requirement[] =>
    Array.isArray(facts.of) ? facts.of.map((part) => fromNode(part, checks)) : [];
  switch (kind) {
    case 'anyOf':
      return anyOf(...(parts() as [Grant, ...Grant[]]));
    case 'allOf':
      return allOf(...(parts() as [Grant | Narrowing, ...(Grant | Narrowing)[]]));
    case 'authenticated':
      return authenticated({ unassignedApps: facts.unassignedApps === true });
    case 'members':
      return members({ unknown: facts.unknown as 'deny' | 'allow' });
    case 'noAgents':
      return noAgents({ unknown: facts.unknown as 'deny' | 'allow' });
    case 'authContext':
      return authContext(facts.id as string);
    case 'signedInWithin':
      return signedInWithin(`${String(facts.seconds)}s`);
    case 'check':
      return checkByName(facts, checks);
    default:
      throw unreadable(node);
  }
}

function checkByName(
  facts: Readonly<Record<string, unknown>>,
  checks: Readonly<Record<string, CheckFunction>>,
): Narrowing {
  const name = String(facts.name);
  const test = Object.hasOwn(checks, name) ? checks[name] : undefined;
  if (test === undefined) {
    throw new ConfigurationError(
      `The requirement holds check('${printable(name)}'), and no function of that name was given.`,
      'Pass it: requirementFromJSON(json, { checks: { [name]: fn } }).',
    );
  }
  return check(name, test, {
    otherwise: facts.otherwise === 'not-found' ? 'not-found' : 'forbidden',
  });
}

function unreadable(found: unknown): ConfigurationError {
  return new ConfigurationError(
    `This is not a requirement's JSON: ${printable(found)}.`,
    'Use what JSON.stringify(requirement) writes.',
  );
}
