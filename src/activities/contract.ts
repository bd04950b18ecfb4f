import type { OrderId, OrderItemId, SalesforceOrder, Trigger } from '../domain/order';
import type { FailureCode } from '../domain/failure';
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
      /** Epoch ms at which reading it began, by the worker's clock. */
      readAt: number;
      /** This run itself changed the order from empty to Activating: the one case in which no look-up is owed. */
      untouched: boolean;
      /** The run that claimed it. A run that replays the claim of another was reset, and its predecessor may have gone on. */
      runId: string;
      policy: Policy;
    }
  | {
      outcome: 'skipped';
      code: SkipCode;
      reason: string;
      accountId: string | null;
      whmcsOrderId: string | null;
      /** When the order was last changed, epoch ms; absent where there is none, and in histories of before. */
      changedAt?: number;
    };

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
  claimOrder(input: {
    orderId: string;
    trigger: Trigger;
    /** Epoch ms of the approval that was seen to ask, where one was. */
    approvedAt?: number;
    claimedByThisRun: boolean;
  }): Promise<ClaimOutcome>;
  /** Whether the order still ought to be provisioned, and the WHMCS order that it names, read from Salesforce. `changedAt`: of its last change, epoch ms. */
  isStillWanted(input: {
    orderId: string;
  }): Promise<{ wanted: boolean; exists: boolean; reason: string; whmcsOrderId: string | null; changedAt?: number }>;
  /** Looks for the order in WHMCS. Reads it in Salesforce first, since a look-up may be retried for a day: `order` is what was looked for. */
  findOrder(
    input: { orderId: OrderId } & Known,
  ): Promise<{ order: SalesforceOrder; readAt: number; whmcsOrderId: string | null }>;
  /** `runId`: of the run that decided on it, and that alone may have it done. `readAt`: an order that was read long ago is read anew. */
  addOrder(input: {
    order: SalesforceOrder;
    readAt?: number;
    runId: string;
  }): Promise<{ whmcsOrderId: string; addedAt: number }>;
  /**
   * `committed`: WHMCS has accepted the order, so that it is finished whatever became of it in Salesforce. `asOf`: epoch ms at which it
   * was added, or read and found; where that is long ago, it is held against the order as it is now.
   */
  acceptOrder(
    input: WhmcsRef & { whmcsOrderId: string; committed: boolean; asOf?: number },
  ): Promise<ActivatedServices>;
  writeBack(input: { orderId: OrderId } & ActivatedServices): Promise<void>;
  /**
   * `message` is cut where it is too long for Salesforce's field, `advice` never. `unread`: the run could not read the order, so it is
   * not written over where it is provisioned, or says that it was cancelled or is billed unmarked.
   */
  markFailed(input: {
    orderId: OrderId;
    code: string;
    message: string;
    advice: string;
    unread?: boolean;
  }): Promise<Policy>;
  /** `spared`: the WHMCS order that Salesforce names, which is left as it is. */
  cancelPendingOrders(
    input: WhmcsRef & Known & { spared?: string | null },
  ): Promise<{ cancelled: string[]; active: string | null }>;
  invalidateCaches(input: { orderId: OrderId; accountId: string | null }): Promise<void>;
}

export interface ReconcileActivities {
  /**
   * Requests every order that ought to be provisioned and is not; answers how many. After a hole in the events, which reaches back to
   * `failedSince` (epoch ms), also failed ones that were changed since. `notRequested`: the first orders whose run could not be begun,
   * where there are any; the next sweep tries them again.
   */
  sweepOrders(input: { failedSince?: number }): Promise<{ requested: number; notRequested?: OrderId[] }>;
  /**
   * Cancels WHMCS orders that an AddOrder left Pending and no run will accept any more; answers their ids, and those that could
   * not be judged or cancelled, with the code of the failure: the next sweep tries them again.
   */
  sweepOrphans(): Promise<{ cancelled: string[]; failed: { whmcsOrderId: string; code: FailureCode }[] }>;
}
