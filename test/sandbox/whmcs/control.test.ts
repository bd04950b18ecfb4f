import { encodeFields, running, type Running } from './running';

let at: Running;
beforeEach(async () => {
  at = await running();
});
afterEach(() => at.whmcs.close());

type Json = Record<string, unknown>;
async function control(method: string, path: string, body?: unknown): Promise<[number, Json]> {
  const response = await fetch(`${at.whmcs.controlUrl}${path}`, {
    method,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return [response.status, (await response.json()) as Json];
}

test('describes itself, and every example works as it stands', async () => {
  const [status, guide] = await control('GET', '');
  expect(status).toBe(200);
  const routes = Object.entries(guide.routes as Record<string, { try: string }>);
  expect(routes.length).toBeGreaterThan(10);
  for (const [route, { try: command }] of routes) {
    // The commands are read, not run: curl need not be there.
    const method = /-X (\w+)/.exec(command)?.[1] ?? 'GET';
    const url = /'?(http:[^' ]+)'?/.exec(command)?.[1] ?? '';
    const body = / -d '(.*)'$/.exec(command)?.[1];
    const response = await fetch(url, { method, ...(body === undefined ? {} : { body }) });
    expect([route, response.ok]).toEqual([route, true]);
  }
});

test('names every kind of fault', async () => {
  const [, guide] = await control('GET', '');
  const kinds = (guide.routes as Record<string, { kinds?: string[] }>)['POST /control/faults']?.kinds ?? [];
  const needs: Record<string, object> = {
    latency: { ms: 1 },
    businessError: { message: 'No' },
    partialAdd: { services: 1 },
  };
  for (const kind of kinds) expect((await control('POST', '/faults', { kind, ...needs[kind] }))[0]).toBe(201);
  expect(kinds).toHaveLength(21);
});

test('shows orders with services, custom fields by name and invoice', async () => {
  await at.order({ 'customfields[0]': encodeFields({ 41: '801A:802A' }) });
  await at.order();
  const [, { orders }] = await control('GET', '/orders?field=801A');
  expect(orders).toMatchObject([
    { id: 1, status: 'Pending', services: [{ customFields: { 'Salesforce Order': '801A:802A' } }], invoice: { id: 1 } },
  ]);
  expect((await control('GET', '/orders?status=Active'))[1]).toEqual({ orders: [] });
});

test('the ledger can be filtered and cleared', async () => {
  await at.order();
  await at.call('GetOrders');
  const seqs = async (query: string) =>
    ((await control('GET', `/ledger${query}`))[1].entries as { seq: number }[]).map(({ seq }) => seq);
  expect(await seqs('')).toEqual([1, 2, 3, 4, 5]);
  expect(await seqs('?kind=call')).toEqual([1, 5]);
  expect(await seqs('?action=addorder')).toEqual([1]);
  expect(await seqs('?after=3')).toEqual([4, 5]);
  await control('DELETE', '/ledger');
  expect(await seqs('')).toEqual([]);
});

test('adds and changes clients and products that can then be ordered', async () => {
  const [status, client] = await control('POST', '/clients', { firstname: 'Ada', currency: 2 });
  expect([status, client]).toMatchObject([201, { id: 14, firstname: 'Ada', currency: 2 }]);
  const [, added] = await control('POST', '/products', {
    name: 'Object Storage',
    pricing: { EUR: { cycles: { monthly: '5.00' } } },
  });
  expect(added).toMatchObject({ id: 11, customFields: [{ id: 51, name: 'Salesforce Order' }] });
  await at.order({ clientid: '14', 'pid[0]': '11' });
  expect(await at.services('14')).toMatchObject([{ name: 'Object Storage', recurringamount: '5.00' }]);
  await control('POST', '/clients', { id: 14, status: 'Closed' });
  const [, { clients }] = await control('GET', '/clients');
  expect((clients as unknown[]).at(-1)).toMatchObject({ id: 14, firstname: 'Ada', status: 'Closed' });
  expect((await control('GET', '/products'))[1].products).toHaveLength(11);
});

test('faults can be added, seen, released and removed', async () => {
  const [, fault] = await control('POST', '/faults', { kind: 'commitLate', action: 'AddOrder', count: 1 });
  expect(fault).toEqual({ id: 1, kind: 'commitLate', action: 'AddOrder', count: 1, hits: 0, active: true, waiting: 0 });
  await expect(at.send('AddOrder', { clientid: '1', paymentmethod: 'mailin', 'pid[0]': '1' })).rejects.toThrow();
  expect((await control('GET', '/faults'))[1]).toMatchObject({ faults: [{ hits: 1, active: false, waiting: 1 }] });
  await control('POST', '/faults/1/release');
  expect((await control('GET', '/orders'))[1].orders).toHaveLength(1);
  expect((await control('DELETE', '/faults/1'))[1]).toEqual({ faults: [] });
  await control('POST', '/faults', { kind: '503' });
  await control('DELETE', '/faults');
  expect((await at.send('GetOrders')).status).toBe(200);
});

test('settings are shown and changed', async () => {
  const [, changed] = await control('POST', '/settings', { listShape: 'emptyString', acceptReportsModuleError: true });
  expect(changed).toEqual({
    listShape: 'emptyString',
    numbers: 'strings',
    acceptReportsModuleError: true,
    cancelOrderCancelsInvoice: true,
  });
  expect((await at.call('GetOrders')).orders).toBe('');
});

test('reset goes back to the first contents', async () => {
  await at.order();
  await control('POST', '/clients', {});
  await control('POST', '/faults', { kind: '503' });
  await control('POST', '/settings', { numbers: 'numbers' });
  expect(await control('POST', '/reset')).toEqual([200, { reset: true }]);
  expect((await control('GET', '/ledger'))[1]).toEqual({ entries: [] });
  expect((await control('GET', '/clients'))[1].clients).toHaveLength(13);
  expect(await at.order()).toBe('1');
});

test.each<[string, string, unknown, number, string]>([
  ['POST', '/faults', { kind: 'nonsense' }, 422, 'kind'],
  ['POST', '/faults', { kind: '503', cuont: 1 }, 422, 'cuont'],
  ['POST', '/faults', { kind: '503', action: '(' }, 422, 'regular expression'],
  ['POST', '/faults', '{"kind":', 400, 'not JSON'],
  ['POST', '/faults', [], 422, 'object'],
  ['DELETE', '/faults/77', undefined, 404, 'There is no fault 77'],
  ['DELETE', '/faults/x', undefined, 422, 'id'],
  ['POST', '/clients', { currency: 77 }, 422, 'There is no currency 77. Known: 1, 2.'],
  ['POST', '/products', {}, 422, 'name'],
  ['POST', '/products', { name: 'x', pricing: { USD: { cycles: { monthly: '5' } } } }, 422, 'amount such as'],
  ['POST', '/settings', { listShape: 'round' }, 422, 'documented'],
  ['GET', '/ledger?kind=x', undefined, 422, 'kind'],
  ['GET', '/orders?status=active', undefined, 422, 'Active'],
  ['GET', '/nowhere', undefined, 404, '/control'],
])('%s /control%s %j: %d, with help', async (method, path, body, status, text) => {
  const [actual, answer] = await control(method, path, body);
  expect(actual).toBe(status);
  expect(JSON.stringify(answer)).toContain(text);
});
