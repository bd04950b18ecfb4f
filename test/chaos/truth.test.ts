import { startSalesforce, type SalesforceEmulator } from '../../sandbox/salesforce';
import { seedAccounts, seedCatalog, seedDraftOrder, type SeededCatalog } from '../../sandbox/salesforce/seed';
import { held, type Thing } from '../../chaos/shown';
import { TOPICS } from '../../chaos/topics';
import { Truth } from '../../chaos/truth';

let org: SalesforceEmulator;
let truth: Truth;
let catalog: SeededCatalog;
let accountId: string;
let orderId: string;
let itemId: string;

beforeEach(async () => {
  org = await startSalesforce();
  truth = new Truth(org);
  catalog = seedCatalog(org.store, by());
  [accountId = ''] = seedAccounts(org.store, by(), 1);
  ({
    orderId,
    itemIds: [itemId = ''],
  } = seedDraftOrder(org.store, by(), catalog, { accountId }));
});
afterEach(() => org.close());

const by = () => ({ userId: org.salesUserId });
const end = (topic: string): bigint => org.events.topics.get(topic)!.log.tip;
const update = (object: string, id: string, fields: object): void =>
  org.store.transaction(by(), (tx) => tx.update(object, id, fields as Record<string, unknown>));
const isStale = (thing: Thing, text: string): boolean => truth.isStale(thing, text, performance.now() + 1);

it.each<[string, () => Thing, string, () => void]>([
  ['an order', () => ({ order: orderId }), TOPICS.Order, () => update('Order', orderId, { Status: 'Approved' })],
  ['a list', () => ({ listOf: accountId }), TOPICS.Order, () => update('Order', orderId, { Status: 'Approved' })],
  ['an item', () => ({ order: orderId }), TOPICS.OrderItem, () => update('OrderItem', itemId, { Quantity: 3 })],
  [
    'a price',
    () => 'catalog',
    TOPICS.PricebookEntry,
    () => update('PricebookEntry', catalog.products[0]!.pricebookEntryId, { UnitPrice: 1 }),
  ],
  ['a product', () => 'catalog', TOPICS.Product2, () => update('Product2', catalog.products[0]!.id, { Name: 'Other' })],
])(
  'the old version of %s is stale once the checkpoint has passed the change, and not before',
  (_, of, topic, change) => {
    const thing = of();
    const old = held(org.store, thing);
    const before = end(topic);
    change();
    const asked = performance.now();
    truth.passed(topic, before);
    expect([isStale(thing, old), isStale(thing, held(org.store, thing))]).toEqual([false, false]);
    truth.passed(topic, end(topic));
    expect(isStale(thing, old)).toBe(true);
    expect(truth.isStale(thing, old, asked)).toBe(false);
    expect(isStale(thing, held(org.store, thing))).toBe(false);
  },
);

it('a newer version than the one that must be shown is as good, and so is an old one that came back', () => {
  const thing = { order: orderId };
  const old = held(org.store, thing);
  update('Order', orderId, { Status: 'Approved' });
  truth.passed(TOPICS.Order, end(TOPICS.Order));
  update('Order', orderId, { Status: 'Cancelled' });
  expect([isStale(thing, held(org.store, thing)), isStale(thing, old)]).toEqual([false, true]);
  update('Order', orderId, { Status: 'Draft' });
  expect(isStale(thing, old)).toBe(false);
});

it('a change whose own event was held back is not known of by the events of others', async () => {
  const thing = { order: orderId };
  const old = held(org.store, thing);
  const publish = org.events.commit.bind(org.events);
  org.events.commit = () => undefined;
  org.faults.events.gap('Order', 'GAP_UPDATE', [orderId]);
  await Promise.resolve();
  update('Order', orderId, { Status: 'Approved' });
  org.events.commit = publish;
  truth.passed(TOPICS.Order, end(TOPICS.Order));
  expect(isStale(thing, old)).toBe(false);
});

it('that an order has come to a list is known by the event of the order, and not by those of its items', () => {
  const list = { listOf: accountId };
  const before = held(org.store, list);
  const { orderId: later } = seedDraftOrder(org.store, by(), catalog, { accountId });
  truth.passed(TOPICS.OrderItem, end(TOPICS.OrderItem));
  expect([isStale(list, before), isStale({ order: later }, '[]')]).toEqual([false, true]);
  truth.passed(TOPICS.Order, end(TOPICS.Order));
  expect(isStale(list, before)).toBe(true);
});

it('that an item has changed is known of a list from when it must show the order, and not before', () => {
  const list = { listOf: accountId };
  const before = held(org.store, list);
  const { orderId: later, itemIds } = seedDraftOrder(org.store, by(), catalog, { accountId });
  const created = end(TOPICS.Order);
  update('OrderItem', itemIds[0]!, { Quantity: 3 });
  truth.passed(TOPICS.OrderItem, end(TOPICS.OrderItem));
  // The topic of the orders is behind: whoever does not show the order yet shows no old version of its item.
  expect([isStale(list, before), isStale({ order: later }, '[]')]).toEqual([false, true]);
  const withOrder = held(org.store, list);
  update('OrderItem', itemIds[0]!, { Quantity: 4 });
  truth.passed(TOPICS.Order, created);
  expect([isStale(list, before), isStale(list, withOrder)]).toEqual([true, false]);
  truth.passed(TOPICS.OrderItem, end(TOPICS.OrderItem));
  expect(isStale(list, withOrder)).toBe(true);
});
