import { setTimeout as sleep } from 'node:timers/promises';
import { CATALOG, seedAccounts, seedCatalog, seedDraftOrder, type SeededCatalog } from '../sandbox/salesforce/seed';
import type { Row } from '../sandbox/salesforce/store/types';
import { ACCOUNTS } from './derive';
import { counted, type Struck } from './faults/strike';
import type { Plan, PlannedOrder } from './plan';
import type { Progress } from './progress';
import { REQUEST_EVENT } from './topics';
import type { World } from './world';

/** Approved orders that may be under way at once, as long as nothing waits for more. */
const WINDOW = 6;
const LOOK_EVERY_MS = 20;
/** Orders are approved by people: a fault that lasts over some approvals lasts for a while. */
const PAUSE_MS = 150;
const PAUSE_IN_TROUBLE_MS = 800;

/** Sold in dollars only: whether a client can have it depends on the currency in which it pays. */
const CERTIFICATE = {
  ...{ name: 'Certificate', code: 'CERT', family: 'Security', whmcsProductId: '9' },
  ...{ unitPrice: 49, billingCycle: 'annually' },
};

/** Orders that a fault has need of. */
export const THAT_SELLS = { role: 'approved', items: ['HOST-START', 'BACKUP'] } as const;
export const THAT_SELLS_IN_ONE_CURRENCY = { role: 'approved', items: ['HOST-START', 'CERT'] } as const;
export const THAT_FAILS = { role: 'unlinked', items: ['VPS-S', 'MAINFRAME'] } as const;

export interface WorkOrder extends PlannedOrder {
  id: string;
}

/** People at work in Salesforce: they approve, cancel and leave alone, whatever the rest of the world is doing. */
export class Workload {
  readonly orders: WorkOrder[] = [];
  private readonly approvedIds: string[] = [];
  private readonly catalog: SeededCatalog;
  private readonly accounts: string[];
  private disguised: { as: 'gap' | 'overflow'; of: number; left: number } | undefined;

  constructor(
    private readonly world: Pick<World, 'salesforce'>,
    private readonly plan: Plan,
    private readonly progress: Progress,
  ) {
    const { store } = world.salesforce;
    this.catalog = seedCatalog(store, this.by, [...CATALOG, CERTIFICATE]);
    this.accounts = seedAccounts(store, this.by, ACCOUNTS);
  }

  /** Ids of the orders that were approved so far, oldest first. */
  get approved(): readonly string[] {
    return this.approvedIds;
  }

  accountOf({ account }: PlannedOrder): string {
    return this.accounts[account % this.accounts.length]!;
  }

  /** Approves (or else) the orders of the plan one after another. @throws the signal's reason when it comes first */
  async run(signal: AbortSignal): Promise<void> {
    try {
      await this.approveAll(signal);
      // No order that is created Approved can be approved in disguise, and no other may have come.
      if (this.disguised !== undefined && this.disguised.left === this.disguised.of) this.sell(THAT_SELLS);
    } finally {
      this.endDisguise();
      this.progress.finishApprovals();
    }
  }

  /** An order besides those of the plan, approved at once: a fault need not wait for one to strike. */
  sell({ role, items }: { role: PlannedOrder['role']; items: readonly string[] }): void {
    const planned: PlannedOrder = { role, items: [...items], account: this.orders.length, edit: 'none' };
    this.decide(this.create(planned));
  }

  /** The next `count` approvals make no event of their own: each makes a gap event, or one overflow event tells of all. */
  disguise(as: 'gap' | 'overflow', count: number): Struck {
    this.endDisguise();
    const disguised = { as, of: count, left: count };
    this.disguised = disguised;
    return counted(() => count - disguised.left, 'approvals');
  }

  private async approveAll(signal: AbortSignal): Promise<void> {
    // The next order is there as a draft, and read, while the one before it is approved.
    let draft: WorkOrder | undefined;
    for (const planned of [...this.plan.orders, undefined]) {
      while (this.unsettled() >= WINDOW && !this.progress.wantsApprovals) {
        await sleep(LOOK_EVERY_MS, undefined, { signal });
      }
      const next = planned && this.create(planned);
      if (draft !== undefined) {
        this.edit(draft);
        this.decide(draft);
      }
      draft = next;
      await sleep(this.progress.wantsApprovals ? PAUSE_IN_TROUBLE_MS : PAUSE_MS, undefined, { signal });
    }
  }

