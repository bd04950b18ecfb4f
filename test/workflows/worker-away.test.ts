import type { ProvisioningWorld } from '../support/provisioning-world';
import { withWorld } from '../support/suite-world';

/** Signals that are sent while no worker runs reach a run together, once one is back. */
describe('what is sent while no worker runs', () => {
  let world: ProvisioningWorld;
  withWorld((made) => (world = made));

  it('a re-provision that follows a cancel is not lost, in a run that has done nothing yet', async () => {
    const orderId = world.order();
    await world.whileWorkerIsAway(async () => {
      await world.orders.request(orderId, { trigger: 'cdc', approvedAt: Date.now() });
      await world.signal(orderId, 'cancel', { reason: 'not yet' });
      await world.signal(orderId, 'reprovision');
    });
    const result = await world.result(orderId);
    expect(result.history.map(({ phase }) => phase)).toContain('Cancelled');
    expect(result).toMatchObject({ phase: 'Activated' });
    expect(world.statuses(orderId)).toEqual(['Active']);
    expect(world.record(orderId)).toMatchObject({ activation: 'Activated', whmcsOrderId: result.whmcsOrderId });
  });

  it('a cancel that follows a re-provision is the last word', async () => {
    const orderId = world.order();
    await world.whileWorkerIsAway(async () => {
      await world.orders.request(orderId, { trigger: 'cdc', approvedAt: Date.now() });
      await world.signal(orderId, 'reprovision');
      await world.signal(orderId, 'cancel');
    });
    expect(await world.result(orderId)).toMatchObject({ phase: 'Cancelled' });
    expect(world.statuses(orderId)).toEqual([]);
    expect(world.record(orderId)).toMatchObject({ activation: 'Failed', errorCode: 'CANCELLED' });
  });

  it.each([
    ['a new approval', 1, 'Activated', ['Active']],
    ['the old approval again', 0, 'Cancelled', []],
  ])('%s that follows a cancel is judged by when it was made', async (_what, later, phase, books) => {
    const orderId = world.order();
    // Both were made before a worker is back, whose clock is the only one that the run has.
    const approvedAt = Date.now() - 60_000;
    await world.whileWorkerIsAway(async () => {
      await world.orders.request(orderId, { trigger: 'cdc', approvedAt });
      await world.signal(orderId, 'cancel');
      await world.orders.request(orderId, { trigger: 'cdc', approvedAt: approvedAt + later });
    });
    const result = await world.result(orderId);
    expect(result.history.map((each) => each.phase)).toContain('Cancelled');
    expect(result.phase).toBe(phase);
    expect(world.statuses(orderId)).toEqual(books);
  });

  it('a cancel looks for what a run that was terminated has left, and tells that it is paid for', async () => {
    const orderId = world.order();
    const accepted = world.whmcs.faults.whenReached('AcceptOrder', 1, 'after-commit', { hold: true });
    await world.orders.request(orderId, { trigger: 'cdc' });
    const call = await accepted;
    await world.handle(orderId).terminate('as a person does in the Web UI');
    call.release();
    await world.whileWorkerIsAway(async () => {
      await world.orders.request(orderId, { trigger: 'manual' });
      await world.signal(orderId, 'cancel');
    });
    const result = await world.result(orderId);
    expect(result).toMatchObject({ phase: 'Activated' });
    expect(world.statuses(orderId)).toEqual(['Active']);
    expect(world.record(orderId)).toMatchObject({ activation: 'Activated', whmcsOrderId: result.whmcsOrderId });
  });

  it('a cancel of an order that is provisioned says so, and changes nothing', async () => {
    const orderId = world.order();
    const before = await world.provision(orderId);
    await world.whileWorkerIsAway(async () => {
      await world.orders.request(orderId, { trigger: 'manual' });
      await world.signal(orderId, 'cancel');
    });
    const result = await world.result(orderId);
    expect(result).toMatchObject({ phase: 'Skipped', whmcsOrderId: before.whmcsOrderId });
    expect(result.history.at(-1)?.note).toContain('Too late to cancel');
    expect(world.statuses(orderId)).toEqual(['Active']);
    expect(world.record(orderId)).toMatchObject({ activation: 'Activated', whmcsOrderId: before.whmcsOrderId });
  });

  it('a cancel ends a run that could not even read whether its order is wanted', async () => {
    const orderId = world.order();
    world.salesforce.rest.faults.add({
      kind: 'error',
      path: 'query',
      status: 400,
      errorCode: 'INVALID_FIELD',
      message: "No such column 'Activation_Status__c' on entity 'Order'",
    });
    await world.whileWorkerIsAway(async () => {
      await world.orders.request(orderId, { trigger: 'cdc' });
      await world.orders.tell(orderId, 'cancelled');
    });
    await world.in(orderId, 'AwaitingReprovision');
    world.salesforce.rest.faults.clear();
    await world.signal(orderId, 'cancel');
    expect(await world.result(orderId)).toMatchObject({ phase: 'Cancelled' });
    expect(world.statuses(orderId)).toEqual([]);
    expect(world.record(orderId)).toMatchObject({ activation: 'Failed', errorCode: 'CANCELLED' });
  });
});
