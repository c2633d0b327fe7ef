import type { Duration } from '../base/duration.js';
import type { AgentsOptions } from './kinds/agents.js';
import type { ApprovalKindOptions } from './kinds/approval.js';
import type { CheckFunction } from './kinds/check.js';
import type { LimitOptions } from './kinds/limit.js';
import type { NoAgentsOptions } from './kinds/no-agents.js';
import type { Unknown, Values } from './kinds/values.js';
import { type GrantNode, KINDS, type NarrowingLeaf } from './kinds.js';
import { type Anonymous, assertRequirement, type Grant, type Narrowing, Requirement } from './requirement.js';

const grant = (node: GrantNode): Grant => new Requirement('grant', node);
const narrowing = (node: NarrowingLeaf): Narrowing => new Requirement('narrowing', node);

/** A delegated token whose `scp` holds all of these scopes (short names: `Orders.Read`). */
export function scopes(...values: Values): Grant {
  return grant(KINDS.scopes.build(...values));
}

/** A delegated token whose `scp` holds at least one of these scopes. */
export function anyScope(...values: Values): Grant {
  return grant(KINDS.anyScope.build(...values));
}

/** An app-only token whose `roles` hold all of these application permissions. A user's app role never counts. */
export function appPermissions(...values: Values): Grant {
  return grant(KINDS.appPermissions.build(...values));
}

/** An app-only token whose `roles` hold at least one of these application permissions. */
export function anyAppPermission(...values: Values): Grant {
  return grant(KINDS.anyAppPermission.build(...values));
}

/** A delegated token whose user has all of these app roles. An app's permission never counts. */
export function userRoles(...values: Values): Grant {
  return grant(KINDS.userRoles.build(...values));
}

/** A delegated token whose user has at least one of these app roles. */
export function anyUserRole(...values: Values): Grant {
  return grant(KINDS.anyUserRole.build(...values));
}

/**
 * Any accepted token that carries a scope or a role. Every service principal of the tenant can get an app-only token
 * without any role for your API (Entra: client credentials flow), so those pass only with `unassignedApps: true`.
 */
export function authenticated(options: { readonly unassignedApps?: boolean } = {}): Grant {
  return grant(KINDS.authenticated.build(options));
}

/** The explicit opening: no token needed, none looked at. Only alone. */
export function anonymous(): Anonymous {
  return new Requirement('anonymous', KINDS.anonymous.build());
}

/** Narrows to delegated tokens. */
export function delegated(): Narrowing {
  return narrowing(KINDS.delegated.build());
}

/** Narrows to app-only tokens. */
export function appOnly(): Narrowing {
  return narrowing(KINDS.appOnly.build());
}

/**
 * Narrows to these client applications (GUIDs). With an app-only grant a boundary; on a delegated token only a hint,
 * since a user's token can be obtained by others than the app (Entra: claims validation).
 */
export function clients(...ids: Values): Narrowing {
  return narrowing(KINDS.clients.build(...ids));
}

/** Narrows to these tenants (GUIDs). */
export function inTenants(...ids: Values): Narrowing {
  return narrowing(KINDS.inTenants.build(...ids));
}

/**
 * Narrows to members of the tenant, no guests (`acct`). Without that optional claim the token does not say, and is
 * refused unless `unknown: 'allow'`.
 */
export function members(options: { readonly unknown?: Unknown } = {}): Narrowing {
  return narrowing(KINDS.members.build(options));
}

/**
 * Narrows to callers without an AI agent, as actor or subject. A token that does not say is refused unless
 * `unknown: 'allow'`. A person whose client is an agent identity, as clients with a metadata document are in Entra, has an agent as
 * actor: name such clients in `except`, or ask about the subject only.
 *
 * @throws ConfigurationError for unknown options, and for what is not a GUID in `except`
 */
export function noAgents(options: NoAgentsOptions = {}): Narrowing {
  return narrowing(KINDS.noAgents.build(options));
}

/**
 * Narrows to AI agents, that act or call as themselves: to these agent identities, to those of these blueprints, or to any. With both
 * lists, both must hold. A token that does not say is refused (Entra Agent ID: agent token claims). A blueprint's agents may be many:
 * require a scope with it.
 *
 * @throws ConfigurationError for an empty list, and for what is not a GUID
 */
export function agents(options: AgentsOptions = {}): Narrowing {
  return narrowing(KINDS.agents.build(options));
}

