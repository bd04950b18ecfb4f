import { FAILURES } from '../../src/domain/failure';
import { guard } from '../../src/domain/guard';
import { idOrUndefined, parseOrderId, type OrderId, type OrderItemId } from '../../src/domain/order';
import { parseFields } from '../../src/salesforce';
import { planLines } from '../../src/whmcs/lines';
import { failureOf } from '../whmcs/support/builders';
import { Org } from './support/org';

let org: Org;
beforeAll(async () => (org = await Org.start()));
beforeEach(() => org.forget());
afterAll(() => org.emulator.close());

const MISSING = parseOrderId('801000000000zzz');
const record = (id: string) => org.emulator.store.get('Order', id)!;
const serviceIds = (ids: readonly string[]) =>
  ids.map((id) => org.emulator.store.get('OrderItem', id)?.['WHMCS_Service_ID__c']);
const resultFor = (itemIds: readonly OrderItemId[], whmcsOrderId = '77') => ({
  whmcsOrderId,
  services: itemIds.map((orderItemId, i) => ({ orderItemId, serviceIds: [String(i + 1), String(i + 1001)] })),
});

describe('read', () => {
  it('has all that provisioning needs, in one call', async () => {
    const { id, itemIds } = org.order(2);
    await org.salesforce.session.login();
    expect(await org.salesforce.orders.read(id)).toEqual({
      id,
      accountId: org.accountId,
      status: 'Approved',
      activationStatus: null,
      whmcsOrderId: null,
      whmcsClientId: '1',
      currency: null,
      systemModstamp: Date.parse(String(record(id)['SystemModstamp']).replace('+0000', 'Z')),
      items: itemIds.map((itemId) => ({
        id: itemId,
        quantity: 1,
        unitPrice: 9.95,
        billingCycle: 'monthly',
        whmcsProductId: '1',
      })),
    });
    expect(org.requests()).toEqual(['GET query']);
  });

  it('has the code of our last failure, and nothing else that stands there', async () => {
    const read = async (code: string) => {
      const { id } = org.order(1, 'Approved', { Activation_Error_Code__c: code });
      return (await org.salesforce.orders.read(id))?.failedWith;
    };
    expect(await read('WHMCS_ORDER_UNMARKED')).toBe('WHMCS_ORDER_UNMARKED');
    expect(await read('Ask Jane Roe')).toBeUndefined();
  });

  // What is read here goes into Temporal's history as it is, a WHMCS order id even into its list of runs.
  it('has no free text of the fields that hold ids and cycles, and still counts them as set', async () => {
    const { id, itemIds } = org.order(3, 'Approved', { WHMCS_Order_ID__c: 'Jane Roe, by phone' });
    const cycles = ['as Jane Roe likes', 'Semi-Annually (555)', '12'];
    itemIds.forEach((itemId, i) => org.update('OrderItem', itemId, { Billing_Cycle__c: cycles[i] }));
    const entry = String(org.emulator.store.get('OrderItem', itemIds[0]!)?.['PricebookEntryId']);
    const product = String(org.emulator.store.get('PricebookEntry', entry)?.['Product2Id']);
    org.update('Product2', product, { WHMCS_Product_ID__c: 'hers' });
    const read = (await org.salesforce.orders.read(id))!;
    org.update('Product2', product, { WHMCS_Product_ID__c: '1' });
    expect(read).toMatchObject({ whmcsOrderId: '(unreadable)' });
    expect(read.items.map((item) => item.billingCycle)).toEqual(['(unreadable)', 'semiannually', '(unreadable)']);
    expect(read.items.map((item) => item.whmcsProductId)).toEqual(Array(3).fill('(unreadable)'));
    const sold = (changes: object) => () =>
      planLines({ ...read, items: [{ ...read.items[0]!, whmcsProductId: '1', ...changes }] });
    expect(sold({})).toThrow('WHMCS knows no such billing cycle');
    expect(sold({ whmcsProductId: read.items[0]!.whmcsProductId })).toThrow('the WHMCS product id is not a number');
    const context = { provisionStatuses: ['Approved'], trigger: 'manual', stuckAfterMs: 0, now: 0 } as const;
    expect(guard(read, { ...context, claimedByThisRun: true })).toMatchObject({ code: 'ALREADY_PROVISIONED' });
  });

  it('has every item of a long order', async () => {
    const { id, itemIds } = org.order(430);
    const read = await org.salesforce.orders.read(id);
    expect(read?.items.map((item) => item.id)).toEqual(itemIds);
  });

  it('has no items where there are none', async () => {
    expect((await org.salesforce.orders.read(org.order(0).id))?.items).toEqual([]);
  });

  it('finds neither an order that never was nor one in the recycle bin', async () => {
    const { id } = org.order();
    org.delete('Order', id);
    expect(await org.salesforce.orders.read(id)).toBeUndefined();
    expect(await org.salesforce.orders.read(MISSING)).toBeUndefined();
  });

  it.each(["801' OR Id != '", '801000000000001\n', "801000000000001AAA' --", '801*', '80100000000000%'])(
    'cannot be given a hostile id: %j',
    (text) => {
      expect(idOrUndefined(parseOrderId, text)).toBeUndefined();
    },
  );

  it('says which field is missing', async () => {
    org.emulator.rest.permissions.restrict('Order', 'WHMCS_Order_ID__c', 'none');
    const failure = await failureOf(org.salesforce.orders.read(org.order().id));
    expect(failure).toMatchObject({ code: 'SF_FIELD_MISSING', kind: 'permanent' });
    expect(failure.message).toContain('WHMCS_Order_ID__c');
  });

  it('uses names of fields as configured', async () => {
    const { orders } = org.connect({ fields: parseFields({ order: { whmcsOrderId: 'PoNumber' } }) });
    const { id } = org.order(1, 'Approved', { PoNumber: '12' });
    expect((await orders.read(id))?.whmcsOrderId).toBe('12');
  });
});

