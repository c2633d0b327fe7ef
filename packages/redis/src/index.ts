export { type RedisApprovalsOptions, redisApprovals } from './approvals/redis-approvals.js';
export { type RedisBudgetsOptions, redisBudgets } from './budgets/redis-budgets.js';
export type { IoRedisClient, NodeRedisClient, RedisClient } from './client/redis-client.js';
export type { QueueJob, QueueJobs, RedisQueue, TakenQueueJob } from './queue/queue-contract.js';
export { type RedisQueueOptions, redisQueue } from './queue/redis-queue.js';
export type { RedisRevocationOptions, WhenStale } from './revocations/options.js';
export { redisRevocations } from './revocations/redis-revocations.js';
export { type RedisSessions, type RedisSessionsOptions, redisSessions } from './sessions/redis-sessions.js';
export { type RedisTokens, type RedisTokensOptions, redisTokens } from './tokens/redis-tokens.js';
