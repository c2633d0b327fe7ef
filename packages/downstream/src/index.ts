export { type KeyRing, type KeyRingEntry, keyRing } from '@entra-guard/core';
export { DownstreamError } from '@entra-guard/core/downstream';
export type { AgentFor } from './agent/read-agent.js';
export type { ApiToken, BoundApi, TokenCredentialOf } from './call/bound-api.js';
export { createDownstream, type Downstream, type DownstreamApi } from './create-downstream.js';
export { type CertificateOptions, certificate } from './credential/certificate.js';
export { type AssertionRequest, clientAssertion } from './credential/client-assertion.js';
export type { ClientCredential } from './credential/credential.js';
export { federatedTokenFile } from './credential/federated-token-file.js';
export {
  type ManagedIdentityLike,
  type ManagedIdentityOptions,
  managedIdentity,
  type TokenCredentialLike,
} from './credential/managed-identity.js';
export { secretFrom } from './credential/secret.js';
export type { DownstreamEvent } from './downstream-event.js';
export type { ApiOptions, RetryOptions } from './options/api-options.js';
export type { DownstreamOptions } from './options/options.js';
export type { SealedEntryEvent } from './store/sealed-entry-event.js';
export { type SealedStore, sealed } from './store/sealed-store.js';
export type { TokenStore } from './store/token-store.js';
export { type WrappedKeyRing, type WrappedKeys, wrappedKeyRing } from './store/wrapped-key-ring.js';
