import { setTimeout as sleep } from 'node:timers/promises';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';
import { ProvisioningFailure } from '../domain/failure';
import { Places } from './places';
import { Slots, type SlotsRedis } from './slots';
import { limited } from './time-limit';

/** Lets one call to a vendor through when its turn has come. `about` says what for, with ids only. @throws ProvisioningFailure `CALL_LIMIT_REACHED`: nothing was sent. */
export type Admit = <T>(call: () => Promise<T>, about: string) => Promise<T>;

export interface VendorLimitOptions {
  /** For keys, metrics and messages. */
  vendor: 'salesforce' | 'whmcs';
  /** Calls begun in a second, over all processes. */
  maxPerSecond?: number | undefined;
  /** Calls at once, over all processes. */
  maxConcurrent?: number | undefined;
  /** A client of the `redis` package without an offline queue. */
  redis: SlotsRedis;
  /** Longer than any call takes, ms: the slot of a process that was killed is free again after it. */
  leaseMs: number;
  /** How long a call may wait for its turn, ms; {@link WAIT_MS} unless given. */
  waitMs?: number;
  prefix?: string;
  /** Told of each turn: how long it was waited for, and whether it came. */
  onTurn?: (outcome: 'admitted' | 'refused', seconds: number) => void;
  /** Told when Redis does not answer, and each process keeps to the limit by itself. */
  onAlone?: (error: unknown) => void;
}

/**
 * The activity of an AddOrder makes three calls at most, and its time limit leaves 15 s beside them: a wait that ended in
 * the activity's timeout would put the AddOrder in doubt.
 */
const WAIT_MS = 5_000;
/** Redis is asked again for a slot after about this long, ms. */
const PAUSE_MS = 40;

/**
 * A limit that holds over all processes that share a Redis: so many calls at once, and so many a second.
 *
 * Whatever Redis does, this process alone keeps to the limit. Without Redis calls go on under that: a paid order is never
 * held up by it, and the vendor sees at most the limit times the number of processes.
 * A second is a fixed window: calls of two windows may follow each other closely.
 */
export function createVendorLimit(options: VendorLimitOptions): Admit {
  const { vendor, maxPerSecond, maxConcurrent, redis, leaseMs, waitMs = WAIT_MS, onTurn, onAlone } = options;
  const prefix = options.prefix ?? 'order-provisioning:limit';
  const places = maxConcurrent === undefined ? undefined : new Places(maxConcurrent);
  const slots =
    maxConcurrent === undefined ? undefined : new Slots(redis, `${prefix}:{${vendor}}:slots`, maxConcurrent, leaseMs);
  const rate = maxPerSecond === undefined ? undefined : rates(redis, `${prefix}:{${vendor}}:rate`, maxPerSecond);

  /** Undefined where there is none to be had: no limit, or Redis does not answer. False where the deadline came first. */
  async function takeSlot(deadline: number): Promise<string | undefined | false> {
    if (slots === undefined) return undefined;
    for (;;) {
      try {
        const slot = await limited(slots.take());
        if (slot !== undefined) return slot;
      } catch (error) {
        onAlone?.(error);
        return undefined;
      }
      if (Date.now() >= deadline) return false;
      await sleep(PAUSE_MS / 2 + Math.random() * PAUSE_MS);
    }
  }

  async function takeTurn(deadline: number): Promise<boolean> {
    if (rate === undefined) return true;
    for (;;) {
      const wait = (await consume(rate.shared, onAlone)) ?? (await consume(rate.alone)) ?? 0;
      if (wait === 0) return true;
      if (Date.now() + wait > deadline) return false;
      await sleep(wait);
    }
  }

  return async (call, about) => {
    const begun = Date.now();
    const deadline = begun + waitMs;
    const refuse = (): never => {
      onTurn?.('refused', (Date.now() - begun) / 1000);
      throw new ProvisioningFailure({
        code: 'CALL_LIMIT_REACHED',
        message: `No call to ${NAMES[vendor]} was free within ${waitMs / 1000} s ${about}`,
      });
    };
    if (places !== undefined && !(await places.take(deadline))) refuse();
    let slot: string | undefined | false;
    try {
      slot = await takeSlot(deadline);
      if (slot === false || !(await takeTurn(deadline))) refuse();
      onTurn?.('admitted', (Date.now() - begun) / 1000);
      return await call();
    } finally {
      // Not waited for: a slot that cannot be given back lapses.
      if (typeof slot === 'string') slots?.release(slot).catch(() => undefined);
      places?.release();
    }
  };
}

const NAMES = { salesforce: 'Salesforce', whmcs: 'WHMCS' } as const;

function rates(redis: SlotsRedis, keyPrefix: string, points: number) {
  return {
    shared: new RateLimiterRedis({ storeClient: redis, useRedisPackage: true, keyPrefix, points, duration: 1 }),
    alone: new RateLimiterMemory({ points, duration: 1 }),
  };
}

/** 0 where a call may go; else how long to wait, ms; undefined where the limiter's store does not answer. */
async function consume(limiter: RateLimiterAbstract, onAlone?: (error: unknown) => void): Promise<number | undefined> {
  try {
    await limited(limiter.consume('calls'));
    return 0;
  } catch (error) {
    if (error instanceof RateLimiterRes) return Math.max(1, error.msBeforeNext);
    onAlone?.(error);
    return undefined;
  }
}
