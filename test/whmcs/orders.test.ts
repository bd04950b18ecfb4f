import { LIST_SHAPES } from '../../sandbox/whmcs/answer';
import { parseOrderId } from '../../src/domain/order';
import { bench, failureOf, item, ITEM_IDS, order, ORDER_ID, type Bench } from './support/builders';

const REF = { id: ORDER_ID, whmcsClientId: '1' };
const OTHER = order({ id: parseOrderId('801000000000002') });

let b: Bench;
beforeAll(async () => (b = await bench()));
beforeEach(() => {
  b.emulator.reset();
  b.whmcs = b.connect();
});
afterAll(() => b.close());

const statusOf = (id: number) => b.emulator.store.orders.get(id)?.status;
const calls = (action?: string) => b.emulator.ledger.calls(action).map((call) => call.action);
/** Adds `order()` so that its answer is lost. */
async function addAndLose(given = order()): Promise<void> {
  b.emulator.faults.add({ kind: 'commitThenLose', action: '^AddOrder$', count: 1 });
  expect((await failureOf(b.whmcs.orders.add(given))).code).toBe('WHMCS_AMBIGUOUS');
}

describe('the usual path', () => {
  it('is AddOrder, AcceptOrder and GetClientsProducts, once the products are known', async () => {
    await b.whmcs.orders.add(OTHER);
    b.emulator.ledger.clear();
    const { whmcsOrderId } = await b.whmcs.orders.add(order());
    const accepted = await b.whmcs.orders.accept(REF, whmcsOrderId);
    expect(calls()).toEqual(['AddOrder', 'AcceptOrder', 'GetClientsProducts']);
    expect(accepted).toEqual({ whmcsOrderId, services: [{ orderItemId: ITEM_IDS[0], serviceIds: ['2'] }] });
    expect(b.emulator.store.services.get(2)?.status).toBe('Active');
  });

  it('gives the services of each item, in the order of the items', async () => {
    const items = [item({ quantity: 2 }), item({ id: ITEM_IDS[1]!, whmcsProductId: '7' })];
    const { whmcsOrderId } = await b.whmcs.orders.add(order({ items }));
    expect((await b.whmcs.orders.accept(REF, whmcsOrderId)).services).toEqual([
      { orderItemId: ITEM_IDS[0], serviceIds: ['1', '2'] },
      { orderItemId: ITEM_IDS[1], serviceIds: ['3'] },
    ]);
  });
});

