import { clientOf } from '../client/client-of.js';
import { within } from '../client/deadline.js';
import type { RedisClient } from '../client/redis-client.js';
import { ReplyError } from '../client/replies.js';

/** Calls that Redis has counted for this process, or none. */
export interface Taken {
  readonly calls: number;
  /** After how many milliseconds the budget begins anew. */
  readonly endsInMs: number;
}

/** How long a request waits for Redis at most, in milliseconds. */
const DEADLINE = 1000;

/**
 * Counts up to ARGV[2] calls of a budget of ARGV[1], whose time of ARGV[3] milliseconds begins with the first. Gives how many were
 * counted, and how long the time still lasts. A counter without an end would refuse for ever, so it is given one.
 */
const TAKE = `local used = tonumber(redis.call('get', KEYS[1]) or '0')
local calls = math.max(0, math.min(tonumber(ARGV[2]), tonumber(ARGV[1]) - used))
if calls > 0 then redis.call('incrby', KEYS[1], calls) end
local left = redis.call('pttl', KEYS[1])
if left < 0 then
  redis.call('pexpire', KEYS[1], ARGV[3])
  left = tonumber(ARGV[3])
end
return {calls, left}`;

/** Takes calls out of a budget in Redis. @throws where Redis does not answer as it should (as a rejection) */
export async function takeCalls(
  what: string,
  client: RedisClient,
  key: string,
  budget: { readonly calls: number; readonly seconds: number },
  atMost: number,
): Promise<Taken> {
  const numbers = [budget.calls, atMost, budget.seconds * 1000].map(String);
  const reply = clientOf(what, client, key).send(['EVAL', TAKE, '1', key, ...numbers]);
  return takenIn(await within(DEADLINE, reply, 'Redis did not reply'), atMost);
}

function takenIn(reply: unknown, atMost: number): Taken {
  const [calls, endsInMs] = Array.isArray(reply) ? reply.map(Number) : [];
  if (isCount(calls) && calls <= atMost && isCount(endsInMs)) return { calls, endsInMs };
  throw new ReplyError('EVAL', reply);
}

const isCount = (value: number | undefined): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;
