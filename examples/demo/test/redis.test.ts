import { expect, it } from 'vitest';
import { findRedis, RedisUnreachableError } from '../src/leaver/redis.js';

it('a Redis that was named and does not answer is an error, and no reason to look for another', async () => {
  await expect(findRedis({ REDIS_URL: 'redis://127.0.0.1:1' })).rejects.toThrow(RedisUnreachableError);
});
