import { ConfigurationError } from '../base/errors.js';
import { printable } from '../base/printable.js';
import { type AnonymousNode, anonymous } from './kinds/anonymous.js';
import { type AppOnlyNode, appOnly } from './kinds/app-only.js';
import { type AuthContextNode, authContext } from './kinds/auth-context.js';
import { type AuthenticatedNode, authenticated } from './kinds/authenticated.js';
import { type CheckNode, check } from './kinds/check.js';
import { type ClientsNode, clients } from './kinds/clients.js';
import { type DelegatedNode, delegated } from './kinds/delegated.js';
import { type GroupsNode, inAnyGroup, inGroups } from './kinds/groups.js';
import { type InTenantsNode, inTenants } from './kinds/in-tenants.js';
import type { Kind } from './kinds/kind.js';
import { type MembersNode, members } from './kinds/members.js';
import { type NoAgentsNode, noAgents } from './kinds/no-agents.js';
import {
  anyAppPermission,
  anyScope,
  anyUserRole,
  appPermissions,
  type PermissionNode,
  scopes,
  userRoles,
} from './kinds/permissions.js';
import { type SignedInWithinNode, signedInWithin } from './kinds/signed-in-within.js';
import { type WithoutUserRolesNode, withoutUserRoles } from './kinds/without-user-roles.js';

/** What lets callers in. */
export type GrantNode = PermissionNode | AuthenticatedNode;

/** Conditions that only take away; legal with a grant. */
export type NarrowingNode =
  | DelegatedNode
  | AppOnlyNode
  | ClientsNode
  | InTenantsNode
  | MembersNode
  | NoAgentsNode
  | AuthContextNode
  | SignedInWithinNode
  | GroupsNode
  | WithoutUserRolesNode
  | CheckNode;

/** A node without parts. */
export type LeafNode = GrantNode | NarrowingNode | AnonymousNode;

/** A node that combines others. */
export interface CombinedNode {
  readonly kind: 'anyOf' | 'allOf';
  readonly of: readonly RequirementNode[];
}

/** A requirement that becomes another one at a point in time. Neither part holds a second one. */
export interface TightenNode {
  readonly kind: 'tighten';
  /** What decides before `until`. */
  readonly now: RequirementNode;
  /** What decides from `until` on. */
  readonly next: RequirementNode;
  /** In ISO 8601, UTC: `2030-01-31T00:00:00.000Z`. */
  readonly until: string;
}

/** The plain tree behind a requirement: frozen, canonical, and JSON but for a check's function. */
export type RequirementNode = LeafNode | CombinedNode | TightenNode;

type KindsOf<N extends LeafNode, R extends Kind['role']> = {
  readonly [Node in N as Node['kind']]: Kind<Node, R>;
};

/**
 * Each kind of requirement, by its name. A new one is a file in `kinds/`, its node in one of the types above, a line here,
 * and its public function in `build.ts`; printing, parsing, JSON, OpenAPI, the claims to ask for and the way it is judged come
 * from its file. A code of its own is in `base/code-status.ts` and `answer/sentences.ts`.
 */
export const KINDS = {
  scopes,
  anyScope,
  appPermissions,
  anyAppPermission,
  userRoles,
  anyUserRole,
  authenticated,
  anonymous,
  delegated,
  appOnly,
  clients,
  inTenants,
  members,
  noAgents,
  authContext,
  signedInWithin,
  inGroups,
  inAnyGroup,
  withoutUserRoles,
  check,
} satisfies KindsOf<GrantNode, 'grant'> &
  KindsOf<NarrowingNode, 'narrowing'> &
  KindsOf<AnonymousNode, 'anonymous'>;

/** A map: a record would also answer for what stands on `Object.prototype`. */
const BY_NAME: ReadonlyMap<string, Kind<LeafNode>> = new Map(
  Object.values(KINDS).map((kind) => [kind.name, kind as Kind<LeafNode>]),
);

/** The kind of this name, `undefined` for a name that no kind has, such as `anyOf`. */
export function kindNamed(name: string): Kind<LeafNode> | undefined {
  return BY_NAME.get(name);
}

/**
 * The kind of a node.
 *
 * @throws ConfigurationError for a node of a later version of this package: it can't be judged
 */
export function kindOf(node: LeafNode): Kind<LeafNode> {
  const found = BY_NAME.get(node.kind);
  if (found !== undefined) return found;
  throw new ConfigurationError(
    `There is no kind of requirement '${printable(node.kind)}' in this version of the package.`,
    'Are two versions of @entra-guard/core installed? Use one.',
  );
}

export function isCombined(node: RequirementNode): node is CombinedNode {
  return node.kind === 'anyOf' || node.kind === 'allOf';
}

export function isLeaf(node: RequirementNode): node is LeafNode {
  return !isCombined(node) && node.kind !== 'tighten';
}

export function isNarrowing(node: RequirementNode): node is NarrowingNode {
  return isLeaf(node) && kindOf(node).role === 'narrowing';
}

/** The parts that a node was made of; none where it has none. */
export function partsIn(node: RequirementNode): readonly RequirementNode[] {
  if (isCombined(node)) return node.of;
  return node.kind === 'tighten' ? [node.now, node.next] : [];
}

/** The nodes without parts that a node consists of, in canonical order: those that decide now and those that will. */
export function leavesOf(node: RequirementNode): readonly LeafNode[] {
  return isLeaf(node) ? [node] : partsIn(node).flatMap(leavesOf);
}

/** Each `tighten(...)` in a node: the one that switches first comes first. */
export function tighteningsIn(node: RequirementNode): readonly TightenNode[] {
  if (node.kind === 'tighten') return [node];
  return partsIn(node)
    .flatMap(tighteningsIn)
    .sort((a, b) => Date.parse(a.until) - Date.parse(b.until));
}
