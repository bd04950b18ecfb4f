import { product } from '../../sandbox/whmcs/seed';
import type { SalesforceOrder } from '../../src/domain/order';
import { bench, failureOf, item, ITEM_IDS, order, ORDER_ID, type Bench } from './support/builders';

let b: Bench;
beforeAll(async () => (b = await bench()));
beforeEach(() => {
  b.emulator.reset();
  b.whmcs = b.connect();
});
afterAll(() => b.close());

const services = () => [...b.emulator.store.services.values()];
const added = () => b.emulator.ledger.calls('AddOrder');

describe('add', () => {
  it('sends one AddOrder with the marker on each line, and no secret in the address', async () => {
    const made = await b.whmcs.orders.add(order());
    expect(made).toEqual({ whmcsOrderId: '1', state: 'Pending' });
    expect(added()).toHaveLength(1);
    expect(added()[0]).toMatchObject({
      credentialInUrl: false,
      customFields: { 0: { 41: `${ORDER_ID}:${ITEM_IDS[0]}` } },
    });
    expect(services()).toMatchObject([{ pid: 1, status: 'Pending', billingcycle: 'Monthly', recurringamount: '9.95' }]);
  });

  it('makes one service for each unit, whatever the product makes of quantities', async () => {
    const items = [
      item({ quantity: 2, whmcsProductId: '1' }),
      item({ id: ITEM_IDS[1]!, quantity: 3, whmcsProductId: '5' }),
      item({ id: ITEM_IDS[2]!, quantity: 2, whmcsProductId: '6' }),
    ];
    await b.whmcs.orders.add(order({ items }));
    expect(services().map(({ pid, qty, customFields }) => [pid, qty, [...customFields.values()][0]])).toEqual([
      ...Array.from({ length: 2 }, () => [1, 1, `${ORDER_ID}:${ITEM_IDS[0]}`]),
      ...Array.from({ length: 3 }, () => [5, 1, `${ORDER_ID}:${ITEM_IDS[1]}`]),
      ...Array.from({ length: 2 }, () => [6, 1, `${ORDER_ID}:${ITEM_IDS[2]}`]),
    ]);
  });

  it('keeps price and cycle with their own lines', async () => {
    const items = [
      item({ billingCycle: null }),
      item({ id: ITEM_IDS[1]!, whmcsProductId: '2', billingCycle: 'Annually', unitPrice: 200 }),
      item({ id: ITEM_IDS[2]!, whmcsProductId: '4', unitPrice: 0 }),
    ];
    await b.whmcs.orders.add(order({ items }));
    expect(services().map((s) => [s.pid, s.billingcycle, s.recurringamount])).toEqual([
      [1, 'Monthly', '9.95'],
      [2, 'Annually', '200.00'],
      [4, 'Monthly', '0.00'],
    ]);
  });

  it('asks for the products once per process', async () => {
    await Promise.all([b.whmcs.orders.add(order()), b.whmcs.orders.add(order()), b.whmcs.orders.add(order())]);
    await b.whmcs.orders.add(order());
    expect(b.emulator.ledger.calls('GetProducts')).toHaveLength(1);
  });

  it('asks once more for a product that is new in WHMCS', async () => {
    await b.whmcs.orders.add(order());
    b.emulator.store.putProduct(product({ id: 77, name: 'New' }));
    await b.whmcs.orders.add(order({ items: [item({ whmcsProductId: '77' })] }));
    await b.whmcs.orders.add(order({ items: [item({ whmcsProductId: '77' })] }));
    expect(b.emulator.ledger.calls('GetProducts')).toHaveLength(2);
  });

  it('works with products that were unknown for want of an answer', async () => {
    b.emulator.faults.add({ kind: 'html500', action: 'GetProducts', count: 1 });
    expect((await failureOf(b.whmcs.orders.add(order()))).code).toBe('WHMCS_MAINTENANCE');
    await b.whmcs.orders.add(order());
  });
});

