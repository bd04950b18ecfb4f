import { randomUUID } from 'node:crypto';

/** What is asked of Redis; the `redis` package's client and cluster both have it. */
export interface SlotsRedis {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  zRem(key: string, member: string): Promise<number>;
}

/**
 * Slots that all processes share: the members of one sorted set, each with the time at which it lapses, by Redis's own clock.
 * Whoever is killed with a slot leaves it to its lapse. One key for each script, so it holds in a Redis Cluster too.
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
`;

export class Slots {
  constructor(
    private readonly redis: SlotsRedis,
    private readonly key: string,
    private readonly limit: number,
    /** Longer than any call takes, ms. */
    private readonly leaseMs: number,
  ) {}

  /** @returns the slot's name, or undefined where all are taken. @throws what Redis answers. */
  async take(): Promise<string | undefined> {
    const slot = randomUUID();
    const taken = await this.redis.eval(TAKE, {
      keys: [this.key],
      arguments: [String(this.limit), slot, String(this.leaseMs)],
    });
    return taken === 1 ? slot : undefined;
  }

  async release(slot: string): Promise<void> {
    await this.redis.zRem(this.key, slot);
  }
}
