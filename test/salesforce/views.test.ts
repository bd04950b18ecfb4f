import { parseAccountId, parseOrderId, parseRecordId } from '../../src/domain/record-id';
import { CUSTOMER_FACING_ORDER_FIELDS } from '../../src/domain/views';
import { parseFields } from '../../src/salesforce';
import { failureOf } from '../whmcs/support/builders';
import { Org } from './support/org';

let org: Org;
beforeAll(async () => {
  org = await Org.start();
  await org.salesforce.session.login();
});
beforeEach(() => org.forget());
afterAll(() => org.emulator.close());

describe('an order for its customer', () => {
  it('has what a customer may see, in one call', async () => {
    const { id, itemIds } = org.order(2, 'Approved', { Activation_Status__c: 'Activated', WHMCS_Order_ID__c: '12' });
    const row = org.emulator.store.get('Order', id)!;
    expect(await org.salesforce.views.readOrder(id)).toEqual({
      id,
      orderNumber: row['OrderNumber'],
      accountId: org.accountId,
      status: 'Approved',
      activationStatus: 'Activated',
      whmcsOrderId: '12',
      effectiveDate: '2026-01-15',
      totalAmount: row['TotalAmount'],
      currency: null,
      items: itemIds.map((itemId) => ({
        id: itemId,
        productId: org.catalog.products[0]!.id,
        productName: 'Starter Hosting',
        quantity: 1,
        unitPrice: 9.95,
        billingCycle: 'monthly',
        whmcsServiceId: null,
      })),
    });
    expect(org.requests()).toEqual(['GET query']);
  });

  it('reads no order field that is not among the customer-facing ones', async () => {
    await org.connect({ fields: parseFields({}) }).views.readOrder(org.order().id);
    const soql = org.emulator.rest.ledger.entries.find((entry) => entry.soql !== undefined)!.soql!;
    const read = /^SELECT (.*?), \(/
      .exec(soql)![1]!
      .split(', ')
      .filter((field) => field !== 'Id');
    expect(read.filter((field) => !(CUSTOMER_FACING_ORDER_FIELDS as readonly string[]).includes(field))).toEqual([]);
  });

  it('is none where Salesforce has none', async () => {
    expect(await org.salesforce.views.readOrder(parseOrderId('801000000000zzz'))).toBeUndefined();
  });

  it('comes with all others of the account, and of no other account', async () => {
    const account = parseAccountId(org.accountId);
    const mine = [org.order(1).id, org.order(2).id];
    const views = await org.salesforce.views.readAccountOrders(account);
    expect(views.map(({ id }) => id)).toEqual(expect.arrayContaining(mine));
    expect(views.find(({ id }) => id === mine[1])?.items).toHaveLength(2);
    expect(new Set(views.map(({ accountId }) => accountId))).toEqual(new Set([account]));
    expect(await org.salesforce.views.readAccountOrders(parseAccountId('001000000000zzz'))).toEqual([]);
  });

  it('fails with the catalogue’s words', async () => {
    org.emulator.rest.faults.add({ kind: 'unavailable', format: 'html', count: 1 });
    expect((await failureOf(org.salesforce.views.readOrder(org.order().id))).code).toBe('SF_SERVER_ERROR');
  });
});

describe('the catalog', () => {
  it('has the active products of the price book that the org sells from', async () => {
    const catalog = await org.salesforce.catalog.readCatalog();
    expect(catalog.priceBookId).toBe(org.catalog.pricebookId);
    expect(catalog.products.map(({ id }) => id).sort()).toEqual(org.catalog.products.map(({ id }) => id).sort());
    expect(catalog.products.map(({ name }) => name)).toEqual(catalog.products.map(({ name }) => name).sort());
    expect(catalog.products.find(({ code }) => code === 'HOST-START')).toMatchObject({
      name: 'Starter Hosting',
      family: 'Hosting',
      prices: [{ unitPrice: 9.95, currency: null }],
    });
    expect(org.requests()).toEqual(['GET query']);
  });

  it('leaves out what is not active', async () => {
    const [first] = org.catalog.products;
    org.update('Product2', first!.id, { IsActive: false });
    const catalog = await org.salesforce.catalog.readCatalog();
    expect(catalog.products.map(({ id }) => id)).not.toContain(first!.id);
    org.update('Product2', first!.id, { IsActive: true });
  });

  it('is that of the price book named; where several could be meant and none is, that is told, once', async () => {
    const { id, entry } = org.emulator.store.transaction(org.sales, (tx) => {
      const id = tx.create('Pricebook2', { Name: 'Resellers', IsActive: true });
      const Product2Id = org.catalog.products[1]!.id;
      return { id, entry: tx.create('PricebookEntry', { Pricebook2Id: id, Product2Id, UnitPrice: 5, IsActive: true }) };
    });
    const { catalog } = org.connect({ catalog: { priceBookId: parseRecordId(id) } });
    expect(await catalog.readCatalog()).toMatchObject({
      priceBookId: id,
      products: [{ prices: [{ id: entry, unitPrice: 5 }] }],
    });
    const told: unknown[] = [];
    const onSeveralBooks = (chosen: string, custom: readonly string[]): void => void told.push([chosen, custom]);
    const unnamed = org.connect({ catalog: { onSeveralBooks } }).catalog;
    const { priceBookId } = await unnamed.readCatalog();
    await unnamed.readCatalog();
    expect(told).toEqual([[priceBookId, [org.catalog.pricebookId, id].sort()]]);
    org.update('Pricebook2', id, { IsActive: false });
    expect((await unnamed.readCatalog()).priceBookId).toBe(org.catalog.pricebookId);
    org.update('Pricebook2', id, { IsActive: true });
    await unnamed.readCatalog();
    expect(told).toHaveLength(2);
  });
});

/** What the portal alone reads. */
const HIDDEN: [string, string][] = [
  ['Order', 'TotalAmount'],
  ['PricebookEntry', 'UnitPrice'],
  ['Product2', 'Description'],
  ['Product2', 'Family'],
];

describe('the probe', () => {
  it('reads the codes of many orders in addresses that Salesforce takes', async () => {
    const { store, salesUserId: userId } = org.emulator;
    const ids = store.transaction({ userId }, (tx) => {
      const AccountId = tx.create('Account', { Name: 'Many' });
      const order = { AccountId, Status: 'Draft', EffectiveDate: '2026-01-01' };
      const of = (n: number) => (n % 2 === 0 ? { Activation_Error_Code__c: `CODE_${n}` } : {});
      return Array.from({ length: 650 }, (_, n) => parseOrderId(tx.create('Order', { ...order, ...of(n) })));
    });
    org.emulator.rest.ledger.clear();
    const codes = await org.salesforce.probe.errorCodes(ids);
    expect([codes.size, codes.get(ids[640]!), codes.get(ids[641]!)]).toEqual([325, 'CODE_640', undefined]);
    const asked = org.emulator.rest.ledger.entries.flatMap(({ soql }) => soql ?? []);
    expect(asked).toHaveLength(3);
    for (const soql of asked) expect(encodeURIComponent(soql).length).toBeLessThan(12_000);
    expect(await org.salesforce.probe.errorCodes([])).toEqual(new Map());
  });

  it('finds the values that an order’s status may have', async () => {
    expect(await org.salesforce.probe.orderStatuses()).toEqual(expect.arrayContaining(['Draft', 'Approved']));
  });

  it('finds a login, versions, limits', async () => {
    const { probe } = org.salesforce;
    expect(await probe.connection()).toEqual({
      organizationId: org.emulator.orgId,
      instanceUrl: org.emulator.loginUrl,
    });
    expect(await probe.apiVersions()).toContain('62.0');
    expect((await probe.limits()).apiRequests?.max).toBe(100_000);
  });

  it('finds the members of channels by the names that topics have', async () => {
    const members = await org.salesforce.probe.channelMembers();
    expect(members).toEqual(
      expect.arrayContaining([
        { channel: 'ChangeEvents', entity: 'OrderChangeEvent' },
        { channel: 'Order_Enriched__chn', entity: 'OrderChangeEvent' },
      ]),
    );
    expect(members.filter(({ channel }) => !/^ChangeEvents$|__chn$/.test(channel))).toEqual([]);
  });

  it('finds every field, and whether it may be written', async () => {
    const checks = await org.salesforce.probe.fields();
    expect(checks.filter(({ exists, written, updateable }) => !exists || (written && !updateable))).toEqual([]);
    expect(checks).toContainEqual({
      object: 'Order',
      field: 'WHMCS_Order_ID__c',
      exists: true,
      written: true,
      updateable: true,
    });
  });

  it('finds fields that are missing or read-only', async () => {
    org.emulator.rest.permissions.restrict('Order', 'WHMCS_Order_ID__c', 'none');
    org.emulator.rest.permissions.restrict('OrderItem', 'WHMCS_Service_ID__c', 'read');
    for (const [object, field] of HIDDEN) org.emulator.rest.permissions.restrict(object, field, 'none');
    const checks = await org.salesforce.probe.fields();
    const missing = checks.filter(({ exists }) => !exists).map(({ object, field }) => [object, field]);
    expect(missing).toEqual([...HIDDEN, ['Order', 'WHMCS_Order_ID__c']].sort());
    expect(checks.find(({ field }) => field === 'WHMCS_Service_ID__c')).toMatchObject({
      exists: true,
      updateable: false,
    });
  });
});
