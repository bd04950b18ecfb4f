import { createHash } from 'node:crypto';

/**
 * The Lua scripts. Each touches two keys of one slot (keys.ts), so that it runs in Redis Cluster as it does on a single node,
 * and each judges time by Redis's own clock, so that the clocks of the processes do not matter.
 *
 * A group has a hash of leases, KEYS[1], and a string of entries, KEYS[2]. A query has a field in the one while somebody
 * refills it, and a line in the other while it is cached. UNLINK of both removes its values and revokes its leases in one step.
 * Entries are a string so that one MGET reads those of many groups: a hit has a share of it.
 *
 *   line   <field> <V|N|E|O> <freshUntil> <staleUntil> <readAt> <stamp> <payload>     value, not found, failure, oversized
 *   lease  <L|R|B> <until> <capUntil> <acquiredAt> <stamp> <token>                    lease, revoked, backing off
 *
 * Times are ms by Redis's clock. A payload is JSON, so no line feed is in it. Lines of several fields are one view in several
 * versions of its shape. For the index (stamps, marks, registrations) see dependency-index.ts.
 */
export interface Script {
  lua: string;
  sha: string;
}

function script(body: string): Script {
  const lua = PRELUDE + body;
  return { lua, sha: createHash('sha1').update(lua).digest('hex') };
}

const PRELUDE = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local function ms(n) return string.format('%.0f', n) end
local function entry(text)
  if not text then return nil end
  local kind, fresh, stale, readAt, stamp = string.match(text, '^(%u) (%d+) (%d+) (%d+) (%S+) ')
  if not kind then return nil end
  return { kind = kind, fresh = tonumber(fresh), stale = tonumber(stale), readAt = tonumber(readAt), stamp = stamp }
end
-- Lines may be megabytes: only what is before the payload is copied of them, if anything.
local HEAD = 256
local function entryOf(lines, field)
  if not lines then return nil end
  local from = #field + 2
  if string.sub(lines, 1, from - 1) ~= field .. ' ' then
    local _, before = string.find(lines, '\\n' .. field .. ' ', 1, true)
    if not before then return nil end
    from = before + 1
  end
  return entry(string.sub(lines, from, from + HEAD))
