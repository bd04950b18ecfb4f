import { Connection } from 'jsforce';
import { startSalesforce, type SalesforceEmulator } from '../../../sandbox/salesforce';
import { controlRoutes } from '../../../sandbox/salesforce/control';

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

describe('the control API', () => {
  let org: SalesforceEmulator;

  beforeAll(async () => {
    org = await startSalesforce({ routes: controlRoutes });
  });
  afterAll(() => org.close());
  beforeEach(() => call('DELETE', '/faults'));

  async function call(method: string, path: string, body?: unknown, contentType = 'application/json'): Promise<Answer> {
    const response = await fetch(`${org.loginUrl}/control${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body), headers: { 'content-type': contentType } }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  async function connect(): Promise<Connection> {
    const { clientId, clientSecret } = org.credentials;
    const conn = new Connection({ oauth2: { loginUrl: org.loginUrl, clientId, clientSecret } });
    await conn.authorize({ grant_type: 'client_credentials' });
    // One without OAuth does not try to refresh its session: what the server says is what a test sees.
    return new Connection({ instanceUrl: conn.instanceUrl, accessToken: conn.accessToken! });
  }

  async function catalog(): Promise<void> {
    if (org.store.rows('PricebookEntry').length > 0) return;
    await call('POST', '/records/Account', { Name: 'Acme', WHMCS_Client_ID__c: '7' });
    const product = await call('POST', '/records/Product2', { Name: 'Hosting', IsActive: true });
    const book = await call('POST', '/records/Pricebook2', { Name: 'Standard', IsActive: true });
    const entry = { Pricebook2Id: book.body['Id'], Product2Id: product.body['Id'], UnitPrice: 12.5, IsActive: true };
    expect((await call('POST', '/records/PricebookEntry', entry)).status).toBe(201);
  }

  test('describes every route with a command that works', async () => {
    await catalog();
    await call('POST', '/orders');
    const { body } = await call('GET', '/');
    const routes = Object.entries(body['routes'] as Record<string, { does: string; try: string }>);
    expect(routes.length).toBeGreaterThan(18);
    // What only reads is run as it stands; what changes is run by the tests below.
    for (const [route, { does, try: command }] of routes) {
      expect(does.length).toBeGreaterThan(5);
      const url = /'(http[^']+)'/.exec(command)?.[1];
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/control\//);
      if (route.startsWith('GET')) expect([route, (await fetch(url!)).status]).toEqual([route, 200]);
    }
  });

  test('an order is created with its items and approved, and the events show it', async () => {
    await catalog();
    const created = await call('POST', '/orders', { items: [{ quantity: 3 }], fields: { PoNumber: 'PO-1' } });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      Status: 'Draft',
      PoNumber: 'PO-1',
      items: [{ Quantity: 3, UnitPrice: 12.5 }],
    });
    const id = String(created.body['Id']);

    const approved = await call('POST', `/orders/${id}/approve`);
    expect(approved).toMatchObject({ status: 200, body: { Id: id, Status: 'Approved' } });
    const conn = await connect();
    expect(await conn.query(`SELECT Status FROM Order WHERE Id = '${id}'`)).toMatchObject({
      records: [{ Status: 'Approved' }],
    });

    const response = await fetch(`${org.loginUrl}/control/events?topic=/data/OrderChangeEvent&limit=1`);
    expect(await response.json()).toMatchObject([
      {
        topic: '/data/OrderChangeEvent',
        payload: { ChangeEventHeader: { recordIds: [id], changeType: 'UPDATE' }, Status: { string: 'Approved' } },
      },
    ]);
  });

  test('any field of any record can be set, and records deleted and brought back', async () => {
    const { body } = await call('POST', '/records/account', { Name: 'Beta' });
    const path = `/records/Account/${String(body['Id'])}`;
    expect((await call('PATCH', path, { name: 'Gamma', Phone: '1' })).body).toMatchObject({
      Name: 'Gamma',
      Phone: '1',
    });
    expect((await call('DELETE', path)).body).toMatchObject({ IsDeleted: true });
    expect((await call('PATCH', path, { Phone: '2' })).status).toBe(404);
    expect((await call('POST', `${path}/undelete`)).body).toMatchObject({ IsDeleted: false, Phone: '1' });
    expect((await call('GET', path)).body).toMatchObject({ Name: 'Gamma' });
    const list = await call('GET', '/records/Account?limit=1');
    expect(list.body['records']).toHaveLength(1);
  });

  test('a REST fault strikes as often as asked, then the request goes through', async () => {
    await catalog();
    const order = (await call('POST', '/orders')).body;
    const conn = await connect();
    const added = await call('POST', '/faults', { kind: 'rowLock', recordId: order['Id'], count: 1 });
    expect(added.status).toBe(201);
    const update = () => conn.sobject('Order').update({ Id: String(order['Id']), PoNumber: 'x' });
    await expect(update()).rejects.toMatchObject({ errorCode: 'UNABLE_TO_LOCK_ROW' });
    await expect(update()).resolves.toMatchObject({ success: true });
    expect((await call('GET', '/faults')).body['rest']).toEqual([]);
  });

  test('faults of streams and events that no write makes', async () => {
    await catalog();
    const order = (await call('POST', '/orders')).body;
    const gap = { kind: 'gap', object: 'Order', recordIds: [order['Id']] };
    expect((await call('POST', '/faults', gap)).status).toBe(201);
    const events = await fetch(`${org.loginUrl}/control/events?topic=/data/OrderChangeEvent&limit=1`);
    expect(await events.json()).toMatchObject([{ payload: { ChangeEventHeader: { changeType: 'GAP_UPDATE' } } }]);
    expect((await call('POST', '/faults', { kind: 'hold', topic: '/data/OrderChangeEvent' })).status).toBe(201);
    expect(org.faults.isHeld('/data/OrderChangeEvent')).toBe(true);
    await call('DELETE', '/faults');
    expect(org.faults.isHeld('/data/OrderChangeEvent')).toBe(false);
  });

  test('logins can be refused, sessions ended, and the ledger tells', async () => {
    await call('DELETE', '/ledger');
    const conn = await connect();
    await conn.query('SELECT Id FROM Order LIMIT 1');
    expect(await call('POST', '/sessions/expire')).toMatchObject({ status: 200 });
    await expect(conn.query('SELECT Id FROM Order LIMIT 1')).rejects.toThrow('Session expired or invalid');
    await call('POST', '/faults', { kind: 'refuseLogins', count: 1 });
    await expect(connect()).rejects.toThrow('authentication failure');
    await connect();

    const { body } = await call('GET', '/ledger');
    expect(body['logins']).toMatchObject({ byFlow: { client_credentials: expect.any(Number) as number } });
    const entries = body['entries'] as { method: string; path: string; status: number; soql?: string }[];
    expect(entries.map(({ method, path, status }) => `${method} ${path} ${status}`)).toEqual([
      'POST /services/oauth2/token 200',
      expect.stringMatching(/^GET \/services\/data\/v\d+\.\d\/query 200$/) as string,
      expect.stringMatching(/^GET \/services\/data\/v\d+\.\d\/query 401$/) as string,
      'POST /services/oauth2/token 400',
      'POST /services/oauth2/token 200',
    ]);
    expect(JSON.stringify(body)).not.toContain(org.credentials.clientSecret);
    expect(JSON.stringify(body)).not.toContain('00DQy');
  });

  test('the clock moves, and sessions end with it', async () => {
    const conn = await connect();
    const before = org.clock.now();
    expect((await call('POST', '/clock', { advance: '3 hours' })).status).toBe(200);
    expect(org.clock.now() - before).toBeGreaterThanOrEqual(3 * 60 * 60 * 1000);
    await expect(conn.query('SELECT Id FROM Order LIMIT 1')).rejects.toThrow('Session expired or invalid');
  });

  test('a platform event is published; a field can be hidden', async () => {
    const published = await call('POST', '/events/Order_Fulfilment_Requested__e', { OrderId__c: '801' });
    expect(published.status).toBe(201);
    await call('POST', '/permissions', { object: 'Order', field: 'WHMCS_Order_ID__c', access: 'none' });
    const conn = await connect();
    await expect(conn.query('SELECT WHMCS_Order_ID__c FROM Order')).rejects.toMatchObject({
      errorCode: 'INVALID_FIELD',
    });
    await call('DELETE', '/permissions');
    await expect(conn.query('SELECT WHMCS_Order_ID__c FROM Order')).resolves.toBeDefined();
  });

  test.each<[string, string, unknown, number, RegExp]>([
    ['POST', '/faults', { kind: 'earthquake' }, 400, /kind/],
    ['POST', '/faults', { kind: 'unavailable', path: '(' }, 400, /regular expression/],
    ['POST', '/faults', { kind: 'hold', topic: '/data/Nothing' }, 404, /known are .*OrderChangeEvent/],
    ['POST', '/faults', { kind: 'gap', object: 'Pricebook2', recordIds: ['x'] }, 404, /not selected/],
    ['DELETE', '/faults/99', undefined, 404, /no fault 99/],
    ['POST', '/orders', { lines: [] }, 400, /lines/],
    ['POST', '/orders', { accountId: '001000000000000AAA' }, 404, /no Account/],
    ['POST', '/orders/801000000000000AAA/approve', {}, 404, /no Order/],
    ['GET', '/records/Nothing', undefined, 404, /known are .*Order/],
    ['POST', '/records/Order', { Status: 'Draft' }, 422, /Required fields are missing/],
    ['POST', '/records/Account', { Colour: 'red' }, 422, /No such column 'Colour'/],
    ['POST', '/clock', { advance: 'soon' }, 400, /duration/],
    ['POST', '/clock', { advance: -1 }, 400, /advance/],
    ['GET', '/events?topic=/data/Nothing', undefined, 404, /no topic/],
    ['POST', '/permissions', { object: 'Order', field: 'Colour', access: 'none' }, 404, /Order\.Colour/],
    ['GET', '/nothing', undefined, 404, /GET \/control lists/],
    ['POST', '/orders', '{', 400, /not JSON/],
  ])('%s %s %j is refused with %i', async (method, path, body, status, message) => {
    const answer = await call(method, path, body);
    expect(answer).toMatchObject({ status, body: { message: expect.stringMatching(message) as string } });
  });

  test('a body that curl calls a form is read as JSON', async () => {
    const answer = await call('POST', '/records/Account', { Name: 'By curl' }, 'application/x-www-form-urlencoded');
    expect(answer).toMatchObject({ status: 201, body: { Name: 'By curl' } });
  });
});
