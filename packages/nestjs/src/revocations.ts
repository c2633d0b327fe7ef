export {
  type RevocationAppRole,
  type RevocationRequestOptions,
  revocationAppRoles,
  type WideTarget,
} from '@entra-guard/core/revocation';
export { EntraRevocationsModule } from './revocations/entra-revocations.module.js';
export type {
  EntraRevocationsAsyncOptions,
  EntraRevocationsOptionsFactory,
} from './revocations/entra-revocations.options.js';
