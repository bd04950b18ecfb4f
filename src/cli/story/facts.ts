import type { CachedOrder } from '../../cache';
import type { OrderId, SalesforceOrder } from '../../domain/order';
import type { RunStory } from '../../temporal/operator';
import type { MarkedOrder } from '../../whmcs';
import type { ToldFailure } from '../failure';

/** What a system says of an order, or why it does not. */
export type Seen<T> =
  | { is: 'known'; value: T }
  /** It was asked and did not answer. */
  | { is: 'unreachable'; failure: ToldFailure }
  /** It was not asked: the environment does not name it, or what came before makes the question meaningless. */
  | { is: 'not-asked'; why: string };

export interface SalesforceFacts {
  order: SalesforceOrder;
  /** What the last failure wrote on the order. */
  lastError: { code: string; message: string | null } | null;
}

export interface WhmcsFacts {
  /** Every order with the marker that has a live service. */
  marked: MarkedOrder[];
  /** The order that Salesforce names. Its status is null where WHMCS has no such order. */
  named: { whmcsOrderId: string; status: string | null } | null;
}

/** All that is known of one order, gathered at one time. */
export interface OrderFacts {
  orderId: OrderId;
  /** Null: Salesforce has no such order. */
  salesforce: Seen<SalesforceFacts | null>;
  /** Null: Temporal knows of no run. */
  temporal: Seen<RunStory | null>;
  whmcs: Seen<WhmcsFacts>;
  cache: Seen<CachedOrder>;
  /** `PROVISION_STATUSES`. */
  provisionStatuses: readonly string[];
}

/** The value, where the system has answered. */
export function known<T>(seen: Seen<T>): T | undefined {
  return seen.is === 'known' ? seen.value : undefined;
}
