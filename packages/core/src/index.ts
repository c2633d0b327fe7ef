export { dressError, type ErrorHeaders } from './answer/dress-error.js';
export { type AnswerContext, type HttpAnswer, type Problem, toHttp } from './answer/http.js';
export type {
  ApprovalDecision,
  ApprovalEvent,
  ApprovalEventBase,
  ApprovalRequested,
  ApprovalUsed,
} from './approvals/approval-event.js';
export { type MemoryApprovalsOptions, memoryApprovals } from './approvals/memory-approvals.js';
export type { ActiveSpans } from './audit/annotate-spans.js';
export type { EventMeter } from './audit/count-events.js';
export type { Claimed, DecisionEvent, RevocationFacts, Who } from './audit/decision-event.js';
export type { DecisionPlace } from './audit/decision-place.js';
export {
  type EntraGuardEvent,
  type EventType,
  type EventTypes,
  type OnEventOptions,
  onEvent,
  publishEvent,
  type WithoutType,
} from './audit/events.js';
export type { EventLogger } from './audit/log-events.js';
export { type ObserveOptions, observe } from './audit/observe.js';
export type { ErrorCode } from './base/code-status.js';
export { type Duration, type DurationRange, printDuration, secondsOf } from './base/duration.js';
export {
  CheckFailedError,
  type ClaimsChallenge,
  ConfigurationError,
  CredentialError,
  type CredentialPlace,
  type Enough,
  EntraGuardError,
  type ErrorFacts,
  KeysUnavailableError,
  LimitError,
  type NeededApproval,
  type Part,
  PermissionError,
  RequestError,
  SealedCallerError,
  type StepUp,
  StepUpError,
  TokenError,
  UnavailableError,
} from './base/errors.js';
export { type EventBase, eventChannelName } from './base/event-channel.js';
export type { Health, HealthPart, HealthStatus } from './base/health.js';
export { type Instant, millisecondsOf } from './base/instant.js';
export { consoleLog, entryLine, type LogEntry, type LogSink, type RefusedCaller } from './base/log.js';
export { ownOptions } from './base/own-options.js';
export { type MemoryBudgetOptions, memoryBudgets } from './budgets/memory-budgets.js';
export { agentKey } from './caller/agent-key.js';
export { type AgentFacts, AuthContext } from './caller/auth-context.js';
export type { EntraClaims } from './caller/claims.js';
export type { StringSet } from './caller/string-set.js';
export type { HeadersLike, RequestLike } from './credential/headers.js';
export { type ExplainOptions, explain } from './explain/explain.js';
export type { Finding } from './explain/finding.js';
export { authorize } from './guard/authorize.js';
export { createGuard } from './guard/create-guard.js';
export { createValidator } from './guard/create-validator.js';
export type { Guard } from './guard/guard-contract.js';
export type { GuardOptions, GuardSettings } from './guard/guard-options.js';
export { bringsTokenOf } from './guard/request-memo.js';
export type { LoadUser } from './guard/request-users.js';
export type { AuthorizationServer } from './keys/authorization-server.js';
export type {
  KeyEvent,
  KeyEventBase,
  KeysFailed,
  KeysRefreshed,
  KeysRemoved,
  KeysStale,
  RefreshReason,
} from './keys/documents/key-events.js';
export type { KeySourceState, ValidatorState } from './keys/documents/validator-state.js';
export { scopesIn } from './openapi/alternatives.js';
export {
  DocumentSecurity,
  type DocumentSecurityOptions,
  type OperationAccess,
  type SecuredDocument,
  type SecuredOperation,
  type SecuredParts,
} from './openapi/document.js';
export {
  describeOperation,
  type GuardedOperation,
  type OpenApiNames,
  type ResponseDescription,
  type SecurityRequirement,
} from './openapi/operation.js';
export { describeSchemes, type OAuth2Scheme } from './openapi/schemes.js';
export type {
  ApprovalBinding,
  ApprovalClaim,
  ApprovalDecided,
  ApprovalRecord,
  ApprovalRequest,
  ApprovalStore,
  ApprovalVerdict,
  Approver,
  ApproverRule,
} from './options/approvals.js';
export type { AcceptedAssertions, AssertionOptions } from './options/assertion.js';
export type { Budget, BudgetStore, Spent } from './options/budgets.js';
export { optionsFromEnv } from './options/environment.js';
export type { SharedSettings } from './options/guard-settings.js';
export type { KeySnapshot, SavedDocument } from './options/key-snapshot.js';
export { type McpResourceProblem, mcpHostWarning, mcpResourceProblem } from './options/mcp-resource.js';
export type {
  Algorithm,
  AuthorityOptions,
  CacheOptions,
  Cloud,
  CommonValidatorOptions,
  EntraOptions,
  KeyOptions,
  MultiTenantOptions,
  Owner,
  SingleTenantOptions,
  TenantPredicate,
  ValidatorOptions,
} from './options/options.js';
export type {
  RevocationChange,
  RevocationRecord,
  Revocations,
  RevokeOptions,
  Target,
} from './options/revocations.js';
export type {
  AppRoleDefinition,
  AppRoleDefinitions,
  CatalogueDefinition,
  GroupDefinition,
  GroupDefinitions,
  PermissionDefinition,
  PreAuthorizedDefinition,
  ScopeDefinition,
  ScopeDefinitions,
} from './permissions/definition.js';
export type { AuthorizeOptions } from './requirements/authorize.js';
export type {
  Catalogue,
  CatalogueAppRole,
  CatalogueGroup,
  CataloguePermission,
  CatalogueScope,
  CatalogueWarning,
  PreAuthorizedClient,
  RoleHolder,
} from './requirements/catalogue.js';
export { type Decision, evaluate } from './requirements/evaluate.js';
export type { ExposedHandler, HandlerAccess } from './requirements/exposed-handler.js';
export type { Denial } from './requirements/kinds/outcome.js';
export type { PermissionUse } from './requirements/kinds/permissions.js';
export { assertDecides } from './requirements/requirement.js';
export type { Trial } from './requirements/trial.js';
export type { UsedPermission } from './requirements/used-permissions.js';
export * from './requirements.js';
export { type MemoryRevocationOptions, memoryRevocations } from './revocation/memory-revocations.js';
export type {
  AccessRevoked,
  RevocationApplied,
  RevocationEvent,
  RevocationEventBase,
  RevocationLifted,
  RevocationRequested,
  RevocationStoreEvent,
  RevocationStoreEventBase,
  RevocationsFresh,
  RevocationsStale,
} from './revocation/revocation-event.js';
export type { RevocationOptions } from './revocation/store-settings.js';
export {
  type OpenCallerOptions,
  openCaller,
  type SealCallerOptions,
  sealCaller,
} from './sealing/caller.js';
export { type KeyRing, type KeyRingEntry, keyRing } from './sealing/key-ring.js';
export type { CheckName } from './token/check-name.js';
export type { Validator } from './token/validator-contract.js';
