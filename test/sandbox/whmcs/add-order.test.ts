import { encodeFields, running, type Running } from './running';

let at: Running;
beforeAll(async () => {
  at = await running({ now: () => new Date('2026-01-31T12:00:00Z') });
});
afterAll(() => at.whmcs.close());
beforeEach(() => at.whmcs.reset());

const add = (params: Record<string, string>) =>
  at.call('AddOrder', { clientid: '1', paymentmethod: 'mailin', ...params });

test('makes a Pending order with a service per product and one invoice', async () => {
  const answer = await add({ 'pid[0]': '1', 'pid[1]': '3' });
  expect(answer).toEqual({
    result: 'success',
    orderid: '1',
    productids: '1,2',
    serviceids: '1,2',
    addonids: '',
    domainids: '',
    invoiceid: '1',
  });
  const services = await at.services();
  expect(services).toMatchObject([
    { id: '1', orderid: '1', pid: '1', status: 'Pending', billingcycle: 'Monthly', recurringamount: '9.95' },
    // 19.00 and a set-up fee of 5.00.
    { id: '2', orderid: '1', pid: '3', firstpaymentamount: '24.00', recurringamount: '19.00' },
  ]);
  expect(services[0]).toMatchObject({ regdate: '2026-01-31', nextduedate: '2026-02-28' });
  expect(await at.call('GetInvoice', { invoiceid: '1' })).toMatchObject({ total: '33.95', status: 'Unpaid' });
});

test('is not idempotent: the same call makes another order', async () => {
  expect(await at.order()).toBe('1');
  expect(await at.order()).toBe('2');
});

test.each<[string, Record<string, string>, string]>([
  ['no client', { clientid: '99', 'pid[0]': '1' }, 'Client ID Not Found'],
  ['closed client', { clientid: '13', 'pid[0]': '1' }, 'Unable to add order when client status is Closed'],
  [
    'payment method',
    { paymentmethod: 'cash', 'pid[0]': '1' },
    'Invalid Payment Method. Valid options include mailin,banktransfer,paypal',
  ],
  ['no products', {}, 'No items added to cart so order cannot proceed'],
  ['only unknown products', { 'pid[0]': '77' }, 'No items added to cart so order cannot proceed'],
  ['no price in the currency', { clientid: '11', 'pid[0]': '9' }, 'No items added to cart so order cannot proceed'],
  [
    'plain parameter beside an array',
    { 'pid[0]': '1', billingcycle: 'annually' },
    "Expecting parameter 'billingcycle' to be an array",
  ],
])('refuses: %s', async (_name, params, message) => {
  expect(await add(params)).toEqual({ result: 'error', message });
  expect(at.whmcs.store.orders.size).toBe(0);
});

test('an unknown product among others is left out without a word', async () => {
  expect(await add({ 'pid[0]': '77', 'pid[1]': '2' })).toMatchObject({ result: 'success', serviceids: '1' });
  expect(await at.services()).toMatchObject([{ pid: '2' }]);
});

test('products with commas are one product: PHP casts "1,2" to 1', async () => {
  await add({ pid: '1,2' });
  expect(await at.services()).toMatchObject([{ pid: '1' }]);
});

test('repeated names are one product, the last', async () => {
  const body = new URLSearchParams({
    ...at.whmcs.credentials,
    action: 'AddOrder',
    clientid: '1',
    responsetype: 'json',
  });
  body.append('paymentmethod', 'mailin');
  body.append('pid', '1');
  body.append('pid', '2');
  await fetch(at.whmcs.apiUrl, { method: 'POST', body });
  expect(await at.services()).toMatchObject([{ pid: '2' }]);
});

test('items are matched by their key, not by their place', async () => {
  await add({ 'pid[4]': '1', 'pid[7]': '2', 'billingcycle[7]': 'annually', 'billingcycle[4]': 'monthly' });
  expect(await at.services()).toMatchObject([
    { pid: '1', billingcycle: 'Monthly' },
    { pid: '2', billingcycle: 'Annually' },
  ]);
});