end
-- The lines of other fields that may still be served.
local function others(lines, field)
  local kept, from = {}, 1
  while lines and from <= #lines do
    local stop = (string.find(lines, '\\n', from, true) or #lines + 1) - 1
    local name, rest = string.match(string.sub(lines, from, math.min(stop, from + HEAD)), '^(%S+) (.*)$')
    local e = name and name ~= field and entry(rest) or nil
    if e and e.stale > now then kept[#kept + 1] = string.sub(lines, from, stop) end
    from = stop + 2
  end
  return kept
end
local function lease(text)
  if not text then return nil end
  local kind, till, cap, acquiredAt, stamp, token = string.match(text, '^(%u) (%d+) (%d+) (%d+) (%S+) (%S+)$')
  if not kind then return nil end
  return { kind = kind, till = tonumber(till), cap = tonumber(cap), acquiredAt = tonumber(acquiredAt), stamp = stamp, token = token }
end
local function putLease(field, l)
  redis.call('HSET', KEYS[1], field, table.concat({ l.kind, ms(l.till), ms(l.cap), ms(l.acquiredAt), l.stamp, l.token }, ' '))
end
`;

/** ARGV: field, token, stamp, leaseMs, capMs, trustFrom. Returns {entry, now, lines} | {busy, now, kind, token} | {granted, now}. */
export const ACQUIRE = script(`
local field, token, stamp = ARGV[1], ARGV[2], ARGV[3]
local leaseMs, capMs, trustFrom = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
if trustFrom > now then trustFrom = now end
-- The lease first: many ask while one reads, and the entries may be large, be they those of another version.
local l = lease(redis.call('HGET', KEYS[1], field))
if l and l.till > now and (l.kind == 'R' or (l.stamp == stamp and l.acquiredAt >= trustFrom)) then
  return { 'busy', now, l.kind, l.token }
end
local lines = redis.call('GET', KEYS[2])
local e = entryOf(lines, field)
if e and e.stamp == stamp and e.readAt >= trustFrom and e.fresh > now then return { 'entry', now, lines } end
putLease(field, { kind = 'L', till = now + leaseMs, cap = now + capMs, acquiredAt = now, stamp = stamp, token = token })
if redis.call('PTTL', KEYS[1]) < capMs then redis.call('PEXPIRE', KEYS[1], ms(capMs)) end
return { 'granted', now }
`);

/** ARGV: field, token, leaseMs. 1 while the lease is held (a revoked one too, so that its holder is not doubled), else 0. */
export const RENEW = script(`
local l = lease(redis.call('HGET', KEYS[1], ARGV[1]))
if not l or l.token ~= ARGV[2] or l.till <= now then return 0 end
l.till = math.min(now + tonumber(ARGV[3]), l.cap)
putLease(ARGV[1], l)
return 1
`);

/**
 * ARGV: field, token, kind, freshMs, staleMs, payload. Writes the entry if the token still holds the field, and ends
 * the lease. A failure (kind E) never replaces a value that may still be served stale: the lease backs off instead.
 * Returns 1, or 0 when the lease was revoked or has lapsed.
 */
export const FILL = script(`
local field, token, kind = ARGV[1], ARGV[2], ARGV[3]
local freshMs, staleMs = tonumber(ARGV[4]), tonumber(ARGV[5])
local l = lease(redis.call('HGET', KEYS[1], field))
if not l or l.token ~= token then return 0 end
if l.kind ~= 'L' or l.till <= now then
  redis.call('HDEL', KEYS[1], field)
  return 0
end
local before = redis.call('GET', KEYS[2])
local old = kind == 'E' and entryOf(before, field) or nil
if old and old.kind ~= 'E' and old.stamp == l.stamp and old.stale > now then
  l.kind = 'B'
  l.till = now + freshMs
  putLease(field, l)
  return 1
end
redis.call('HDEL', KEYS[1], field)
local lines, keepMs = others(before, field), freshMs + staleMs
if #lines > 0 then keepMs = math.max(keepMs, redis.call('PTTL', KEYS[2])) end
lines[#lines + 1] = table.concat({ field, kind, ms(now + freshMs), ms(now + freshMs + staleMs), ms(l.acquiredAt), l.stamp, ARGV[6] }, ' ')
redis.call('SET', KEYS[2], table.concat(lines, '\\n'), 'PX', ms(math.max(keepMs, 1)))
return 1
`);

/** ARGV: field, token. Ends a lease without a fill. */
export const RELEASE = script(`
local l = lease(redis.call('HGET', KEYS[1], ARGV[1]))
if l and l.token == ARGV[2] then return redis.call('HDEL', KEYS[1], ARGV[1]) end
return 0
`);

/** ARGV: field, lines. Removes an entry that nobody can read, unless something was replaced meanwhile. */
export const DISCARD = script(`
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[2], table.concat(others(ARGV[2], ARGV[1]), '\\n'), 'KEEPTTL')
return 1
`);

/**
 * Invalidates a group whose refill is dear: values go, leases stay as revoked, so that nobody begins another read of the
 * source while the last one is still under way, however many invalidations come.
 */
export const REVOKE = script(`
redis.call('UNLINK', KEYS[2])
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  local l = lease(redis.call('HGET', KEYS[1], field))
  if l and l.till > now and l.kind ~= 'B' then
    l.kind = 'R'
    putLease(field, l)
  else
    redis.call('HDEL', KEYS[1], field)
  end
end
return 1
`);

const INDEX_PRELUDE = `
-- KEYS[1]: the index. KEYS[2]: the generation.
local key = KEYS[1]
local DAY = 86400000
-- Readers see in one string what the index says. Without it nothing is served.
local function tell()
  local generation = table.concat({ redis.call('HGET', key, 'all'), redis.call('HGET', key, 'lists'), redis.call('HGET', key, 'seq') or '0' }, ' ')
  redis.call('SET', KEYS[2], generation, 'PX', DAY)
  return generation
end
local function record(text)
  local expires, mark, groups = string.match(text or '', '^(%d+) (%d+)(.*)$')
  if not expires then return { expires = 0, mark = 0, groups = '' } end
  return { expires = tonumber(expires), mark = tonumber(mark), groups = groups }
end
local function put(id, r)
  redis.call('HSET', key, id, table.concat({ ms(r.expires), ' ', ms(r.mark), r.groups }))
end
-- What has expired is met by chance: two looks for each write keep the rest below the living.
local function sweep(writes)
  local sample = redis.call('HRANDFIELD', key, math.min(2 * writes + 2, 400), 'WITHVALUES')
  for i = 1, #sample, 2 do
    local expires = string.match(sample[i + 1], '^(%d+) %d+')
    if expires and tonumber(expires) < now then redis.call('HDEL', key, sample[i]) end
  end
end
`;

/** ARGV: a random generation for all, one for lists; used where there is none. Returns {now, generation}. */
export const BEGIN = script(
  INDEX_PRELUDE +
    `
redis.call('HSETNX', key, 'all', ARGV[1])
redis.call('HSETNX', key, 'lists', ARGV[2])
redis.call('PEXPIRE', key, DAY)
return { now, tell() }
`,
);

/** ARGV: all, lists ('-' where it does not matter), seq, startedAt, capMs, keepMs, group, ids… Returns 1, or 0: the fill is revoked. */
export const REGISTER = script(
  INDEX_PRELUDE +
    `
local seq, startedAt, capMs, keepMs, group = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]
local all = redis.call('HGET', key, 'all')
-- The index was evicted and the generation was not: it ends as well, or every fill would be refused until an invalidation comes.
if not all then redis.call('PEXPIRE', KEYS[2], 0) end
if all ~= ARGV[1] then return 0 end
if ARGV[2] ~= '-' and redis.call('HGET', key, 'lists') ~= ARGV[2] then return 0 end
if now - startedAt > capMs then return 0 end
local records = {}
for i = 8, #ARGV do
  local r = record(redis.call('HGET', key, ARGV[i]))
  if r.mark > seq then return 0 end
  records[i] = r
end
for i = 8, #ARGV do
  local r = records[i]
  if r.expires < now then r.groups = '' end
  r.expires = math.max(r.expires, now + keepMs)
  if not string.find(r.groups .. ' ', ' ' .. group .. ' ', 1, true) then r.groups = r.groups .. ' ' .. group end
  put(ARGV[i], r)
end
redis.call('PEXPIRE', key, DAY)
redis.call('PEXPIRE', KEYS[2], DAY)
sweep(#ARGV - 7)
return 1
`,
);

/**
 * ARGV: markMs, what a gap event makes void ('' | lists | all), a random generation, ids…
 * Marks the records as changed, which revokes the fills in flight that hold them, and returns the groups that hold them.
 */
export const MARK = script(
  INDEX_PRELUDE +
    `
-- Nobody knows any longer who shows the records: without a generation nothing is served that may show them.
if redis.call('EXISTS', key) == 0 then
  redis.call('UNLINK', KEYS[2])
  return {}
end
local groups = {}
if ARGV[2] ~= '' then redis.call('HSET', key, ARGV[2], ARGV[3]) end
local seq = redis.call('HINCRBY', key, 'seq', 1)
for i = 4, #ARGV do
  local r = record(redis.call('HGET', key, ARGV[i]))
  for group in string.gmatch(r.groups, '%S+') do groups[#groups + 1] = group end
  r.mark = seq
  r.expires = math.max(r.expires, now + tonumber(ARGV[1]))
  put(ARGV[i], r)
end
redis.call('PEXPIRE', key, DAY)
tell()
sweep(#ARGV - 3)
return groups
`,
);
