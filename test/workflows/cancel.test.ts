import { provisioningRun } from '../../src/temporal/orders';
import { cancel, PROVISION_ORDER } from '../../src/workflows/contract';
import type { ProvisioningWorld } from '../support/provisioning-world';
import { withWorld } from '../support/suite-world';
import { eventually } from '../support/eventually';

/** A cancel undoes what is not yet paid for, and never loses what is. */
describe('a cancel', () => {
  let world: ProvisioningWorld;
  withWorld((made) => (world = made));

  it('while AddOrder is in doubt: cancels the WHMCS order', async () => {
    const orderId = world.order();
    world.whmcs.faults.add({ kind: 'commitThenLose', action: 'AddOrder', count: 1 });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await eventually(async () => expect((await world.status(orderId)).lastError?.code).toBe('WHMCS_AMBIGUOUS'));
    await world.signal(orderId, 'cancel', { reason: 'customer changed their mind' });
    expect(await world.result(orderId)).toMatchObject({ phase: 'Cancelled', whmcsOrderId: null });
    expect(world.statuses(orderId)).toEqual(['Cancelled']);
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
    expect(world.statuses(orderId)).toEqual(['Cancelled']);
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
    expect(world.statuses(orderId)).toEqual(['Active']);
    expect(world.record(orderId)).toMatchObject({ activation: 'Activated', whmcsOrderId: result.whmcsOrderId });
  });

  it('while AcceptOrder is retried: cancels the order that was added', async () => {
    const orderId = world.order();
    const outage = world.whmcs.faults.add({ kind: '503', action: 'AcceptOrder' });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await eventually(() => expect(outage.hits).toBeGreaterThan(0));
    await world.signal(orderId, 'cancel');
    expect(await world.result(orderId)).toMatchObject({ phase: 'Cancelled' });
    expect(world.statuses(orderId)).toEqual(['Cancelled']);
  });

  it('of a run in Temporal itself does the same', async () => {
    const orderId = world.order();
    world.whmcs.faults.add({ kind: 'commitThenLose', action: 'AddOrder', count: 1 });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await eventually(async () => expect((await world.status(orderId)).lastError?.code).toBe('WHMCS_AMBIGUOUS'));
    await world.handle(orderId).cancel();
    expect(await world.result(orderId)).toMatchObject({ phase: 'Cancelled' });
    expect(world.statuses(orderId)).toEqual(['Cancelled']);
  });

  it('followed by a re-provision ends Activated, with one living order', async () => {
    const orderId = world.order();
    world.whmcs.faults.add({ kind: 'commitThenLose', action: 'AddOrder', count: 1 });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await eventually(async () => expect((await world.status(orderId)).lastError?.code).toBe('WHMCS_AMBIGUOUS'));
    await world.signal(orderId, 'cancel');
    await world.signal(orderId, 'reprovision');
    expect(await world.result(orderId)).toMatchObject({ phase: 'Activated' });
    expect(world.statuses(orderId)).toEqual(['Cancelled', 'Active']);
  });

  it('is not undone by a sweep or an old event that comes while it waits for WHMCS', async () => {
    const orderId = world.order();
    const approvedAt = Date.now();
    const outage = world.whmcs.faults.add({ kind: '503', action: 'AcceptOrder' });
    const away = world.whmcs.faults.add({ kind: '503', action: 'CancelOrder' });
    await world.orders.request(orderId, { trigger: 'cdc', approvedAt });
    await eventually(() => expect(outage.hits).toBeGreaterThan(0));
    await world.signal(orderId, 'cancel', { reason: 'customer changed their mind' });
    await eventually(() => expect(away.hits).toBeGreaterThan(0));
    await world.orders.request(orderId, { trigger: 'reconcile' });
    await world.orders.request(orderId, { trigger: 'cdc', approvedAt });
    world.whmcs.faults.clear();
    expect(await world.result(orderId)).toMatchObject({ phase: 'Cancelled' });
    expect(world.statuses(orderId)).toEqual(['Cancelled']);
    expect(world.record(orderId)).toMatchObject({ activation: 'Failed', errorCode: 'CANCELLED' });
  });

  it('before the run has done anything is told to Salesforce, and holds until somebody approves anew', async () => {
    const orderId = world.order();
    await world.client.workflow.signalWithStart(PROVISION_ORDER, {
      ...provisioningRun(orderId, 'cdc', world.taskQueue),
      signal: cancel,
      signalArgs: [{ reason: 'too early' }],
    });
    expect(await world.result(orderId)).toMatchObject({ phase: 'Cancelled' });
    expect(world.record(orderId)).toMatchObject({ activation: 'Failed', errorCode: 'CANCELLED' });
    // A sweep, a gap event, and an approval from before that comes again.
    for (const request of [
      { trigger: 'reconcile', afterLoss: true },
      { trigger: 'cdc' },
      { trigger: 'cdc', approvedAt: Date.now() - 3_600_000 },
    ] as const) {
      await world.orders.request(orderId, request);
      expect(await world.result(orderId)).toMatchObject({ phase: 'Skipped' });
    }
    expect(world.statuses(orderId)).toEqual([]);
    await world.orders.request(orderId, { trigger: 'cdc', approvedAt: Date.now() + 60_000 });
    expect(await world.result(orderId)).toMatchObject({ phase: 'Activated' });
    expect(world.statuses(orderId)).toEqual(['Active']);
  });

  it('that Salesforce refuses to be told of stays in front of a person', async () => {
    const orderId = world.order();
    const outage = world.whmcs.faults.add({ kind: '503', action: 'AcceptOrder' });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await eventually(() => expect(outage.hits).toBeGreaterThan(0));
    const refusal = world.salesforce.rest.faults.add({ kind: 'validation', object: 'Order', recordId: orderId });
    await world.signal(orderId, 'cancel');
    await world.in(orderId, 'AwaitingReprovision');
    expect(refusal.struck).toBeGreaterThan(0);
    expect(world.statuses(orderId)).toEqual(['Cancelled']);
    world.salesforce.rest.faults.clear();
    await world.signal(orderId, 'cancel', { reason: 'once more' });
    expect(await world.result(orderId)).toMatchObject({ phase: 'Cancelled' });
    expect(world.record(orderId)).toMatchObject({ activation: 'Failed', errorCode: 'CANCELLED' });
  });

  it('is not lost while it cannot be read whether the order is wanted', async () => {
    const orderId = world.order();
    const outage = world.whmcs.faults.add({ kind: '503', action: 'AcceptOrder' });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await eventually(() => expect(outage.hits).toBeGreaterThan(0));
    const away = world.salesforce.rest.faults.add({ kind: 'unavailable', path: 'query' });
    await world.orders.tell(orderId, 'cancelled');
    await eventually(() => expect(away.struck).toBeGreaterThan(0));
    await world.signal(orderId, 'cancel');
    expect(await world.result(orderId)).toMatchObject({ phase: 'Cancelled' });
    expect(world.statuses(orderId)).toEqual(['Cancelled']);
  });

  it('in Salesforce that cannot be read at all is for a person, and leaves nothing behind', async () => {
    const orderId = world.order();
    const outage = world.whmcs.faults.add({ kind: '503', action: 'AcceptOrder' });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await eventually(() => expect(outage.hits).toBeGreaterThan(0));
    world.salesforce.rest.faults.add({
      kind: 'error',
      path: 'query',
      status: 400,
      errorCode: 'INVALID_FIELD',
      message: "No such column 'Activation_Status__c' on entity 'Order'",
    });
    await world.orders.tell(orderId, 'cancelled');
    await world.in(orderId, 'AwaitingReprovision');
    world.salesforce.rest.faults.clear();
    await world.signal(orderId, 'cancel');
    expect(await world.result(orderId)).toMatchObject({ phase: 'Cancelled' });
    expect(world.statuses(orderId)).toEqual(['Cancelled']);
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
    expect(world.statuses(orderId)).toEqual(['Cancelled']);
  });

  it('that an old event tells of is not believed: the order is read, and goes on', async () => {
    const orderId = world.order();
    world.whmcs.faults.add({ kind: '503', action: 'AcceptOrder', count: 2 });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await world.orders.tell(orderId, 'cancelled');
    expect(await world.result(orderId)).toMatchObject({ phase: 'Activated' });
    expect(world.statuses(orderId)).toEqual(['Active']);
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
    expect(world.statuses(orderId)).toEqual(['Cancelled', 'Active']);
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
    expect(world.statuses(orderId)).toEqual(['Cancelled']);
    await world.signal(orderId, 'reprovision');
    expect(await world.result(orderId)).toMatchObject({ phase: 'Activated' });
    expect(world.statuses(orderId)).toEqual(['Cancelled', 'Active']);
  });
});
