// What the sign-in of browsers shares with calls of other APIs: how an application proves who it is, and how a store's entries are sealed.
export { type CertificateOptions, certificate } from './credential/certificate.js';
export {
  type ClientCredential,
  type Credential,
  credentialOf,
  type Proof,
  type ProofRequest,
} from './credential/credential.js';
export { federatedTokenFile } from './credential/federated-token-file.js';
export { type ManagedIdentityOptions, managedIdentity } from './credential/managed-identity.js';
export { secretFrom } from './credential/secret.js';
export { type OpenedEntry, openEntry, sealEntry } from './store/seal.js';
