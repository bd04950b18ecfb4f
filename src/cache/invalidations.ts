import type { AccountId, OrderId, OrderItemId } from '../domain/record-id';

export interface InvalidateOptions {
  /**
   * The event told no values (`GAP_*`), so the record may be new to, or gone from, an account or order that nobody
   * can name. All account lists (for order items: all orders as well) are invalidated then, still in O(1) calls.
   */
  gap?: boolean;
}

/**
 * What makes a change in Salesforce visible. When a call resolves, no read that begins afterwards returns a value
 * that was read from Salesforce before the call, not even through a fill that was in flight, in whatever process.
 *
 * Events of one order are to be acted upon in their order: a list that nobody has yet told of an order that came to it
 * is not touched by a later event of the order.
 *
 * Each call takes O(1) Redis commands, may be repeated, and rejects with {@link CacheUnavailableError} when it could not
 * be done: whoever acts on an event must not acknowledge it then, but call again.
 */
export interface CacheInvalidations {
  /**
   * The order, and every account's list that may hold it: those known from fills, and that of `accountId`.
   * Give `accountId` whenever the event has it: CREATE, UNDELETE, and an order that moves to another account
   * (the list it leaves is known from the fills).
   */
  invalidateOrder(orderId: OrderId, accountId?: AccountId, options?: InvalidateOptions): Promise<void>;
  /** The list of the account's orders. */
  invalidateAccountOrders(accountId: AccountId): Promise<void>;
  /** For OrderItem events that lack the order id: every order and list that any reader could have with these items. */
  invalidateOrdersOfItems(orderItemIds: readonly OrderItemId[], options?: InvalidateOptions): Promise<void>;
  invalidateCatalog(): Promise<void>;
  /** Orders, lists and catalog. */
  invalidateAll(): Promise<void>;
}
