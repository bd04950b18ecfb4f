import type { EventBus } from '../events/bus';
import type { Faults } from '../faults/faults';
import type { Authenticator } from './auth';
import type { PubSubFailure } from './failure';
import type { ManagedSubscriptions } from './managed';
import type { Publisher } from './publish';
import type { StatsCollector } from './stats';
import type { Subscription, SubscriptionTimes } from './subscription';

/** Limits of the wire, in real milliseconds. */
export interface PubSubTimes extends SubscriptionTimes {
  /** A PublishStream without a request is ended after this (proto of the API: 70 seconds). */
  publishIdleMs: number;
}

/** What the handlers of the RPCs share. */
export interface PubSubContext {
  orgId: string;
  bus: EventBus;
  faults: Faults;
  stats: StatsCollector;
  times: PubSubTimes;
  auth: Authenticator;
  managed: ManagedSubscriptions;
  publisher: Publisher;
  /** Open ones. */
  subscriptions: Set<Subscription>;
  countFailure(failure: PubSubFailure): void;
  /** Calls `release` when the server stops. @returns a function that forgets it */
  onClose(release: () => void): () => void;
}
