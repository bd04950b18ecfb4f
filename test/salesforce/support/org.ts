import {
  startSalesforce,
  type SalesforceEmulator,
  type SalesforceOptions as EmulatorOptions,
} from '../../../sandbox/salesforce';
import {
  seedAccounts,
  seedCatalog,
  seedDraftOrder,
  setOrderStatus,
  type SeededCatalog,
} from '../../../sandbox/salesforce/seed';
import { parseOrderId, parseOrderItemId, type OrderId, type OrderItemId } from '../../../src/domain/order';
import { createSalesforce, type Salesforce, type SalesforceOptions } from '../../../src/salesforce';

/** An org with a catalog and an account, and the product's Salesforce against it. */
export class Org {
  readonly accountId: string;
  readonly catalog: SeededCatalog;
  readonly salesforce: Salesforce;

  private constructor(readonly emulator: SalesforceEmulator) {
    this.catalog = seedCatalog(emulator.store, this.sales);
    this.accountId = seedAccounts(emulator.store, this.sales, 1)[0]!;
    this.salesforce = this.connect();
  }

  static async start(options?: EmulatorOptions): Promise<Org> {
    return new Org(await startSalesforce(options));
  }

  get sales() {
    return { userId: this.emulator.salesUserId };
  }

  /** Another one, with settings of its own and no session. */
  connect(given: Partial<SalesforceOptions> = {}): Salesforce {
    const { loginUrl, credentials } = this.emulator;
    const { clientId, clientSecret } = credentials;
    return createSalesforce({ loginUrl, clientId, credentials: { clientSecret }, timeoutMs: 5_000, ...given });
  }

  /** An order with that many items; approved unless told otherwise. */
  order(items = 1, status = 'Approved', fields: Record<string, unknown> = {}): { id: OrderId; itemIds: OrderItemId[] } {
    const { store } = this.emulator;
    const draft = {
      accountId: this.accountId,
      items: Array.from({ length: items }, () => ({ code: 'HOST-START' })),
    };
    const { orderId, itemIds } = seedDraftOrder(store, this.sales, this.catalog, draft);
    setOrderStatus(store, this.sales, [orderId], status);
    if (Object.keys(fields).length > 0) this.update('Order', orderId, fields);
    return { id: parseOrderId(orderId), itemIds: itemIds.map(parseOrderItemId) };
  }

  /** Approved orders without items, made in one go. */
  orders(count: number): OrderId[] {
    const fields = { AccountId: this.accountId, Pricebook2Id: this.catalog.pricebookId, EffectiveDate: '2026-01-15' };
    const ids = this.emulator.store.transaction(this.sales, (tx) =>
      Array.from({ length: count }, () => {
        const id = tx.create('Order', { ...fields, Status: 'Draft' });
        tx.update('Order', id, { Status: 'Approved' });
        return id;
      }),
    );
    return ids.map(parseOrderId);
  }

  update(object: string, id: string, fields: Record<string, unknown>): void {
    this.emulator.store.transaction(this.sales, (tx) => tx.update(object, id, fields));
  }

  delete(object: string, id: string): void {
    this.emulator.store.transaction(this.sales, (tx) => tx.delete(object, id));
  }

  /** API requests since the last {@link forget}, without logins: `GET query`, `PATCH composite/sobjects`. */
  requests(): string[] {
    return this.emulator.rest.ledger.entries
      .filter(({ path }) => path.startsWith('/services/data/'))
      .map(
        ({ method, path }) => `${method} ${path.replace(/^\/services\/data\/v[\d.]+\//, '').replace(/\/801\w+$/, '')}`,
      );
  }

  get logins(): number {
    return this.emulator.rest.logins.counts.accepted;
  }

  /** Clears faults, permissions and the ledger. */
  forget(): void {
    this.emulator.rest.faults.clear();
    this.emulator.rest.permissions.clear();
    this.emulator.rest.ledger.clear();
  }
}
