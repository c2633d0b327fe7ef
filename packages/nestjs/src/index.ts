export {
  type Anonymous,
  AuthContext,
  allOf,
  annotateSpans,
  anonymous,
  anyAppPermission,
  anyOf,
  anyScope,
  anyUserRole,
  appOnly,
  appPermissions,
  authContext,
  authenticated,
  authorize,
  type CheckContext,
  CheckFailedError,
  ConfigurationError,
  CredentialError,
  check,
  clients,
  countDecisions,
  type DecisionEvent,
  definePermissions,
  delegated,
  EntraGuardError,
  type ErrorCode,
  type ExposedHandler,
  type Grant,
  type GuardOptions,
  type Health,
  inAnyGroup,
  inGroups,
  inTenants,
  type KeyEvent,
  type KeyRing,
  KeysUnavailableError,
  keyRing,
  type LogEntry,
  type LogSink,
  logDecisionsTo,
  members,
  type Narrowing,
  noAgents,
  onDecision,
  onKeys,
  openCaller,
  optionsFromEnv,
  PermissionError,
  type Permissions,
  type Problem,
  parseRequirement,
  type Requirement,
  SealedCallerError,
  StepUpError,
  scopes,
  sealCaller,
  signedInWithin,
  TokenError,
  userRoles,
  type Validator,
  type ValidatorOptions,
  withoutUserRoles,
} from '@entra-guard/core';
export { authOf } from './calls/request-auth.js';
export type { ContextAdapter, ContextCall, ContextHost, Lasting } from './contexts/context-adapter.js';
export type { Refusal } from './contexts/refusal.js';
export { assertCovered } from './coverage/assert-covered.js';
export { Auth, type AuthParameterOptions } from './decorators/auth.decorator.js';
export {
  type DecoratorOf,
  type RequirementDecorators,
  requirementDecorators,
} from './decorators/catalogue.decorators.js';
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
