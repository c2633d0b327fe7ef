/**
 * What happens to jobs, as Lua scripts, so that each happens as a whole (Redis: EVAL). All have the same keys and begin with the
 * time: that of the server, unless the process gives one.
 *
 * - `jobs`: hash, key of a job -> its text
 * - `due`: sorted set, key -> when it may be taken, in milliseconds since the epoch
 * - `taken`: hash, key -> claim of the process that works on it
 * - `again`: hash, keys that were put while they were worked on
 * - `tries`: hash, key -> how often it was taken since it last succeeded
 * - `lead`: hash with `claim` and `until`
 */
export const KEY_NAMES = ['jobs', 'due', 'taken', 'again', 'tries', 'lead'] as const;

const BEGIN = `
local jobs, due, taken, again, tries, lead = unpack(KEYS, 1, 6)
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
`;

/** @param ARGV now, how much earlier than others they are due, then key and text of each */
export const PUT = `${BEGIN}
for i = 3, #ARGV, 2 do
  local key, text = ARGV[i], ARGV[i + 1]
  if text ~= '' or redis.call('HEXISTS', jobs, key) == 0 then redis.call('HSET', jobs, key, text) end
  local at = redis.call('ZSCORE', due, key)
  if at and tonumber(at) > now and redis.call('HEXISTS', taken, key) == 1 then
    redis.call('HSET', again, key, '1')
  else
    redis.call('ZADD', due, 'LT', now - tonumber(ARGV[2]), key)
  end
end
return 1`;

/** @param ARGV now, for how long, claim. @returns key, text, attempts */
export const TAKE = `${BEGIN}
local key = redis.call('ZRANGEBYSCORE', due, '-inf', now, 'LIMIT', 0, 1)[1]
if not key then return {} end
redis.call('ZADD', due, now + tonumber(ARGV[2]), key)
redis.call('HSET', taken, key, ARGV[3])
redis.call('HDEL', again, key)
return { key, redis.call('HGET', jobs, key) or '', redis.call('HINCRBY', tries, key, 1) }`;

/** @param ARGV now, key, claim, text that was taken, when it is due again or '' for not */
export const DONE = `${BEGIN}
local key = ARGV[2]
if redis.call('HGET', taken, key) ~= ARGV[3] then return 0 end
redis.call('HDEL', taken, key)
redis.call('HDEL', tries, key)
if redis.call('HGET', jobs, key) == ARGV[4] then redis.call('HSET', jobs, key, '') end
if redis.call('HDEL', again, key) == 1 then
  redis.call('ZADD', due, now, key)
elseif ARGV[5] ~= '' then
  redis.call('ZADD', due, now + tonumber(ARGV[5]), key)
else
  redis.call('HDEL', jobs, key)
  redis.call('ZREM', due, key)
end
return 1`;

/** @param ARGV now, key, claim, when it is due again */
export const RETRY = `${BEGIN}
local key = ARGV[2]
if redis.call('HGET', taken, key) ~= ARGV[3] then return 0 end
redis.call('HDEL', taken, key)
local wait = tonumber(ARGV[4])
if redis.call('HDEL', again, key) == 1 then wait = 0 end
redis.call('ZADD', due, now + wait, key)
return 1`;

/** @param ARGV now. @returns how many are due, and how many were tried */
export const COUNT = `${BEGIN}
return { redis.call('ZCOUNT', due, '-inf', now), redis.call('HLEN', tries) }`;

/** @param ARGV now, claim, for how long. @returns 1 if it leads */
export const LEAD = `${BEGIN}
local held = tonumber(redis.call('HGET', lead, 'until') or '0') > now
if held and redis.call('HGET', lead, 'claim') ~= ARGV[2] then return 0 end
redis.call('HSET', lead, 'claim', ARGV[2], 'until', now + tonumber(ARGV[3]))
return 1`;

/** @param ARGV now, claim */
export const RESIGN = `${BEGIN}
if redis.call('HGET', lead, 'claim') == ARGV[2] then redis.call('HSET', lead, 'until', '0') end
return 1`;

/**
 * @param KEYS after the others: where the text is kept
 * @param ARGV now, text, for how many milliseconds or '', claim or ''. @returns 1 if it was written
 */
export const REMEMBER = `${BEGIN}
if ARGV[4] ~= '' then
  local held = tonumber(redis.call('HGET', lead, 'until') or '0') > now
  if not held or redis.call('HGET', lead, 'claim') ~= ARGV[4] then return 0 end
end
if ARGV[3] == '' then redis.call('SET', KEYS[7], ARGV[2])
else redis.call('SET', KEYS[7], ARGV[2], 'PX', ARGV[3]) end
return 1`;
