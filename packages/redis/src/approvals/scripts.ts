/**
 * What happens to approvals, as Lua scripts, so that each happens as a whole (Redis: EVAL). The server can't open a record, so it
 * compares: what a process has read and opened must still be there.
 *
 * - the record: sealed text, under the name of its binding
 * - `pointer`: ID -> the name of the record
 * - `pending`: sorted set for each caller, ID -> when it ends, in milliseconds since the epoch
 *
 * Bindings and callers have a name for each key of the ring, since processes may seal with another one while keys are changed.
 */

/**
 * Makes a record, unless there is one by any name that has not ended, or as many are pending as may be.
 *
 * @param KEYS pointer, names of the binding, as many names of the caller
 * @param ARGV how many names, now, sealed record, for how long in milliseconds, ID, when it ends, most that are pending,
 * then what is there and has ended
 * @returns `made`, `found`, or `full` and when the first one ends
 */
export const MAKE = `
local names = tonumber(ARGV[1])
local ended = {}
for i = 8, #ARGV do ended[ARGV[i]] = true end
for i = 2, names + 1 do
  local found = redis.call('GET', KEYS[i])
  if found and not ended[found] then return { 'found' } end
end
local count, first = 0, nil
for i = names + 2, 2 * names + 1 do
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', ARGV[2])
  count = count + redis.call('ZCARD', KEYS[i])
  local ends = redis.call('ZRANGE', KEYS[i], 0, 0, 'WITHSCORES')[2]
  if ends and (not first or tonumber(ends) < tonumber(first)) then first = ends end
end
if count >= tonumber(ARGV[7]) then return { 'full', first } end
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
redis.call('SET', KEYS[1], KEYS[2], 'PX', ARGV[4])
local pending = KEYS[names + 2]
redis.call('ZADD', pending, ARGV[6], ARGV[5])
if redis.call('PTTL', pending) < tonumber(ARGV[4]) then redis.call('PEXPIRE', pending, ARGV[4]) end
return { 'made' }`;

/**
 * Replaces a record that is still the one that was read, or removes it. It is no longer pending.
 *
 * @param KEYS record, pointer, names of the caller
 * @param ARGV what was read, what replaces it or '' to remove it, ID
 * @returns 1 if it did so
 */
export const SETTLE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local left = redis.call('PTTL', KEYS[1])
if ARGV[2] == '' then
  redis.call('DEL', KEYS[1], KEYS[2])
elseif left > 0 then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', left)
else
  return 0
end
for i = 3, #KEYS do redis.call('ZREM', KEYS[i], ARGV[3]) end
return 1`;
