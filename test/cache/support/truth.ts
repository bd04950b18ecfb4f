import { idSuffix, parseAccountId, parseOrderId, parseOrderItemId } from '../../../src/domain/record-id';
import type {
  AccountId,
  CatalogSource,
  CatalogView,
  OrderId,
  OrderItemId,
  OrderSource,
  OrderView,
} from '../../../src/cache';

/** The n-th id of each kind. */
const numbered = (prefix: string, n: number): string => {
  const id15 = prefix + String(n).padStart(12, '0');
  return id15 + idSuffix(id15);
};
export const orderId = (n: number): OrderId => parseOrderId(numbered('801', n));
export const accountId = (n: number): AccountId => parseAccountId(numbered('001', n));
export const itemId = (n: number): OrderItemId => parseOrderItemId(numbered('802', n));

/** Lets each read of the truth pass at once, or holds it until the test says so. */
export class Gate {
  #held: (() => void)[] | undefined;

  /** From now on reads wait, after they have seen the truth. */
  hold(): void {
    this.#held ??= [];
  }

  get waiting(): number {
    return this.#held?.length ?? 0;
  }

  /** Lets the oldest read that waits go on. */
  releaseOne(): void {
    this.#held?.shift()?.();
  }

  /** Lets all go on, and those who come. */
  open(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const release of held) release();
  }

  async pass(): Promise<void> {
    const held = this.#held;
    if (held !== undefined) await new Promise<void>((resolve) => held.push(resolve));
  }
}

/** What Salesforce holds: a source that can be changed, counted, held back and broken. */
export class Truth implements OrderSource, CatalogSource {
  readonly orders = new Map<OrderId, OrderView>();
  catalog: CatalogView = { priceBookId: null, products: [] };
  readonly gate = new Gate();
  reads = 0;
  failure: Error | undefined;

  async readOrder(id: OrderId): Promise<OrderView | undefined> {
    return this.#read(() => this.orders.get(id));
  }

  async readAccountOrders(id: AccountId): Promise<OrderView[]> {
    return this.#read(() => [...this.orders.values()].filter((order) => order.accountId === id));
  }

  async readCatalog(): Promise<CatalogView> {
    return this.#read(() => this.catalog);
  }

  async #read<T>(see: () => T): Promise<T> {
    this.reads++;
    // Seen first, held afterwards: a slow answer is an old answer.
    const seen = structuredClone(see());
    await this.gate.pass();
    if (this.failure !== undefined) throw this.failure;
    return seen;
  }

  put(n: number, change: Partial<OrderView> = {}): OrderView {
    const before = this.orders.get(orderId(n));
    const order: OrderView = { ...(before ?? blank(n)), ...change };
    this.orders.set(order.id, order);
    return order;
  }
}

function blank(n: number): OrderView {
  return {
    id: orderId(n),
    orderNumber: String(n),
    accountId: accountId(1),
    status: 'Draft',
    activationStatus: null,
    whmcsOrderId: null,
    effectiveDate: null,
    totalAmount: null,
    currency: null,
    items: [
      {
        id: itemId(n),
        productId: null,
        productName: null,
        quantity: 1,
        unitPrice: 1,
        billingCycle: null,
        whmcsServiceId: null,
      },
    ],
  };
}