describe('marks', () => {
  it('Activating, and clears an earlier error', async () => {
    const { id } = org.order(1, 'Approved', { Activation_Error_Code__c: 'OLD', Activation_Error_Message__c: 'old' });
    await org.salesforce.orders.markActivating(id);
    expect(record(id)).toMatchObject({
      Activation_Status__c: 'Activating',
      Activation_Error_Code__c: null,
      Activation_Error_Message__c: null,
    });
  });

  it('Activating, and keeps an error that still tells something', async () => {
    const { id } = org.order(1, 'Approved', { Activation_Error_Code__c: 'OLD', Activation_Error_Message__c: 'old' });
    await org.salesforce.orders.markActivating(id, { keepError: true });
    expect(record(id)).toMatchObject({ Activation_Status__c: 'Activating', Activation_Error_Code__c: 'OLD' });
  });

  it('Failed, cut to the fields', async () => {
    const { id } = org.order();
    const advice = 'Repair it.';
    await org.salesforce.orders.markFailed(id, { code: 'C'.repeat(60), message: 'm'.repeat(400), advice });
    expect(record(id)).toMatchObject({ Activation_Status__c: 'Failed' });
    expect(String(record(id)['Activation_Error_Code__c'])).toHaveLength(40);
    const message = String(record(id)['Activation_Error_Message__c']);
    expect(message).toHaveLength(255);
    expect(message).toMatch(/^m+…\. Repair it\.$/);
  });

  it('Failed, with the whole advice of every code and the beginning of the message', async () => {
    const { id } = org.order();
    const message = `Order ${id}: WHMCS product 10 has no field, and more than that`;
    for (const [code, { advice }] of Object.entries(FAILURES)) {
      await org.salesforce.orders.markFailed(id, { code, message, advice });
      const told = String(record(id)['Activation_Error_Message__c']);
      expect([code, told.endsWith(`. ${advice}`), told.startsWith(`Order ${id}: WHMCS product 10`)]).toEqual([
        code,
        true,
        true,
      ]);
    }
  });

  it.each([
    [{ kind: 'rowLock' }, 'SF_ROW_LOCKED', 'retryable'],
    [{ kind: 'validation' }, 'SF_VALIDATION', 'permanent'],
    [{ kind: 'insufficientAccess' }, 'SF_NO_PERMISSION', 'permanent'],
  ] as const)('are refused: %j is %s', async (fault, code, kind) => {
    const { id } = org.order();
    org.emulator.rest.faults.add({ ...fault, object: 'Order', count: 1 });
    const failure = await failureOf(org.salesforce.orders.markActivating(id));
    expect(failure).toMatchObject({ code, kind });
    expect(failure.message).toContain(id);
  });

  it('tell of a field that may not be written', async () => {
    org.emulator.rest.permissions.restrict('Order', 'Activation_Status__c', 'read');
    expect((await failureOf(org.salesforce.orders.markActivating(org.order().id))).code).toBe('SF_FIELD_MISSING');
  });

  it('tell of an order that was deleted', async () => {
    const { id } = org.order();
    org.delete('Order', id);
    expect((await failureOf(org.salesforce.orders.markActivating(id))).code).toBe('SF_ORDER_DELETED');
  });
});

