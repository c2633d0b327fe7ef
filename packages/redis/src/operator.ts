export { beginRevocations } from './operator/begin-revocations.js';
export type { ChangedLongestToken } from './operator/change-longest-token.js';
export { examineRedis, type RecordFacts, type RedisFacts } from './operator/examine-redis.js';
export type { FeedFacts } from './operator/feed-facts.js';
export {
  operateRevocations,
  type RevocationOperator,
  type RevokedByOperator,
} from './operator/operate-revocations.js';
export type { RedisRights } from './operator/redis-rights.js';
export type { OperatorOptions } from './operator/server.js';
