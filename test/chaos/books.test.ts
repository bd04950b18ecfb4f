import { judgeBooks } from '../../chaos/books';
import { plan } from '../../chaos/mutant';
import type { World } from '../../chaos/world';
import type { WorkOrder } from '../../chaos/workload';
import { startSalesforce, type SalesforceEmulator } from '../../sandbox/salesforce';
import { seedAccounts, seedCatalog, seedDraftOrder } from '../../sandbox/salesforce/seed';
import { startWhmcs, type Order, type WhmcsEmulator } from '../../sandbox/whmcs';
import { product } from '../../sandbox/whmcs/seed';

/** What the checker says of books that are as no build of the product leaves them. */

let salesforce: SalesforceEmulator;
let whmcs: WhmcsEmulator;
let sold: WorkOrder;
let itemId: string;

beforeEach(async () => {
  [salesforce, whmcs] = await Promise.all([startSalesforce(), startWhmcs()]);
  const [accountId = ''] = seedAccounts(salesforce.store, by(), 1);
  const catalog = seedCatalog(salesforce.store, by());
  const { orderId, itemIds } = seedDraftOrder(salesforce.store, by(), catalog, { accountId });
  sold = { id: orderId, role: 'approved', account: 0, items: ['HOST-START'], edit: 'none' };
  [itemId = ''] = itemIds;
  const order = addOrder(`${orderId}:${itemId}`, 'Active');
  salesforce.store.transaction(by(), (tx) => {
    tx.update('Order', orderId, { Activation_Status__c: 'Activated', WHMCS_Order_ID__c: String(order.id) });
    tx.update('OrderItem', itemId, { WHMCS_Service_ID__c: String(order.serviceIds[0]) });
  });
});
afterEach(() => Promise.all([salesforce.close(), whmcs.close()]));

const by = () => ({ userId: salesforce.salesUserId });

/** An order of one service with its invoice. */
function addOrder(marker: string | undefined, status: Order['status']): Order {
  const { store } = whmcs;
  const { id: pid, customFields } = store.products.get(1) ?? product({ id: 1, name: 'Starter Hosting' });
  const head = { clientId: 1, paymentmethod: 'mailin' };
  const invoiceId = store.nextId('invoice');
  const order: Order = {
    ...head,
    id: store.nextId('order'),
    ordernum: '1',
    date: store.timestamp(),
    status,
    amount: '9.95',
    invoiceId,
    serviceIds: [],
  };
  store.addOrder(order);
  store.addService({
    ...head,
    id: store.nextId('service'),
    orderId: order.id,
    pid,
    qty: 1,
    domain: '',
    regdate: store.today(),
    nextduedate: store.today(),
    firstpaymentamount: '9.95',
    recurringamount: '9.95',
    billingcycle: 'Monthly',
    status: status === 'Active' ? 'Active' : 'Pending',
    username: '',
    notes: '',
    customFields: new Map(marker === undefined ? [] : [[customFields[0]!.id, marker]]),
  });
  const dates = { date: store.today(), duedate: store.today() };
  store.addInvoice({ ...head, ...dates, id: invoiceId, total: '9.95', status: 'Unpaid', items: [] });
  return order;
}

function problems(orders: WorkOrder[] = [sold]): string[] {
  return judgeBooks({ salesforce, whmcs } as unknown as World, orders, plan([])).problems;
}

describe('the checker of the books', () => {
  it('has nothing to say of an order that was sold once', () => {
    expect(problems()).toEqual([]);
  });

  it('sees an order without a marker, which no look-up finds', () => {
    const { id } = addOrder(undefined, 'Active');
    expect(problems()).toEqual([`WHMCS order ${id} names no order of Salesforce`]);
  });

  it('takes the marker from the notes of a service whose field has lost it', () => {
    const [service] = [...whmcs.store.services.values()];
    service?.customFields.clear();
    expect(problems()).toContainEqual(expect.stringMatching(/^WHMCS order \d+ names no order of Salesforce$/));
    Object.assign(service ?? {}, { notes: `Paid by cheque\n${sold.id}:${itemId}` });
    expect(problems()).toEqual([]);
  });

  it('sees an order of none of the orders', () => {
    expect(problems([])).toEqual([`WHMCS has an order for ${sold.id}, which is none`]);
  });

  it('sees what was left Pending', () => {
    const { id } = addOrder(`${sold.id}:${itemId}`, 'Pending');
    expect(problems()).toContain(`WHMCS order ${id} was left Pending`);
  });
});