describe('write-back', () => {
  it('is one call and one transaction for the order and its items', async () => {
    const { id, itemIds } = org.order(3, 'Approved', { Activation_Error_Code__c: 'OLD' });
    await org.salesforce.session.login();
    org.forget();
    const commits = org.emulator.store.commits;
    await org.salesforce.orders.writeBack(id, resultFor(itemIds));
    expect(org.requests()).toEqual(['PATCH composite/sobjects']);
    expect(org.emulator.store.commits).toBe(commits + 1);
    expect(record(id)).toMatchObject({
      WHMCS_Order_ID__c: '77',
      Activation_Status__c: 'Activated',
      Activation_Error_Code__c: null,
    });
    expect(serviceIds(itemIds)).toEqual(['1,1001', '2,1002', '3,1003']);
  });

  it.each([
    [{ kind: 'rowLock', object: 'OrderItem' }, 'SF_ROW_LOCKED'],
    [{ kind: 'validation', object: 'Order' }, 'SF_VALIDATION'],
    [{ kind: 'insufficientAccess', object: 'OrderItem', skip: 1 }, 'SF_NO_PERMISSION'],
  ] as const)('is all or nothing: %j', async (fault, code) => {
    const { id, itemIds } = org.order(3);
    org.emulator.rest.faults.add({ ...fault, count: 1 });
    expect((await failureOf(org.salesforce.orders.writeBack(id, resultFor(itemIds)))).code).toBe(code);
    expect(record(id)).toMatchObject({ WHMCS_Order_ID__c: null, Activation_Status__c: null });
    expect(serviceIds(itemIds)).toEqual([null, null, null]);
  });

  it('may be repeated after a lost answer', async () => {
    const { id, itemIds } = org.order();
    org.emulator.rest.faults.add({ kind: 'commitThenLose', method: 'PATCH', count: 1 });
    expect((await failureOf(org.salesforce.orders.writeBack(id, resultFor(itemIds)))).kind).toBe('retryable');
    await org.salesforce.orders.writeBack(id, resultFor(itemIds));
    expect(record(id)).toMatchObject({ WHMCS_Order_ID__c: '77', Activation_Status__c: 'Activated' });
  });

  it('writes an order of 430 items, itself last', async () => {
    const { id, itemIds } = org.order(430);
    org.emulator.rest.faults.add({ kind: 'loseBeforeCommit', method: 'PATCH', skip: 2, count: 1 });
    await failureOf(org.salesforce.orders.writeBack(id, resultFor(itemIds)));
    expect(record(id)['Activation_Status__c']).toBeNull();
    org.forget();
    await org.salesforce.orders.writeBack(id, resultFor(itemIds));
    expect(org.requests()).toHaveLength(3);
    expect(record(id)['Activation_Status__c']).toBe('Activated');
    expect(new Set(serviceIds(itemIds)).size).toBe(430);
  });

  it.each([199, 200])('of %i items has no call too many', async (count) => {
    const { id, itemIds } = org.order(count);
    await org.salesforce.orders.writeBack(id, resultFor(itemIds));
    expect(org.requests().filter((request) => request.startsWith('PATCH'))).toHaveLength(count === 199 ? 1 : 2);
  });

  it('goes on without an item that was deleted meanwhile: the order was sold', async () => {
    const { id, itemIds } = org.order(3);
    org.delete('OrderItem', itemIds[1]!);
    await org.salesforce.orders.writeBack(id, resultFor(itemIds));
    expect(record(id)['Activation_Status__c']).toBe('Activated');
    expect(serviceIds([itemIds[0]!, itemIds[2]!])).toEqual(['1,1001', '3,1003']);
  });

  it('tells of an order that was deleted meanwhile', async () => {
    const { id, itemIds } = org.order();
    org.delete('Order', id);
    expect((await failureOf(org.salesforce.orders.writeBack(id, resultFor(itemIds)))).code).toBe('SF_ORDER_DELETED');
  });
});

