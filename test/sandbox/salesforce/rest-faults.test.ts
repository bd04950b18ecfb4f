import type { Connection } from 'jsforce';
import type { RestFaultInput } from '../../../sandbox/salesforce/rest/faults';
import { eventually } from '../../support/eventually';
import { RestOrg } from './rest-org';

describe('faults of the REST side', () => {
  let org: RestOrg;
  let conn: Connection;
  let orderId: string;

  beforeEach(async () => {
    org = await RestOrg.start();
    conn = org.connect();
    ({ orderId } = org.seedOrder());
  });
  afterEach(() => org.stop());

  const query = () => conn.query('SELECT Id FROM Order');
  const update = () => conn.sobject('Order').update({ Id: orderId, PoNumber: '1' });
  const poNumber = () => org.store.get('Order', orderId)?.['PoNumber'];

  test.each<[RestFaultInput, string]>([
    [{ kind: 'error', status: 400, errorCode: 'API_CURRENTLY_DISABLED', message: 'off' }, 'API_CURRENTLY_DISABLED'],
    [{ kind: 'unavailable' }, 'SERVER_UNAVAILABLE'],
    [{ kind: 'unavailable', format: 'html' }, 'ERROR_HTTP_503'],
    [{ kind: 'requestLimitExceeded' }, 'REQUEST_LIMIT_EXCEEDED'],
    [{ kind: 'unknownException' }, 'UNKNOWN_EXCEPTION'],
    [{ kind: 'invalidSession' }, 'INVALID_SESSION_ID'],
  ])('%j strikes twice, then all is well', async (fault, errorCode) => {
    org.faults.add({ ...fault, count: 2 });
    // jsforce repeats a GET that failed with some statuses; a PATCH it sends once.
    await expect(update()).rejects.toMatchObject({ errorCode });
    await expect(update()).rejects.toMatchObject({ errorCode });
    expect(poNumber()).toBeNull();
    await expect(update()).resolves.toMatchObject({ success: true });
    expect(org.faults.active).toEqual([]);
    expect(org.ledger.entries.map(({ fault: kind }) => kind)).toEqual([fault.kind, fault.kind, undefined]);
  });

  test('a fault strikes only what it names: method, path, object; and after as many as it lets pass', async () => {
    org.faults.add({ kind: 'unknownException', method: 'PATCH', object: 'order', skip: 1, count: 1 });
    await query();
    await update();
    await conn.sobject('Account').create({ Name: 'x' });
    await expect(update()).rejects.toMatchObject({ errorCode: 'UNKNOWN_EXCEPTION' });
    await update();
    org.faults.add({ kind: 'requestLimitExceeded', path: 'FROM Order\\b' });
    await conn.query('SELECT Id FROM OrderItem');
    await expect(query()).rejects.toMatchObject({ errorCode: 'REQUEST_LIMIT_EXCEEDED' });
    org.faults.clear();
    await query();
  });

  test('a fault that names a part of the body lets writes pass that go the same way', async () => {
    org.faults.add({ kind: 'unknownException', method: 'PATCH', body: '"PoNumber":"2"', count: 1 });
    await update();
    await query();
    const other = conn.sobject('Order').update({ Id: orderId, PoNumber: '2' });
    await expect(other).rejects.toMatchObject({ errorCode: 'UNKNOWN_EXCEPTION' });
    expect(poNumber()).toBe('1');
  });

  test('commitThenLose: the write is done and the client cannot know', async () => {
    org.faults.add({ kind: 'commitThenLose', method: 'PATCH', count: 1 });
    await expect(update()).rejects.toThrow(/socket hang up|ECONNRESET|terminated/);
    expect(poNumber()).toBe('1');
  });

  test('loseBeforeCommit: nothing is done', async () => {
    org.faults.add({ kind: 'loseBeforeCommit', method: 'PATCH', count: 1 });
    await expect(update()).rejects.toThrow(/socket hang up|ECONNRESET|terminated/);
    expect(poNumber()).toBeNull();
  });

  test('hang: no answer, and the server can still be closed', async () => {
    org.faults.add({ kind: 'hang', method: 'PATCH', count: 1 });
    const hanging = update().then(
      () => 'answered',
      () => 'cut',
    );
    await eventually(() => {
      expect(org.ledger.entries).toMatchObject([{ method: 'PATCH', fault: 'hang' }]);
    });
    await org.stop();
    expect(await hanging).toBe('cut');
    expect(poNumber()).toBeNull();
  });

  test('latency: the answer comes, later', async () => {
    org.faults.add({ kind: 'latency', ms: 20, count: 1 });
    await expect(update()).resolves.toMatchObject({ success: true });
    expect(org.ledger.entries[0]).toMatchObject({ fault: 'latency', status: 204 });
  });

  test.each<[RestFaultInput, string]>([
    [{ kind: 'rowLock' }, 'UNABLE_TO_LOCK_ROW'],
    [{ kind: 'validation', message: 'No.', fields: ['Status'] }, 'FIELD_CUSTOM_VALIDATION_EXCEPTION'],
    [{ kind: 'insufficientAccess' }, 'INSUFFICIENT_ACCESS_OR_READONLY'],
  ])('%j refuses a record, alone and in a collection', async (fault, code) => {
    org.faults.add({ ...fault, object: 'Order', count: 2 });
    await expect(update()).rejects.toMatchObject({ errorCode: code });
    const [other, order] = await conn.request<{ success: boolean; errors: { statusCode: string }[] }[]>({
      method: 'PATCH',
      url: '/composite/sobjects',
      body: JSON.stringify({
        allOrNone: true,
        records: [
          { attributes: { type: 'Account' }, Id: org.store.rows('Account')[0]!.Id, Phone: '1' },
          { attributes: { type: 'Order' }, Id: orderId, PoNumber: '1' },
        ],
      }),
      headers: { 'content-type': 'application/json' },
    });
    expect([other, order]).toMatchObject([
      { success: false, errors: [{ statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK' }] },
      { success: false, errors: [{ statusCode: code }] },
    ]);
    expect(org.store.rows('Account')[0]).toMatchObject({ Phone: null });
    await expect(update()).resolves.toMatchObject({ success: true });
  });

  test('a row lock holds one record and no other', async () => {
    const other = org.seedOrder().orderId;
    org.faults.add({ kind: 'rowLock', recordId: orderId.slice(0, 15) });
    await conn.sobject('Order').update({ Id: other, PoNumber: '2' });
    await expect(update()).rejects.toMatchObject({ errorCode: 'UNABLE_TO_LOCK_ROW' });
    await expect(update()).rejects.toMatchObject({ errorCode: 'UNABLE_TO_LOCK_ROW' });
    org.faults.clear();
    await update();
  });
});
