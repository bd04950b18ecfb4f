import type { OrderId, OrderItemId, SalesforceOrder } from '../domain/order';

/** A WHMCS order that bears the marker of a Salesforce order. */
export interface WhmcsOrder {
  whmcsOrderId: string;
  state: 'Pending' | 'Active';
}

/** What came of an accepted order: the services, each proved Active. */
export interface AcceptedOrder {
  whmcsOrderId: string;
  /** In the order of the items; an item of quantity n may have n services. */
  services: { orderItemId: OrderItemId; serviceIds: string[] }[];
}

/** An order's identity in both systems, enough to look it up in WHMCS. */
export interface OrderRef {
  id: OrderId;
  whmcsClientId: string;
}

/** How a look-up is made. */
export interface LookUp {
  /** The WHMCS order that is known to have been made for it: looked at by its id as well, since it may not bear the marker. */
  known?: string | null | undefined;
  /** Called before each call to WHMCS; throws where nothing more may be sent. */
  beforeCall?: (() => void) | undefined;
}

/** How an order is accepted. */
export interface Acceptance extends Pick<LookUp, 'beforeCall'> {
  /** The order as it is in Salesforce; asked for only where its services bear no marker, and are to be given one. */
  readOrder?: (() => Promise<SalesforceOrder | undefined>) | undefined;
}

/** A Pending WHMCS order, and the Salesforce order whose marker it bears. */
export interface MarkedPendingOrder {
  whmcsOrderId: string;
  whmcsClientId: string;
  orderId: OrderId;
}

/** WHMCS as the activities use it. Every method throws ProvisioningFailure of the catalogue, nothing else. */
export interface WhmcsOrders {
  /**
   * Checks all that can be known before anything is sold (client, products, marker field on each product, quantities,
   * cycles, currency), then sends AddOrder exactly once. `beforeCall` is called right before that.
   * @throws ProvisioningFailure of kind `ambiguous` where the order may have been made all the same.
   */
  add(order: SalesforceOrder, guard?: Pick<LookUp, 'beforeCall'>): Promise<WhmcsOrder>;
  /**
   * Looks through all pages for orders with this order's marker. Of several the lowest id wins; the other Pending ones, and
   * Pending ones that do not hold exactly the order's items (a partial add, an edited order) or bear no marker, are cancelled.
   * @throws ProvisioningFailure `WHMCS_ORDER_UNMARKED` where the known order is Active without the marker, and cannot be marked.
   */
  find(order: SalesforceOrder, lookUp?: LookUp): Promise<WhmcsOrder | undefined>;
  /**
   * AcceptOrder, the commit point; repeatable. Then checks that each service is Active, runs its module where it is not, and cancels inert duplicates.
   * @throws ProvisioningFailure `WHMCS_ORDER_UNMARKED` where it is Active without the marker, and cannot be marked.
   */
  accept(order: OrderRef, whmcsOrderId: string, acceptance?: Acceptance): Promise<AcceptedOrder>;
  /**
   * Cancels every Pending order with the marker, and the known one; names the one that is Active, where one is: then it is too late to
   * cancel. The `spared` one is neither cancelled nor named: Salesforce has it as the order's own.
   */
  cancelPending(
    order: OrderRef,
    lookUp?: LookUp & { spared?: string | null | undefined },
  ): Promise<{ cancelled: string[]; active: WhmcsOrder | undefined }>;
  /** The Pending orders with a marker that were added since `sinceDate` (YYYY-MM-DD), of all clients. */
  markedPending(sinceDate: string): Promise<MarkedPendingOrder[]>;
  /** Cancels one Pending order that nobody is to have; one that is over already is content. */
  cancelOrphan(order: MarkedPendingOrder): Promise<void>;
}
