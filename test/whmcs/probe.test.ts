import { bench, failureOf, type Bench } from './support/builders';

let b: Bench;
beforeAll(
  async () => (b = await bench({ allowedActions: ['GetProducts', 'GetPaymentMethods', 'GetOrders', 'AddOrder'] })),
);
afterAll(() => b.close());

it('finds which actions the role lacks, and changes nothing', async () => {
  const verdicts = await b.whmcs.probe.permissions();
  expect(
    verdicts
      .filter(({ allowed }) => allowed)
      .map(({ action }) => action)
      .sort(),
  ).toEqual(['AddOrder', 'GetOrders', 'GetPaymentMethods', 'GetProducts']);
  expect(
    verdicts
      .filter(({ allowed }) => !allowed)
      .map(({ action }) => action)
      .sort(),
  ).toEqual([
    'AcceptOrder',
    'CancelOrder',
    'GetClientsDetails',
    'GetClientsProducts',
    'ModuleCreate',
    'UpdateClientProduct',
  ]);
  expect(b.emulator.ledger.calls().filter(({ committed }) => committed)).toEqual([]);
});

it('finds products without the marker field', async () => {
  const products = await b.whmcs.probe.products();
  expect(products).toHaveLength(10);
  expect(products.filter(({ hasMarkerField }) => !hasMarkerField)).toEqual([
    { whmcsProductId: '10', hasMarkerField: false },
  ]);
});

it('finds the payment methods', async () => {
  expect(await b.whmcs.probe.paymentMethods()).toEqual(['mailin', 'banktransfer', 'paypal']);
});

it('finds credentials that are refused', async () => {
  await b.whmcs.probe.connection();
  expect((await failureOf(b.connect({ identifier: 'x' }).probe.connection())).code).toBe('WHMCS_CREDENTIALS_REFUSED');
});
