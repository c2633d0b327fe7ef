// For services that decide for applications of any kind, and tell them who called.
export type { AssertionClaims } from './assertion/assertion-claims.js';
export { ASSERTION_HEADER, ASSERTION_LIFE, ASSERTION_TYPE } from './assertion/form.js';
export { type AssertionSigner, type AssertionSignerOptions, assertionSigner } from './assertion/signer.js';
export { type LimitedLog, limitedLog } from './base/log.js';
export { withStore } from './base/store-health.js';
export { FORWARD_AUTH, type ForwardAuth, forwardAuthOf } from './guard/forward-auth.js';
