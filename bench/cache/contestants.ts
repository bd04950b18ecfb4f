import { createClient } from 'redis';
import { CacheConnection, OrdersCache, type OrderId, type OrderSource, type OrderView } from '../../src/cache';

/** A cache of orders, as one process of a portal has it. */
export interface Contestant {
  read(orderId: OrderId): Promise<OrderView | undefined>;
  /** Resolves when the invalidation is done. */
  invalidate(orderId: OrderId): Promise<unknown>;
  close(): void;
}

export const CONTESTANTS = {
  /** The product. */
  OrdersCache: async (url: string, source: OrderSource): Promise<Contestant> => {
    const connection = new CacheConnection({ url });
    const orders = new OrdersCache({ connection, source });
    await connection.ready();
    return {
      read: async (orderId) => (await orders.readOrder(orderId)).value,
      invalidate: (orderId) => orders.invalidateOrder(orderId),
      close: () => connection.close(),
    };
  },

  /**
   * What is often written by hand: GET, else read and SET with a TTL; DEL to invalidate; concurrent reads in a process
   * share a promise.
   */
  'read-through by hand': async (url: string, source: OrderSource): Promise<Contestant> => {
    const client = await rawClient(url);
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
  },
} as const;

export type ContestantName = keyof typeof CONTESTANTS;
export const CONTESTANT_NAMES = Object.keys(CONTESTANTS) as ContestantName[];

/** node-redis, connected, with the settings that the product's connection has. */
export async function rawClient(url: string) {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    pingInterval: 3_000,
    socket: { connectTimeout: 2_000, socketTimeout: 10_000, keepAlive: true },
  });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
