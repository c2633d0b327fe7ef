import { ConfigurationError } from '../base/errors.js';
import {
  type Callers,
  isNarrowing,
  isPermission,
  type PermissionKind,
  type RequirementNode,
} from './node.js';
import { printNode } from './print.js';

/** For lists without repetitions. */
const compare = (a: string, b: string): number => (a < b ? -1 : 1);

/** Sorted, without repetitions: the order in which permissions are written carries no meaning. */
export function sorted(values: Iterable<string>): readonly string[] {
  return Object.freeze([...new Set(values)].sort(compare));
}

/** Which "all" list two lists of one kind merge into inside `allOf`, and which "any" list inside `anyOf`. */
const ALL_OF: ReadonlySet<PermissionKind> = new Set(['scopes', 'appPermissions', 'userRoles']);
const ANY_OF: ReadonlyMap<PermissionKind, PermissionKind> = new Map([
  ['scopes', 'anyScope'],
  ['anyScope', 'anyScope'],
  ['appPermissions', 'anyAppPermission'],
  ['anyAppPermission', 'anyAppPermission'],
  ['userRoles', 'anyUserRole'],
  ['anyUserRole', 'anyUserRole'],
]);
/** An "any" list of one value is the "all" list of that value. Maps: a record would also answer for `Object.prototype`. */
const OF_ONE: ReadonlyMap<PermissionKind, PermissionKind> = new Map([
  ['anyScope', 'scopes'],
  ['anyAppPermission', 'appPermissions'],
  ['anyUserRole', 'userRoles'],
]);

/** A list in canonical form. */
export function permissionNode(kind: PermissionKind, values: Iterable<string>): RequirementNode {
  const list = sorted(values);
  return Object.freeze({ kind: list.length === 1 ? (OF_ONE.get(kind) ?? kind) : kind, values: list });
}

/**
 * `allOf` in canonical form: flat, merged, sorted, without repetitions. Throws where no token could satisfy it.
 *
 * @throws ConfigurationError
 */
export function allOfNode(parts: readonly RequirementNode[]): RequirementNode {
  const together = parts.flatMap((part) => (part.kind === 'allOf' ? part.of : [part]));
  const callers = together.map(callersOf).reduce(meet, 'both');
  const flat =
    callers === 'none' ? together : together.flatMap((part) => partsOf(possibleFor(callers, part)));
  const lists = new Map<PermissionKind, string[]>();
  const rest: RequirementNode[] = [];
  for (const part of flat) {
    if (isPermission(part) && ALL_OF.has(part.kind)) {
      lists.set(part.kind, [...(lists.get(part.kind) ?? []), ...part.values]);
    } else {
      rest.push(part);
    }
  }
  const merged = [...[...lists].map(([kind, values]) => permissionNode(kind, values)), ...intersected(rest)];
  // Any accepted token with a permission passes authenticated(); beside a list of permissions it says nothing more.
  const says = merged.filter((part) => part.kind !== 'authenticated' || !merged.some(isPermission));
  const of = unique(says);
  const node: RequirementNode =
    of.length === 1 && of[0] ? of[0] : Object.freeze({ kind: 'allOf', of: Object.freeze(of) });
  if (callersOf(node) === 'none') {
    throw new ConfigurationError(
      `${printNode(node)} can't be satisfied by any token.`,
      'Scopes and user roles come in delegated tokens, application permissions in app-only tokens, and no token is both: use anyOf(...) for alternatives.',
    );
  }
  return node;
}

const partsOf = (node: RequirementNode): readonly RequirementNode[] =>
  node.kind === 'allOf' ? node.of : [node];

