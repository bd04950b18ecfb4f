import { MockActivityEnvironment } from '@temporalio/testing';
import type { OrderId } from '../../src/domain/order';
import { eventually } from '../support/eventually';
import { ProvisioningWorld } from '../support/provisioning-world';

/** What is sold is the order as Salesforce has it then, however long WHMCS or a worker was away, and nothing that was withdrawn. */
describe('an order that changes while its run is held up, and no event tells of it', () => {
  let world: ProvisioningWorld;
  beforeAll(async () => {
    world = await ProvisioningWorld.onDevServer();
  });
  afterAll(() => world.close());
  afterEach(() => world.whmcs.faults.clear());

  const units = (orderId: OrderId): number => {
    const living = world.books(orderId).filter(({ status }) => status !== 'Cancelled');
    return living.reduce((sum, { id }) => sum + world.whmcs.store.orders.get(id)!.serviceIds.length, 0);
  };
  const itemOf = (orderId: OrderId) =>
    world.salesforce.store.rows('OrderItem').find((row) => row['OrderId'] === orderId)!;
  const remove = (orderId: OrderId): void =>
    world.salesforce.store.transaction({ userId: world.salesforce.salesUserId }, (tx) => tx.delete('Order', orderId));

  /** The run of a new order, which WHMCS has refused once. */
  async function refused(): Promise<OrderId> {
    const orderId = world.order();
    world.whmcs.faults.add({ kind: '429', action: 'AddOrder', count: 1 });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await eventually(async () => expect((await world.status(orderId)).lastError?.code).toBe('WHMCS_RATE_LIMITED'));
    return orderId;
  }
  /** The run of a new order, which WHMCS has added and does not accept. */
  async function unaccepted(): Promise<{ orderId: OrderId; outage: { remove: () => void } }> {
    const orderId = world.order();
    const outage = world.whmcs.faults.add({ kind: '503', action: 'AcceptOrder' });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await eventually(() => expect(outage.hits).toBeGreaterThan(0));
    return { orderId, outage };
  }

  it('is sold as it was edited', async () => {
    const orderId = await refused();
    world.edit('OrderItem', itemOf(orderId).Id, { Quantity: 3 });
    expect(await world.result(orderId)).toMatchObject({ phase: 'Activated' });
    expect(units(orderId)).toBe(3);
  });

  it('is not sold once it is withdrawn', async () => {
    const orderId = await refused();
    world.edit('Order', orderId, { Status: 'Draft' });
    expect(await world.result(orderId)).toMatchObject({ phase: 'Cancelled' });
    expect(world.books(orderId)).toEqual([]);
    expect(world.record(orderId)).toMatchObject({ activation: 'Failed', errorCode: 'CANCELLED' });
  });

  it.each(['withdrawn', 'deleted'] as const)('is not accepted once it is %s', async (change) => {
    const { orderId, outage } = await unaccepted();
    if (change === 'withdrawn') world.edit('Order', orderId, { Status: 'Draft' });
    else remove(orderId);
    outage.remove();
    expect(await world.result(orderId)).toMatchObject({ phase: 'Cancelled' });
    expect(world.statuses(orderId)).toEqual(['Cancelled']);
  });

  describe('and is sold by hand', () => {
    const BY_HAND = { WHMCS_Order_ID__c: '4711' };

    it('has what the run had added cancelled', async () => {
      const { orderId, outage } = await unaccepted();
      world.edit('Order', orderId, BY_HAND);
      outage.remove();
      expect(await world.result(orderId)).toMatchObject({ phase: 'Skipped', whmcsOrderId: '4711' });
      expect(world.statuses(orderId)).toEqual(['Cancelled']);
      expect(world.record(orderId)).toMatchObject({ errorCode: null, whmcsOrderId: '4711' });
    });

    /** The run of an order that was sold by hand while what the run had added became active. @returns it, and the services of that */
    async function soldTwice() {
      const { orderId, outage } = await unaccepted();
      const order = world.whmcs.store.orders.get(world.books(orderId)[0]!.id)!;
      const services = world.whmcs.store.servicesOf(order);
      order.status = 'Active';
      for (const service of services) service.status = 'Active';
      world.edit('Order', orderId, BY_HAND);
      outage.remove();
      const { lastError } = await world.in(orderId, 'AwaitingReprovision');
      expect(lastError?.code).toBe('WHMCS_DUPLICATE_ACTIVE');
      expect(lastError?.message).toMatch(/4711$/);
      return { orderId, services };
    }

    it('waits for a person where what the run had added is active by now, until only one is', async () => {
      const { orderId, services } = await soldTwice();
      for (const service of services) service.status = 'Terminated';
      await world.signal(orderId, 'reprovision');
      expect(await world.result(orderId)).toMatchObject({ phase: 'Skipped', whmcsOrderId: '4711' });
      expect(world.record(orderId).whmcsOrderId).toBe('4711');
    });

    it('keeps the id that was written by hand, and its person, when somebody cancels', async () => {
      const { orderId, services } = await soldTwice();
      await world.signal(orderId, 'cancel');
      await eventually(async () => {
        const { history, phase, lastError } = await world.status(orderId);
        expect(history.filter((step) => step.note === 'WHMCS_DUPLICATE_ACTIVE')).toHaveLength(2);
        expect({ phase, code: lastError?.code }).toEqual({
          phase: 'AwaitingReprovision',
          code: 'WHMCS_DUPLICATE_ACTIVE',
        });
      });
      expect(world.record(orderId).whmcsOrderId).toBe('4711');
      expect(world.statuses(orderId)).toEqual(['Active']);
      for (const service of services) service.status = 'Terminated';
      await world.signal(orderId, 'reprovision');
      expect(await world.result(orderId)).toMatchObject({ phase: 'Skipped', whmcsOrderId: '4711' });
      expect(world.record(orderId).whmcsOrderId).toBe('4711');
    });

    it('keeps the id that was written by hand while the write-back was refused', async () => {
      const orderId = world.order();
      const writing = { method: 'PATCH', path: '/composite' } as const;
      const { faults } = world.salesforce.rest;
      const call = faults.holds.next(writing);
      faults.add({ kind: 'unavailable', ...writing, count: 1 });
      await world.orders.request(orderId, { trigger: 'cdc' });
      const release = await call;
      world.edit('Order', orderId, BY_HAND);
      release();
      expect((await world.in(orderId, 'AwaitingReprovision')).lastError?.code).toBe('WHMCS_DUPLICATE_ACTIVE');
      expect(world.record(orderId).whmcsOrderId).toBe('4711');
      expect(world.statuses(orderId)).toEqual(['Active']);
      for (const { id } of world.books(orderId)) {
        for (const service of world.whmcs.store.servicesOf(world.whmcs.store.orders.get(id)!)) {
          service.status = 'Terminated';
        }
      }
      await world.signal(orderId, 'reprovision');
      expect(await world.result(orderId)).toMatchObject({ phase: 'Skipped', whmcsOrderId: '4711' });
    });

    it('as what the run had added is left alone', async () => {
      const { orderId, outage } = await unaccepted();
      world.edit('Order', orderId, { WHMCS_Order_ID__c: String(world.books(orderId)[0]!.id) });
      outage.remove();
      expect(await world.result(orderId)).toMatchObject({ phase: 'Skipped' });
      expect(world.statuses(orderId)).toEqual(['Pending']);
    });
  });

  it('tells each step when the one before it read or added the order', async () => {
    const orderId = world.order();
    await world.provision(orderId);
    const { events } = await world.handle(orderId).fetchHistory();
    const first = (payloads: { data?: Uint8Array | null }[] | null | undefined) =>
      JSON.parse(Buffer.from(payloads?.[0]?.data ?? []).toString() || '{}') as Record<string, unknown>;
    const inputs = events!.flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
      scheduled == null ? [] : [first(scheduled.input?.payloads)],
    );
    const results = events!.flatMap(({ activityTaskCompletedEventAttributes: completed }) =>
      completed?.result == null ? [] : [first(completed.result.payloads)],
    );
    expect(inputs[1]!['readAt']).toBe(results[0]!['readAt']);
    expect(inputs[2]!['asOf']).toBe(results[1]!['addedAt']);
  });

  const LONG_AGO = 120_000;
  describe.each([
    ['since no worker was there to do it', LONG_AGO, 0],
    ['since no worker was there to schedule it', 0, LONG_AGO],
  ])('and whose step began late, %s', (_name, scheduledFor, knownFor) => {
    const RUN = 'a-run';
    const readAt = Date.now() - knownFor;
    const late = () =>
      new MockActivityEnvironment({
        startToCloseTimeoutMs: LONG_AGO,
        attempt: 1,
        scheduledTimestampMs: Date.now() - scheduledFor,
        workflowExecution: { workflowId: 'provision-order', runId: RUN },
      });

    it('is added as it is now', async () => {
      const orderId = world.order();
      const order = (await world.vendor.read(orderId))!;
      world.edit('OrderItem', itemOf(orderId).Id, { Quantity: 2 });
      await late().run(() => world.activities.addOrder({ order, readAt, runId: RUN }));
      expect(units(orderId)).toBe(2);
    });

    it('is not added once it is withdrawn', async () => {
      const orderId = world.order();
      const order = (await world.vendor.read(orderId))!;
      world.edit('Order', orderId, { Status: 'Draft' });
      await expect(late().run(() => world.activities.addOrder({ order, readAt, runId: RUN }))).rejects.toMatchObject({
        type: 'ORDER_WITHDRAWN',
      });
      expect(world.books(orderId)).toEqual([]);
    });

    it('is not accepted once it is edited', async () => {
      const orderId = world.order();
      const { whmcsOrderId } = await world.shop.add((await world.vendor.read(orderId))!);
      world.edit('OrderItem', itemOf(orderId).Id, { Quantity: 2 });
      const input = { orderId, whmcsClientId: '1', whmcsOrderId, committed: false, asOf: readAt };
      await expect(late().run(() => world.activities.acceptOrder(input))).rejects.toMatchObject({
        type: 'ORDER_EDITED',
      });
      expect(world.statuses(orderId)).toEqual(['Cancelled']);
    });
  });

  it('an old event that comes while a call is under way in an outage fails nothing', async () => {
    const orderId = world.order();
    const reached = world.whmcs.faults.whenReached('AcceptOrder', 1, 'before-commit', { hold: true });
    await world.orders.request(orderId, { trigger: 'cdc' });
    const call = await reached;
    await world.orders.tell(orderId, 'cancelled');
    await eventually(async () => {
      const { events } = await world.handle(orderId).fetchHistory();
      expect(events?.some((event) => event.activityTaskCancelRequestedEventAttributes != null)).toBe(true);
    });
    call.drop();
    const result = await world.result(orderId);
    expect(result).toMatchObject({ phase: 'Activated', lastError: null });
    expect(result.history.map(({ phase }) => phase)).not.toContain('AwaitingReprovision');
    expect(world.statuses(orderId)).toEqual(['Active']);
  });

  it('an order that a dead run had added is cancelled, though the look-up never came through', async () => {
    const orderId = world.order({ fields: { Activation_Status__c: 'Activating' } });
    await world.shop.add((await world.vendor.read(orderId))!);
    const outage = world.whmcs.faults.add({ kind: '503', action: 'GetClientsProducts' });
    await world.orders.request(orderId, { trigger: 'manual' });
    await eventually(() => expect(outage.hits).toBeGreaterThan(0));
    await world.signal(orderId, 'cancel');
    outage.remove();
    expect(await world.result(orderId)).toMatchObject({ phase: 'Cancelled' });
    expect(world.statuses(orderId)).toEqual(['Cancelled']);
  });
});
