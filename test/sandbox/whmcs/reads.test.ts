import { running, type Running } from './running';

let at: Running;
beforeAll(async () => {
  at = await running({ now: () => new Date('2026-11-23T10:00:00Z') });
});
afterAll(() => at.whmcs.close());
beforeEach(() => at.whmcs.reset());

const ids = (list: unknown, item: string) =>
  (list as Record<string, { id: string }[]>)[item]!.map(({ id }) => Number(id));

describe('GetClientsProducts', () => {
  test('pages: 25 by default, oldest first', async () => {
    for (let n = 0; n < 3; n += 1) await at.order({ 'pid[0]': '6', 'qty[0]': '10' });
    const first = await at.call('GetClientsProducts', { clientid: '1' });
    expect(first).toMatchObject({ totalresults: '30', startnumber: '0', numreturned: '25', clientid: '1', pid: null });
    expect(ids(first.products, 'product')).toEqual(Array.from({ length: 25 }, (_, n) => n + 1));
    const rest = await at.call('GetClientsProducts', { clientid: '1', limitstart: '25', limitnum: '10' });
    expect(rest).toMatchObject({ totalresults: '30', startnumber: '25', numreturned: '5' });
    expect(ids(rest.products, 'product')).toEqual([26, 27, 28, 29, 30]);
  });

  test('filters by client, service, product and domain', async () => {
    await at.order();
    await at.order({ clientid: '2', 'pid[0]': '2', 'domain[0]': 'two.example' });
    const found = async (params: Record<string, string>) =>
      ids((await at.call('GetClientsProducts', params)).products, 'product');
    expect(await found({})).toEqual([1, 2]);
    expect(await found({ clientid: '2' })).toEqual([2]);
    expect(await found({ serviceid: '1' })).toEqual([1]);
    expect(await found({ pid: '2' })).toEqual([2]);
    expect(await found({ domain: 'two.example' })).toEqual([2]);
    expect(await found({ clientid: '3' })).toEqual([]);
  });
});

test('GetOrders filters by id, client and status, and has the newest first', async () => {
  await at.order();
  await at.order({ clientid: '2' });
  await at.order();
  await at.call('AcceptOrder', { orderid: '2' });
  const found = async (params: Record<string, string>) => ids((await at.call('GetOrders', params)).orders, 'order');
  expect(await found({})).toEqual([3, 2, 1]);
  expect(await found({ id: '2' })).toEqual([2]);
  expect(await found({ userid: '1' })).toEqual([3, 1]);
  expect(await found({ status: 'Active' })).toEqual([2]);
  expect(await found({ limitstart: '1', limitnum: '1' })).toEqual([2]);
  expect((await at.call('GetOrders', { id: '1' })).orders).toMatchObject({
    order: [
      {
        userid: '1',
        date: '2026-11-23 10:00:00',
        status: 'Pending',
        amount: '9.95',
        invoiceid: '1',
        paymentstatus: 'Unpaid',
        lineitems: { lineitem: [{ type: 'product', relid: '1', billingcycle: 'Monthly', status: 'Pending' }] },
      },
    ],
  });
});

describe('GetProducts', () => {
  test('has prices in every currency, disabled cycles as -1.00, and each product its own marker field', async () => {
    const answer = await at.call('GetProducts', { pid: '2,9' });
    expect(answer).toMatchObject({
      totalresults: '2',
      products: {
        product: [
          {
            pid: '2',
            module: 'cpanel',
            paytype: 'recurring',
            pricing: { USD: { prefix: '$', monthly: '24.95', semiannually: '-1.00', msetupfee: '0.00' } },
            customfields: { customfield: [{ id: '42', name: 'Salesforce Order', required: '' }] },
          },
          { pid: '9', pricing: { EUR: { annually: '-1.00' } }, customfields: { customfield: [{ id: '49' }] } },
        ],
      },
    });
  });

  test('does not list a field that is not shown on the order form, though it works', async () => {
    at.whmcs.store.products.get(1)!.customFields[0]!.showOnOrderForm = false;
    expect(await at.call('GetProducts', { pid: '1' })).toMatchObject({
      products: { product: [{ customfields: { customfield: [] } }] },
    });
    await at.order();
    expect(await at.services()).toMatchObject([{ customfields: { customfield: [{ id: '41' }] } }]);
  });

  test('filters by group and module, and finds nothing without an error', async () => {
    const count = async (params: Record<string, string>) => (await at.call('GetProducts', params)).totalresults;
    expect(await count({})).toBe('10');
    expect(await count({ gid: '2' })).toBe('2');
    expect(await count({ module: 'cpanel' })).toBe('2');
    expect(await count({ pid: '77' })).toBe('0');
  });
});

