/** How long things live and how much they may weigh. All times in ms. */
export interface CachePolicy {
  /** How long a value is fresh; shortened at random by up to `ttlJitter` of it, so that values do not expire together. */
  ttlMs: number;
  /** 0 to 1. */
  ttlJitter: number;
  /** How long "there is no such order" is believed. */
  notFoundTtlMs: number;
  /** How long a failed read of the source is shared instead of repeated. */
  failureTtlMs: number;
  /** For how long after its TTL a value is served while one reader refreshes it. 0: never. Invalidations are not affected. */
  staleWhileRevalidateMs: number;
  /** A larger value, as JSON in UTF-8, is not cached. */
  maxBytes: number;
  /** A value that shows more records than this is not cached: they must all be registered in one script. */
  maxRecords: number;
  /** A lease lapses after this unless renewed, so a reader that died delays others by no more. */
  leaseMs: number;
  renewEveryMs: number;
  /** Nobody holds a lease, and no read of the source is awaited, longer than this. */
  leaseCapMs: number;
  /**
   * A reader waits no longer than this for another process: then it reads the source itself (of the catalog: is refused). Nor
   * does it wait longer for its turn at the source. Well below the time after which whoever asked has gone.
   */
  waitLimitMs: number;
  /** Waiters look again after a time between these. */
  pollMinMs: number;
  pollMaxMs: number;
}

export const DEFAULT_POLICY: CachePolicy = {
  ttlMs: 300_000,
  ttlJitter: 0.1,
  notFoundTtlMs: 10_000,
  failureTtlMs: 1000,
  staleWhileRevalidateMs: 0,
  maxBytes: 512 * 1024,
  maxRecords: 5000,
  leaseMs: 3000,
  renewEveryMs: 1000,
  leaseCapMs: 30_000,
  waitLimitMs: 5000,
  pollMinMs: 5,
  pollMaxMs: 15,
};

/** A catalog is one large value that every visitor reads, and that takes Salesforce some pages to give. */
export const DEFAULT_CATALOG_POLICY: CachePolicy = {
  ...DEFAULT_POLICY,
  ttlMs: 600_000,
  maxBytes: 8 * 1024 * 1024,
  waitLimitMs: 8000,
};

/** For how long an invalidation of a record refuses fills that began before it, ms. Longer than any lease. */
export const MARK_MS = 600_000;

/** @throws RangeError when a lease could outlive the marks that revoke it, or would lapse before it is renewed. */
export function checkPolicy(policy: CachePolicy): CachePolicy {
  if (policy.leaseCapMs > MARK_MS / 2) throw new RangeError(`leaseCapMs must be at most ${MARK_MS / 2}`);
  if (policy.renewEveryMs >= policy.leaseMs) throw new RangeError('renewEveryMs must be less than leaseMs');
  if (policy.ttlJitter < 0 || policy.ttlJitter > 1) throw new RangeError('ttlJitter must be from 0 to 1');
  return policy;
}
