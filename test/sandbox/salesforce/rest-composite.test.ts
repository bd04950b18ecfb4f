import type { Connection } from 'jsforce';
import { RestOrg } from './rest-org';

interface CompositeAnswer {
  compositeResponse: { body: unknown; httpStatusCode: number; referenceId: string }[];
}

describe('collections and composite requests, through jsforce', () => {
  let org: RestOrg;
  let conn: Connection;

  beforeEach(async () => {
    org = await RestOrg.start();
    conn = org.connect({ clientName: 'order-provisioning' });
  });
  afterEach(() => org.stop());

  const collection = (records: object[], allOrNone: boolean, method: 'POST' | 'PATCH' = 'PATCH') =>
    conn.request<{ id?: string; success: boolean; errors: { statusCode: string; fields: string[] }[] }[]>({
      method,
      url: '/composite/sobjects',
      body: JSON.stringify({ allOrNone, records }),
      headers: { 'content-type': 'application/json' },
    });
  const record = (type: string, fields: object) => ({ attributes: { type }, ...fields });
  const composite = (allOrNone: boolean, compositeRequest: object[]) =>
    conn.request<CompositeAnswer>({
      method: 'POST',
      url: '/composite',
      body: JSON.stringify({ allOrNone, compositeRequest }),
      headers: { 'content-type': 'application/json' },
    });

  test('an order and its items are updated in one transaction', async () => {
    const { orderId, itemIds } = org.seedOrder({}, 3);
    const before = org.store.commits;
    const results = await collection(
      [
        record('Order', { Id: orderId, WHMCS_Order_ID__c: '55', Activation_Status__c: 'Activated' }),
        ...itemIds.map((id, i) => record('OrderItem', { Id: id, WHMCS_Service_ID__c: String(i) })),
      ],
      true,
    );
    expect(results).toEqual([orderId, ...itemIds].map((id) => ({ id, success: true, errors: [] })));
    expect(org.store.commits).toBe(before + 1);
    const commit = org.commits.at(-1)!;
    expect(commit.meta.clientName).toBe('order-provisioning');
    expect(commit.changes.map(({ object }) => object)).toEqual(['Order', 'OrderItem', 'OrderItem', 'OrderItem']);
  });

  test('all or none: one refusal undoes all and the others say so', async () => {
    const { orderId, itemIds } = org.seedOrder({}, 1);
    const before = org.store.commits;
    const records = [
      record('Order', { Id: orderId, WHMCS_Order_ID__c: '55' }),
      record('OrderItem', { Id: itemIds[0], Quantity: null }),
    ];
    const results = await collection(records, true);
    expect(results).toMatchObject([
      { success: false, errors: [{ statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK' }] },
      { id: itemIds[0], success: false, errors: [{ statusCode: 'REQUIRED_FIELD_MISSING', fields: ['Quantity'] }] },
    ]);
    expect(org.store.commits).toBe(before);
    expect(org.store.get('Order', orderId)).toMatchObject({ WHMCS_Order_ID__c: null });

    expect(await collection(records, false)).toMatchObject([{ id: orderId, success: true }, { success: false }]);
    expect(org.store.commits).toBe(before + 1);
    expect(org.store.get('Order', orderId)).toMatchObject({ WHMCS_Order_ID__c: '55' });
  });

  test("jsforce's own collections: create, update, retrieve, delete of many", async () => {
    const created = await conn.sobject('Account').create([{ Name: 'A' }, { Name: 'B' }, { Phone: '1' }]);
    expect(created.map(({ success }) => success)).toEqual([true, true, false]);
    const ids = created.flatMap(({ id }) => id ?? []);
    const updated = await conn.sobject('Account').update(ids.map((Id) => ({ Id, Phone: '2' })));
    expect(updated.map(({ success }) => success)).toEqual([true, true]);
    const found = await conn.sobject('Account').retrieve([...ids, '001000000000000AAA'], { fields: ['Name', 'Phone'] });
    expect(found).toMatchObject([{ Name: 'A', Phone: '2' }, { Name: 'B', Phone: '2' }, null]);
    const deleted = await conn.sobject('Account').destroy(ids);
    expect(deleted.map(({ success }) => success)).toEqual([true, true]);
    expect(org.store.rows('Account')).toEqual([]);
  });

  test('limits of a collection: 200 records, 10 runs of one type', async () => {
    const many = Array.from({ length: 201 }, () => record('Account', { Name: 'x' }));
    await expect(collection(many, true, 'POST')).rejects.toMatchObject({ errorCode: 'EXCEEDED_ID_LIMIT' });
    const mixed = Array.from({ length: 11 }, (_, i) => record(i % 2 ? 'Account' : 'Product2', { Name: 'x' }));
    await expect(collection(mixed, true, 'POST')).rejects.toMatchObject({
      errorCode: 'LIMIT_EXCEEDED',
      message: expect.stringContaining('10 chunks') as string,
    });
    expect(org.store.rows('Account')).toEqual([]);
  });

  test('composite: a part uses what one before it answered', async () => {
    const { compositeResponse } = await composite(true, [
      { method: 'POST', url: '/services/data/v62.0/sobjects/Account', referenceId: 'acc', body: { Name: 'Acme' } },
      {
        method: 'PATCH',
        url: '/services/data/v62.0/sobjects/Account/@{acc.id}',
        referenceId: 'phone',
        body: { Phone: '1' },
      },
      {
        method: 'POST',
        url: '/services/data/v62.0/sobjects/Contact',
        referenceId: 'con',
        body: { LastName: 'Doe', AccountId: '@{acc.id}' },
      },
    ]);
    expect(compositeResponse.map(({ httpStatusCode }) => httpStatusCode)).toEqual([201, 204, 201]);
    const [account] = org.store.rows('Account');
    expect(account).toMatchObject({ Name: 'Acme', Phone: '1' });
    expect(org.store.rows('Contact')).toMatchObject([{ AccountId: account!.Id }]);
    expect(org.commits.at(-1)?.changes).toHaveLength(2);
  });

  test.each([true, false])('composite with a part at fault, allOrNone %s', async (allOrNone) => {
    const { compositeResponse } = await composite(allOrNone, [
      { method: 'POST', url: '/services/data/v62.0/sobjects/Account', referenceId: 'a', body: { Name: 'A' } },
      { method: 'POST', url: '/services/data/v62.0/sobjects/Account', referenceId: 'b', body: {} },
      {
        method: 'POST',
        url: '/services/data/v62.0/sobjects/Contact',
        referenceId: 'c',
        body: { LastName: 'C', AccountId: '@{b.id}' },
      },
    ]);
    const codes = compositeResponse.map(({ body, httpStatusCode }) =>
      httpStatusCode < 400 ? httpStatusCode : (body as { errorCode: string }[])[0]?.errorCode,
    );
    expect(codes).toEqual([allOrNone ? 'PROCESSING_HALTED' : 201, 'REQUIRED_FIELD_MISSING', 'PROCESSING_HALTED']);
    expect(org.store.rows('Account')).toHaveLength(allOrNone ? 0 : 1);
  });

  test('batch: independent parts', async () => {
    const answer = await conn.request<{ hasErrors: boolean; results: { statusCode: number }[] }>({
      method: 'POST',
      url: '/composite/batch',
      body: JSON.stringify({
        batchRequests: [
          { method: 'GET', url: 'v62.0/limits' },
          { method: 'GET', url: 'v62.0/query?q=SELECT+Id+FROM+Nothing' },
          { method: 'POST', url: 'v62.0/sobjects/Account', richInput: { Name: 'Acme' } },
        ],
      }),
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.hasErrors).toBe(true);
    expect(answer.results.map(({ statusCode }) => statusCode)).toEqual([200, 400, 201]);
    expect(org.store.rows('Account')).toHaveLength(1);
  });
});