  private create(planned: PlannedOrder): WorkOrder {
    const isBornApproved = planned.role === 'created-approved';
    const draft = {
      accountId: this.accountOf(planned),
      items: planned.items.map((code) => ({ code })),
      fields: { Status: isBornApproved ? 'Approved' : 'Draft' },
    };
    const { orderId } = seedDraftOrder(this.world.salesforce.store, this.by, this.catalog, draft);
    const order = { ...planned, id: orderId };
    this.orders.push(order);
    if (isBornApproved) this.countApproved(orderId);
    return order;
  }

  private decide({ id, role }: WorkOrder): void {
    if (role === 'approved' || role === 'unlinked') this.approve(id);
    if (role === 'cancelled') this.write(id, 'Cancelled');
  }

  /** What somebody changes besides: in the order while it is a draft, or in what is on offer. */
  private edit({ id, role, edit }: WorkOrder): void {
    const { store } = this.world.salesforce;
    const [item] = store.rows('OrderItem').filter((each) => each['OrderId'] === id);
    const entry = store.get('PricebookEntry', String(item?.['PricebookEntryId']));
    const raised = (row: Row): number => Math.round(Number(row['UnitPrice']) * 100 + 100) / 100;
    if (edit === 'none' || item === undefined || entry === undefined) return;
    store.transaction(this.by, (tx) => {
      // Of an order that is approved already, the quantity is sold.
      if (edit === 'item' && role !== 'created-approved') tx.update('OrderItem', item.Id, { Quantity: 2 });
      if (edit === 'item') tx.update('OrderItem', item.Id, { UnitPrice: raised(item) });
      if (edit === 'price') tx.update('PricebookEntry', entry.Id, { UnitPrice: raised(entry) });
      if (edit === 'product')
        tx.update('Product2', String(entry['Product2Id']), { Name: `Renamed with order ${this.orders.length}` });
    });
  }

  private approve(orderId: string): void {
    if (this.disguised === undefined) this.write(orderId, 'Approved');
    else this.approveInDisguise(orderId, this.disguised);
    this.countApproved(orderId);
  }

  private countApproved(orderId: string): void {
    const { events, salesUserId } = this.world.salesforce;
    const request = { OrderId__c: orderId, CorrelationId__c: `chaos-${this.approvedIds.length + 1}` };
    if (this.plan.mode === 'dual') events.publishPlatformEvent(REQUEST_EVENT, request, salesUserId);
    this.approvedIds.push(orderId);
    this.progress.count('approved');
  }

  private approveInDisguise(orderId: string, disguised: NonNullable<Workload['disguised']>): void {
    const { events, faults } = this.world.salesforce;
    const publish = events.commit.bind(events);
    events.commit = () => undefined;
    this.write(orderId, 'Approved');
    events.commit = publish;
    disguised.left -= 1;
    if (disguised.as === 'gap') faults.events.gap('Order', 'GAP_UPDATE', [orderId]);
    if (disguised.left === 0) this.endDisguise();
  }

  private endDisguise(): void {
    if (this.disguised?.as === 'overflow') this.world.salesforce.faults.events.overflow('Order');
    this.disguised = undefined;
  }

  private write(orderId: string, status: string): void {
    this.world.salesforce.store.transaction(this.by, (tx) => tx.update('Order', orderId, { Status: status }));
  }

  private unsettled(): number {
    const { store } = this.world.salesforce;
    const isSettled = (status: unknown): boolean => status === 'Activated' || status === 'Failed';
    return this.approvedIds.filter((id) => !isSettled(store.get('Order', id)?.['Activation_Status__c'])).length;
  }

  private get by(): { userId: string } {
    return { userId: this.world.salesforce.salesUserId };
  }
}
