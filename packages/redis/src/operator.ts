export { beginRevocations } from './operator/begin-revocations.js';
export type { ChangedLongestToken } from './operator/change-longest-token.js';
export {
  operateRevocations,
  type RevocationOperator,
  type RevokedByOperator,
} from './operator/operate-revocations.js';
export type { OperatorOptions } from './operator/server.js';
