import type { FailureCode } from './failure';
import type { AccountId, OrderId, OrderItemId } from './record-id';

export * from './record-id';

/** What made us look at an order. */
export const TRIGGERS = ['cdc', 'platform-event', 'reconcile', 'manual'] as const;
export type Trigger = (typeof TRIGGERS)[number];

/** Values of `Activation_Status__c` that the product writes. Null before the first run. */
export const ACTIVATION = { activating: 'Activating', activated: 'Activated', failed: 'Failed' } as const;

/** One line of an order as read from Salesforce, its WHMCS references included. */
export interface OrderItem {
  id: OrderItemId;
  quantity: number;
  /** Per unit, in the order's currency. Null: WHMCS's own price. */
  unitPrice: number | null;
  /** AddOrder's name of a billing cycle, e.g. `monthly`, or one that stands for none that WHMCS knows; null where the item has none. */
  billingCycle: string | null;
  /** `Product2.WHMCS_Product_ID__c`, digits unless it is wrong; null where it is not linked. */
  whmcsProductId: string | null;
}

/** An order as read from Salesforce in one query: the truth on which guards decide. */
export interface SalesforceOrder {
  id: OrderId;
  accountId: AccountId | null;
  status: string;
  /** `Activation_Status__c`. */
  activationStatus: string | null;
  /** `Activation_Error_Code__c`, where it is one of the catalogue. */
  failedWith?: FailureCode;
  /** Epoch ms at which a cancel was asked for, where `failedWith` is `CANCELLED` and says when. */
  cancelledAt?: number;
  /** `WHMCS_Order_ID__c`, digits unless somebody wrote something else there; null only where it is empty. */
  whmcsOrderId: string | null;
  /** `Account.WHMCS_Client_ID__c`. */
  whmcsClientId: string | null;
  /** ISO 4217, only where SF_FIELDS_FILE names a currency field. */
  currency: string | null;
  /** Epoch ms of the last change of any kind. */
  systemModstamp: number;
  items: OrderItem[];
}
