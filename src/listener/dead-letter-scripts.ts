/**
 * Lua over the two hashes of the dead letters: KEYS index (id: what is told of the event) and payloads (id: Avro in base64).
 * The payloads' field `bytes` is the sum of their lengths; it goes with them, so that it is right again when they are gone.
 */

/**
 * ARGV id, entry, payload, most bytes of payloads, most letters, how long payloads last ms. What could be kept: `whole`,
 * `described` (no room for the payload) or `counted` (no room at all).
 */
export const KEEP = `
local known = redis.call('HGET', KEYS[1], ARGV[1])
if not known and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[5]) then return 'counted' end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
local before = redis.call('HGET', KEYS[2], ARGV[1])
local more = #ARGV[3] - (before and #before or 0)
if tonumber(redis.call('HGET', KEYS[2], 'bytes') or '0') + more > tonumber(ARGV[4]) then
  return before and 'whole' or 'described'
end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
redis.call('HINCRBY', KEYS[2], 'bytes', more)
redis.call('PEXPIRE', KEYS[2], ARGV[6])
return 'whole'`;

/** ARGV id. 1, or 0 where there is no such letter. */
export const DISCARD = `
local payload = redis.call('HGET', KEYS[2], ARGV[1])
if payload then
  redis.call('HDEL', KEYS[2], ARGV[1])
  redis.call('HINCRBY', KEYS[2], 'bytes', -#payload)
end
return redis.call('HDEL', KEYS[1], ARGV[1])`;
