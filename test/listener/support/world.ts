import pino from 'pino';
import { Registry } from 'prom-client';
import { createClient } from 'redis';
import { DEFAULT_CUSTOMER_FACING_ORDER_FIELDS, DEFAULT_PROVISION_STATUSES } from '../../../src/domain/decision';
import {
  createListener,
  type Listener,
  type ListenerConfig,
  type ListenerDeps,
  type ListenerLimits,
} from '../../../src/listener';
import { DEFAULT_FIELDS } from '../../../src/salesforce';
import type { OrderWorkflows } from '../../../src/temporal/orders';
import { ITEMS, ORDERS, type TestOrg } from './org';

/** Limits that make a test quick. */
export const QUICK_LIMITS: Partial<ListenerLimits> = {
  leaseTtlMs: 1_500,
  leaseRenewMs: 300,
  leasePollMs: 100,
  // A checkpoint that is wrong is seen at once.
  gatherMs: 0,
  reconnect: { baseMs: 20, maxMs: 200 },
  effect: { baseMs: 20, maxMs: 100 },
  refusedRetryMs: 300,
};

export function configFor(org: TestOrg, over: Partial<ListenerConfig> = {}): ListenerConfig {
  return {
    pubsub: { endpoint: org.sf.pubsubEndpoint, insecure: true },
    channels: {
      order: ORDERS,
      orderItem: ITEMS,
      product: '/data/Product2ChangeEvent',
      pricebookEntry: '/data/PricebookEntryChangeEvent',
    },
    replayFrom: 'earliest',
    silenceLimitMs: 20_000,
    provisionStatuses: DEFAULT_PROVISION_STATUSES,
    customerFacingFields: DEFAULT_CUSTOMER_FACING_ORDER_FIELDS,
    fulfilmentFields: DEFAULT_FIELDS.fulfilmentRequest,
    ...over,
    limits: { ...QUICK_LIMITS, ...over.limits },
  };
}

/** The outside world in which effects take place: a ledger of what was made durable, which can be down or slow. */
export class Outside {
  /** In the order in which they became durable: `request 801…`, `tell 801… deleted`, `sweep key`, `order 801…`, `items …`, `catalog`, `all`. */
  readonly done: string[] = [];
  readonly requests: Parameters<OrderWorkflows['request']>[] = [];
  /** Of each sweep, in order: since when failed orders are meant as well. */
  readonly sweptSince: (number | undefined)[] = [];
  down = false;
  attempts = 0;
  /** Called before each effect; it may wait, or throw. */
  gate: (effect: string) => Promise<void> | void = () => undefined;

  readonly workflows: OrderWorkflows = {
    request: async (orderId, request) => {
      await this.#do(`request ${orderId}`);
      this.requests.push([orderId, request]);
    },
    tell: async (orderId, change) => {
      await this.#do(`tell ${orderId} ${change}`);
      return true;
    },
    isOpen: () => Promise.resolve(false),
    sweep: async (key, _reason, failedSince) => {
      await this.#do(`sweep ${key}`);
      this.sweptSince.push(failedSince);
    },
  };
  readonly caches: ListenerDeps['caches'] = {
    invalidateOrder: (orderId, accountId) =>
      this.#do(`order ${orderId}${accountId === undefined ? '' : ` of ${accountId}`}`),
    invalidateOrdersOfItems: (ids) => this.#do(`items ${ids.join('+')}`),
    invalidateCatalog: () => this.#do('catalog'),
    invalidateAll: () => this.#do('all'),
  };

  /** Effects that begin so wait at the gate. @returns what lets them pass */
  shut(prefix: string): () => void {
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    this.gate = (effect) => (effect.startsWith(prefix) ? opened : undefined);
    return open;
  }

  of(prefix: string): string[] {
    return this.done.filter((effect) => effect.startsWith(prefix));
  }

  async #do(effect: string): Promise<void> {
    this.attempts++;
    await this.gate(effect);
    if (this.down) throw new Error('the outside world is down');
    this.done.push(effect);
  }
}

export interface TestListener {
  listener: Listener;
  outside: Outside;
  metrics: Registry;
  logs: string[];
}

export async function connectRedis(url: string) {
  const redis = createClient({ url, disableOfflineQueue: true });
  redis.on('error', () => undefined);
  await redis.connect();
  return redis;
}
export type TestRedis = Awaited<ReturnType<typeof connectRedis>>;

export function makeListener(
  org: TestOrg,
  redis: ListenerDeps['redis'],
  over: Partial<ListenerConfig> = {},
  deps: Partial<ListenerDeps> & { outside?: Outside } = {},
): TestListener {
  const { outside = new Outside(), ...rest } = deps;
  const metrics = new Registry();
  const logs: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => void logs.push(line) });
  const { workflows, caches } = outside;
  const config = configFor(org, over);
  const listener = createListener({ config, login: org.login, workflows, caches, redis, logger, metrics, ...rest });
  return { listener, outside, metrics, logs };
}

/** A value of a metric, the sum over the label sets that have these labels. */
export async function metric(registry: Registry, name: string, labels: Record<string, string> = {}): Promise<number> {
  const found = await registry.getSingleMetric(`order_provisioning_listener_${name}`)?.get();
  const values = found?.values.filter((value) =>
    Object.entries(labels).every(([label, wanted]) => (value.labels as Record<string, unknown>)[label] === wanted),
  );
  return (values ?? []).reduce((sum, { value }) => sum + value, 0);
}
