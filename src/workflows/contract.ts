import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { FailureCode, FailureKind } from '../domain/failure';
import type { OrderId, Trigger } from '../domain/order';
import { PHASE_ATTRIBUTE, PHASES, type Phase } from '../domain/phase';
import type { Memory } from './memory';

/**
 * The names and shapes by which the outside world knows the workflows. One owner: nothing else spells them.
 * They are a contract (people script against them and running workflows rely on them): add, never rename.
 */

export const PROVISION_ORDER = 'provisionOrder';
export const RECONCILE_ORDERS = 'reconcileOrders';
export const RECONCILE_SCHEDULE_ID = 'reconcile-orders';

export function provisionWorkflowId(orderId: OrderId): string {
  return `provision-order-${orderId}`;
}

export { PHASES, type Phase };

/** Body of `provisioningRequested`. All accept an empty body, since a person may send it from the Web UI. */
export interface ProvisioningRequest {
  trigger?: Trigger;
  replayId?: string;
  requestedBy?: string;
  /** 1 highest to 5. */
  priority?: number;
  correlationId?: string;
  /** Epoch ms of the commit in Salesforce of the change or event that asked; absent where none was seen (a gap event, a sweep). */
  approvedAt?: number;
  /** Of a sweep: it follows a loss of events, so that a run which waits is meant as well. */
  afterLoss?: boolean;
}
export interface ReprovisionRequest {
  requestedBy?: string;
  reason?: string;
}
export interface CancelRequest {
  reason?: string;
}
/** Body of `orderChanged`: an event said so; the run reads the order before it believes it. */
export interface OrderChange {
  change?: 'cancelled' | 'deleted';
}

export const provisioningRequested = defineSignal<[ProvisioningRequest?]>('provisioningRequested');
export const reprovision = defineSignal<[ReprovisionRequest?]>('reprovision');
export const cancel = defineSignal<[CancelRequest?]>('cancel');
export const orderChanged = defineSignal<[OrderChange?]>('orderChanged');

/** The last error as the `status` query shows it. */
export interface StatusError {
  code: FailureCode;
  kind: FailureKind;
  message: string;
  advice: string;
  /** ISO 8601. */
  at: string;
}

/** Answer of the `status` query. */
export interface ProvisioningStatus {
  orderId: string;
  phase: Phase;
  /** How often the path was begun in this run, re-provisions included. */
  attempt: number;
  trigger: Trigger;
  whmcsOrderId: string | null;
  lastError: StatusError | null;
  /** Why the order was skipped, where it was. */
  skipped: string | null;
  /** The last transitions, oldest first; bounded. */
  history: { phase: Phase; at: string; note?: string }[];
}

export const statusQuery = defineQuery<ProvisioningStatus>('status');

export const searchAttributes = {
  orderId: defineSearchAttributeKey('SalesforceOrderId', SearchAttributeType.KEYWORD),
  accountId: defineSearchAttributeKey('SalesforceAccountId', SearchAttributeType.KEYWORD),
  whmcsOrderId: defineSearchAttributeKey('WhmcsOrderId', SearchAttributeType.KEYWORD),
  phase: defineSearchAttributeKey(PHASE_ATTRIBUTE, SearchAttributeType.KEYWORD),
  /** When `phase` became what it says: at the start, and with each phase that is published. */
  phaseAt: defineSearchAttributeKey('ProvisioningPhaseAt', SearchAttributeType.DATETIME),
  trigger: defineSearchAttributeKey('ProvisioningTrigger', SearchAttributeType.KEYWORD),
} as const;

/** Second argument of each activity, where an event or another system asked: its ids, for log lines. */
export type Origin = Pick<ProvisioningRequest, 'replayId' | 'correlationId'>;

/** Argument of `provisionOrder`. */
export interface ProvisionOrderInput {
  /** 15 or 18 characters: a person may start a run from the Web UI. */
  orderId: string;
  /** Set by continue-as-new only. */
  resume?: Memory;
}

/** Argument of `reconcileOrders`. */
export interface ReconcileInput {
  /** Why the sweep was begun: `schedule`, or the event that made it necessary. */
  reason?: string;
  /** After a hole in the events: how far it reaches back, epoch ms. */
  failedSince?: number;
}
