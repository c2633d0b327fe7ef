export { DownstreamError } from './base/errors.js';
export { isSecure } from './base/loopback.js';
export { claimsStepUp } from './guard/claims-step-up.js';
export {
  callerTokenOf,
  MIDDLE_TIER,
  MiddleTier,
  middleTierOf,
  type TokenAuthority,
} from './guard/middle-tier.js';
export type { CallerToken } from './guard/request-memo.js';
export { isTicketRevoked, ticketSubject } from './guard/ticket-subject.js';
export { decrypt, type Encrypted, encrypt, NONCE_BYTES, TAG_BYTES } from './sealing/aes-gcm.js';
export { type Sealing, sealingOf } from './sealing/key-ring.js';
