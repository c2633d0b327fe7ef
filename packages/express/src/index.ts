export {
  type AgentFacts,
  type ApprovalEvent,
  type ApprovalStore,
  AuthContext,
  agentKey,
  authorize,
  type BudgetStore,
  CheckFailedError,
  ConfigurationError,
  CredentialError,
  type DecisionEvent,
  type EntraClaims,
  EntraGuardError,
  type EntraGuardEvent,
  type ErrorCode,
  type ExposedHandler,
  type HandlerAccess,
  type KeyEvent,
  type KeyRing,
  KeysUnavailableError,
  keyRing,
  LimitError,
  type LoadUser,
  type LogEntry,
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
  type StringSet,
  sealCaller,
  type Target,
  TokenError,
  toHttp,
  UnavailableError,
  type Validator,
  type ValidatorOptions,
} from '@entra-guard/core';
export type { ApprovalRequestOptions } from '@entra-guard/core/approvals';
export * from '@entra-guard/core/requirements';
export { revocationAppRoles } from '@entra-guard/core/revocation';
export type { ErrorMiddleware } from './answers/error-middleware.js';
export { type ApprovalRoutes, approvalRoutes } from './approval-routes.js';
export { authOf, userOf } from './caller.js';
export type { Connection, SocketIoLike, WebSocketLike } from './connections/connection.js';
export type {
  HandshakeMiddleware,
  SocketIoHandshake,
  UpgradeListener,
} from './connections/connection-guard.js';
export {
  type EnvironmentOverrides,
  type ExpressGuardOptions,
  type ExpressSettings,
  entraGuard,
} from './entra-guard.js';
export type { AuthenticateOptions, ExpressGuard } from './express-guard.js';
export type { Middleware } from './middleware.js';
export { revocationRoutes } from './revocation-routes.js';
export type { AssertAllGuardedOptions } from './routes/exceptions.js';
export { handlersIn } from './routes/handlers-in.js';
export type { WhileAllowed } from './while-allowed.js';
