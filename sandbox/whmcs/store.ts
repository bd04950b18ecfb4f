import type {
  Client,
  Currency,
  CustomField,
  Invoice,
  InvoiceStatus,
  Order,
  OrderStatus,
  PaymentMethod,
  Product,
  Service,
  ServiceStatus,
} from './entities';
import type { Ledger } from './ledger';

/** What a store is filled with. Ids must be unique; later ids count up from the highest. */
export interface Seed {
  currencies: Currency[];
  paymentMethods: PaymentMethod[];
  products: Product[];
  clients: Client[];
}

/** How this installation behaves where real ones differ. */
export interface Settings {
  /** AcceptOrder answers with the module's error message instead of success when a module create fails; the order is Active either way. */
  acceptReportsModuleError: boolean;
  /** CancelOrder and FraudOrder cancel an unpaid invoice. */
  cancelOrderCancelsInvoice: boolean;
}

export const DEFAULT_SETTINGS: Settings = { acceptReportsModuleError: false, cancelOrderCancelsInvoice: true };

type Sequence = 'order' | 'service' | 'invoice' | 'invoiceItem' | 'client';

/** Everything that this WHMCS knows, in memory. Each change of a status goes through it and into the ledger. */
export class Store {
  readonly currencies = new Map<number, Currency>();
  readonly paymentMethods: PaymentMethod[] = [];
  readonly products = new Map<number, Product>();
  readonly clients = new Map<number, Client>();
  readonly orders = new Map<number, Order>();
  readonly services = new Map<number, Service>();
  readonly invoices = new Map<number, Invoice>();
  settings: Settings = { ...DEFAULT_SETTINGS };
  /** `seq` of the call that is being executed; changes are attributed to it. */
  currentCall: number | null = null;
  /** Counts resets. A call that began before a reset must not write after it. */
  generation = 0;
  private readonly last = new Map<Sequence, number>();

  constructor(
    private readonly ledger: Ledger,
    readonly now: () => Date,
  ) {}

  /** Replaces all contents with a copy of the seed. Numbering starts again. */
  reset(seed: Seed): void {
    const copy = structuredClone(seed);
    this.generation += 1;
    for (const map of [this.currencies, this.products, this.clients, this.orders, this.services, this.invoices])
      map.clear();
    this.last.clear();
    this.paymentMethods.splice(0, Infinity, ...copy.paymentMethods);
    for (const currency of copy.currencies) this.currencies.set(currency.id, currency);
    for (const product of copy.products) this.products.set(product.id, product);
    for (const client of copy.clients) this.clients.set(client.id, client);
    this.last.set('client', Math.max(0, ...copy.clients.map((client) => client.id)));
    this.settings = { ...DEFAULT_SETTINGS };
  }

  /** The next id of a kind. Ids only increase and are not used again after a deletion, like MySQL's auto_increment. */
  nextId(sequence: Sequence): number {
    const id = (this.last.get(sequence) ?? 0) + 1;
    this.last.set(sequence, id);
    return id;
  }

  /** WHMCS's date: `2026-11-23`. */
  today(): string {
    return this.now().toISOString().slice(0, 10);
  }

  /** WHMCS's date and time: `2026-11-23 09:00:00`. */
  timestamp(): string {
    return this.now().toISOString().slice(0, 19).replace('T', ' ');
  }

  putClient(client: Client): void {
    const before = this.clients.get(client.id);
    this.clients.set(client.id, client);
    this.last.set('client', Math.max(this.last.get('client') ?? 0, client.id));
    this.record('client', client.id, before?.status ?? null, client.status);
  }

  putProduct(product: Product): void {
    const before = this.products.get(product.id);
    this.products.set(product.id, product);
    this.record('product', product.id, before?.name ?? null, product.name);
  }

  addOrder(order: Order): void {
    this.orders.set(order.id, order);
    this.record('order', order.id, null, order.status);
  }

  addService(service: Service): void {
    this.services.set(service.id, service);
    this.orders.get(service.orderId)?.serviceIds.push(service.id);
    this.record('service', service.id, null, service.status);
  }

  addInvoice(invoice: Invoice): void {
    this.invoices.set(invoice.id, invoice);
    this.record('invoice', invoice.id, null, invoice.status);
  }

  setOrderStatus(order: Order, status: OrderStatus): void {
    if (order.status === status) return;
    this.record('order', order.id, order.status, status);
    order.status = status;
  }

  setServiceStatus(service: Service, status: ServiceStatus): void {
    if (service.status === status) return;
    this.record('service', service.id, service.status, status);
    service.status = status;
  }

  setInvoiceStatus(invoice: Invoice, status: InvoiceStatus): void {
    if (invoice.status === status) return;
    this.record('invoice', invoice.id, invoice.status, status);
    invoice.status = status;
  }

  /** Removes the order with its services and its invoice. */
  deleteOrder(order: Order): void {
    for (const service of this.servicesOf(order)) {
      this.services.delete(service.id);
      this.record('service', service.id, service.status, null);
    }
    const invoice = this.invoices.get(order.invoiceId);
    if (invoice !== undefined) {
      this.invoices.delete(invoice.id);
      this.record('invoice', invoice.id, invoice.status, null);
    }
    this.orders.delete(order.id);
    this.record('order', order.id, order.status, null);
  }

  servicesOf(order: Order): Service[] {
    return order.serviceIds.flatMap((id) => this.services.get(id) ?? []);
  }

  /** The currency of a client; the first one if the client's is gone. */
  currencyOf(client: Client | undefined): Currency {
    const currency = this.currencies.get(client?.currency ?? 0) ?? [...this.currencies.values()][0];
    if (currency === undefined) throw new Error('The store has no currency: seed at least one.');
    return currency;
  }

  /** The custom fields of a service with their definitions, in the product's order, empty ones included. */
  customFieldsOf(service: Service): { field: CustomField; value: string }[] {
    const fields = this.products.get(service.pid)?.customFields ?? [];
    return fields.map((field) => ({ field, value: service.customFields.get(field.id) ?? '' }));
  }

  private record(
    entity: 'client' | 'product' | 'order' | 'service' | 'invoice',
    id: number,
    from: string | null,
    to: string | null,
  ): void {
    this.ledger.change({ call: this.currentCall, entity, id, from, to });
  }
}
