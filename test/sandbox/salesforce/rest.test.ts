import type { Connection } from 'jsforce';
import { RestOrg } from './rest-org';

describe('REST resources, through jsforce', () => {
  let org: RestOrg;
  let conn: Connection;

  beforeEach(async () => {
    org = await RestOrg.start();
    conn = org.connect({ clientName: 'order-provisioning' });
  });
  afterEach(() => org.stop());

  test('an order with its account, and its items with their products, in one query', async () => {
    const { orderId, accountId, itemIds } = org.seedOrder({ Status: 'Approved' }, 2);
    const { records, done } = await conn.query(
      `SELECT Id, Status, AccountId, Account.WHMCS_Client_ID__c, SystemModstamp,
        (SELECT Id, Quantity, UnitPrice, Product2.WHMCS_Product_ID__c FROM OrderItems ORDER BY Id)
       FROM Order WHERE Id = '${orderId.slice(0, 15)}'`,
    );
    expect(done).toBe(true);
    expect(records).toEqual([
      {
        attributes: { type: 'Order', url: `/services/data/v62.0/sobjects/Order/${orderId}` },
        Id: orderId,
        Status: 'Approved',
        AccountId: accountId,
        Account: {
          attributes: { type: 'Account', url: `/services/data/v62.0/sobjects/Account/${accountId}` },
          WHMCS_Client_ID__c: '7',
        },
        SystemModstamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000$/) as string,
        OrderItems: {
          totalSize: 2,
          done: true,
          records: itemIds.map((id) => ({
            attributes: { type: 'OrderItem', url: `/services/data/v62.0/sobjects/OrderItem/${id}` },
            Id: id,
            Quantity: 1,
            UnitPrice: 10,
            Product2: expect.objectContaining({ WHMCS_Product_ID__c: '11' }) as unknown,
          })),
        },
      },
    ]);
  });

  test('a write carries the client name of the connection into the transaction', async () => {
    const { orderId } = org.seedOrder();
    await conn.sobject('Order').update({ Id: orderId, Status: 'Approved' });
    const commit = org.commits.at(-1);
    expect(commit?.meta).toMatchObject({ clientName: 'order-provisioning', apiVersion: '62.0', userId: org.userId });
    expect(commit?.changes).toMatchObject([
      { object: 'Order', id: orderId, type: 'UPDATE', after: { Status: 'Approved' } },
    ]);
  });

  test('create, read, update, delete, and what became of the record', async () => {
    const account = await conn.sobject('Account').create({ Name: 'Acme', Phone: '1' });
    expect(account).toEqual({ id: expect.stringMatching(/^001\w{15}$/) as string, success: true, errors: [] });
    const id = account.id!;
    expect(await conn.sobject('Account').retrieve(id, { fields: ['Name', 'Phone'] })).toEqual({
      attributes: { type: 'Account', url: `/services/data/v62.0/sobjects/Account/${id}` },
      Id: id,
      Name: 'Acme',
      Phone: '1',
    });
    expect(await conn.sobject('Account').update({ Id: id, Phone: null })).toEqual({ id, success: true, errors: [] });
    expect(org.store.get('Account', id)).toMatchObject({ Phone: null, Name: 'Acme' });
    expect(await conn.sobject('Account').destroy(id)).toMatchObject({ success: true });
    await expect(conn.sobject('Account').retrieve(id)).rejects.toMatchObject({ errorCode: 'ENTITY_IS_DELETED' });
    expect(await conn.query(`SELECT Id FROM Account WHERE Id = '${id}'`)).toMatchObject({ totalSize: 0 });
    expect(await conn.query(`SELECT Id FROM Account WHERE Id = '${id}'`, { scanAll: true })).toMatchObject({
      totalSize: 1,
    });
  });

  test('a record that somebody changed meanwhile is not overwritten', async () => {
    const { orderId } = org.seedOrder();
    const read = org.clock.now();
    const headers = { 'If-Unmodified-Since': new Date(read).toUTCString() };
    org.clock.advance(60_000);
    await conn.sobject('Order').update({ Id: orderId, PoNumber: '1' }, { headers });
    await expect(conn.sobject('Order').update({ Id: orderId, PoNumber: '2' }, { headers })).rejects.toMatchObject({
      errorCode: 'PRECONDITION_FAILED',
    });
    expect(org.store.get('Order', orderId)).toMatchObject({ PoNumber: '1' });
  });

  test.each<
    [string, (c: Connection, orderId: string) => PromiseLike<unknown>, { errorCode: string; message?: RegExp }]
  >([
    ['an unknown object', (c) => c.sobject('Nothing').create({}), { errorCode: 'NOT_FOUND' }],
    ['an unknown column', (c) => c.sobject('Account').create({ Name: 'x', Colour: 1 }), { errorCode: 'INVALID_FIELD' }],
    ['a missing field', (c) => c.sobject('Account').create({}), { errorCode: 'REQUIRED_FIELD_MISSING' }],
    [
      'a text too long',
      (c) => c.sobject('Account').create({ Name: 'x'.repeat(256) }),
      { errorCode: 'STRING_TOO_LONG' },
    ],
    [
      'a malformed id',
      (c) => c.sobject('Order').retrieve('nothing'),
      { errorCode: 'NOT_FOUND', message: /external ID/ },
    ],
    [
      'a record that is not there',
      (c) => c.sobject('Order').retrieve('801000000000000AAA'),
      { errorCode: 'NOT_FOUND' },
    ],
    [
      'an update of nothing',
      (c) => c.sobject('Order').update({ Id: '801000000000000AAA', PoNumber: 'x' }),
      { errorCode: 'NOT_FOUND' },
    ],
    [
      'a picklist value that is none',
      (c, Id) => c.sobject('Order').update({ Id, BillingGeocodeAccuracy: 'Nowhere' }),
      { errorCode: 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST' },
    ],
    [
      'a field that nobody sets',
      (c, Id) => c.sobject('Order').update({ Id, OrderNumber: '1' }),
      { errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE' },
    ],
    [
      'an id path that climbs',
      (c) => c.request({ method: 'GET', url: '/sobjects/Order/..%2F..%2Flimits' }),
      { errorCode: 'NOT_FOUND' },
    ],
    [
      'a method that is none',
      (c) => c.request({ method: 'PUT', url: '/limits', body: '{}', headers: { 'content-type': 'application/json' } }),
      { errorCode: 'METHOD_NOT_ALLOWED' },
    ],
    [
      'a body that is no JSON',
      (c) =>
        c.request({
          method: 'POST',
          url: '/sobjects/Account',
          body: '{',
          headers: { 'content-type': 'application/json' },
        }),
      { errorCode: 'JSON_PARSER_ERROR' },
    ],
    ['a wrong locator', (c) => c.queryMore('01gQy0000000001IAC-2000'), { errorCode: 'INVALID_QUERY_LOCATOR' }],
  ])('%s is refused by its code', async (_name, attempt, { errorCode, message }) => {
    const { orderId } = org.seedOrder();
    const before = org.store.commits;
    await expect(Promise.resolve(attempt(conn, orderId))).rejects.toMatchObject({
      errorCode,
      ...(message === undefined ? {} : { message: expect.stringMatching(message) as string }),
    });
    expect(org.store.commits).toBe(before);
  });

  test('a long answer comes in pages, and jsforce follows them', async () => {
    const ids = org.store.transaction({ userId: org.userId }, (tx) =>
      Array.from({ length: 450 }, (_, i) => tx.create('Account', { Name: `Account ${i}` })),
    );
    const options = { headers: { 'Sforce-Query-Options': 'batchSize=200' } };
    const first = await conn.query('SELECT Id FROM Account ORDER BY Id', options);
    expect(first).toMatchObject({ totalSize: 450, done: false });
    expect(first.records).toHaveLength(200);
    expect(first.nextRecordsUrl).toMatch(/\/services\/data\/v62\.0\/query\/01g\w{15}-200$/);
    // A row that comes later is not in an answer that was begun before.
    org.create('Account', { Name: 'Later' });
    const all = await conn.query('SELECT Id FROM Account ORDER BY Id', {
      ...options,
      autoFetch: true,
      maxFetch: 10_000,
    });
    expect(all.records).toHaveLength(451);
    const second = await conn.queryMore(first.nextRecordsUrl!);
    const third = await conn.queryMore(second.nextRecordsUrl!);
    expect(third).toMatchObject({ totalSize: 450, done: true });
    expect([...first.records, ...second.records, ...third.records].map((row) => row['Id'])).toEqual(ids);
  });

  test('children beyond 499 come in pages of their own', async () => {
    const { orderId } = org.seedOrder({}, 600);
    const { records } = await conn.query(`SELECT Id, (SELECT Id FROM OrderItems) FROM Order WHERE Id = '${orderId}'`);
    const items = records[0]!['OrderItems'] as {
      totalSize: number;
      done: boolean;
      nextRecordsUrl: string;
      records: unknown[];
    };
    expect(items).toMatchObject({ totalSize: 600, done: false });
    expect(items.records).toHaveLength(499);
    const rest = await conn.queryMore(items.nextRecordsUrl);
    expect(rest).toMatchObject({ done: true });
    expect(rest.records).toHaveLength(101);
  });

  test('describe, limits, and the usage that stands in every answer', async () => {
    const described = await conn.sobject('Order').describe();
    const field = described.fields.find(({ name }) => name === 'AccountId');
    expect(field).toMatchObject({ type: 'reference', referenceTo: ['Account'], relationshipName: 'Account' });
    expect(described.childRelationships).toContainEqual(
      expect.objectContaining({ relationshipName: 'OrderItems', childSObject: 'OrderItem' }),
    );
    expect((await conn.describeGlobal()).sobjects.map(({ name }) => name)).toContain('PricebookEntry');
    const limits = await conn.limits();
    expect(limits['DailyApiRequests']).toEqual({ Max: 100_000, Remaining: 99_997 });
    expect(limits['DailyDeliveredPlatformEvents']).toMatchObject({ Max: 50_000 });
    expect(conn.limitInfo).toEqual({ apiUsage: { used: 3, limit: 100_000 } });
  });

  test('the Tooling API tells of managed subscriptions and of objects with change data capture', async () => {
    const query = (soql: string) =>
      conn.request<{ size: number; records: Record<string, unknown>[] }>(
        `/tooling/query/?q=${encodeURIComponent(soql)}`,
      );
    const fields = 'SELECT Id, DeveloperName, Metadata FROM ManagedEventSubscription';
    const byName = await query(`${fields} WHERE DeveloperName='Order_Provisioning' LIMIT 1`);
    expect(byName).toMatchObject({
      size: 1,
      records: [
        { DeveloperName: 'Order_Provisioning', Metadata: { topicName: '/data/OrderChangeEvent', state: 'RUN' } },
      ],
    });
    expect(await query(`${fields} WHERE Id='${String(byName.records[0]!['Id'])}' LIMIT 1`)).toMatchObject({ size: 1 });
    expect(await query(`${fields} WHERE DeveloperName='Nothing'`)).toMatchObject({ size: 0, records: [] });
    const members = await query(
      "SELECT SelectedEntity FROM PlatformEventChannelMember WHERE EventChannel = 'ChangeEvents'",
    );
    const selected = members.records.map((record) => record['SelectedEntity']);
    expect(selected).toEqual(expect.arrayContaining(['OrderChangeEvent', 'OrderItemChangeEvent']));
    expect(selected).not.toContain('Pricebook2ChangeEvent');
  });

  test('a platform event is published by creating it', async () => {
    const result = await conn.sobject('Order_Fulfilment_Requested__e').create({ OrderId__c: '801000000000000AAA' });
    expect(result).toMatchObject({ success: true, errors: [{ statusCode: 'OPERATION_ENQUEUED' }] });
    expect(org.published).toEqual([
      {
        event: 'Order_Fulfilment_Requested__e',
        fields: { OrderId__c: '801000000000000AAA' },
        client: 'order-provisioning',
      },
    ]);
  });

  test('field permissions: a hidden field is none, a read-only one cannot be set', async () => {
    const { orderId } = org.seedOrder();
    const set = () => conn.sobject('Order').update({ Id: orderId, PoNumber: '1' });
    org.permissions.restrict('Order', 'PoNumber', 'read');
    await expect(set()).rejects.toMatchObject({ errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE' });
    const described = await conn.sobject('Order').describe();
    expect(described.fields.find(({ name }) => name === 'PoNumber')).toMatchObject({ updateable: false });
    org.permissions.restrict('Order', 'PoNumber', 'none');
    await expect(set()).rejects.toMatchObject({ errorCode: 'INVALID_FIELD' });
    org.permissions.clear();
    await expect(set()).resolves.toMatchObject({ success: true });
  });

  test.each<[string, RequestInit, number, string]>([
    ['sobjects/Order/%zz', {}, 400, 'INVALID_INPUT'],
    ['query?q=%zz', {}, 400, 'MALFORMED_QUERY'],
    ['query', {}, 400, 'MALFORMED_QUERY'],
    ['sobjects/Account', { method: 'POST', body: 'Name=x' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['sobjects/Account', { method: 'POST' }, 400, 'JSON_PARSER_ERROR'],
    ['..%2f..%2f..%2fcontrol', {}, 404, 'NOT_FOUND'],
  ])('bad HTTP: %s %j', async (path, init, status, errorCode) => {
    const headers = { authorization: `Bearer ${conn.accessToken!}` };
    const response = await fetch(`${org.url}/services/data/v62.0/${path}`, { ...init, headers });
    expect([response.status, await response.json()]).toMatchObject([status, [{ errorCode }]]);
  });
});
