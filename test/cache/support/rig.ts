import type { CacheConnection } from '../../../src/cache';
import {
  CatalogCache,
  OrdersCache,
  type CacheEvent,
  type CacheObserver,
  type CachePolicy,
  type Oversized,
} from '../../../src/cache';
import { PrivateRedis } from '../../support/private-redis';
import { HeldConnection } from './held-connection';
import { Truth, type Gate } from './truth';

/** Counts events. */
export class Tally implements CacheObserver {
  readonly counts: Partial<Record<CacheEvent, number>> = {};
  record(_cache: string, event: CacheEvent): void {
    this.counts[event] = (this.counts[event] ?? 0) + 1;
  }
  of(event: CacheEvent): number {
    return this.counts[event] ?? 0;
  }
}

export interface Client {
  connection: CacheConnection;
  orders: OrdersCache;
  catalog: CatalogCache;
  tally: Tally;
  /** What was told to be too large. */
  oversized: Oversized[];
  /** Holds this client's scripts. */
  gate: Gate;
}

export interface ClientOptions {
  policy?: Partial<CachePolicy>;
  readLimitMs?: number;
  breakerOpenMs?: number;
  url?: string | string[];
  sourceLimit?: { running: number; waiting: number };
}

/** A Redis, a truth, and any number of clients as other processes would be; all released together. */
export class Rig {
  readonly truth = new Truth();
  readonly #clients: Client[] = [];

  constructor(readonly redis: PrivateRedis) {}

  static async start(extra: readonly string[] = []): Promise<Rig> {
    return new Rig(await PrivateRedis.start(extra));
  }

  async client(options: ClientOptions = {}): Promise<Client> {
    const client = this.clientNow(options);
    await client.connection.ready();
    return client;
  }

  clientNow({ policy = {}, url = this.redis.url, sourceLimit, ...limits }: ClientOptions = {}): Client {
    const connection = new HeldConnection({ url, ...limits });
    const tally = new Tally();
    const oversized: Oversized[] = [];
    const onOversized = (value: Oversized): void => void oversized.push(value);
    const shared = { connection, source: this.truth, policy, observer: tally, onOversized };
    const orders = new OrdersCache({ ...shared, ...(sourceLimit === undefined ? {} : { sourceLimit }) });
    const client = { connection, tally, oversized, gate: connection.gate, orders, catalog: new CatalogCache(shared) };
    this.#clients.push(client);
    return client;
  }

  /** Between tests: nobody connected, nothing stored, nothing counted. */
  async reset(): Promise<void> {
    for (const { connection } of this.#clients.splice(0)) connection.close();
    this.truth.gate.open();
    this.truth.orders.clear();
    this.truth.reads = 0;
    this.truth.failure = undefined;
    await this.redis.command('FLUSHALL');
  }

  async stop(): Promise<void> {
    for (const { connection } of this.#clients.splice(0)) connection.close();
    await this.redis.stop();
  }
}
