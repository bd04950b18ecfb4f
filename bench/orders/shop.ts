import type { SalesforceEmulator } from '../../sandbox/salesforce';
import {
  seedAccounts,
  seedCatalog,
  seedDraftOrder,
  setOrderStatus,
  type SeededCatalog,
} from '../../sandbox/salesforce/seed';
import { client, defaultSeed, type WhmcsEmulator } from '../../sandbox/whmcs';
import type { Seed } from '../../sandbox/whmcs/store';
import { parseOrderId, type OrderId } from '../../src/domain/order';

/** What each answer of a vendor takes, ms. */
export interface Delays {
  salesforceMs: number;
  whmcsMs: number;
}

/** What came of approved orders. */
export interface Books {
  orders: number;
  /** Not written back as Activated. */
  lost: number;
  /** With more than one order in WHMCS that is not cancelled: the customer has an invoice for each. */
  doubled: number;
  /** Of the doubled, those with more than one that is Active. */
  activeTwice: number;
}

/** Clients of WHMCS that the default contents have, a closed one among them. */
const GIVEN_CLIENTS = 13;

/** WHMCS with `customers` clients, for a {@link Shop} of as many orders. */
export function whmcsWith(customers: number): Seed {
  const seed = defaultSeed();
  const more = Array.from({ length: customers }, (_, index) => client({ id: GIVEN_CLIENTS + 1 + index }));
  return { ...seed, clients: [...seed.clients, ...more] };
}

/**
 * An org and its WHMCS. Each order has a customer of its own: whoever provisioned it, and whatever it wrote into it, the books
 * say by the client how many orders came of it, and no client's list of services grows from order to order.
 */
export class Shop {
  private readonly catalog: SeededCatalog;
  private readonly clients = new Map<OrderId, string>();
  /** When the order was written back as Activated, epoch ms. */
  private readonly writtenBack = new Map<OrderId, number>();
  private readonly waiting = new Map<OrderId, (at: number) => void>();

  constructor(
    readonly salesforce: SalesforceEmulator,
    /** Seeded by {@link whmcsWith}. */
    readonly whmcs: WhmcsEmulator,
  ) {
    this.catalog = seedCatalog(salesforce.store, this.by);
    salesforce.store.onCommit(({ changes }) => {
      const now = Date.now();
      for (const { object, id, before, after } of changes) {
        if (object !== 'Order' || after['Activation_Status__c'] !== 'Activated') continue;
        if (before?.['Activation_Status__c'] === 'Activated') continue;
        const orderId = parseOrderId(id);
        this.writtenBack.set(orderId, now);
        this.waiting.get(orderId)?.(now);
        this.waiting.delete(orderId);
      }
    });
  }

  private get by() {
    return { userId: this.salesforce.salesUserId };
  }

  /** Draft orders of one item, each with a customer of its own. */
  drafts(count: number): OrderId[] {
    const { store } = this.salesforce;
    return Array.from({ length: count }, () => {
      const clientId = String(GIVEN_CLIENTS + 1 + this.clients.size);
      const [accountId] = seedAccounts(store, this.by, 1, { WHMCS_Client_ID__c: clientId });
      const orderId = parseOrderId(seedDraftOrder(store, this.by, this.catalog, { accountId: accountId! }).orderId);
      this.clients.set(orderId, clientId);
      return orderId;
    });
  }

  /** Approves the orders in one transaction. @returns when it was committed, epoch ms */
  approve(orderIds: readonly OrderId[]): number {
    const at = Date.now();
    setOrderStatus(this.salesforce.store, this.by, orderIds, 'Approved');
    return at;
  }

  /** Resolves with when the order was written back as Activated, epoch ms. */
  activated(orderId: OrderId): Promise<number> {
    const at = this.writtenBack.get(orderId);
    return at === undefined ? new Promise((resolve) => this.waiting.set(orderId, resolve)) : Promise.resolve(at);
  }

  /** WHMCS's orders of the order's customer, by id and status. */
  books(orderId: OrderId): { id: number; status: string }[] {
    const clientId = Number(this.clients.get(orderId));
    return [...this.whmcs.store.orders.values()]
      .filter((order) => order.clientId === clientId)
      .map(({ id, status }) => ({ id, status }));
  }

  /** What came of these orders, read from the books of both vendors. */
  judge(orderIds: readonly OrderId[]): Books {
    const living = orderIds.map((id) => this.books(id).filter(({ status }) => status !== 'Cancelled'));
    const active = living.map((orders) => orders.filter(({ status }) => status === 'Active'));
    return {
      orders: orderIds.length,
      lost: orderIds.filter((id) => !this.writtenBack.has(id)).length,
      doubled: living.filter((orders) => orders.length > 1).length,
      activeTwice: active.filter((orders) => orders.length > 1).length,
    };
  }

  /** Every answer of the vendors takes this much longer from now on. Takes away what else was switched on. */
  delay({ salesforceMs, whmcsMs }: Delays): void {
    this.salesforce.rest.faults.clear();
    this.whmcs.faults.clear();
    if (salesforceMs > 0) {
      this.salesforce.rest.faults.add({ kind: 'latency', ms: salesforceMs, path: '^/services/data/' });
    }
    if (whmcsMs > 0) this.whmcs.faults.add({ kind: 'latency', ms: whmcsMs });
  }
}
