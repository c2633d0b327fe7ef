import { ConfigurationError } from '../base/errors.js';
import { type Callers, callersOf, meet } from './callers.js';
import type { Kind } from './kinds/kind.js';
import { isPermission, joined, listImplies } from './kinds/permissions.js';
import { compare } from './kinds/values.js';
import { isCombined, isLeaf, isNarrowing, kindOf, type LeafNode, type RequirementNode } from './kinds.js';
import { printNode } from './print.js';
import { sameNode } from './same.js';

/**
 * `allOf` in canonical form: flat, merged, sorted, without repetitions. Throws where no token could satisfy it.
 *
 * @throws ConfigurationError
 */
export function allOfNode(parts: readonly RequirementNode[]): RequirementNode {
  const given = parts.flatMap(partsOf);
  const callers = given.map(callersOf).reduce(meet, 'both');
  const flat = callers === 'none' ? given : given.flatMap((part) => partsOf(possibleFor(callers, part)));
  const merged = together(flat);
  // Any accepted token with a permission passes authenticated(); with a list of permissions it says nothing more.
  const says = merged.filter((part) => part.kind !== 'authenticated' || !merged.some(isPermission));
  const of = unique(says);
  const node: RequirementNode =
    of.length === 1 && of[0] ? of[0] : Object.freeze({ kind: 'allOf', of: Object.freeze(of) });
  assertNotExcluded(of);
  if (callersOf(node) === 'none') {
    throw new ConfigurationError(
      `${printNode(node)} can't be satisfied by any token.`,
      'Scopes and user roles come in delegated tokens, application permissions in app-only tokens, and no token is both: use anyOf(...) for alternatives.',
    );
  }
  return node;
}

/** Refuses a role that is needed and must not be there. */
function assertNotExcluded(parts: readonly RequirementNode[]): void {
  const without = parts.find((part) => part.kind === 'withoutUserRoles');
  if (without === undefined) return;
  const isExcluded = (role: string): boolean => without.values.includes(role);
  for (const part of parts) {
    const impossible =
      part.kind === 'userRoles'
        ? part.values.some(isExcluded)
        : part.kind === 'anyUserRole' && part.values.every(isExcluded);
    if (!impossible) continue;
    throw new ConfigurationError(
      `${printNode(part)} and ${printNode(without)} contradict each other: no token can satisfy both.`,
      'Leave one of them out.',
    );
  }
}

/** What each kind makes of its nodes inside one `allOf`. */
function together(parts: readonly RequirementNode[]): readonly RequirementNode[] {
  const kinds = new Map<Kind<LeafNode>, LeafNode[]>();
  for (const part of parts) {
    if (!isLeaf(part)) continue;
    const kind = kindOf(part);
    kinds.set(kind, [...(kinds.get(kind) ?? []), part]);
  }
  return [
    ...[...kinds].flatMap(([kind, nodes]) => kind.together(nodes)),
    ...parts.filter((part) => !isLeaf(part)),
  ];
}

const partsOf = (node: RequirementNode): readonly RequirementNode[] =>
  node.kind === 'allOf' ? node.of : [node];

/** Without the branches that none of these callers could take: with scopes, what only apps that act as themselves can have. */
function possibleFor(callers: Callers, node: RequirementNode): RequirementNode {
  if (node.kind === 'allOf') return allOfNode(node.of.map((part) => possibleFor(callers, part)));
  if (node.kind !== 'anyOf') return node;
  const branches = node.of.filter((branch) => meet(callersOf(branch), callers) !== 'none');
  if (branches.length === node.of.length && !branches.some(isCombined)) return node;
  return anyOfNode(widest(branches.map((branch) => possibleFor(callers, branch))));
}

/** `anyOf` in canonical form, without branches that another one has come to cover. */
export function widestOfNode(parts: readonly RequirementNode[]): RequirementNode {
  return anyOfNode(widest(joined(branchesOf(parts))));
}

/** Without branches that another one has come to cover, now that parts of it are gone. */
function widest(branches: readonly RequirementNode[]): readonly RequirementNode[] {
  return unique(branches).filter((one, _, all) => !all.some((other) => other !== one && implies(one, other)));
}

/**
 * `anyOf` in canonical form. Throws where one branch makes another pointless, because that widens by accident.
 *
 * @throws ConfigurationError
 */
export function anyOfNode(parts: readonly RequirementNode[]): RequirementNode {
  const of = unique(joined(branchesOf(parts)));
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

const branchesOf = (parts: readonly RequirementNode[]): readonly RequirementNode[] =>
  parts.flatMap((part) => (part.kind === 'anyOf' ? part.of : [part]));

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

/** Whether every token that satisfies `narrow` surely satisfies `wide`, another node. May miss cases; never claims a wrong one. */
function implies(narrow: RequirementNode, wide: RequirementNode): boolean {
  if (wide.kind === 'authenticated') {
    return wide.unassignedApps || !passesWithoutPermissions(narrow);
  }
  return partsOf(wide).every((needed) =>
    partsOf(narrow).some((given) => sameNode(given, needed) || listImplies(given, needed)),
  );
}

/** Whether an app without any role could satisfy a node; all else that passes carries a scope or a role. */
function passesWithoutPermissions(node: RequirementNode): boolean {
  if (node.kind === 'anyOf') return node.of.some(passesWithoutPermissions);
  if (node.kind === 'tighten') return [node.now, node.next].some(passesWithoutPermissions);
  if (node.kind === 'allOf')
    return node.of.every((part) => isNarrowing(part) || passesWithoutPermissions(part));
  return node.kind === 'authenticated' && node.unassignedApps;
}