/** Without the branches that none of these callers could take: beside scopes, what only apps by themselves can have. */
function possibleFor(callers: Callers, node: RequirementNode): RequirementNode {
  if (node.kind === 'allOf') return allOfNode(node.of.map((part) => possibleFor(callers, part)));
  if (node.kind !== 'anyOf') return node;
  const branches = node.of.filter((branch) => meet(callersOf(branch), callers) !== 'none');
  if (branches.length === node.of.length && branches.every(isFlat)) return node;
  return anyOfNode(widest(branches.map((branch) => possibleFor(callers, branch))));
}

const isFlat = (node: RequirementNode): boolean => node.kind !== 'anyOf' && node.kind !== 'allOf';

/** Without branches that another one has come to cover, now that parts of it are gone. */
function widest(branches: readonly RequirementNode[]): readonly RequirementNode[] {
  return unique(branches).filter((one, _, all) => !all.some((other) => other !== one && implies(one, other)));
}

/** Lists of clients or tenants inside one `allOf` leave what is in all of them. */
function intersected(parts: readonly RequirementNode[]): readonly RequirementNode[] {
  const out: RequirementNode[] = [];
  for (const kind of ['clients', 'inTenants'] as const) {
    const lists = parts.flatMap((part) => (part.kind === kind ? [part.values] : []));
    const [first, ...others] = lists;
    if (first === undefined) continue;
    const values = first.filter((value) => others.every((other) => other.includes(value)));
    if (values.length === 0) {
      throw new ConfigurationError(
        `${lists.map((list) => printNode({ kind, values: list })).join(' and ')} have nothing in common: no token can satisfy both.`,
        'Write one list with every accepted value.',
      );
    }
    out.push(Object.freeze({ kind, values: sorted(values) }));
  }
  const within = parts.flatMap((part) => (part.kind === 'signedInWithin' ? [part.seconds] : []));
  if (within.length > 0) out.push(Object.freeze({ kind: 'signedInWithin', seconds: Math.min(...within) }));
  return [
    ...out,
    ...parts.filter((p) => p.kind !== 'clients' && p.kind !== 'inTenants' && p.kind !== 'signedInWithin'),
  ];
}

/**
 * `anyOf` in canonical form. Throws where one branch makes another pointless, because that widens by accident.
 *
 * @throws ConfigurationError
 */
export function anyOfNode(parts: readonly RequirementNode[]): RequirementNode {
  const flat = parts.flatMap((part) => (part.kind === 'anyOf' ? part.of : [part]));
  const lists = new Map<PermissionKind, string[]>();
  const rest: RequirementNode[] = [];
  for (const part of flat) {
    const anyKind = ANY_OF.get(part.kind as PermissionKind);
    const mergeable = isPermission(part) && (part.values.length === 1 || part.kind === anyKind);
    if (mergeable && anyKind) lists.set(anyKind, [...(lists.get(anyKind) ?? []), ...part.values]);
    else rest.push(part);
  }
  const of = unique([...[...lists].map(([kind, values]) => permissionNode(kind, values)), ...rest]);
  for (const wide of of) {
    for (const narrow of of) {
      if (wide !== narrow && implies(narrow, wide)) {
        throw new ConfigurationError(
          `In anyOf(...), ${printNode(wide)} already grants whatever ${printNode(narrow)} grants, so the second has no effect.`,
          'Remove the branch that is too wide, or the one that adds nothing.',
        );
      }
    }
  }
  return of.length === 1 && of[0] ? of[0] : Object.freeze({ kind: 'anyOf', of: Object.freeze(of) });
}

function unique(nodes: readonly RequirementNode[]): RequirementNode[] {
  const seen = new Map<string, RequirementNode>();
  for (const node of nodes) {
    // Two checks of one name may have different functions; only the same function is the same check.
    let key = printNode(node);
    for (let other = seen.get(key); other && !sameNode(other, node); other = seen.get(key)) key += '\u0000';
    seen.set(key, node);
  }
  return [...seen].sort(([a], [b]) => compare(a, b)).map(([, node]) => node);
}