/**
 * Grants so many calls in a time, and answers further ones with 429 and `Retry-After`. Judged last, once per call; calls that are
 * refused for anything else are not counted. Wherever the same requirement stands, its calls are counted together. The time begins
 * with the first call, so that a caller may use up two budgets around its end. Only in the outermost `allOf`, directly or in
 * `whenAgent(...)`. The guard needs the setting `budgets`.
 *
 * @throws ConfigurationError for a number that is not a whole one from 1 on, without `per`, and for unknown options
 */
export function limit(options: LimitOptions): Narrowing {
  return narrowing(KINDS.limit.build(options));
}

/**
 * Narrows to sign-ins that satisfied a Conditional Access authentication context, `'c1'` to `'c99'`. A user for whom only
 * this is missing gets a claims challenge (Entra: authentication context developer guide). It does not prove MFA.
 */
export function authContext(id: string): Narrowing {
  return narrowing(KINDS.authContext.build(id));
}

/**
 * Narrows to users who signed in at most this long ago: `'15m'`, `'8h'`, `'1d'`, or a number of seconds. Needs the optional claim
 * `auth_time`; older sign-ins get an RFC 9470 challenge.
 */
export function signedInWithin(duration: Duration): Narrowing {
  return narrowing(KINDS.signedInWithin.build(duration));
}

/**
 * Narrows to users who are in all of these groups (object IDs, GUIDs). A token without the claim `groups` says nothing of groups,
 * and is refused. A user with too many groups for a token is refused with `groups_overage`, unless the guard has `groupsOf`
 * (Entra: groups overage claim).
 *
 * @throws ConfigurationError for an empty list, and for what is not a GUID
 */
export function inGroups(...ids: Values): Narrowing {
  return narrowing(KINDS.inGroups.build(...ids));
}

/**
 * Narrows to users who are in at least one of these groups (object IDs, GUIDs). Tokens that do not say are refused as by
 * {@link inGroups}.
 *
 * @throws ConfigurationError for an empty list, and for what is not a GUID
 */
export function inAnyGroup(...ids: Values): Narrowing {
  return narrowing(KINDS.inAnyGroup.build(...ids));
}

/**
 * Narrows to users who have none of these app roles, for duties that must not meet in one person. Apps that act as themselves
 * never pass: their roles are application permissions.
 *
 * @throws ConfigurationError for an empty list, and for a value that no token can hold
 */
export function withoutUserRoles(...roles: Values): Narrowing {
  return narrowing(KINDS.withoutUserRoles.build(...roles));
}

/**
 * A rule of your own, asked last, when everything else holds. Only `true` grants; what it throws becomes a 500. With
 * `otherwise: 'not-found'` a refusal is a 404, so that callers can't learn what exists.
 */
export function check(
  name: string,
  test: CheckFunction,
  options: { readonly otherwise?: 'forbidden' | 'not-found' } = {},
): Narrowing {
  return narrowing(KINDS.check.build(name, test, options));
}

/** Options of {@link approval}. `Request` is the request of the host, as Express's or NestJS's. */
export interface ApprovalOptions<Request = unknown> extends Omit<ApprovalKindOptions<Grant>, 'of'> {
  /**
   * Says what is approved, from the host's request: plain JSON data of at most 16 KiB. It is the only thing that is shown to
   * approvers, and an approval is good for the very same data alone: have it hold all that makes a difference. Required over HTTP; in
   * MCP, the default is the arguments of the tool.
   */
  readonly of?: (request: Request) => unknown;
}

/**
 * Lets a call pass once a person has approved it. Without an approval the answer is 403 `approval_required`, which names the request
 * for one; the same call passes once it is approved, and uses the approval up. It is bound to the tenant, the person acted for, the
 * client, the operation and what is approved. Judged last. Only in the outermost `allOf`, directly or in `whenAgent(...)`, and once.
 * The guard needs the setting `approvals`.
 *
 * ```ts
 * allOf(scopes('Payments.Write'), whenAgent(approval('payments.release', { of: (request: Request) => ({ id: request.params.id }) })));
 * ```
 *
 * @param operation what is to be done, for approvers and audit events: 1 to 80 characters without quotes
 * @throws ConfigurationError for an invalid name, for unknown options, and for `by` that does not say which users may approve
 */
export function approval<Request = unknown>(
  operation: string,
  options: ApprovalOptions<Request> = {},
): Narrowing {
  const by = Object.hasOwn(Object(options), 'by') ? options.by : undefined;
  if (by !== undefined) assertRequirement('approval(...): by', by);
  return narrowing(KINDS.approval.build(operation, options as ApprovalKindOptions));
}