test.each([
  ['semiannually', 'Monthly'],
  ['nonsense', 'Monthly'],
  ['quarterly', 'Quarterly'],
  ['Annually', 'Annually'],
])('cycle %s of a product without semi-annual price becomes %s', async (cycle, expected) => {
  await add({ 'pid[0]': '2', 'billingcycle[0]': cycle });
  expect(await at.services()).toMatchObject([{ billingcycle: expected }]);
});

test('one-time and free products ignore the cycle; a free order has no invoice', async () => {
  const answer = await add({ 'pid[0]': '8', 'billingcycle[0]': 'monthly' });
  expect(answer).toMatchObject({ invoiceid: '0' });
  await add({ 'pid[0]': '7', 'billingcycle[0]': 'monthly' });
  expect(await at.services()).toMatchObject([
    { billingcycle: 'Free Account', recurringamount: '0.00' },
    { billingcycle: 'One Time', firstpaymentamount: '150.00', recurringamount: '0.00', nextduedate: '0000-00-00' },
  ]);
});

test('a price override replaces price and set-up fee, also with nothing', async () => {
  await add({
    'pid[0]': '3',
    'priceoverride[0]': '7.5',
    'pid[1]': '3',
    'priceoverride[1]': '0',
    'pid[2]': '3',
    'priceoverride[2]': '',
  });
  expect(await at.services()).toMatchObject([
    { firstpaymentamount: '7.50', recurringamount: '7.50' },
    { firstpaymentamount: '0.00', recurringamount: '0.00' },
    { firstpaymentamount: '24.00', recurringamount: '19.00' },
  ]);
});

test('a quantity is ignored, is many services, or is one service with a quantity, as the product says', async () => {
  await add({ 'pid[0]': '1', 'qty[0]': '3' });
  await add({ 'pid[0]': '6', 'qty[0]': '3' });
  await add({ 'pid[0]': '5', 'qty[0]': '3' });
  expect((await at.services()).map(({ orderid, qty, recurringamount }) => [orderid, qty, recurringamount])).toEqual([
    ['1', '1', '9.95'],
    ['2', '1', '2.00'],
    ['2', '1', '2.00'],
    ['2', '1', '2.00'],
    ['3', '3', '9.00'],
  ]);
});

test('keeps custom fields of the product, in any script, and drops those of others', async () => {
  await add({ 'pid[0]': '1', 'customfields[0]': encodeFields({ 41: 'Zürich 漢字 🙂', 42: 'of product 2' }) });
  const [service] = await at.services();
  expect(service).toMatchObject({
    customfields: { customfield: [{ id: '41', name: 'Salesforce Order', value: 'Zürich 漢字 🙂' }] },
  });
  // The other value was not kept for later either.
  await at.call('UpdateClientProduct', { serviceid: '1', pid: '2' });
  expect(await at.services()).toMatchObject([{ customfields: { customfield: [{ id: '42', value: '' }] } }]);
});

test('custom fields with lengths in characters are lost, the order is made', async () => {
  const wrong = Buffer.from('a:1:{i:41;s:2:"né";}').toString('base64');
  expect(await add({ 'pid[0]': '1', 'customfields[0]': wrong })).toMatchObject({ result: 'success' });
  const [service] = await at.services();
  expect(service).toMatchObject({ customfields: { customfield: [{ id: '41', value: '' }] } });
});

test.each([
  ['1', '0'],
  ['true', '0'],
  // The text "false" is true in PHP.
  ['false', '0'],
  ['0', '1'],
  ['', '1'],
])('noinvoice=%j gives invoice id %s', async (noinvoice, invoiceid) => {
  expect(await add({ 'pid[0]': '1', noinvoice })).toMatchObject({ invoiceid });
});

test('a client with another currency pays that price', async () => {
  at.whmcs.store.products.get(1)!.pricing.EUR = { cycles: { monthly: '8.00' }, setup: {} };
  await add({ clientid: '11', 'pid[0]': '1' });
  expect(await at.services('11')).toMatchObject([{ recurringamount: '8.00' }]);
});
