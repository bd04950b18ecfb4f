import type { AccountId, OrderId, OrderItemId } from '../domain/record-id';
import type { CacheConnection } from './connection';
import { DependencyIndex } from './dependency-index';
import { accountGroup, CATALOG_GROUP, orderGroup } from './groups';
import type { CacheInvalidations, InvalidateOptions } from './invalidations';
import { keysOfGroup } from './keys';
import { NextFlight } from './next-flight';
import { silentObserver, type CacheName, type CacheObserver } from './observer';
import { MARK_MS } from './policy';
import { REVOKE } from './scripts';

/** Invalidates over a connection; needs no source, so the listener and the worker have one without the caches. */
export class CacheInvalidator implements CacheInvalidations {
  readonly #index: DependencyIndex;
  /** A burst of catalog events makes one invalidation at a time; all who come meanwhile share the next. */
  readonly #catalog = new NextFlight(() => this.#revokeCatalog());

  constructor(
    private readonly connection: CacheConnection,
    private readonly observer: CacheObserver = silentObserver,
  ) {
    this.#index = new DependencyIndex(connection);
  }

  invalidateOrder(orderId: OrderId, accountId?: AccountId, options: InvalidateOptions = {}): Promise<void> {
    return this.#counted('order', async () => {
      // These need no look at the index, and go out with the mark: what begins after their UNLINK reads after the change.
      const known = [orderGroup(orderId), ...(accountId === undefined ? [] : [accountGroup(accountId)])];
      const marked = this.#mark([orderId], options.gap === true ? 'lists' : '');
      const [found] = await Promise.all([marked, this.#unlink(known)]);
      await this.#unlink([...found].filter((group) => !known.includes(group)));
    });
  }

  invalidateAccountOrders(accountId: AccountId): Promise<void> {
    return this.#counted('account-orders', () => this.#unlink([accountGroup(accountId)]));
  }

  invalidateOrdersOfItems(orderItemIds: readonly OrderItemId[], options: InvalidateOptions = {}): Promise<void> {
    return this.#counted('order', async () => {
      await this.#unlink(await this.#mark(orderItemIds, options.gap === true ? 'all' : ''));
    });
  }

  invalidateCatalog(): Promise<void> {
    return this.#counted('catalog', () => this.#catalog.run());
  }

  async invalidateAll(): Promise<void> {
    await this.#counted('order', () => this.#index.clear());
    await this.invalidateCatalog();
  }

  async #mark(ids: readonly string[], gap: '' | 'lists' | 'all'): Promise<Set<string>> {
    try {
      return new Set(await this.#index.mark(ids, gap, MARK_MS));
    } catch {
      // A Redis that is out of memory refuses marks and still removes keys. Without a generation every order and list is
      // void, which is more than was asked and as right.
      await this.#index.clear();
      return new Set();
    }
  }

  async #revokeCatalog(): Promise<void> {
    try {
      await this.connection.invalidateScript(REVOKE, keysOfGroup(this.connection.prefix, CATALOG_GROUP), []);
    } catch {
      await this.#unlink([CATALOG_GROUP]);
    }
  }

  #unlink(groups: Iterable<string>): Promise<void> {
    return this.connection.unlink([...groups].map((group) => keysOfGroup(this.connection.prefix, group)));
  }

  async #counted(cache: CacheName, invalidate: () => Promise<void>): Promise<void> {
    try {
      await invalidate();
      this.observer.record(cache, 'invalidation');
    } catch (error) {
      this.observer.record(cache, 'invalidation-failure');
      throw error;
    }
  }
}
