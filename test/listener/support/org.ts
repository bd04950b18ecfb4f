import { startSalesforce, type SalesforceEmulator, type SalesforceOptions } from '../../../sandbox/salesforce';
import {
  createLoginGate,
  subscribe,
  type Delivery,
  type Session,
  type Subscription,
} from '../../../src/listener/subscription';
import type { SubscriptionOptions } from '../../../src/listener/subscription';

export const ORDERS = '/data/OrderChangeEvent';
export const ITEMS = '/data/OrderItemChangeEvent';
export const REQUESTS = '/event/Order_Fulfilment_Requested__e';

/** Limits of the wire that make a test quick. */
const QUICK = { keepaliveMs: 200, idleMs: 60_000 };

export interface TestOrg {
  sf: SalesforceEmulator;
  /** A session straight from the org; counts. */
  login: () => Promise<Session>;
  logins: () => number;
  /** Publishes an UPDATE of `Order` with this status for each id, an event each. */
  change: (recordIds: string | string[], status?: string) => void;
  open: (topic?: string) => number;
}

export async function startOrg(options: SalesforceOptions = {}): Promise<TestOrg> {
  const sf = await startSalesforce({ ...options, times: { ...QUICK, ...options.times } });
  let logins = 0;
  return {
    sf,
    login: () => {
      logins++;
      const { accessToken } = sf.sessions.open({ userId: sf.integrationUserId, username: sf.credentials.username });
      return Promise.resolve({ accessToken, instanceUrl: sf.loginUrl, organizationId: sf.orgId });
    },
    logins: () => logins,
    change: (recordIds, status = 'Approved') =>
      sf.faults.events.change({
        object: 'Order',
        changeType: 'UPDATE',
        recordIds: [recordIds].flat(),
        values: { Status: status },
        changedFields: ['Status'],
      }),
    open: (topic = ORDERS) => sf.pubsub.stats().openStreams[topic] ?? 0,
  };
}

/** 15 characters: `orderId(7)` is the seventh order. */
export const orderId = (n: number): string => `801000000${n.toString().padStart(6, '0')}`;

/** A subscription with everything it yields, and what it saved. */
export interface Watched {
  subscription: Subscription;
  deliveries: Delivery[];
  saved: string[];
  ends: string[];
  /** The record ids of the events that came, in order; `!` is undecodable, `?` a lost position. */
  seen: () => string[];
  /** What iterating ended with. */
  failure?: unknown;
}

export function watch(
  org: TestOrg,
  over: Partial<SubscriptionOptions> & { topic?: string; managed?: boolean; ack?: boolean } = {},
): Watched {
  const { topic = ORDERS, managed = false, ack = true, ...options } = over;
  const deliveries: Delivery[] = [];
  const saved: string[] = [];
  const ends: string[] = [];
  const subscription = subscribe({
    target: { endpoint: org.sf.pubsubEndpoint, insecure: true, topic, managed },
    gate: createLoginGate({
      login: org.login,
      isRefusal: () => false,
      refusedRetryMs: 60_000,
      failedRetryMs: 50,
    }),
    from: 'earliest',
    window: 100,
    silenceLimitMs: 20_000,
    backoff: { baseMs: 20, maxMs: 100 },
    refusedRetryMs: 200,
    gatherMs: 0,
    save: (position) => {
      saved.push(position);
      return Promise.resolve();
    },
    final: () => false,
    onEnd: (end) => ends.push(end.cause),
    ...options,
  });
  subscription
    .each((delivery) => {
      deliveries.push(delivery);
      if (ack) delivery.ack();
    })
    .catch((error: unknown) => (watched.failure = error));
  const watched: Watched = { subscription, deliveries, saved, ends, seen: () => deliveries.map(nameOf) };
  return watched;
}

function nameOf(delivery: Delivery): string {
  if (delivery.kind === 'position-lost') return '?';
  if (delivery.kind === 'undecodable') return '!';
  const header = delivery.payload['ChangeEventHeader'] as { recordIds: string[] } | undefined;
  return header?.recordIds.join('+') ?? '-';
}
