import type { OrderId, OrderItemId, SalesforceOrder } from '../domain/order';

/** What the product itself has written of an order. */
export type OrderMark = Pick<SalesforceOrder, 'activationStatus' | 'whmcsOrderId' | 'failedWith'>;

/** `beforeSend` is called right before a write goes out: what it throws is thrown, and nothing is written. */
export interface WriteGuard {
  beforeSend?: (() => void) | undefined;
}

/**
 * Salesforce as the activities use it. Every method throws ProvisioningFailure of the catalogue, nothing else; each is one API call,
 * but for orders of hundreds of items, and pages.
 */
export interface SalesforceOrders {
  /** The order with its account and items in one query; undefined where it does not exist (or is in the recycle bin). */
  read(orderId: OrderId): Promise<SalesforceOrder | undefined>;
  /** The fields alone that the product writes, which can be read where another column cannot. */
  readMark(orderId: OrderId): Promise<OrderMark | undefined>;
  /** Sets `Activation_Status__c` = Activating and clears the error fields, unless `keepError` says that they still tell something. */
  markActivating(orderId: OrderId, options?: WriteGuard & { keepError?: boolean }): Promise<void>;
  /** Sets `Activation_Status__c` = Failed with code, and message with advice. The field has 255 characters: the message is cut, the advice never. */
  markFailed(
    orderId: OrderId,
    error: { code: string; message: string; advice: string },
    guard?: WriteGuard,
  ): Promise<void>;
  /** In one transaction: the WHMCS order id, Activated, cleared error fields, and the service ids of the items (comma-joined). */
  writeBack(
    orderId: OrderId,
    result: { whmcsOrderId: string; services: { orderItemId: OrderItemId; serviceIds: string[] }[] },
    guard?: WriteGuard,
  ): Promise<void>;
  /**
   * Ids of orders that ought to be provisioned and are not: a provision status, no WHMCS order id, never begun (no status of ours),
   * or `Activating` since before `stuckBefore` (epoch ms). Failed ones wait for a person and are not swept, except those that
   * were changed after `failedSince` (epoch ms): they may have been approved anew while nobody heard of it. In pages, by ascending
   * id; those after `after` only, where it is given.
   */
  unprovisioned(query: {
    statuses: readonly string[];
    stuckBefore: number;
    failedSince?: number | undefined;
    after?: OrderId | undefined;
  }): AsyncIterable<OrderId[]>;
}
