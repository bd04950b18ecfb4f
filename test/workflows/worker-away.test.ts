import { eventually } from '../support/eventually';
import { ProvisioningWorld } from '../support/provisioning-world';

/** Signals that are sent while no worker runs reach a run together, once one is back. */
describe('what is sent while no worker runs', () => {
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
    expect(statuses(orderId)).toEqual(['Active']);
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
    expect(statuses(orderId)).toEqual([]);
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
    expect(statuses(orderId)).toEqual(books);
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
    expect(statuses(orderId)).toEqual(['Active']);
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
    expect(statuses(orderId)).toEqual(['Active']);
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
    expect(statuses(orderId)).toEqual([]);
    expect(world.record(orderId)).toMatchObject({ activation: 'Failed', errorCode: 'CANCELLED' });
  });
});

/** A run that could not read its order knows nothing of it, and writes nothing over what somebody else knew. */
describe('an order that cannot be read', () => {
  let world: ProvisioningWorld;
  beforeAll(async () => {
    world = await ProvisioningWorld.onDevServer();
  });
  afterAll(async () => {
    await world.close();
  });
  afterEach(() => world.salesforce.rest.faults.clear());

  /** The items cannot be read, while the fields of the order that the product writes can. */
  function hideItems(): void {
    const message = "No such column 'Billing_Cycle__c' on entity 'OrderItem'";
    world.salesforce.rest.faults.add({
      kind: 'error',
      path: 'FROM OrderItems',
      status: 400,
      errorCode: 'INVALID_FIELD',
      message,
    });
  }

  it.each([
    ['is provisioned', 'Activated', null, '9'],
    ['was cancelled', 'Failed', 'CANCELLED', null],
    ['is billed unmarked', 'Failed', 'WHMCS_ORDER_UNMARKED', null],
  ])('and %s stays as it is', async (_what, activation, errorCode, whmcsOrderId) => {
    const orderId = world.order();
    world.edit('Order', orderId, {
      Activation_Status__c: activation,
      Activation_Error_Code__c: errorCode,
      WHMCS_Order_ID__c: whmcsOrderId,
    });
    hideItems();
    await world.orders.request(orderId, { trigger: 'cdc', approvedAt: Date.now() });
    await world.in(orderId, 'AwaitingReprovision');
    await told(orderId);
    expect(world.record(orderId)).toMatchObject({ activation, errorCode, whmcsOrderId });
    world.salesforce.rest.faults.clear();
    await world.signal(orderId, 'cancel');
    await world.result(orderId);
  });

  it('and is nobody’s yet is marked Failed', async () => {
    const orderId = world.order();
    hideItems();
    await world.orders.request(orderId, { trigger: 'cdc' });
    await world.in(orderId, 'AwaitingReprovision');
    await told(orderId);
    expect(world.record(orderId)).toMatchObject({ activation: 'Failed', errorCode: 'SF_FIELD_MISSING' });
    world.salesforce.rest.faults.clear();
    await world.signal(orderId, 'reprovision');
    expect(await world.result(orderId)).toMatchObject({ phase: 'Activated' });
  });

  /** Waits until Salesforce has been told of the failure, or the activity has decided not to. */
  async function told(orderId: Parameters<ProvisioningWorld['books']>[0]): Promise<void> {
    await eventually(async () => {
      const { events = [] } = await world.handle(orderId).fetchHistory();
      const asked = events?.find(
        (each) => each.activityTaskScheduledEventAttributes?.activityType?.name === 'markFailed',
      );
      const ended = events?.map((each) => each.activityTaskCompletedEventAttributes?.scheduledEventId) ?? [];
      expect(asked).toBeDefined();
      expect(ended.map(String)).toContain(String(asked?.eventId));
    });
  }
});
