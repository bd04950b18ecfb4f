import { createCache } from 'async-cache-dedupe';
import { Redis } from 'ioredis';
import type { OrderId, OrderView } from '../../src/cache';
import type { Enter } from './contestants';

/**
 * The peers, set up as their own documentation shows it for Redis, with a TTL of the product's. Each invalidates the one
 * key of the order, which is its cheapest way: references (async-cache-dedupe) and tags (bentocache), which could find
 * an account's list too, cost it further commands.
 */
const TTL_SECONDS = 300;

/** README: `storage: { type: 'redis', options: { client: new Redis() } }`; deduplicates in the process. */
export const asyncCacheDedupe: Enter = async (url, source) => {
  const client = await ioredis(url);
  const cache = createCache({ ttl: TTL_SECONDS, storage: { type: 'redis', options: { client } } }).define(
    'order',
    (orderId: OrderId): Promise<OrderView | undefined> => source.readOrder(orderId),
  );
  return {
    read: (orderId) => cache.order(orderId),
    invalidate: (orderId) => cache.clear('order', orderId),
    close: () => client.disconnect(),
  };
};

/** One level, shared by all processes; a lock in the process keeps readers of a key from reading the source together. */
export const bentocacheOnRedis: Enter = async (url, source) => {
  const [{ BentoCache, bentostore }, { redisDriver }] = await Promise.all([
    import('bentocache'),
    import('bentocache/drivers/redis'),
  ]);
  const store = bentostore().useL2Layer(redisDriver({ connection: connectionOf(url) }));
  return ofBento(new BentoCache({ default: 'orders', stores: { orders: store } }), source);
};

/** Two levels, as its documentation recommends for many processes: memory, Redis, and a bus that tells of changes. */
export const bentocacheOnTwoLevels: Enter = async (url, source) => {
  const [{ BentoCache, bentostore }, { redisBusDriver, redisDriver }, { memoryDriver }] = await Promise.all([
    import('bentocache'),
    import('bentocache/drivers/redis'),
    import('bentocache/drivers/memory'),
  ]);
  const connection = connectionOf(url);
  const store = bentostore()
    .useL1Layer(memoryDriver({ maxSize: '10mb' }))
    .useL2Layer(redisDriver({ connection }))
    .useBus(redisBusDriver({ connection }));
  return ofBento(new BentoCache({ default: 'orders', stores: { orders: store } }), source);
};

interface Bento {
  getOrSet(options: {
    key: string;
    ttl: string;
    factory: () => Promise<OrderView | undefined>;
  }): Promise<OrderView | undefined>;
  delete(options: { key: string }): Promise<boolean>;
  disconnectAll(): Promise<void>;
}

function ofBento(bento: Bento, source: Parameters<Enter>[1]): Awaited<ReturnType<Enter>> {
  return {
    read: (orderId) =>
      bento.getOrSet({ key: `order:${orderId}`, ttl: `${TTL_SECONDS}s`, factory: () => source.readOrder(orderId) }),
    invalidate: (orderId) => bento.delete({ key: `order:${orderId}` }),
    close: () => bento.disconnectAll(),
  };
}

function connectionOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}

/** ioredis as it comes, connected. */
export async function ioredis(url: string): Promise<Redis> {
  const client = new Redis(url, { lazyConnect: true });
  await client.connect();
  return client;
}