describe('find', () => {
  it('finds nothing for an order that was never added', async () => {
    await b.whmcs.orders.add(OTHER);
    expect(await b.whmcs.orders.find(order())).toBeUndefined();
    expect(statusOf(1)).toBe('Pending');
  });

  it.each(LIST_SHAPES)('finds an order whose answer was lost, lists being %s', async (shape) => {
    await addAndLose();
    b.emulator.faults.listShape = shape;
    expect(await b.whmcs.orders.find(order())).toEqual({ whmcsOrderId: '1', state: 'Pending' });
  });

  it('reads plain numbers as well', async () => {
    await addAndLose();
    b.emulator.faults.numbers = 'numbers';
    expect(await b.whmcs.orders.find(order())).toEqual({ whmcsOrderId: '1', state: 'Pending' });
  });

  it('looks at all pages', async () => {
    for (let i = 0; i < 3; i++) await b.whmcs.orders.add({ ...OTHER, items: [item({ quantity: 100 })] });
    await addAndLose();
    b.emulator.ledger.clear();
    expect(await b.whmcs.orders.find(order())).toEqual({ whmcsOrderId: '4', state: 'Pending' });
    expect(calls('GetClientsProducts')).toHaveLength(2);
  });

  it('takes the lowest of several and cancels the others', async () => {
    for (let i = 0; i < 11; i++) await addAndLose();
    expect(await b.whmcs.orders.find(order())).toEqual({ whmcsOrderId: '1', state: 'Pending' });
    expect([...b.emulator.store.orders.values()].filter(({ status }) => status === 'Pending')).toHaveLength(1);
    expect(statusOf(1)).toBe('Pending');
  });

  it('prefers the Active one to a lower Pending one', async () => {
    await addAndLose();
    await addAndLose();
    b.emulator.store.setOrderStatus(b.emulator.store.orders.get(2)!, 'Active');
    expect(await b.whmcs.orders.find(order())).toEqual({ whmcsOrderId: '2', state: 'Active' });
    expect([statusOf(1), statusOf(2)]).toEqual(['Cancelled', 'Active']);
  });

  it.each(['Cancelled', 'Fraud'] as const)(
    'takes an order that is %s for past, whatever its services are',
    async (status) => {
      await addAndLose();
      b.emulator.store.setOrderStatus(b.emulator.store.orders.get(1)!, status);
      expect(await b.whmcs.orders.find(order())).toBeUndefined();
      expect(calls('CancelOrder')).toEqual([]);
    },
  );

  it('cancels a partial order and says that there is none', async () => {
    const items = [item(), item({ id: ITEM_IDS[1]! })];
    b.emulator.faults.add({ kind: 'partialAdd', services: 1, action: '^AddOrder$', count: 1 });
    await failureOf(b.whmcs.orders.add(order({ items })));
    expect(await b.whmcs.orders.find(order({ items }))).toBeUndefined();
    expect(statusOf(1)).toBe('Cancelled');
  });

  it('cancels an order whose services are there and whose invoice is not', async () => {
    b.emulator.faults.add({ kind: 'partialAdd', services: 1, action: '^AddOrder$', count: 1 });
    await failureOf(b.whmcs.orders.add(order()));
    expect([...b.emulator.store.services.values()].map(({ orderId }) => orderId)).toEqual([1]);
    expect(await b.whmcs.orders.find(order())).toBeUndefined();
    expect(statusOf(1)).toBe('Cancelled');
  });

  it.each([
    ['quantity', [item({ quantity: 2 })]],
    ['product', [item({ whmcsProductId: '2' })]],
    ['another item', [item(), item({ id: ITEM_IDS[1]! })]],
    ['the item replaced', [item({ id: ITEM_IDS[2]! })]],
    ['cycle', [item({ billingCycle: 'annually' })]],
    ['price', [item({ unitPrice: 5 })]],
  ])('cancels a Pending order that was edited in Salesforce since: %s', async (_name, items) => {
    await addAndLose();
    expect(await b.whmcs.orders.find(order({ items }))).toBeUndefined();
    expect(statusOf(1)).toBe('Cancelled');
  });

  it.each(['7', '8'])('takes one-time and free products as they are: product %s', async (whmcsProductId) => {
    const items = [item({ whmcsProductId, billingCycle: 'annually', unitPrice: 0 })];
    await addAndLose(order({ items }));
    expect(await b.whmcs.orders.find(order({ items }))).toEqual({ whmcsOrderId: '1', state: 'Pending' });
  });

  it('calls a person where the Active one does not hold the items', async () => {
    await b.whmcs.orders.add(order());
    await b.whmcs.orders.accept(REF, '1');
    const failure = await failureOf(b.whmcs.orders.find(order({ items: [item({ quantity: 2 })] })));
    expect(failure).toMatchObject({ code: 'WHMCS_MARKED_ORDER_UNFIT', kind: 'permanent' });
    expect(statusOf(1)).toBe('Active');
  });

  it('calls a person where two are Active, and names both', async () => {
    await addAndLose();
    await addAndLose();
    for (const id of [1, 2]) b.emulator.store.setOrderStatus(b.emulator.store.orders.get(id)!, 'Active');
    const failure = await failureOf(b.whmcs.orders.find(order()));
    expect(failure.code).toBe('WHMCS_DUPLICATE_ACTIVE');
    expect(failure.message).toMatch(/orders 1 and 2 /);
  });

  it.each(['Cancelled', 'Terminated', 'Fraud'] as const)('takes a service that is %s for past', async (status) => {
    await b.whmcs.orders.add(order());
    await b.whmcs.orders.accept(REF, '1');
    b.emulator.store.setServiceStatus(b.emulator.store.services.get(1)!, status);
    expect(await b.whmcs.orders.find(order())).toBeUndefined();
  });

  it('passes over no failure of the look-up: what is not seen would be sold twice', async () => {
    await addAndLose();
    b.emulator.faults.add({ kind: 'html200', action: 'GetClientsProducts', count: 1 });
    expect(await failureOf(b.whmcs.orders.find(order()))).toMatchObject({
      code: 'WHMCS_MAINTENANCE',
      kind: 'retryable',
    });
  });
});

