import { serialize } from 'php-serialize';
import { startWhmcs, type WhmcsEmulator } from '../../sandbox/whmcs/server';

/**
 * What the product relies on in WHMCS, asked of the emulator or of a real installation:
 *
 *   WHMCS_CONFORMANCE_URL=https://billing.example.com/includes/api.php WHMCS_CONFORMANCE_IDENTIFIER=... \
 *   WHMCS_CONFORMANCE_SECRET=... WHMCS_CONFORMANCE_CLIENT=1 WHMCS_CONFORMANCE_PRODUCT=1 npx jest test/conformance/whmcs
 *
 * On a real installation it adds two orders without invoice for that client and cancels them. The product needs a text
 * custom field, shown on the order form, with the name in WHMCS_CONFORMANCE_MARKER_FIELD (default `Salesforce Order`).
 */
const real = process.env.WHMCS_CONFORMANCE_URL;
const clientid = process.env.WHMCS_CONFORMANCE_CLIENT ?? '1';
const pid = process.env.WHMCS_CONFORMANCE_PRODUCT ?? '1';
const fieldName = process.env.WHMCS_CONFORMANCE_MARKER_FIELD ?? 'Salesforce Order';

let emulator: WhmcsEmulator | undefined;
let url = '';
let credentials = { identifier: '', secret: '' };

beforeAll(async () => {
  if (real === undefined) {
    emulator = await startWhmcs();
    url = emulator.apiUrl;
    credentials = { identifier: emulator.credentials.identifier, secret: emulator.credentials.secret };
  } else {
    url = real;
    credentials = {
      identifier: process.env.WHMCS_CONFORMANCE_IDENTIFIER ?? '',
      secret: process.env.WHMCS_CONFORMANCE_SECRET ?? '',
    };
  }
});
afterAll(() => emulator?.close());

type Json = Record<string, unknown>;

async function post(params: Record<string, string>): Promise<[number, Json]> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams({ responsetype: 'json', ...params }) });
  return [response.status, (await response.json()) as Json];
}

const call = async (action: string, params: Record<string, string> = {}) =>
  (await post({ ...credentials, action, ...params }))[1];

/** An id or a name, which may come as a number. */
const text = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? `${value}` : '');

/** A list in any of the shapes that WHMCS has for it. */
function list(wrapper: unknown, item: string): Json[] {
  if (typeof wrapper !== 'object' || wrapper === null) return [];
  const inner = (wrapper as Json)[item];
  if (typeof inner !== 'object' || inner === null) return [];
  if (Array.isArray(inner)) return inner as Json[];
  return 'id' in inner || 'pid' in inner ? [inner] : Object.values(inner as Record<string, Json>);
}

async function markerFieldId(): Promise<string> {
  const answer = await call('GetProducts', { pid });
  const [product] = list(answer.products, 'product');
  const field = list(product?.customfields, 'customfield').find(({ name }) => name === fieldName);
  return text(field?.id);
}

async function addMarked(marker: string): Promise<{ orderid: string; serviceids: string[]; answer: Json }> {
  const customfields = Buffer.from(serialize({ [await markerFieldId()]: marker })).toString('base64');
  const { paymentmethods } = await call('GetPaymentMethods');
  const answer = await call('AddOrder', {
    clientid,
    paymentmethod: text(list(paymentmethods, 'paymentmethod')[0]?.module),
    'pid[0]': pid,
    'customfields[0]': customfields,
    noinvoice: '1',
    noemail: '1',
  });
  const serviceids = text(answer.serviceids).split(',');
  return { orderid: text(answer.orderid), serviceids, answer };
}

test('wrong credentials are HTTP 403 with an error in the same JSON', async () => {
  const [status, answer] = await post({ ...credentials, secret: 'wrong', action: 'WhmcsDetails' });
  expect([status, answer.result, answer.message]).toEqual([403, 'error', 'Authentication Failed']);
});

test('a business failure is HTTP 200', async () => {
  const params = { clientid: '99999999', paymentmethod: 'mailin', 'pid[0]': pid };
  const [status, answer] = await post({ ...credentials, action: 'AddOrder', ...params });
  expect([status, answer]).toEqual([200, { result: 'error', message: 'Client ID Not Found' }]);
});

test('GetProducts gives the id of the marker field', async () => {
  expect(await markerFieldId()).toMatch(/^\d+$/);
});

test('a marked order: added Pending, found by its marker, cancelled once', async () => {
  const marker = `conformance-é-${Date.now()}:1`;
  const { orderid, serviceids, answer } = await addMarked(marker);
  expect(answer).toMatchObject({ result: 'success' });

  const [service] = list(
    (await call('GetClientsProducts', { clientid, serviceid: serviceids[0]! })).products,
    'product',
  );
  expect([text(service?.orderid), service?.status]).toEqual([orderid, 'Pending']);
  const values = list(service?.customfields, 'customfield').map(({ value }) => value);
  expect(values).toContain(marker);

  const [order] = list((await call('GetOrders', { id: orderid })).orders, 'order');
  expect(order?.status).toBe('Pending');

  expect(await call('CancelOrder', { orderid })).toEqual({ result: 'success' });
  const message = 'Order ID not found or Status not Pending';
  expect(await call('CancelOrder', { orderid })).toEqual({ result: 'error', message });
  expect(await call('AcceptOrder', { orderid })).toEqual({ result: 'error', message });
});

test('order ids increase', async () => {
  const first = await addMarked('conformance:a');
  const second = await addMarked('conformance:b');
  expect(Number(second.orderid)).toBeGreaterThan(Number(first.orderid));
  for (const { orderid } of [first, second]) await call('CancelOrder', { orderid });
});
