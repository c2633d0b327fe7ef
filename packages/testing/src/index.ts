export { type TestApp, type TestCaller, type TestUser, testAuth } from '@entra-guard/core/testing';
export type {
  ApiAnswer,
  ApiCall,
  ApiCaller,
  ApiDemand,
  ApiRequestRecord,
  LocalApi,
  LocalApiOptions,
  TimesOptions,
} from './api/local-api.js';
export type { AgentFact, AgentFacts } from './directory/agents.js';
export type { PolicyFact } from './directory/b2c-policies.js';
export type { ConditionalAccessOptions } from './directory/conditional-access.js';
export type { GroupMembers } from './directory/groups.js';
export type { ManagedIdentityFact, ManagedIdentityFacts } from './directory/managed-identities.js';
export type { RegistrationManifest } from './directory/manifest.js';
export type { UserFact, UserFacts } from './directory/people.js';
export type {
  AppRegistration,
  AppRegistrations,
  AppRoleMember,
  ClientSecret,
  FederatedCredential,
  OptionalClaim,
  OptionalClaimName,
} from './directory/registration.js';
export type { Fault, FaultOptions, FaultTarget } from './endpoints/faults.js';
export { LocalEntraError, type LocalEntraErrorCode } from './error.js';
export type { InProcessEntra, LocalEntra, LoopbackEntra } from './local-entra.js';
export type { NotificationHandler } from './notifications.js';
export type { RequestKind, RequestRecord } from './requests.js';
export { type StartEntraOptions, startEntra } from './start-entra.js';
export type {
  AgentClaims,
  AppClaims,
  ClaimOverrides,
  EntraTokenClaims,
  IssuedClaims,
  IssuedToken,
  PolicyTarget,
  TokenPayload,
  TokenTarget,
  UserClaims,
} from './tokens/claims.js';
export type { TokenHeader } from './tokens/jwt.js';
export type { MakeWrong, WrongTokenName, WrongTokens } from './tokens/wrong-tokens.js';
export type { TlsFiles } from './transport/loopback-server.js';
export type {
  MsalConfiguration,
  MsalNetworkClient,
  MsalRequestOptions,
  MsalResponse,
} from './transport/msal.js';
export type {
  InProcessOptions,
  LoopbackOptions,
  MultiTenantInProcessOptions,
  OtherAuthority,
  TrustOptions,
} from './validator-options.js';