describe('accept', () => {
  it('may be repeated', async () => {
    const { whmcsOrderId } = await b.whmcs.orders.add(order());
    const first = await b.whmcs.orders.accept(REF, whmcsOrderId);
    expect(await b.whmcs.orders.accept(REF, whmcsOrderId)).toEqual(first);
    expect(calls('ModuleCreate')).toEqual([]);
  });

  it.each(['commitThenLose', 'commitThenHtml', 'loseBeforeCommit'] as const)('survives %s', async (kind) => {
    const { whmcsOrderId } = await b.whmcs.orders.add(order());
    b.emulator.faults.add({ kind, action: '^AcceptOrder$', count: 1 });
    expect(await failureOf(b.whmcs.orders.accept(REF, whmcsOrderId))).toMatchObject({
      kind: 'retryable',
      retryAfterMs: 90_000,
    });
    expect((await b.whmcs.orders.accept(REF, whmcsOrderId)).services).toHaveLength(1);
    expect(statusOf(1)).toBe('Active');
  });

  it.each([true, false])('runs a module again that failed once; AcceptOrder tells of it: %p', async (tells) => {
    b.emulator.store.settings.acceptReportsModuleError = tells;
    const { whmcsOrderId } = await b.whmcs.orders.add(order());
    b.emulator.faults.add({ kind: 'moduleCreateFailure', count: 1, message: 'Could not reach server for Jane Roe' });
    expect((await b.whmcs.orders.accept(REF, whmcsOrderId)).services).toEqual([
      { orderItemId: ITEM_IDS[0], serviceIds: ['1'] },
    ]);
    expect(calls('ModuleCreate')).toHaveLength(1);
  });

  it('takes a module that is refused by its own server for that, and not for a refusal of ours', async () => {
    const { whmcsOrderId } = await b.whmcs.orders.add(order());
    b.emulator.faults.add({ kind: 'moduleCreateFailure', message: 'Access denied: authentication failed' });
    expect(await failureOf(b.whmcs.orders.accept(REF, whmcsOrderId))).toMatchObject({
      code: 'WHMCS_SERVICE_NOT_ACTIVE',
      kind: 'permanent',
    });
  });

  it('names the service whose module goes on failing, and not what the module says of people', async () => {
    const { whmcsOrderId } = await b.whmcs.orders.add(
      order({ items: [item(), item({ id: ITEM_IDS[1]!, whmcsProductId: '5' })] }),
    );
    const fault = b.emulator.faults.add({
      kind: 'moduleCreateFailure',
      message: 'Account for Jane Roe already exists',
    });
    const failure = await failureOf(b.whmcs.orders.accept(REF, whmcsOrderId));
    expect(failure).toMatchObject({ code: 'WHMCS_SERVICE_NOT_ACTIVE', kind: 'permanent' });
    expect(failure.message).toContain('1 (Pending)');
    expect(failure.message).toContain('already exists');
    expect(failure.message).not.toMatch(/jane|roe/i);
    fault.remove();
    expect((await b.whmcs.orders.accept(REF, whmcsOrderId)).services).toHaveLength(2);
  });

  it('cancels inert duplicates', async () => {
    await addAndLose();
    await addAndLose();
    await b.whmcs.orders.accept(REF, '1');
    expect([statusOf(1), statusOf(2)]).toEqual(['Active', 'Cancelled']);
  });

  it('calls a person where a duplicate is Active', async () => {
    await addAndLose();
    await addAndLose();
    b.emulator.store.setOrderStatus(b.emulator.store.orders.get(2)!, 'Active');
    expect((await failureOf(b.whmcs.orders.accept(REF, '1'))).code).toBe('WHMCS_DUPLICATE_ACTIVE');
  });

  it.each(['Cancelled', 'Fraud'] as const)('refuses an order that is %s', async (status) => {
    await b.whmcs.orders.add(order());
    b.emulator.store.setOrderStatus(b.emulator.store.orders.get(1)!, status);
    const failure = await failureOf(b.whmcs.orders.accept(REF, '1'));
    expect(failure).toMatchObject({ code: 'WHMCS_ORDER_NOT_PENDING', kind: 'permanent' });
    expect(failure.message).toContain(status);
  });

  it('refuses an order that does not exist', async () => {
    expect((await failureOf(b.whmcs.orders.accept(REF, '99'))).code).toBe('WHMCS_ORDER_NOT_PENDING');
  });

  it('calls a person where the order bears no marker', async () => {
    await b.whmcs.orders.add(OTHER);
    expect((await failureOf(b.whmcs.orders.accept(REF, '1'))).code).toBe('WHMCS_ORDER_UNMARKED');
  });
});

