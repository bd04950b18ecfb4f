import type { AccountId, OrderId } from '../domain/record-id';
import type { CatalogView, OrderView } from '../domain/views';

/**
 * Where the truth is read from when the cache cannot answer. Each call must go to Salesforce itself: an
 * implementation that caches would break the promise that no reader gets an old value after an invalidation.
 * A rejection is cached for a moment, so that many waiters do not each hit a source that fails.
 */
export interface OrderSource {
  /** The order as a customer sees it; undefined where Salesforce has none (unknown, or deleted). */
  readOrder(orderId: OrderId): Promise<OrderView | undefined>;
  /** All orders of the account, items included; empty for an account that is unknown. */
  readAccountOrders(accountId: AccountId): Promise<OrderView[]>;
}

export interface CatalogSource {
  /** All active products with their prices from the active price book, all pages of it. */
  readCatalog(): Promise<CatalogView>;
}
