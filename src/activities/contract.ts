import type { OrderId, OrderItemId, SalesforceOrder, Trigger } from '../domain/order';
import type { SkipCode } from '../domain/guard';

/** Waits that come from the worker's environment; kept in history, so that a replay sees what the run saw. */
export interface Policy {
  /** `WHMCS_TIMEOUT`, ms. */
  whmcsTimeoutMs: number;
  /** `WHMCS_QUIET_PERIOD`, ms. */
  quietPeriodMs: number;
  /** `REPROVISION_WAIT`, ms. */
  reprovisionWaitMs: number;
}

export type ClaimOutcome =
  | {
      outcome: 'claimed';
      order: SalesforceOrder;
      /** This run itself changed the order from empty to Activating: the one case in which no look-up is owed. */
      untouched: boolean;
      policy: Policy;
    }
  | { outcome: 'skipped'; code: SkipCode; reason: string; accountId: string | null; whmcsOrderId: string | null };

export interface WhmcsRef {
  orderId: OrderId;
  whmcsClientId: string;
}

/** What a look-up in WHMCS knows beforehand. */
export interface Known {
  /** The WHMCS order that this run added or adopted; it is looked at even where it bears no marker. */
  known: string | null;
}

export interface ActivatedServices {
  whmcsOrderId: string;
  services: { orderItemId: OrderItemId; serviceIds: string[] }[];
}

/** The effects of a run. Each is safe to repeat, except `addOrder`, which Temporal runs once per call. */
export interface ProvisioningActivities {
  /** Reads the order, applies the guards, and marks it Activating where they say go. */
  claimOrder(input: { orderId: string; trigger: Trigger; claimedByThisRun: boolean }): Promise<ClaimOutcome>;
  /** Whether the order still ought to be provisioned, read from Salesforce. */
  isStillWanted(input: { orderId: string }): Promise<{ wanted: boolean; exists: boolean; reason: string }>;
  findOrder(
    input: { order: SalesforceOrder } & Known,
  ): Promise<{ whmcsOrderId: string; state: 'Pending' | 'Active' } | null>;
  addOrder(input: { order: SalesforceOrder }): Promise<{ whmcsOrderId: string; state: 'Pending' | 'Active' }>;
  acceptOrder(input: WhmcsRef & { whmcsOrderId: string }): Promise<ActivatedServices>;
  writeBack(input: { orderId: OrderId } & ActivatedServices): Promise<void>;
  markFailed(input: { orderId: OrderId; code: string; message: string }): Promise<Policy>;
  cancelPendingOrders(input: WhmcsRef & Known): Promise<{ cancelled: string[]; active: string | null }>;
  invalidateCaches(input: { orderId: OrderId; accountId: string | null }): Promise<void>;
}

export interface ReconcileActivities {
  /** Requests every order that ought to be provisioned and is not; answers how many. */
  sweepOrders(input: { reason: string }): Promise<{ requested: number }>;
  /** Cancels WHMCS orders that an AddOrder left Pending and no run will accept any more; answers their ids. */
  sweepOrphans(): Promise<{ cancelled: string[] }>;
}