const unmark = () => {
  for (const service of b.emulator.store.services.values()) service.customFields.clear();
};
const notes = () => [...b.emulator.store.services.values()].map((service) => service.notes);

describe('an order that was sold without the marker', () => {
  const sold = order({ items: [item({ quantity: 2 }), item({ id: ITEM_IDS[1]!, whmcsProductId: '7' })] });
  const [first, second] = ITEM_IDS.map((id) => `${ORDER_ID}:${id}`);
  const readOrder = () => Promise.resolve(sold);
  beforeEach(async () => {
    await b.whmcs.orders.add(sold);
    unmark();
  });

  it('is marked in the notes of its services, which keep what they said', async () => {
    b.emulator.store.services.get(2)!.notes = 'Ring before noon';
    expect((await b.whmcs.orders.accept(REF, '1', { readOrder })).services).toEqual([
      { orderItemId: ITEM_IDS[0], serviceIds: ['1', '2'] },
      { orderItemId: ITEM_IDS[1], serviceIds: ['3'] },
    ]);
    expect(notes()).toEqual([first, `Ring before noon\n${first}`, second]);
    expect(await b.whmcs.orders.find(sold)).toEqual({ whmcsOrderId: '1', state: 'Active' });
  });

  it('is marked where marking it had stopped halfway', async () => {
    b.emulator.faults.add({ kind: 'loseBeforeCommit', action: 'UpdateClientProduct', skip: 1, count: 1 });
    expect((await failureOf(b.whmcs.orders.accept(REF, '1', { readOrder }))).kind).toBe('retryable');
    expect(notes()).toEqual([first, '', '']);
    await b.whmcs.orders.accept(REF, '1', { readOrder });
    expect(notes()).toEqual([first, first, second]);
  });

  it.each([
    ['was edited since', order({ items: [item({ quantity: 3 })] })],
    ['was deleted since', undefined],
    ['cannot be sold as it is now', order({ items: [] })],
  ])('is for a person where the order %s, so that nobody knows what is what', async (_name, now) => {
    const failure = await failureOf(b.whmcs.orders.accept(REF, '1', { readOrder: () => Promise.resolve(now) }));
    expect(failure.code).toBe('WHMCS_ORDER_UNMARKED');
    expect(notes()).toEqual(['', '', '']);
  });

  it('is for a person where our role may not mark it, and is marked by the look-up once it may', async () => {
    const refusal = b.emulator.faults.add({ kind: '403permission', action: 'UpdateClientProduct' });
    expect((await failureOf(b.whmcs.orders.accept(REF, '1', { readOrder }))).code).toBe('WHMCS_ORDER_UNMARKED');
    refusal.remove();
    expect(await b.whmcs.orders.find(sold, { known: '1' })).toEqual({ whmcsOrderId: '1', state: 'Active' });
    expect(notes()).toEqual([first, first, second]);
  });
});

