import type { AccountId, OrderId } from '../domain/record-id';
import type { OrderView } from '../domain/views';
import { ConcurrencyLimit } from './concurrency-limit';
import type { CacheConnection } from './connection';
import { ACCOUNT_ORDERS_FIELD, accountGroup, ORDER_FIELD, orderGroup } from './groups';
import { CacheInvalidator } from './invalidator';
import type { CacheObserver } from './observer';
import { checkPolicy, DEFAULT_POLICY, type CachePolicy } from './policy';
import type { CacheReply, Query } from './query';
import { ReadThrough } from './read-through';
import type { OrderSource } from './sources';

export interface OrdersCacheOptions {
  connection: CacheConnection;
  source: OrderSource;
  policy?: Partial<CachePolicy>;
  observer?: CacheObserver | undefined;
  /** Reads of Salesforce without Redis: at a time, and in line. */
  fallback?: { running: number; waiting: number };
}

/** An order; the list of an account's orders. Read-through and never older than the last invalidation. */
export class OrdersCache extends CacheInvalidator {
  readonly #source: OrderSource;
  readonly #orders: ReadThrough<OrderView>;
  readonly #lists: ReadThrough<OrderView[]>;

  constructor(options: OrdersCacheOptions) {
    const { connection, observer, fallback = { running: 8, waiting: 1000 } } = options;
    super(connection, observer);
    this.#source = options.source;
    const policy = checkPolicy({ ...DEFAULT_POLICY, ...options.policy });
    const shared = { connection, policy, observer, fallback: new ConcurrencyLimit(fallback.running, fallback.waiting) };
    this.#orders = new ReadThrough(shared);
    this.#lists = new ReadThrough(shared);
  }

  /**
   * The order; `value` is undefined where Salesforce has none.
   * @throws what the source throws; SourceFailedError when it failed for another reader a moment ago; CacheOverloadedError
   */
  readOrder(orderId: OrderId): Promise<CacheReply<OrderView>> {
    return this.#orders.read(this.#order(orderId));
  }

  /**
   * The account's orders; empty for an unknown account.
   * @throws as {@link readOrder}
   */
  async readAccountOrders(
    accountId: AccountId,
  ): Promise<{ value: OrderView[]; outcome: CacheReply<unknown>['outcome'] }> {
    const { value = [], outcome } = await this.#lists.read(this.#list(accountId));
    return { value, outcome };
  }

  #order(orderId: OrderId): Query<OrderView> {
    return {
      cache: 'order',
      group: orderGroup(orderId),
      field: ORDER_FIELD,
      scope: 'order',
      read: () => this.#source.readOrder(orderId),
      records: (order) => order.items.map((item) => item.id),
    };
  }

  #list(accountId: AccountId): Query<OrderView[]> {
    return {
      cache: 'account-orders',
      group: accountGroup(accountId),
      field: ACCOUNT_ORDERS_FIELD,
      scope: 'list',
      read: () => this.#source.readAccountOrders(accountId),
      records: (orders) => orders.flatMap((order) => [order.id, ...order.items.map((item) => item.id)]),
    };
  }
}
