import type { AccountId, OrderId, OrderItemId, RecordId } from './record-id';

/**
 * What a customer sees in the portal: the shapes that the caches hold and the portal serves as JSON.
 *
 * Anything in an order's view must be among the customer-facing fields, or a change of it would not invalidate
 * the cached view; {@link CUSTOMER_FACING_ORDER_FIELDS} is that list and is kept in step by a test.
 * Internal matters (error codes and messages, owners, audit fields) are not in a view.
 */

/** One line of an order. Amounts are in the order's currency. */
export interface OrderItemView {
  id: OrderItemId;
  /** Null for an item without a product. */
  productId: RecordId | null;
  productName: string | null;
  quantity: number;
  /** Per unit. */
  unitPrice: number | null;
  /** WHMCS's name of a billing cycle, e.g. `monthly`. */
  billingCycle: string | null;
  /** Null until the service exists in WHMCS. */
  whmcsServiceId: string | null;
}

export interface OrderView {
  id: OrderId;
  /** Salesforce's own number for people, e.g. `00000123`. */
  orderNumber: string | null;
  accountId: AccountId | null;
  status: string;
  /** `Activating`, `Activated`, `Failed`; null before provisioning began. */
  activationStatus: string | null;
  /** Null until the order is provisioned. */
  whmcsOrderId: string | null;
  /** `YYYY-MM-DD`. */
  effectiveDate: string | null;
  totalAmount: number | null;
  /** ISO 4217, only where SF_FIELDS_FILE names a currency field. */
  currency: string | null;
  items: OrderItemView[];
}

/** One active price of a product: a PricebookEntry. */
export interface PriceView {
  id: RecordId;
  unitPrice: number;
  /** ISO 4217, null in an org of one currency. */
  currency: string | null;
}

export interface ProductView {
  id: RecordId;
  name: string;
  code: string | null;
  family: string | null;
  description: string | null;
  prices: PriceView[];
}

/** Active products with their prices from an active price book, sorted by name and then id. */
export interface CatalogView {
  priceBookId: RecordId | null;
  products: ProductView[];
}

/**
 * The Order fields of which an {@link OrderView} is made, by their API names as delivered: the default of
 * `CUSTOMER_FACING_ORDER_FIELDS`. A change of any other field is internal and touches no cache.
 */
export const CUSTOMER_FACING_ORDER_FIELDS = [
  'OrderNumber',
  'AccountId',
  'Status',
  'Activation_Status__c',
  'WHMCS_Order_ID__c',
  'EffectiveDate',
  'TotalAmount',
  'CurrencyIsoCode',
] as const;
