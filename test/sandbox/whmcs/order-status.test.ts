import { running, type Running } from './running';

let at: Running;
beforeAll(async () => {
  at = await running();
});
afterAll(() => at.whmcs.close());
beforeEach(() => at.whmcs.reset());

const NOT_PENDING = { result: 'error', message: 'Order ID not found or Status not Pending' };
const status = async (id: string) => {
  const { orders } = (await at.call('GetOrders', { id })) as { orders: { order: { status: string }[] } };
  return orders.order[0]?.status;
};

test('AcceptOrder makes the order and its services Active, once', async () => {
  const orderid = await at.order({ 'pid[1]': '5' });
  expect(await at.call('AcceptOrder', { orderid })).toEqual({ result: 'success' });
  expect(await status(orderid)).toBe('Active');
  expect(await at.services()).toMatchObject([{ status: 'Active' }, { status: 'Active' }]);
  expect(await at.call('AcceptOrder', { orderid })).toEqual(NOT_PENDING);
});

test.each(['AcceptOrder', 'CancelOrder'])(
  '%s does not tell a missing order from one that is not Pending',
  async (action) => {
    const orderid = await at.order();
    await at.call('CancelOrder', { orderid });
    expect(await at.call(action, { orderid })).toEqual(NOT_PENDING);
    expect(await at.call(action, { orderid: '77' })).toEqual(NOT_PENDING);
    expect(await at.call(action)).toEqual(NOT_PENDING);
  },
);

test('a module that fails leaves its service Pending under an Active order', async () => {
  at.whmcs.faults.add({ kind: 'moduleCreateFailure', pid: 3, count: 1 });
  const orderid = await at.order({ 'pid[1]': '3' });
  expect(await at.call('AcceptOrder', { orderid })).toEqual({ result: 'success' });
  expect(await status(orderid)).toBe('Active');
  expect(await at.services()).toMatchObject([
    { pid: '1', status: 'Active' },
    { pid: '3', status: 'Pending' },
  ]);
  expect(await at.call('ModuleCreate', { serviceid: '2' })).toEqual({ result: 'success' });
  expect(await at.services()).toMatchObject([{ status: 'Active' }, { status: 'Active' }]);
});

test('an installation that reports module errors answers with the error, and the order is Active all the same', async () => {
  at.whmcs.store.settings.acceptReportsModuleError = true;
  at.whmcs.faults.add({ kind: 'moduleCreateFailure', message: 'Account quota exceeded' });
  const orderid = await at.order();
  expect(await at.call('AcceptOrder', { orderid })).toEqual({ result: 'error', message: 'Account quota exceeded' });
  expect(await status(orderid)).toBe('Active');
  expect(await at.services()).toMatchObject([{ status: 'Pending' }]);
});

test('autosetup=0 makes services Active without their module, autosetup=1 runs it for products without automatic setup', async () => {
  at.whmcs.faults.add({ kind: 'moduleCreateFailure' });
  await at.call('AcceptOrder', { orderid: await at.order(), autosetup: '0' });
  at.whmcs.store.products.get(1)!.autosetup = '';
  await at.call('AcceptOrder', { orderid: await at.order() });
  await at.call('AcceptOrder', { orderid: await at.order(), autosetup: '1' });
  expect((await at.services()).map((service) => service.status)).toEqual(['Active', 'Active', 'Pending']);
});

test('CancelOrder cancels services and the unpaid invoice, and never an Active order', async () => {
  const orderid = await at.order();
  expect(await at.call('CancelOrder', { orderid })).toEqual({ result: 'success' });
  expect(await status(orderid)).toBe('Cancelled');
  expect(await at.services()).toMatchObject([{ status: 'Cancelled' }]);
  expect(await at.call('GetInvoice', { invoiceid: '1' })).toMatchObject({ status: 'Cancelled' });
  const active = await at.order();
  await at.call('AcceptOrder', { orderid: active });
  expect(await at.call('CancelOrder', { orderid: active })).toEqual(NOT_PENDING);
  expect(await status(active)).toBe('Active');
});

test('an installation can keep the invoice of a cancelled order', async () => {
  at.whmcs.store.settings.cancelOrderCancelsInvoice = false;
  await at.call('CancelOrder', { orderid: await at.order() });
  expect(await at.call('GetInvoice', { invoiceid: '1' })).toMatchObject({ status: 'Unpaid' });
});

test('PendingOrder brings an order back to where AcceptOrder works', async () => {
  const orderid = await at.order();
  await at.call('AcceptOrder', { orderid });
  expect(await at.call('PendingOrder', { orderid })).toEqual({ result: 'success' });
  expect(await at.services()).toMatchObject([{ status: 'Pending' }]);
  expect(await at.call('AcceptOrder', { orderid })).toEqual({ result: 'success' });
  expect(await at.call('PendingOrder', { orderid: '77' })).toEqual({ result: 'error', message: 'Order ID Not Found' });
});

test('FraudOrder and DeleteOrder: only a Cancelled or Fraud order can be deleted, and its ids are not used again', async () => {
  const orderid = await at.order();
  expect(await at.call('DeleteOrder', { orderid })).toEqual({
    result: 'error',
    message: 'The order status must be in Cancelled or Fraud to be deleted',
  });
  expect(await at.call('FraudOrder', { orderid })).toEqual({ result: 'success' });
  expect(await status(orderid)).toBe('Fraud');
  expect(await at.call('DeleteOrder', { orderid })).toEqual({ result: 'success' });
  expect(await at.call('DeleteOrder', { orderid })).toEqual({ result: 'error', message: 'Order ID not found' });
  expect(await at.services()).toEqual([]);
  expect(await at.call('GetInvoice', { invoiceid: '1' })).toEqual({ result: 'error', message: 'Invoice ID Not Found' });
  expect(await at.order()).toBe('2');
});

test.each(['ModuleCreate', 'ModuleTerminate'])('%s needs a service with a module', async (action) => {
  await at.order({ 'pid[0]': '5' });
  expect(await at.call(action)).toMatchObject({ message: 'Service ID is required' });
  expect(await at.call(action, { serviceid: '77' })).toMatchObject({ message: 'Service ID not found' });
  expect(await at.call(action, { serviceid: '1' })).toMatchObject({ message: 'Service not assigned to a module' });
});

test('ModuleTerminate ends a service, by its old parameter name too', async () => {
  await at.order();
  expect(await at.call('ModuleTerminate', { accountid: '1' })).toEqual({ result: 'success' });
  expect(await at.services()).toMatchObject([{ status: 'Terminated' }]);
});
