import { loadCast, type Cast, type DemoOrder, type Role } from '../../../sandbox/demo/cast';
import { EXPECTED } from '../../../sandbox/demo/expected';
import type { Shown } from '../../../sandbox/demo/portal';
import { verdictOf } from '../../../sandbox/demo/report';
import { isSound, judge, judgeTold, type Told } from '../../../sandbox/demo/verdict';
import { startSalesforce, type SalesforceEmulator } from '../../../sandbox/salesforce';
import type { Order } from '../../../sandbox/whmcs/entities';
import { ordersByMarker } from '../../../sandbox/whmcs/marked-orders';
import { MARKER_FIELD_NAME } from '../../../sandbox/whmcs/seed';
import { encodeFields, running, type Running } from '../whmcs/running';

let salesforce: SalesforceEmulator;
let books: Running;
let cast: Cast;

beforeEach(async () => {
  salesforce = await startSalesforce();
  books = await running();
  cast = loadCast(salesforce);
  cast.begin();
  for (const order of cast.orders) {
    if (order.role === 'approved')
      write(order, { WHMCS_Order_ID__c: await sell(order), Activation_Status__c: 'Activated' });
    if (order.role === 'bad product') write(order, { Activation_Status__c: 'Failed' });
  }
});
afterEach(async () => {
  await books.whmcs.close();
  await salesforce.close();
});

/** A WHMCS order with the order's marker, accepted. @returns its id */
async function sell({ id }: DemoOrder, { accept = true, marker = `${id}:item` } = {}): Promise<string> {
  const field = books.whmcs.store.products.get(1)!.customFields.find(({ name }) => name === MARKER_FIELD_NAME)!;
  const orderid = await books.order({ 'customfields[0]': encodeFields({ [field.id]: marker }) });
  if (accept) expect(await books.call('AcceptOrder', { orderid })).toMatchObject({ result: 'success' });
  return orderid;
}

function write({ id }: DemoOrder, fields: Record<string, unknown>): void {
  salesforce.store.transaction({ userId: salesforce.integrationUserId }, (tx) => tx.update('Order', id, fields));
}

const of = (role: Role): DemoOrder => cast.orders.find((order) => order.role === role)!;

function whmcsOrderOf({ id }: DemoOrder): Order {
  return ordersByMarker(books.whmcs.store).get(id)![0]!;
}

/** Every fault, with the role of its order. */
function faults(): string[] {
  const judgement = judge(cast, { salesforce, whmcs: books.whmcs });
  expect(isSound(judgement)).toBe(false);
  expect(verdictOf(judgement)).toContain('Verdict: NOT sound.');
  const own = judgement.findings.flatMap(({ order, faults: each }) => each.map((fault) => `${order.role}: ${fault}`));
  return [...own, ...judgement.faults];
}

test('sound books are sound', () => {
  const judgement = judge(cast, { salesforce, whmcs: books.whmcs });
  expect(judgement.findings.flatMap((finding) => finding.faults)).toEqual([]);
  expect(isSound(judgement)).toBe(true);
  expect(verdictOf(judgement)).toMatch(/^Verdict: sound\. 20 approved orders/);
});

