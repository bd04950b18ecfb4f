import type { FulfilmentFields } from './decode';
import type { Backoff } from './backoff';

/** Which topic carries what. */
export interface ListenerChannels {
  order: string;
  orderItem: string;
  /** Of the catalog. Undefined: nobody listens, and cached views live out their time. */
  product: string | undefined;
  pricebookEntry: string | undefined;
  /** Set: dual mode. CDC only invalidates, and this platform event provisions. */
  provisionEvent?: string | undefined;
}

export interface ListenerConfig {
  pubsub: {
    /** `host:port` */
    endpoint: string;
    /** Accept a self-signed certificate. */
    insecure: boolean;
  };
  channels: ListenerChannels;
  /** Id or developer name of a ManagedEventSubscription: Salesforce then keeps that channel's checkpoint. */
  managedSubscriptions?: Partial<Record<keyof ListenerChannels, string | undefined>>;
  /** Where a channel begins that was never listened to. One that was, and has no checkpoint, begins at the earliest event. */
  replayFrom: 'earliest' | 'latest';
  /** A stream silent for longer is dead, ms. */
  silenceLimitMs: number;
  provisionStatuses: readonly string[];
  customerFacingFields: readonly string[];
  fulfilmentFields: FulfilmentFields;
  limits?: Partial<ListenerLimits>;
}

/** Times and counts that nobody needs to set, except tests that are in a hurry. */
export interface ListenerLimits {
  /** Events ahead of their effects, on each topic: 1 to 100. */
  window: number;
  /** Calls to Temporal at once, over all topics. */
  concurrency: number;
  /** Invalidations at once, over all topics. */
  invalidations: number;
  /** How long a lease lasts without renewal, ms. With the poll it bounds how long a failover takes. */
  leaseTtlMs: number;
  leaseRenewMs: number;
  /** How often a standby asks for the lease, ms. */
  leasePollMs: number;
  /** How long a checkpoint waits for effects in hand, so that one serves them all, ms. Not longer than for a tenth of the window. */
  gatherMs: number;
  /** Between one stream and the next. */
  reconnect: Backoff;
  /** Between one try of an effect and the next. */
  effect: Backoff;
  /** After a refusal that a person must mend, ms. */
  refusedRetryMs: number;
  /** An event that waits longer for its effects turns the readiness red, ms. */
  backlogLimitMs: number;
  /** A live stream that says nothing for longer turns the readiness red, ms: Salesforce sends a keepalive within 270 seconds. */
  keepaliveWindowMs: number;
  /** How long a stop waits for effects in hand, ms. */
  stopLimitMs: number;
}

export const DEFAULT_LIMITS: ListenerLimits = {
  window: 100,
  concurrency: 20,
  invalidations: 100,
  leaseTtlMs: 6_000,
  leaseRenewMs: 1_500,
  leasePollMs: 1_000,
  gatherMs: 50,
  reconnect: { baseMs: 250, maxMs: 30_000 },
  effect: { baseMs: 200, maxMs: 15_000 },
  refusedRetryMs: 5 * 60_000,
  backlogLimitMs: 5 * 60_000,
  keepaliveWindowMs: 270_000,
  stopLimitMs: 10_000,
};
