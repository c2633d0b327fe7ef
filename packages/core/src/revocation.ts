export { millisecondsFromText } from './base/instant.js';
export { OpenCallers } from './guard/open-callers.js';
export { type BodySource, revocationBody } from './guard/revocation-body.js';
export { recordJson } from './guard/revocation-json.js';
export {
  type RevocationAnswer,
  type RevocationHandler,
  type RevocationRequest,
  type RevocationRequestOptions,
  RevocationRequests,
  revocationHandlers,
  type WideTarget,
} from './guard/revocation-requests.js';
export { type RevocationAppRole, revocationAppRoles } from './permissions/revocation-app-roles.js';
export { callerKeys } from './revocation/caller-keys.js';
export { CallersByTarget } from './revocation/callers-by-target.js';
export { ChangeListeners } from './revocation/change-listeners.js';
export { endOfCutoff, type RecordLimits } from './revocation/ends.js';
export { type ReadRevocation, readReason, readRevocation, recordOf } from './revocation/read-revocation.js';
export { RecordIndex, type RecordIndexSettings, type Tombstone } from './revocation/record-index.js';
export { type ReadText, readText, recordText, tombstoneText } from './revocation/record-text.js';
export {
  REVOCATION_OPTION_NAMES,
  type RevocationSettings,
  revocationSettings,
} from './revocation/store-settings.js';
export { fillOf, full, unknown } from './revocation/store-state.js';
export { kindOf, type ReadTarget, readTarget, type TargetKind, tenantOf } from './revocation/target.js';
export { WideMap } from './revocation/wide-map.js';
