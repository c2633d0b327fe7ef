export {
  type ApprovalStore,
  AuthContext,
  agentKey,
  authorize,
  type BudgetStore,
  CheckFailedError,
  ConfigurationError,
  CredentialError,
  type DecisionEvent,
  EntraGuardError,
  type EntraGuardEvent,
  type ErrorCode,
  type ExposedHandler,
  type GuardOptions,
  type Health,
  type KeyEvent,
  type KeyRing,
  KeysUnavailableError,
  keyRing,
  LimitError,
  type LoadUser,
  type LogEntry,
  type LogSink,
  memoryApprovals,
  memoryBudgets,
  memoryRevocations,
  observe,
  onEvent,
  openCaller,
  optionsFromEnv,
  PermissionError,
  type Problem,
  RequestError,
  type RevocationRecord,
  type Revocations,
  SealedCallerError,
  StepUpError,
  sealCaller,
  type Target,
  TokenError,
  UnavailableError,
  type Validator,
  type ValidatorOptions,
} from '@entra-guard/core';
export type { Refusal } from '@entra-guard/core/connections';
export * from '@entra-guard/core/requirements';
export { authOf } from './calls/request-auth.js';
export type { ContextAdapter, ContextCall, ContextHost, Lasting } from './contexts/context-adapter.js';
export { assertCovered } from './coverage/assert-covered.js';
export { Auth, type AuthParameterOptions } from './decorators/auth.decorator.js';
export {
  type DecoratorOf,
  type RequirementDecorators,
  requirementDecorators,
} from './decorators/catalogue.decorators.js';
export { CurrentUser } from './decorators/current-user.decorator.js';
export {
  OptionalAuth,
  Public,
  Require,
  RequireAnyAppPermission,
  RequireAnyScope,
  RequireAnyUserRole,
  RequireAppPermissions,
  RequireInstead,
  type RequirementDecorator,
  RequireScopes,
  RequireUserRoles,
} from './decorators/entra-guard.decorators.js';
export { EntraGuardException } from './entra-guard.exception.js';
export { EntraGuard } from './entra-guard.guard.js';
export { EntraGuardModule } from './entra-guard.module.js';
export type {
  EntraGuardModuleAsyncOptions,
  EntraGuardModuleOptions,
  EntraGuardOptionsFactory,
  EnvironmentOverrides,
  FactoryOptions,
  HandlerOptions,
  ModuleShape,
} from './entra-guard.options.js';
export { ENTRA_GUARD_OPTIONS, ENTRA_VALIDATOR } from './entra-guard.tokens.js';
export {
  EntraHealthIndicator,
  type TerminusIndicator,
  type TerminusResult,
} from './entra-health.indicator.js';
export type { HandlerAccess } from './handlers/handler-access.js';
export type { ControllerClass, HandlerEntry } from './handlers/handler-requirements.js';
export { handlersIn } from './inventory/handlers-in.js';
export { OpenRights } from './lasting/open-rights.js';
