import { ProvisioningWorld } from '../support/provisioning-world';
import { eventually } from '../support/eventually';

/** A cancel undoes what is not yet paid for, and never loses what is. */
describe('a cancel', () => {
  let world: ProvisioningWorld;
  beforeAll(async () => {
    world = await ProvisioningWorld.onDevServer();
  });
  afterAll(async () => {
    await world.close();
  });
  afterEach(() => {
    world.whmcs.faults.clear();
    world.salesforce.rest.faults.clear();
  });

  const statuses = (orderId: Parameters<ProvisioningWorld['books']>[0]) =>
    world.books(orderId).map(({ status }) => status);

  it('while AddOrder is in doubt: cancels the WHMCS order', async () => {
    const orderId = world.order();
    world.whmcs.faults.add({ kind: 'commitThenLose', action: 'AddOrder', count: 1 });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await eventually(async () => expect((await world.status(orderId)).lastError?.code).toBe('WHMCS_AMBIGUOUS'));
    await world.signal(orderId, 'cancel', { reason: 'customer changed their mind' });
    expect(await world.result(orderId)).toMatchObject({ phase: 'Cancelled', whmcsOrderId: null });
    expect(statuses(orderId)).toEqual(['Cancelled']);
    expect(world.record(orderId)).toMatchObject({ activation: 'Failed', errorCode: 'CANCELLED' });
    expect(world.record(orderId).errorMessage).toEqual(expect.stringContaining('customer changed their mind'));
  });

  it('while AddOrder is under way: learns what became of it before anything is undone', async () => {
    const orderId = world.order();
    const reached = world.whmcs.faults.whenReached('AddOrder', 1, 'before-commit', { hold: true });
    await world.orders.request(orderId, { trigger: 'cdc' });
    const call = await reached;
    await world.signal(orderId, 'cancel');
    call.release();
    expect(await world.result(orderId)).toMatchObject({ phase: 'Cancelled' });
    expect(statuses(orderId)).toEqual(['Cancelled']);
  });

  it('that races with AcceptOrder comes too late: the order is finished and Salesforce told the truth', async () => {
    const orderId = world.order();
    const reached = world.whmcs.faults.whenReached('AcceptOrder', 1, 'after-commit', { hold: true });
    await world.orders.request(orderId, { trigger: 'cdc' });
    const call = await reached;
    await world.signal(orderId, 'cancel');
    call.release();
    const result = await world.result(orderId);
    expect(result).toMatchObject({ phase: 'Activated' });
    expect(result.history.at(-1)?.note).toContain('too late to cancel');
    expect(statuses(orderId)).toEqual(['Active']);
    expect(world.record(orderId)).toMatchObject({ activation: 'Activated', whmcsOrderId: result.whmcsOrderId });
  });

  it('while AcceptOrder is retried: cancels the order that was added', async () => {
    const orderId = world.order();
    const outage = world.whmcs.faults.add({ kind: '503', action: 'AcceptOrder' });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await eventually(() => expect(outage.hits).toBeGreaterThan(0));
    await world.signal(orderId, 'cancel');
    expect(await world.result(orderId)).toMatchObject({ phase: 'Cancelled' });
    expect(statuses(orderId)).toEqual(['Cancelled']);
  });

  it('of a run in Temporal itself does the same', async () => {
    const orderId = world.order();
    world.whmcs.faults.add({ kind: 'commitThenLose', action: 'AddOrder', count: 1 });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await eventually(async () => expect((await world.status(orderId)).lastError?.code).toBe('WHMCS_AMBIGUOUS'));
    await world.handle(orderId).cancel();
    expect(await world.result(orderId)).toMatchObject({ phase: 'Cancelled' });
    expect(statuses(orderId)).toEqual(['Cancelled']);
  });

  it('followed by a re-provision ends Activated, with one living order', async () => {
    const orderId = world.order();
    world.whmcs.faults.add({ kind: 'commitThenLose', action: 'AddOrder', count: 1 });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await eventually(async () => expect((await world.status(orderId)).lastError?.code).toBe('WHMCS_AMBIGUOUS'));
    await world.signal(orderId, 'cancel');
    await world.signal(orderId, 'reprovision');
    expect(await world.result(orderId)).toMatchObject({ phase: 'Activated' });
    expect(statuses(orderId)).toEqual(['Cancelled', 'Active']);
  });

  it.each(['Cancelled', 'deleted'] as const)('in Salesforce midway (%s) ends the run, compensated', async (change) => {
    const orderId = world.order();
    const outage = world.whmcs.faults.add({ kind: '503', action: 'AcceptOrder' });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await eventually(() => expect(outage.hits).toBeGreaterThan(0));
    if (change === 'Cancelled') world.edit('Order', orderId, { Status: 'Cancelled' });
    else
      world.salesforce.store.transaction({ userId: world.salesforce.salesUserId }, (tx) => tx.delete('Order', orderId));
    expect(await world.orders.tell(orderId, change === 'Cancelled' ? 'cancelled' : 'deleted')).toBe(true);
    expect(await world.result(orderId)).toMatchObject({ phase: 'Cancelled' });
    expect(statuses(orderId)).toEqual(['Cancelled']);
  });

  it('that an old event tells of is not believed: the order is read, and goes on', async () => {
    const orderId = world.order();
    world.whmcs.faults.add({ kind: '503', action: 'AcceptOrder', count: 2 });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await world.orders.tell(orderId, 'cancelled');
    expect(await world.result(orderId)).toMatchObject({ phase: 'Activated' });
    expect(statuses(orderId)).toEqual(['Active']);
  });

  it('of an order that is closed tells nobody', async () => {
    const orderId = world.order();
    await world.provision(orderId);
    expect(await world.orders.tell(orderId, 'cancelled')).toBe(false);
  });

  it('an order that is edited between a failed walk and the next is added anew, and the old one cancelled', async () => {
    const orderId = world.order({ products: ['1', '2'] });
    world.whmcs.faults.add({ kind: 'commitThenLose', action: 'AddOrder', count: 1 });
    const businessError = world.whmcs.faults.add({
      kind: 'businessError',
      message: 'Something is wrong',
      action: 'AcceptOrder',
      count: 1,
    });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await world.in(orderId, 'AwaitingReprovision');
    expect(businessError.hits).toBe(1);
    const item = world.salesforce.store.rows('OrderItem').find((row) => row['OrderId'] === orderId)!;
    world.edit('OrderItem', item.Id, { Quantity: 3 });
    await world.signal(orderId, 'reprovision');
    expect(await world.result(orderId)).toMatchObject({ phase: 'Activated' });
    expect(statuses(orderId)).toEqual(['Cancelled', 'Active']);
  });

  it('an order that is edited while AcceptOrder is retried is not accepted as it was', async () => {
    const orderId = world.order({ products: ['1'] });
    const outage = world.whmcs.faults.add({ kind: '503', action: 'AcceptOrder' });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await eventually(() => expect(outage.hits).toBeGreaterThan(0));
    const item = world.salesforce.store.rows('OrderItem').find((row) => row['OrderId'] === orderId)!;
    world.edit('OrderItem', item.Id, { Quantity: 3 });
    outage.remove();
    await world.in(orderId, 'AwaitingReprovision');
    expect((await world.status(orderId)).lastError).toMatchObject({ code: 'ORDER_EDITED' });
    expect(statuses(orderId)).toEqual(['Cancelled']);
    await world.signal(orderId, 'reprovision');
    expect(await world.result(orderId)).toMatchObject({ phase: 'Activated' });
    expect(statuses(orderId)).toEqual(['Cancelled', 'Active']);
  });
});