describe('a known order that the marker does not lead to', () => {
  const known = { known: '1' };

  it('is for a person while it is Active and cannot be marked, and is not followed by another', async () => {
    await b.whmcs.orders.add(order());
    await b.whmcs.orders.accept(REF, '1');
    unmark();
    b.emulator.faults.add({ kind: '403permission', action: 'UpdateClientProduct' });
    expect(await failureOf(b.whmcs.orders.find(order(), known))).toMatchObject({
      code: 'WHMCS_ORDER_UNMARKED',
      kind: 'permanent',
    });
    expect((await b.whmcs.orders.cancelPending(REF, known)).active?.whmcsOrderId).toBe('1');
    expect(statusOf(1)).toBe('Active');
  });

  it('is past once it is terminated', async () => {
    await b.whmcs.orders.add(order());
    await b.whmcs.orders.accept(REF, '1');
    unmark();
    b.emulator.store.setServiceStatus(b.emulator.store.services.get(1)!, 'Terminated');
    expect(await b.whmcs.orders.find(order(), known)).toBeUndefined();
    expect((await b.whmcs.orders.cancelPending(REF, known)).active).toBeUndefined();
  });

  it.each(['find', 'cancelPending'] as const)('is cancelled while it is Pending, by %s', async (by) => {
    await b.whmcs.orders.add(order());
    unmark();
    if (by === 'find') expect(await b.whmcs.orders.find(order(), known)).toBeUndefined();
    else expect((await b.whmcs.orders.cancelPending(REF, known)).cancelled).toEqual(['1']);
    expect(statusOf(1)).toBe('Cancelled');
  });

  it('is seen although the account has another WHMCS client by now', async () => {
    await b.whmcs.orders.add(order());
    await b.whmcs.orders.accept(REF, '1');
    const moved = order({ whmcsClientId: '2' });
    const failure = await failureOf(b.whmcs.orders.find(moved, known));
    expect(failure.code).toBe('WHMCS_MARKED_ORDER_UNFIT');
    expect(failure.message).toContain('belongs to client 1, not to 2');
  });

  it('costs no call where the marker leads to it', async () => {
    await b.whmcs.orders.add(order());
    b.emulator.ledger.clear();
    expect(await b.whmcs.orders.find(order(), known)).toEqual({ whmcsOrderId: '1', state: 'Pending' });
    expect(calls()).toEqual(['GetClientsProducts', 'GetOrders']);
  });
});

describe('cancelPending', () => {
  it('cancels every Pending order with the marker, and no other', async () => {
    await addAndLose();
    await addAndLose();
    await b.whmcs.orders.add(OTHER);
    expect(await b.whmcs.orders.cancelPending(REF)).toEqual({ cancelled: ['1', '2'], active: undefined });
    expect([statusOf(1), statusOf(2), statusOf(3)]).toEqual(['Cancelled', 'Cancelled', 'Pending']);
  });

  it('spares the one that Salesforce names', async () => {
    for (let n = 0; n < 2; n++) await addAndLose();
    expect(await b.whmcs.orders.cancelPending(REF, { spared: '1' })).toEqual({ cancelled: ['2'], active: undefined });
    expect([statusOf(1), statusOf(2)]).toEqual(['Pending', 'Cancelled']);
  });

  it('names the Active one', async () => {
    await b.whmcs.orders.add(order());
    await b.whmcs.orders.accept(REF, '1');
    expect(await b.whmcs.orders.cancelPending(REF)).toEqual({
      cancelled: [],
      active: { whmcsOrderId: '1', state: 'Active' },
    });
  });

  it('is content where the order is cancelled meanwhile', async () => {
    await addAndLose();
    const reached = b.emulator.faults.whenReached('CancelOrder', 1, 'before-commit', { hold: true });
    const cancelling = b.whmcs.orders.cancelPending(REF);
    const { release } = await reached;
    b.emulator.store.setOrderStatus(b.emulator.store.orders.get(1)!, 'Cancelled');
    release();
    expect((await cancelling).cancelled).toEqual(['1']);
  });

  it('looks again where the order is accepted meanwhile', async () => {
    await addAndLose();
    const reached = b.emulator.faults.whenReached('CancelOrder', 1, 'before-commit', { hold: true });
    const cancelling = failureOf(b.whmcs.orders.cancelPending(REF));
    const { release } = await reached;
    b.emulator.store.setOrderStatus(b.emulator.store.orders.get(1)!, 'Active');
    release();
    expect((await cancelling).kind).toBe('ambiguous');
    expect((await b.whmcs.orders.cancelPending(REF)).active?.whmcsOrderId).toBe('1');
  });
});
