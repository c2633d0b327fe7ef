// What an application writes requirements with: the one list of it. The adapters export all of it.
export {
  definePermissions,
  type GrantOf,
  type NarrowingOf,
  type Permissions,
  type RolesFor,
} from './permissions/define-permissions.js';
export {
  type ApprovalOptions,
  agents,
  anonymous,
  anyAppPermission,
  anyScope,
  anyUserRole,
  appOnly,
  appPermissions,
  approval,
  authContext,
  authenticated,
  check,
  clients,
  delegated,
  inAnyGroup,
  inGroups,
  inTenants,
  limit,
  members,
  noAgents,
  scopes,
  signedInWithin,
  userRoles,
  withoutUserRoles,
} from './requirements/build.js';
export { allOf, anyOf } from './requirements/combine.js';
export { requirementFromJSON } from './requirements/json.js';
export type { AgentsOptions } from './requirements/kinds/agents.js';
export type { CheckContext, CheckFunction } from './requirements/kinds/check.js';
export type { LimitedBy, LimitOptions } from './requirements/kinds/limit.js';
export type { AgentRole, NoAgentsOptions } from './requirements/kinds/no-agents.js';
export type { RequirementNode } from './requirements/kinds.js';
export { parseRequirement } from './requirements/parse.js';
export type {
  Anonymous,
  Grant,
  Narrowing,
  Requirement,
  RequirementJSON,
} from './requirements/requirement.js';
export { type TightenOptions, tighten } from './requirements/tighten.js';
export { type WhenAgentOptions, whenAgent } from './requirements/when-agent.js';