const bad: [string, Partial<SalesforceOrder>, string][] = [
  ['without a client', { whmcsClientId: null }, 'ACCOUNT_NOT_LINKED'],
  ['with a client id that is none', { whmcsClientId: '1 OR 1=1' }, 'ACCOUNT_NOT_LINKED'],
  ['without items', { items: [] }, 'ORDER_WITHOUT_ITEMS'],
  [
    'with a product not linked',
    { items: [item(), item({ id: ITEM_IDS[1]!, whmcsProductId: null })] },
    'PRODUCT_NOT_LINKED',
  ],
  ['with a product id that is none', { items: [item({ whmcsProductId: '1&pid[1]=2' })] }, 'PRODUCT_NOT_LINKED'],
  ['with half a unit', { items: [item({ quantity: 1.5 })] }, 'QUANTITY_INVALID'],
  ['with no unit', { items: [item({ quantity: 0 })] }, 'QUANTITY_INVALID'],
  ['with more units than PHP reads', { items: [item({ quantity: 201 })] }, 'QUANTITY_INVALID'],
  ['with an unknown cycle', { items: [item({ billingCycle: 'fortnightly' })] }, 'BILLING_CYCLE_INVALID'],
  ['with a cycle that has no price', { items: [item({ billingCycle: 'triennially' })] }, 'BILLING_CYCLE_INVALID'],
  [
    'with a cycle that has no price in the client’s currency',
    { whmcsClientId: '11', items: [item({ whmcsProductId: '9', billingCycle: 'annually' })] },
    'BILLING_CYCLE_INVALID',
  ],
  ['with a negative price', { items: [item({ unitPrice: -1 })] }, 'WHMCS_REFUSED'],
  ['with an unknown product', { items: [item({ whmcsProductId: '999' })] }, 'WHMCS_PRODUCT_NOT_FOUND'],
  [
    'with a product without the marker field',
    { items: [item({ whmcsProductId: '10' })] },
    'WHMCS_MARKER_FIELD_MISSING',
  ],
  ['in another currency', { currency: 'EUR' }, 'CURRENCY_MISMATCH'],
];

it.each(bad)('an order %s is refused before anything is sold', async (_name, given, code) => {
  const failure = await failureOf(b.whmcs.orders.add(order(given)));
  expect(failure).toMatchObject({ code, kind: 'permanent' });
  expect(added()).toHaveLength(0);
});

it('names each item at fault', async () => {
  const items = ITEM_IDS.map((id) => item({ id, whmcsProductId: null }));
  const { message } = await failureOf(b.whmcs.orders.add(order({ items })));
  for (const id of ITEM_IDS) expect(message).toContain(id);
});

it('sells 200 units in one order', async () => {
  await b.whmcs.orders.add(order({ items: [item({ quantity: 200, unitPrice: 1 })] }));
  expect(services()).toHaveLength(200);
});

it('asks for a client’s currency once', async () => {
  await b.whmcs.orders.add(order({ currency: 'USD' }));
  await b.whmcs.orders.add(order({ currency: 'usd' }));
  expect(b.emulator.ledger.calls('GetClientsDetails')).toHaveLength(1);
});

it('sees the correction of a client’s currency', async () => {
  await failureOf(b.whmcs.orders.add(order({ currency: 'EUR' })));
  b.emulator.store.putClient({ ...b.emulator.store.clients.get(1)!, currency: 2 });
  await b.whmcs.orders.add(order({ currency: 'EUR' }));
});

it('cancels an order of which WHMCS has left out a line', async () => {
  await b.whmcs.orders.add(order()); // the products are in memory now
  b.emulator.store.products.delete(2);
  const items = [item(), item({ id: ITEM_IDS[1]!, whmcsProductId: '2' })];
  expect(await failureOf(b.whmcs.orders.add(order({ items })))).toMatchObject({ code: 'WHMCS_REFUSED' });
  expect(b.emulator.store.orders.get(2)?.status).toBe('Cancelled');
  expect((await failureOf(b.whmcs.orders.add(order({ items })))).code).toBe('WHMCS_PRODUCT_NOT_FOUND');
});