test('GetClientsDetails by id and by address, with the currency', async () => {
  expect(await at.call('GetClientsDetails', { clientid: '11' })).toMatchObject({
    userid: '11',
    currency: '2',
    currency_code: 'EUR',
    client: { id: '11', status: 'Active', currency_code: 'EUR' },
  });
  expect(await at.call('GetClientsDetails', { email: 'CLIENT02@example.com' })).toMatchObject({ userid: '2' });
  expect(await at.call('GetClientsDetails')).toMatchObject({ message: 'Either clientid Or email Is Required' });
  expect(await at.call('GetClientsDetails', { clientid: '77' })).toMatchObject({ message: 'Client Not Found' });
});

test('GetClients searches the beginning of names and addresses', async () => {
  expect(await at.call('GetClients')).toMatchObject({ totalresults: '13' });
  expect(await at.call('GetClients', { status: 'Closed' })).toMatchObject({ totalresults: '1' });
  const { clients } = await at.call('GetClients', { search: 'client1', sorting: 'DESC' });
  expect(ids(clients, 'client')).toEqual([13, 12, 11, 10]);
});

describe('AddClient', () => {
  const given = {
    firstname: 'Ada',
    lastname: 'Lovelace',
    email: 'ada@example.com',
    address1: '1 Street',
    city: 'London',
    state: 'London',
    postcode: 'N1',
    country: 'GB',
    phonenumber: '5550100',
    password2: 'x',
    currency: '2',
  };
  test('adds a client that can order', async () => {
    expect(await at.call('AddClient', given)).toMatchObject({ result: 'success', clientid: '14' });
    expect(await at.call('GetClientsDetails', { clientid: '14' })).toMatchObject({ currency_code: 'EUR' });
    expect(await at.order({ clientid: '14' })).toBe('1');
  });
  test.each([
    [{ firstname: '' }, 'You did not enter your first name'],
    [{ email: '' }, 'You did not enter your email address'],
    [{ email: 'x' }, 'The email address you entered was not valid'],
    [{ country: 'England' }, 'Valid country required'],
    [{ email: 'client01@example.com' }, 'A user already exists with that email address'],
  ])('%j: %s', async (change, message) => {
    expect(await at.call('AddClient', { ...given, ...change })).toEqual({ result: 'error', message });
  });
  test('skipvalidation asks for the address only', async () => {
    const params = { email: 'bare@example.com', skipvalidation: '1' };
    expect(await at.call('AddClient', params)).toMatchObject({ result: 'success' });
  });
});

test('GetInvoices and GetInvoice', async () => {
  await at.order();
  await at.order({ clientid: '2' });
  await at.call('CancelOrder', { orderid: '1' });
  const found = async (params: Record<string, string>) =>
    ids((await at.call('GetInvoices', params)).invoices, 'invoice');
  expect(await found({ order: 'desc' })).toEqual([2, 1]);
  expect(await found({ userid: '2' })).toEqual([2]);
  expect(await found({ status: 'Cancelled' })).toEqual([1]);
  expect(await at.call('GetInvoice', { invoiceid: '2' })).toMatchObject({
    userid: '2',
    balance: '9.95',
    items: { item: [{ type: 'Hosting', relid: '2', amount: '9.95' }] },
    transactions: '',
  });
});

test('UpdateClientProduct corrects a service', async () => {
  await at.order();
  expect(
    await at.call('UpdateClientProduct', {
      serviceid: '1',
      status: 'Suspended',
      recurringamount: '5',
      // base64 of a PHP map {41: "late mark"}.
      customfields: Buffer.from('a:1:{i:41;s:9:"late mark";}').toString('base64'),
    }),
  ).toEqual({ result: 'success', serviceid: '1' });
  expect(await at.services()).toMatchObject([
    { status: 'Suspended', recurringamount: '5.00', customfields: { customfield: [{ value: 'late mark' }] } },
  ]);
  expect(await at.call('UpdateClientProduct', { serviceid: '77' })).toMatchObject({ message: 'Service ID Not Found' });
});

test('GetPaymentMethods, GetCurrencies, GetAdminDetails, WhmcsDetails, GetStats', async () => {
  expect(await at.call('GetPaymentMethods')).toMatchObject({
    totalresults: '3',
    paymentmethods: { paymentmethod: [{ module: 'mailin' }, { module: 'banktransfer' }, { module: 'paypal' }] },
  });
  expect(await at.call('GetCurrencies')).toMatchObject({
    currencies: {
      currency: [
        { id: '1', code: 'USD' },
        { id: '2', code: 'EUR' },
      ],
    },
  });
  expect(await at.call('GetAdminDetails')).toMatchObject({ adminid: '1', whmcs: { version: '8.12.0' } });
  expect(await at.call('WhmcsDetails')).toMatchObject({ whmcs: { version: '8.12.0' } });
  await at.order();
  expect(await at.call('GetStats')).toMatchObject({ orders_pending: '1', orders_today_total: '1' });
});
