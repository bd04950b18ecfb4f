import { Registry } from 'prom-client';
import {
  CacheConnection,
  OrdersCache,
  registerCacheMetrics,
  type OrderId,
  type OrderSource,
  type OrderView,
} from '../../src/cache';
import { asyncCacheDedupe, bentocacheOnRedis, bentocacheOnTwoLevels } from './peers';
import { nodeRedis } from './raw';

/** A cache of orders, as one process of a portal has it. */
export interface Contestant {
  read: (orderId: OrderId) => Promise<OrderView | undefined>;
  /** Resolves when the invalidation is done, as far as the cache can tell. */
  invalidate: (orderId: OrderId) => Promise<unknown>;
  close: () => unknown;
}

/** Connects to the Redis at `url`, and reads `source` on a miss. */
export type Enter = (url: string, source: Pick<OrderSource, 'readOrder'>) => Promise<Contestant>;

const PRODUCT = 'OrdersCache';
const BY_HAND = 'read-through by hand';

/** The product, with metrics as the portal has them. */
const ordersCache: Enter = async (url, source) => {
  const connection = new CacheConnection({ url });
  const orders = new OrdersCache({
    connection,
    source: { readOrder: (orderId) => source.readOrder(orderId), readAccountOrders: () => Promise.resolve([]) },
    observer: registerCacheMetrics(new Registry()),
  });
  await connection.ready();
  return {
    read: async (orderId) => (await orders.readOrder(orderId)).value,
    invalidate: (orderId) => orders.invalidateOrder(orderId),
    close: () => connection.close(),
  };
};

/**
 * What is often written by hand: GET, else read and SET with a TTL; DEL to invalidate; concurrent reads in a process
 * share a promise.
 */
const readThroughByHand: Enter = async (url, source) => {
  const client = await nodeRedis(url);
  const flights = new Map<OrderId, Promise<OrderView | undefined>>();
  const key = (orderId: OrderId): string => `by-hand:${orderId}`;
  const look = async (orderId: OrderId): Promise<OrderView | undefined> => {
    const cached = await client.get(key(orderId));
    if (cached !== null) return JSON.parse(cached) as OrderView;
    const order = await source.readOrder(orderId);
    if (order !== undefined) await client.set(key(orderId), JSON.stringify(order), { EX: 300 });
    return order;
  };
  return {
    read: (orderId) => {
      const flight = flights.get(orderId) ?? look(orderId).finally(() => flights.delete(orderId));
      flights.set(orderId, flight);
      return flight;
    },
    invalidate: (orderId) => client.del(key(orderId)),
    close: () => client.destroy(),
  };
};

/** The product first, then its peers. The client is what a cache reads Redis with, so what its hits are measured against. */
export const CONTESTANTS: Record<string, { enter: Enter; client: 'node-redis' | 'ioredis' }> = {
  [PRODUCT]: { enter: ordersCache, client: 'node-redis' },
  [BY_HAND]: { enter: readThroughByHand, client: 'node-redis' },
  'async-cache-dedupe': { enter: asyncCacheDedupe, client: 'ioredis' },
  'bentocache on Redis': { enter: bentocacheOnRedis, client: 'ioredis' },
  'bentocache on memory and Redis': { enter: bentocacheOnTwoLevels, client: 'ioredis' },
};
export const CONTESTANT_NAMES = Object.keys(CONTESTANTS);
export { PRODUCT };

/** @throws Error where there is no contestant of that name */
export function enter(name: string, ...args: Parameters<Enter>): Promise<Contestant> {
  const contestant = CONTESTANTS[name];
  if (contestant === undefined) throw new Error(`There is no contestant ${name}`);
  return contestant.enter(...args);
}
