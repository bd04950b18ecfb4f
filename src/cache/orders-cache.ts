import type { AccountId, OrderId } from '../domain/record-id';
import type { OrderView } from '../domain/views';
import type { CacheConnection } from './connection';
import { ACCOUNT_ORDERS_FIELD, accountGroup, ORDER_FIELD, orderGroup } from './groups';
import { CacheInvalidator } from './invalidator';
import type { CacheObserver, Oversized } from './observer';
import { checkPolicy, DEFAULT_POLICY, type CachePolicy } from './policy';
import type { CacheReply, Query, ReadOptions } from './query';
import { ReadThrough } from './read-through';
import { sourceLimitOf, type SourceLimit } from './source-limit';
import type { OrderSource } from './sources';

export interface OrdersCacheOptions {
  connection: CacheConnection;
  source: OrderSource;
  policy?: Partial<CachePolicy>;
  observer?: CacheObserver | undefined;
  /** Told when a value was too large to be cached: once for each TTL of it. */
  onOversized?: ((oversized: Oversized) => void) | undefined;
  /** Reads of the source by this process, of orders and lists: at a time, and in line (for `waitLimitMs` at most). */
  sourceLimit?: SourceLimit;
}

/** An order; the list of an account's orders. Read-through and never older than the last invalidation. */
export class OrdersCache extends CacheInvalidator {
  readonly #source: OrderSource;
  readonly #orders: ReadThrough<OrderView>;
  readonly #lists: ReadThrough<OrderView[]>;

  constructor(options: OrdersCacheOptions) {
    const { connection, observer, onOversized, sourceLimit = { running: 16, waiting: 1000 } } = options;
    super(connection, observer);
    this.#source = options.source;
    const policy = checkPolicy({ ...DEFAULT_POLICY, ...options.policy });
    const limit = sourceLimitOf(sourceLimit, policy.waitLimitMs);
    const shared = { connection, policy, observer, onOversized, limit, atWaitLimit: 'go-around' } as const;
    this.#orders = new ReadThrough(shared);
    this.#lists = new ReadThrough(shared);
  }

  /**
   * The order; `value` is undefined where Salesforce has none.
   * @throws what the source throws; SourceFailedError when it failed for another reader a moment ago; CacheOverloadedError;
   *   the reason of `signal`
   */
  readOrder(orderId: OrderId, options?: ReadOptions): Promise<CacheReply<OrderView>> {
    return this.#orders.read(new OrderQuery(orderId, this.#source), options);
  }

  /**
   * The account's orders; empty for an unknown account.
   * @throws as {@link readOrder}
   */
  async readAccountOrders(
    accountId: AccountId,
    options?: ReadOptions,
  ): Promise<{ value: OrderView[]; outcome: CacheReply<unknown>['outcome'] }> {
    const { value = [], outcome } = await this.#lists.read(new AccountOrdersQuery(accountId, this.#source), options);
    return { value, outcome };
  }
}

/** An order, as a query. A class, and the source's method called on it, so that a hit makes no functions. */
class OrderQuery implements Query<OrderView> {
  readonly cache = 'order';
  readonly field = ORDER_FIELD;
  readonly scope = 'order';
  readonly group: string;

  constructor(
    private readonly orderId: OrderId,
    private readonly source: OrderSource,
  ) {
    this.group = orderGroup(orderId);
  }

  read(): Promise<OrderView | undefined> {
    return this.source.readOrder(this.orderId);
  }

  records(order: OrderView): string[] {
    return order.items.map((item) => item.id);
  }
}

/** The list of an account's orders, as a query. */
class AccountOrdersQuery implements Query<OrderView[]> {
  readonly cache = 'account-orders';
  readonly field = ACCOUNT_ORDERS_FIELD;
  readonly scope = 'list';
  readonly group: string;

  constructor(
    private readonly accountId: AccountId,
    private readonly source: OrderSource,
  ) {
    this.group = accountGroup(accountId);
  }

  read(): Promise<OrderView[]> {
    return this.source.readAccountOrders(this.accountId);
  }

  records(orders: OrderView[]): string[] {
    return orders.flatMap((order) => [order.id, ...order.items.map((item) => item.id)]);
  }
}