/** Whether two canonical nodes are the same requirement. Checks are the same only with the same function. */
export function sameNode(a: RequirementNode, b: RequirementNode): boolean {
  if (printNode(a) !== printNode(b)) return false;
  const left = checksIn(a);
  const right = checksIn(b);
  return left.every((check, index) => check.test === right[index]?.test);
}

/** The checks inside a node, in canonical order. */
export function checksIn(node: RequirementNode): Extract<RequirementNode, { kind: 'check' }>[] {
  if (node.kind === 'check') return [node];
  return node.kind === 'anyOf' || node.kind === 'allOf' ? node.of.flatMap(checksIn) : [];
}

/** Whether every token that satisfies `narrow` surely satisfies `wide`, another node. May miss cases; never claims a wrong one. */
function implies(narrow: RequirementNode, wide: RequirementNode): boolean {
  if (wide.kind === 'authenticated') {
    return wide.unassignedApps || !passesWithoutPermissions(narrow);
  }
  const narrowParts = narrow.kind === 'allOf' ? narrow.of : [narrow];
  const wideParts = wide.kind === 'allOf' ? wide.of : [wide];
  return wideParts.every((needed) =>
    narrowParts.some((given) => sameNode(given, needed) || listImplies(given, needed)),
  );
}

/** Whether an app without any role could satisfy a node; all else that passes carries a scope or a role. */
function passesWithoutPermissions(node: RequirementNode): boolean {
  if (node.kind === 'anyOf') return node.of.some(passesWithoutPermissions);
  if (node.kind === 'allOf')
    return node.of.every((part) => isNarrowing(part) || passesWithoutPermissions(part));
  return node.kind === 'authenticated' && node.unassignedApps;
}

function listImplies(given: RequirementNode, needed: RequirementNode): boolean {
  if (!isPermission(given) || !isPermission(needed) || ANY_OF.get(given.kind) !== ANY_OF.get(needed.kind))
    return false;
  const givenAny = given.kind === ANY_OF.get(given.kind) && given.values.length > 1;
  const neededAny = needed.kind === ANY_OF.get(needed.kind) && needed.values.length > 1;
  if (givenAny) return neededAny && given.values.every((value) => needed.values.includes(value));
  if (neededAny) return given.values.some((value) => needed.values.includes(value));
  return needed.values.every((value) => given.values.includes(value));
}

const meet = (a: Callers, b: Callers): Callers => (a === 'both' ? b : b === 'both' || a === b ? a : 'none');
const join = (a: Callers, b: Callers): Callers => (a === 'none' ? b : b === 'none' || a === b ? a : 'both');

/** Which kind of caller can satisfy a node at all. */
export function callersOf(node: RequirementNode): Callers {
  switch (node.kind) {
    case 'allOf':
      return node.of.map(callersOf).reduce(meet, 'both');
    case 'anyOf':
      return node.of.map(callersOf).reduce(join, 'none');
    case 'scopes':
    case 'anyScope':
    case 'userRoles':
    case 'anyUserRole':
    case 'delegated':
    case 'members':
    case 'authContext':
    case 'signedInWithin':
      return 'user';
    case 'appPermissions':
    case 'anyAppPermission':
    case 'appOnly':
      return 'app';
    default:
      return 'both';
  }
}

/** Whether a delegated token could pass without holding any particular scope: any client of the user could act. */
export function delegatedWithoutScope(node: RequirementNode): boolean {
  const branches = node.kind === 'anyOf' ? node.of : [node];
  return branches.some((branch) => {
    if (branch.kind === 'anonymous' || isNarrowing(branch) || callersOf(branch) === 'app') return false;
    const parts = branch.kind === 'allOf' ? branch.of : [branch];
    return !parts.some(
      (part) => part.kind === 'scopes' || part.kind === 'anyScope' || !leavesScopeOpen(part),
    );
  });
}

function leavesScopeOpen(part: RequirementNode): boolean {
  return part.kind === 'anyOf' ? delegatedWithoutScope(part) : true;
}