describe('every fault of AddOrder', () => {
  const once = { action: '^AddOrder$', count: 1 } as const;
  it.each([
    [{ kind: 'commitThenLose', ...once }, 'WHMCS_AMBIGUOUS', 1],
    [{ kind: 'commitThenHtml', ...once }, 'WHMCS_AMBIGUOUS', 1],
    [{ kind: 'commitThen5xx', ...once }, 'WHMCS_AMBIGUOUS', 1],
    [{ kind: 'loseBeforeCommit', ...once }, 'WHMCS_AMBIGUOUS', 0],
    [{ kind: 'partialAdd', services: 0, ...once }, 'WHMCS_AMBIGUOUS', 1],
    [{ kind: 'truncatedJson', ...once }, 'WHMCS_AMBIGUOUS', 1],
    [{ kind: 'hugeBody', bytes: 40_000_000, ...once }, 'WHMCS_AMBIGUOUS', 1],
    [{ kind: 'html200', ...once }, 'WHMCS_AMBIGUOUS', 0],
    [{ kind: 'html500', ...once }, 'WHMCS_AMBIGUOUS', 0],
    [{ kind: '503', retryAfterSeconds: 7, ...once }, 'WHMCS_AMBIGUOUS', 0],
    [{ kind: '429', retryAfterSeconds: 7, ...once }, 'WHMCS_RATE_LIMITED', 0],
    [{ kind: '403ip', ...once }, 'WHMCS_CREDENTIALS_REFUSED', 0],
    [{ kind: '403auth', ...once }, 'WHMCS_CREDENTIALS_REFUSED', 0],
    [{ kind: '403permission', ...once }, 'WHMCS_CREDENTIALS_REFUSED', 0],
    [{ kind: 'businessError', message: 'Client ID Not Found', ...once }, 'WHMCS_CLIENT_NOT_FOUND', 0],
  ] as const)('%j is %s, and is sent once', async (fault, code, orders) => {
    b.emulator.faults.add(fault);
    const failure = await failureOf(b.whmcs.orders.add(order()));
    expect(failure.code).toBe(code);
    expect(added()).toHaveLength(1);
    expect(b.emulator.store.orders.size).toBe(orders);
    if (fault.kind === '429') expect(failure.retryAfterMs).toBe(7_000);
    expect(failure.message).not.toContain(b.emulator.credentials.secret);
  });

  it.each([{ kind: 'wrongContentType' }, { kind: 'phpWarning' }] as const)('%j is no obstacle', async (fault) => {
    b.emulator.faults.add({ ...fault, ...once });
    expect(await b.whmcs.orders.add(order())).toEqual({ whmcsOrderId: '1', state: 'Pending' });
  });

  it('a hanging answer ends with the time limit, ambiguous', async () => {
    b.emulator.faults.add({ kind: 'hang', commit: true, ...once });
    const failure = await failureOf(b.connect({ timeoutMs: 300 }).orders.add(order()));
    expect(failure).toMatchObject({ code: 'WHMCS_AMBIGUOUS', vendorCode: 'TimeoutError' });
  });

  it('a closed port is no ambiguity: nothing was sent', async () => {
    const closed = await bench();
    const { apiUrl } = closed.emulator;
    await closed.close();
    const failure = await failureOf(b.connect({ apiUrl }).orders.add(order()));
    expect(failure).toMatchObject({ code: 'WHMCS_UNREACHABLE', kind: 'retryable', vendorCode: 'ECONNREFUSED' });
  });

  it('wrong credentials are told, and not shown', async () => {
    const failure = await failureOf(b.connect({ secret: 'hunter2hunter2' }).orders.add(order()));
    expect(failure).toMatchObject({ code: 'WHMCS_CREDENTIALS_REFUSED', retryAfterMs: 300_000 });
    expect(JSON.stringify([failure.message, failure.vendorCode])).not.toContain('hunter2');
  });

  it('is counted by action and outcome', async () => {
    const seen: string[] = [];
    b.emulator.faults.add({ kind: 'commitThenLose', ...once });
    const whmcs = b.connect({ onCall: (action, outcome) => seen.push(`${action} ${outcome}`) });
    await failureOf(whmcs.orders.add(order()));
    expect(seen).toEqual(['GetProducts ok', 'AddOrder WHMCS_AMBIGUOUS']);
  });
});
