import { ConfigurationError } from '../base/errors.js';
import { printable } from '../base/printable.js';
import { type AgentsNode, agents } from './kinds/agents.js';
import { type AnonymousNode, anonymous } from './kinds/anonymous.js';
import { type AppOnlyNode, appOnly } from './kinds/app-only.js';
import { type ApprovalNode, approval } from './kinds/approval.js';
import { type AuthContextNode, authContext } from './kinds/auth-context.js';
import { type AuthenticatedNode, authenticated } from './kinds/authenticated.js';
import { type CheckNode, check } from './kinds/check.js';
import { type ClientsNode, clients } from './kinds/clients.js';
import { type DelegatedNode, delegated } from './kinds/delegated.js';
import { type GroupsNode, inAnyGroup, inGroups } from './kinds/groups.js';
import { type InTenantsNode, inTenants } from './kinds/in-tenants.js';
import type { Kind } from './kinds/kind.js';
import { type LimitNode, limit } from './kinds/limit.js';
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

/** Conditions that only take away, and consist of no others. */
export type NarrowingLeaf =
  | DelegatedNode
  | AppOnlyNode
  | ClientsNode
  | InTenantsNode
  | MembersNode
  | NoAgentsNode
  | AgentsNode
  | AuthContextNode
  | SignedInWithinNode
  | GroupsNode
  | WithoutUserRolesNode
  | CheckNode
  | LimitNode
  | ApprovalNode;

/** A narrowing that applies only where an AI agent is involved, or may be. */
export interface WhenAgentNode {
  readonly kind: 'whenAgent';
  readonly narrowing: NarrowingLeaf;
  /** As what a caller counts whose token does not say. */
  readonly unknown: 'agent' | 'human';
}

/** Conditions that only take away; legal with a grant. */
export type NarrowingNode = NarrowingLeaf | WhenAgentNode;

/** A node without parts. */
export type LeafNode = GrantNode | NarrowingLeaf | AnonymousNode;

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
export type RequirementNode = LeafNode | CombinedNode | TightenNode | WhenAgentNode;

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
  agents,
  authContext,
  signedInWithin,
  inGroups,
  inAnyGroup,
  withoutUserRoles,
  check,
  limit,
  approval,
} satisfies KindsOf<GrantNode, 'grant'> &
  KindsOf<NarrowingLeaf, 'narrowing'> &
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
  return !isCombined(node) && node.kind !== 'tighten' && node.kind !== 'whenAgent';
}

export function isNarrowing(node: RequirementNode): node is NarrowingNode {
  return node.kind === 'whenAgent' || (isLeaf(node) && kindOf(node).role === 'narrowing');
}

/** The parts that a node was made of; none where it has none. */
export function partsIn(node: RequirementNode): readonly RequirementNode[] {
  if (isCombined(node)) return node.of;
  if (node.kind === 'whenAgent') return [node.narrowing];
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

/** The first part of a node that counts calls, or uses something up. */
export function countingPart(node: RequirementNode): LimitNode | ApprovalNode | undefined {
  return leavesOf(node).find((leaf) => leaf.kind === 'limit' || leaf.kind === 'approval');
}

/** Each approval that a node asks for. */
export function approvalsIn(node: RequirementNode): readonly ApprovalNode[] {
  return leavesOf(node).filter((leaf) => leaf.kind === 'approval');
}

/** Whether a node is judged by what the token says of AI agents. */
export function asksForAgents(node: RequirementNode): boolean {
  return (
    node.kind === 'whenAgent' ||
    node.kind === 'noAgents' ||
    node.kind === 'agents' ||
    partsIn(node).some(asksForAgents)
  );
}
