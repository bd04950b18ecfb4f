import type { Scope } from './dependency-index';
import type { CacheName } from './observer';

/** One thing that can be read through the cache. */
export interface Query<T> {
  cache: CacheName;
  /** Invalidated as a whole. */
  group: string;
  /** Its name in there, with the version of the value's shape, so that another version is never read as this one. */
  field: string;
  scope: Scope;
  /** Its value is so large that readers of one moment share a look at Redis, for which each waits another turn of the event loop. */
  isLarge?: boolean;
  /** Reads the source; undefined is "not found". */
  read(): Promise<T | undefined>;
  /** The records that the value shows, apart from the one that the group is named after. */
  records(value: T): string[];
}

export interface ReadOptions {
  /**
   * Of whoever waits for the answer. Once it is aborted the reader waits no longer and begins nothing: a read of the source
   * that it has begun goes on, and fills the cache for the next.
   */
  signal?: AbortSignal | undefined;
}

/** How a reader came by its answer: the portal's `x-cache`. */
export type Outcome = 'hit' | 'miss' | 'coalesced' | 'bypass';

export interface CacheReply<T> {
  /** Undefined: the source has no such record. */
  value: T | undefined;
  outcome: Outcome;
}