describe('unprovisioned', () => {
  const sweep = async (stuckBefore: number, statuses = ['Approved', 'Reactivate']): Promise<OrderId[]> => {
    const found: OrderId[] = [];
    for await (const ids of org.salesforce.orders.unprovisioned({ statuses, stuckBefore })) found.push(...ids);
    return found;
  };

  it('has those that ought to be provisioned and are not, and no others', async () => {
    // An org's own field may have more values than ours, and a default.
    const picklist = org.emulator.store.schema.object('Order')!.field('Activation_Status__c')!;
    picklist.restricted = false;
    const wanted = [org.order().id, org.order(1, 'Approved', { Activation_Status__c: 'Not Started' }).id];
    picklist.restricted = true;
    const activating = org.order(1, 'Approved', { Activation_Status__c: 'Activating' }).id;
    const others = [
      org.order(1, 'Draft').id,
      org.order(1, 'Approved', { WHMCS_Order_ID__c: '5', Activation_Status__c: 'Activated' }).id,
      org.order(1, 'Approved', { Activation_Status__c: 'Failed' }).id,
      // The guard lets a person alone take it up.
      org.order(1, 'Approved', {
        Activation_Status__c: 'Activating',
        Activation_Error_Code__c: 'WHMCS_ORDER_UNMARKED',
      }).id,
    ];
    const fresh = await sweep(org.emulator.clock.now() - 60_000);
    expect(fresh).toEqual(expect.arrayContaining(wanted));
    for (const id of [activating, ...others]) expect(fresh).not.toContain(id);
    const stuck = await sweep(org.emulator.clock.now() + 60_000);
    expect(stuck).toEqual(expect.arrayContaining([...wanted, activating]));
    for (const id of others) expect(stuck).not.toContain(id);
  });

  it('after a hole has the failed ones that were changed since, and no others that failed', async () => {
    const before = org.order(1, 'Approved', { Activation_Status__c: 'Failed' }).id;
    org.emulator.clock.advance(3_600_000);
    const failedSince = org.emulator.clock.now() - 1_000;
    const since = org.order(1, 'Approved', { Activation_Status__c: 'Failed' }).id;
    const draft = org.order(1, 'Draft', { Activation_Status__c: 'Failed' }).id;
    const failedAs = (code: string) => ({ Activation_Status__c: 'Failed', Activation_Error_Code__c: code });
    const otherwise = org.order(1, 'Approved', failedAs('SF_ITEMS_MISSING')).id;
    const cancelled = org.order(1, 'Approved', failedAs('CANCELLED')).id;
    const never = org.order().id;
    const found: OrderId[] = [];
    const query = { statuses: ['Approved'], stuckBefore: 0, failedSince };
    for await (const ids of org.salesforce.orders.unprovisioned(query)) found.push(...ids);
    expect(found).toEqual(expect.arrayContaining([since, otherwise, never]));
    for (const id of [before, draft, cancelled]) expect(found).not.toContain(id);
  });

  it('comes in pages, each order once', async () => {
    const ids = org.orders(2_100);
    const found = await sweep(0);
    const seen = new Set(found);
    expect(seen.size).toBe(found.length);
    expect(ids.filter((id) => !seen.has(id))).toEqual([]);
    expect(org.requests().length).toBeGreaterThan(1);
  });

  it('is not misled by a status with a quote', async () => {
    expect(await sweep(0, ["Approved') OR Id != null OR Status IN ('x"])).toEqual([]);
  });
});
