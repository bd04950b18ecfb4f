import type { CatalogView } from '../domain/views';
import type { CacheConnection } from './connection';
import { CATALOG_FIELD, CATALOG_GROUP } from './groups';
import { CacheInvalidator } from './invalidator';
import type { CacheObserver, Oversized } from './observer';
import { checkPolicy, DEFAULT_CATALOG_POLICY, type CachePolicy } from './policy';
import type { CacheReply, Query, ReadOptions } from './query';
import { ReadThrough } from './read-through';
import { sourceLimitOf } from './source-limit';
import type { CatalogSource } from './sources';

export interface CatalogCacheOptions {
  connection: CacheConnection;
  source: CatalogSource;
  policy?: Partial<CachePolicy>;
  observer?: CacheObserver | undefined;
  /** Told when a value was too large to be cached: once for each TTL of it. */
  onOversized?: ((oversized: Oversized) => void) | undefined;
}

const EMPTY: CatalogView = { priceBookId: null, products: [] };

/**
 * The catalog: one large value. Its refill takes pages of SOQL, so at most one is under way in all processes, however many
 * invalidations come meanwhile; whoever reads after an invalidation waits for the next one.
 */
export class CatalogCache {
  readonly #source: CatalogSource;
  readonly #catalog: ReadThrough<CatalogView>;
  readonly #invalidator: CacheInvalidator;

  constructor({ connection, source, policy, observer, onOversized }: CatalogCacheOptions) {
    this.#source = source;
    this.#invalidator = new CacheInvalidator(connection, observer);
    const checked = checkPolicy({ ...DEFAULT_CATALOG_POLICY, ...policy });
    this.#catalog = new ReadThrough({
      connection,
      policy: checked,
      observer,
      onOversized,
      limit: sourceLimitOf({ running: 1, waiting: 1000 }, checked.waitLimitMs),
      atWaitLimit: 'refuse',
    });
  }

  /**
   * @throws what the source throws; SourceFailedError when it failed for another reader a moment ago; CacheOverloadedError,
   *   also where another process's read took longer than `waitLimitMs`; the reason of `signal`
   */
  async readCatalog(options?: ReadOptions): Promise<{ value: CatalogView; outcome: CacheReply<unknown>['outcome'] }> {
    const query: Query<CatalogView> = {
      cache: 'catalog',
      group: CATALOG_GROUP,
      field: CATALOG_FIELD,
      scope: 'catalog',
      isLarge: true,
      read: () => this.#source.readCatalog(),
      records: () => [],
    };
    const { value = EMPTY, outcome } = await this.#catalog.read(query, options);
    return { value, outcome };
  }

  /** See {@link CacheInvalidator.invalidateCatalog}. */
  invalidateCatalog(): Promise<void> {
    return this.#invalidator.invalidateCatalog();
  }
}
