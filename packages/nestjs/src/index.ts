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
} from '@entra-guard/core';
export { assertCovered } from './assert-covered.js';
export { Auth, type AuthParameterOptions } from './auth.decorator.js';
export {
  type DecoratorOf,
  type RequirementDecorators,
  requirementDecorators,
} from './catalogue.decorators.js';
export type { HandlerAccess } from './composition.js';
export type { ContextAdapter, ContextCall, ContextHost, Lasting } from './contexts/context-adapter.js';
export type { Refusal } from './contexts/refusal.js';
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
} from './entra-guard.decorators.js';
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
export type { ControllerClass, HandlerEntry } from './handler-requirements.js';
export { handlersIn } from './handlers-in.js';
export { OpenRights } from './open-rights.js';
export { authOf } from './request-auth.js';