test.each<[string, () => unknown, RegExp[]]>([
  ['a doubled order', () => sell(of('approved')), [/^approved: 2 WHMCS orders instead of one$/]],
  ['a doubled order, left Pending', () => sell(of('approved'), { accept: false }), [/^approved: 2 WHMCS orders/]],
  [
    'an order left Pending',
    () => books.whmcs.store.setOrderStatus(whmcsOrderOf(of('approved')), 'Pending'),
    [/^approved: WHMCS order \d+ is Pending$/],
  ],
  [
    'no invoice',
    () => books.whmcs.store.invoices.delete(whmcsOrderOf(of('approved')).invoiceId),
    [/^approved: WHMCS order \d+ has no invoice$/],
  ],
  [
    'no WHMCS order at all',
    () => books.whmcs.store.orders.delete(whmcsOrderOf(of('approved')).id),
    [/^approved: 0 WHMCS orders instead of one$/],
  ],
  [
    'another id in Salesforce',
    () => write(of('approved'), { WHMCS_Order_ID__c: '999' }),
    [/^approved: Salesforce names WHMCS order "999", the marker is on \d+$/],
  ],
  [
    'never activated',
    () => write(of('approved'), { Activation_Status__c: 'Activating' }),
    [/^approved: Activation status is "Activating"$/],
  ],
  ['an order without a marker', () => books.order(), [/^WHMCS order \d+ \(Pending\) is nobody's: no marker$/]],
  ['a marker of a stranger', () => sell(of('approved'), { marker: '801000000000001AAA:item' }), [/nobody's/]],
  [
    'the provisioned one sold again',
    () => sell(of('already provisioned')),
    [/^already provisioned: 1 WHMCS order\(s\) that nobody/],
  ],
  [
    'the provisioned one given another id',
    () => write(of('already provisioned'), { WHMCS_Order_ID__c: '1' }),
    [/^already provisioned: Salesforce names WHMCS order "1", not "90210"$/],
  ],
  ['the cancelled one sold', () => sell(of('cancelled')), [/^cancelled: 1 WHMCS order\(s\) that nobody/]],
  [
    'the cancelled one touched',
    () => write(of('cancelled'), { Activation_Status__c: 'Failed' }),
    [/^cancelled: Activation status is "Failed"$/],
  ],
  ['the bad product sold', () => sell(of('bad product')), [/^bad product: 1 WHMCS order\(s\) that nobody/]],
  [
    'the bad product not told of',
    () => write(of('bad product'), { Activation_Status__c: null }),
    [/^bad product: Activation status is ""$/],
  ],
  [
    'an approval that was taken back',
    () => write(of('approved'), { Status: 'Draft' }),
    [/^approved: Status in Salesforce is "Draft"$/],
  ],
])('%s is not', async (_name, spoil, expected) => {
  await spoil();
  expect(faults()).toEqual(expected.map((pattern) => expect.stringMatching(pattern) as string));
});

describe('what Temporal and the portal told', () => {
  const ROLES = Object.keys(EXPECTED) as Role[];

  /** As it should be, but for what is given. */
  function told(role: Role, spoilt: { phase?: string; before?: Partial<Shown>; after?: Partial<Shown> }): string[] {
    const { phase, before, after } = EXPECTED[role];
    const all: Told = {
      phases: new Map([['ID', spoilt.phase ?? phase]]),
      before: new Map([['ID', { ...before, cache: 'hit', ...spoilt.before }]]),
      after: new Map([['ID', { ...after, cache: 'miss', ...spoilt.after }]]),
    };
    return judgeTold({ id: 'ID', accountId: '', role }, all);
  }

  test.each(ROLES)('%s: as it should be has no fault', (role) => {
    expect(told(role, {})).toEqual([]);
  });

  test.each<[string, Role, Parameters<typeof told>[1], RegExp]>([
    [
      'the event of the provisioned one was lost',
      'already provisioned',
      { phase: 'no run' },
      /The run is "no run", not "Skipped"/,
    ],
    ['the cancelled one got a run', 'cancelled', { phase: 'Skipped' }, /The run is "Skipped", not "no run"/],
    ['nobody could be asked', 'approved', { phase: 'unknown' }, /The run is "unknown"/],
    ['it did not wait for a person', 'bad product', { phase: 'Cancelled' }, /not "AwaitingReprovision"/],
    ['the cancelled one is shown as it was', 'cancelled', { after: { status: 'Draft' } }, /shows it as "Draft"/],
    ['a stale value', 'approved', { after: { status: 'Draft', activation: null } }, /shows it as "Draft"/],
    ['the cache never held it', 'approved', { before: { cache: 'miss' } }, /cache did not hold before/],
    [
      'the portal did not answer at first',
      'approved',
      { before: { status: 'HTTP 502' } },
      /showed it as "HTTP 502" before/,
    ],
    [
      'it was activated before',
      'approved',
      { before: { activation: 'Activated' } },
      /showed it as "Draft, Activated" before/,
    ],
  ])('%s', (_name, role, spoilt, fault) => {
    expect(told(role, spoilt)).toEqual([expect.stringMatching(fault)]);
  });

  test('nothing at all is three faults', () => {
    const nothing = { phases: new Map(), before: new Map(), after: new Map() };
    expect(judgeTold({ id: 'ID', accountId: '', role: 'approved' }, nothing)).toHaveLength(3);
  });
});
