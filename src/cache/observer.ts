export type CacheName = 'order' | 'account-orders' | 'catalog';

/** Things that happen in a cache and are worth counting. */
export const CACHE_EVENTS = [
  /** Answered by Redis at once. */
  'hit',
  /** This reader read the source and filled. */
  'miss',
  /** Answered by another reader's read of the source. */
  'coalesced',
  /** Answered by the source without Redis: it is down, or the wait was too long. */
  'bypass',
  /** A hit that was past its TTL, served while a refresh was under way (stale-while-revalidate). */
  'stale',
  /** A reader began to wait for another process. */
  'wait',
  /** A wait reached its bound. */
  'wait-expired',
  /** A fill came too late: an invalidation, or the end of its lease, had revoked it. */
  'fill-revoked',
  /** A fill that Redis did not take: it is down or out of memory. */
  'fill-failed',
  /** A value above the size limit, which is not cached. */
  'oversized',
  /** Bytes that could not be read, taken as a miss. */
  'unreadable',
  'source-read',
  'source-failure',
  /** A reader was given the failure that another one's read of the source met. */
  'failure-shared',
  /** A reader was refused: too many wait for the source, or it has been waited for too long. */
  'overloaded',
  'invalidation',
  'invalidation-failure',
] as const;
export type CacheEvent = (typeof CACHE_EVENTS)[number];

/** A value that is too large to be cached: until it shrinks, each read of it goes to the source. */
export interface Oversized {
  cache: CacheName;
  /** What it is of, by id: `order:<id>`, `account:<id>`, `catalog`. */
  group: string;
  /** As JSON in UTF-8. */
  bytes: number;
  /** Orders and items that it shows. */
  records: number;
}

/** Told of every event. Must not throw. See `registerCacheMetrics` for Prometheus. */
export interface CacheObserver {
  record(cache: CacheName, event: CacheEvent): void;
}

export const silentObserver: CacheObserver = { record: () => undefined };
