/**
 * Lua over the hash of a topic (see {@link topicKey}): `token` grows with each change of hands and is the fence; `holder`
 * and `until` (epoch ms by Redis's own clock) are the lease; `replayId`, `savedAt` and `setByHand` the checkpoint; `mode` and
 * `keeper` what is to be remembered from one term to the next. Whoever writes names
 * the token and the holder under which he acts, and is refused once they are not the hash's. Both are compared, since a Redis
 * that lost its data counts its tokens anew.
 */
const NOW = `local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000)`;
const MINE = `local h = redis.call('HMGET', KEYS[1], 'token', 'holder') if h[1] ~= ARGV[1] or h[2] ~= ARGV[2] then return 0 end`;

/**
 * ARGV holder, ttl ms, grace ms. The new token, or 0 where somebody else holds the lease, or it has been free for less than
 * the grace.
 */
export const ACQUIRE = `${NOW}
local h = redis.call('HMGET', KEYS[1], 'holder', 'until')
if h[1] and h[1] ~= '' and h[1] ~= ARGV[1] and tonumber(h[2] or '0') > now then return 0 end
if tonumber(ARGV[3]) > 0 then
  if not h[2] then redis.call('HSET', KEYS[1], 'until', string.format('%.0f', now)) return 0 end
  if tonumber(h[2]) + ARGV[3] > now then return 0 end
end
local token = redis.call('HINCRBY', KEYS[1], 'token', 1)
redis.call('HSET', KEYS[1], 'holder', ARGV[1], 'until', string.format('%.0f', now + ARGV[2]))
return token`;

/** ARGV token, holder, ttl ms. 1, or 0 where the lease is lost. A lapsed lease that nobody took is held again. */
export const RENEW = `${MINE} ${NOW}
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', now + ARGV[3]))
return 1`;

/** ARGV token, holder, replay id. 1, or 0 where the lease is lost. */
export const SAVE = `${MINE} ${NOW}
redis.call('HSET', KEYS[1], 'replayId', ARGV[3], 'savedAt', string.format('%.0f', now), 'setByHand', '')
return 1`;

/** ARGV token, holder, then pairs of field and value. 1, or 0 where the lease is lost. */
export const REMEMBER = `${MINE}
for i = 3, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
return 1`;

/** ARGV token, holder. */
export const RELEASE = `${MINE} ${NOW}
redis.call('HSET', KEYS[1], 'holder', '', 'until', string.format('%.0f', now))
return 1`;

/** ARGV replay id, force (1 or 0). The holder of a live lease, who stands in the way; or an empty string when done. */
export const OVERWRITE = `${NOW}
local h = redis.call('HMGET', KEYS[1], 'holder', 'until')
if ARGV[2] ~= '1' and h[1] and h[1] ~= '' and tonumber(h[2] or '0') > now then return h[1] end
redis.call('HINCRBY', KEYS[1], 'token', 1)
redis.call('HSET', KEYS[1], 'replayId', ARGV[1], 'savedAt', string.format('%.0f', now), 'setByHand', '1')
redis.call('HSET', KEYS[1], 'holder', '', 'until', string.format('%.0f', now))
return ''`;
