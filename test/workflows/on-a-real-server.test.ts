import { MockActivityEnvironment } from '@temporalio/testing';
import type { RedisServer } from '../../sandbox/servers/redis';
import type { OrderId } from '../../src/domain/order';
import { ensureReconcileSchedule, restoreReconcileSchedule } from '../../src/temporal/schedule';
import { provisionWorkflowId, RECONCILE_ORDERS, RECONCILE_SCHEDULE_ID, type Phase } from '../../src/workflows/contract';
import { eventually } from '../support/eventually';
import { ProvisioningWorld } from '../support/provisioning-world';
import { freshRedis } from '../support/servers';

/** What the time-skipping server cannot do: visibility, schedules, priority, user metadata. */
describe('on a real Temporal server', () => {
  let world: ProvisioningWorld;
  beforeAll(async () => {
    world = await ProvisioningWorld.onDevServer({ reprovisionWaitMs: 3_600_000 });
  });
  afterAll(() => world.close());
  afterEach(() => world.whmcs.faults.clear());

  const find = async (query: string): Promise<string[]> => {
    const found: string[] = [];
    for await (const { workflowId } of world.client.workflow.list({ query })) found.push(workflowId);
    return found;
  };

  async function sweepOrphans() {
    const swept = await new MockActivityEnvironment().run(() => world.activities.sweepOrphans());
    return swept as Awaited<ReturnType<typeof world.activities.sweepOrphans>>;
  }

  it('finds runs by order, WHMCS order, account, phase and trigger', async () => {
    const orderId = world.order();
    await world.provision(orderId);
    const { whmcsOrderId } = world.record(orderId);
    const accountId = String(world.salesforce.store.get('Order', orderId)?.['AccountId']);
    for (const query of [
      `SalesforceOrderId="${orderId}"`,
      `WhmcsOrderId="${String(whmcsOrderId)}" AND SalesforceOrderId="${orderId}"`,
      `SalesforceAccountId="${accountId}"`,
      `ProvisioningPhase="Activated" AND SalesforceOrderId="${orderId}"`,
      `ProvisioningTrigger="cdc" AND SalesforceOrderId="${orderId}"`,
    ]) {
      await eventually(async () => expect(await find(query)).toEqual([provisionWorkflowId(orderId)]));
    }
  });

  it('finds the orders that wait for a person, and no longer once one has come', async () => {
    const orderId = world.order({ products: [null] });
    await world.orders.request(orderId, { trigger: 'cdc' });
    const query = `ProvisioningPhase="AwaitingReprovision" AND SalesforceOrderId="${orderId}"`;
    await eventually(async () => expect(await find(query)).toHaveLength(1));
    await world.signal(orderId, 'cancel');
    await world.result(orderId);
    await eventually(async () => expect(await find(query)).toEqual([]));
  });

  it('shows a summary for the run, each activity and each timer', async () => {
    const orderId = world.order();
    world.whmcs.faults.add({ kind: 'commitThenLose', action: 'AddOrder', count: 1 });
    await world.provision(orderId);
    const description = await world.handle(orderId).describe();
    expect(await description.staticSummary()).toContain(orderId);
    const { events } = await world.handle(orderId).fetchHistory();
    const told = (events ?? []).filter(
      (event) => event.activityTaskScheduledEventAttributes ?? event.timerStartedEventAttributes,
    );
    expect(told.length).toBeGreaterThan(5);
    for (const event of told) expect(event.userMetadata?.summary?.data?.length).toBeGreaterThan(0);
  });

  it('turns a request’s priority into the run’s task priority', async () => {
    const orderId = world.order();
    await world.orders.request(orderId, {
      trigger: 'platform-event',
      priority: 2,
      requestedBy: 'desk',
      correlationId: 'c-1',
    });
    await world.result(orderId);
    const { events } = await world.handle(orderId).fetchHistory();
    expect(events?.[0]?.workflowExecutionStartedEventAttributes?.priority?.priorityKey).toBe(2);
  });

  it('sweeps: finds every order that ought to be provisioned and is not, and no other', async () => {
    const missed = [world.order(), world.order({ status: 'Reactivate' })];
    const others = [
      world.order({ status: 'Draft' }),
      world.order({ fields: { WHMCS_Order_ID__c: '1' } }),
      world.order({ fields: { Activation_Status__c: 'Failed' } }),
      world.order({ fields: { Activation_Status__c: 'Activating' } }),
    ];
    await world.orders.sweep('test', 'a test');
    for (const orderId of missed) {
      await eventually(() => expect(world.record(orderId).activation).toBe('Activated'));
      expect(await world.result(orderId)).toMatchObject({ trigger: 'reconcile' });
    }
    for (const orderId of others) expect(world.books(orderId)).toEqual([]);
  });

  it('sweeps after a hole: finds failed orders as well that may have been approved anew meanwhile', async () => {
    const failed = world.order({ fields: { Activation_Status__c: 'Failed' } });
    await world.orders.sweep('hole', 'a test', Date.now() - 60_000);
    await eventually(() => expect(world.record(failed).activation).toBe('Activated'));
    expect(world.statuses(failed)).toEqual(['Active']);
  });

  it('sweeps: cancels in WHMCS what a late AddOrder left, and nothing that somebody may still accept', async () => {
    const done = world.order();
    await world.orders.request(done, { trigger: 'cdc' });
    await world.result(done);
    const givenUp = world.order();
    const inHand = world.order();
    // What a worker does that everyone believes dead: its AddOrder commits when nobody waits for it any more.
    for (const id of [done, givenUp, inHand]) await world.shop.add((await world.vendor.read(id))!);
    world.edit('Order', givenUp, { Status: 'Cancelled' });
    const other = await world.vendor.read(world.order({ whmcsClientId: '2' }));
    const strangers = world.whmcs.store.orders.size;
    await world.shop.add(other!);
    for (const service of world.whmcs.store.services.values()) {
      if (service.orderId > strangers) service.customFields.clear();
    }

    await sweepOrphans();
    expect(world.statuses(done)).toEqual(['Active', 'Cancelled']);
    expect(world.statuses(givenUp)).toEqual(['Cancelled']);
    expect(world.statuses(inHand)).toEqual(['Pending']);
    const unmarked = [...world.whmcs.store.orders.values()].at(-1);
    expect(unmarked?.status).toBe('Pending');
  });

  it('sweeps: one bad order keeps no other waiting, and is named', async () => {
    const [mistyped, refused, good] = [world.order(), world.order(), world.order()];
    for (const id of [mistyped, refused, good]) {
      const { whmcsOrderId } = await world.shop.add((await world.vendor.read(id))!);
      world.edit('Order', id, { Status: 'Cancelled' });
      if (id !== mistyped) continue;
      for (const { customFields } of world.whmcs.store.servicesOf(
        world.whmcs.store.orders.get(Number(whmcsOrderId))!,
      )) {
        for (const [field, marker] of customFields)
          customFields.set(field, marker.replace(/^.{18}/, '801000000000001XYZ'));
      }
    }
    world.whmcs.faults.add({ kind: 'businessError', action: 'CancelOrder', message: 'Not this one', count: 1 });
    const [kept] = world.books(refused);
    const { cancelled, failed } = await sweepOrphans();
    expect(failed).toEqual([{ whmcsOrderId: String(kept!.id), code: 'WHMCS_REFUSED' }]);
    expect(cancelled).toEqual([String(world.books(good)[0]!.id)]);
    expect(world.books(good)).toMatchObject([{ status: 'Cancelled' }]);
  });

  it('sweeps: leaves alone what belongs to a run that opened while its order was read', async () => {
    const orderId = world.order();
    await world.shop.add((await world.vendor.read(orderId))!);
    world.edit('Order', orderId, { Status: 'Cancelled' });
    await world.whileWorkerIsAway(async () => {
      const reached = world.salesforce.rest.faults.holds.next({ path: orderId });
      const sweep = sweepOrphans();
      const release = await reached;
      await world.orders.request(orderId, { trigger: 'cdc' });
      release();
      await sweep;
      expect(world.statuses(orderId)).toEqual(['Pending']);
    });
    await world.result(orderId);
    await sweepOrphans();
    expect(world.statuses(orderId)).toEqual(['Cancelled']);
  });

  it('a sweep does both', async () => {
    const orderId = world.order();
    await world.orders.request(orderId, { trigger: 'cdc' });
    await world.result(orderId);
    await world.shop.add((await world.vendor.read(orderId))!);
    await world.orders.sweep('both', 'a test');
    await world.client.workflow.getHandle(`${RECONCILE_ORDERS}-both`).result();
    expect(world.statuses(orderId)).toEqual(['Active', 'Cancelled']);
  });

  it('keeps one schedule, whoever makes it, with the interval last asked for', async () => {
    for (const everyMs of [3_600_000, 7_200_000]) {
      await ensureReconcileSchedule(world.client, { everyMs, taskQueue: world.taskQueue });
      const { spec } = await world.client.schedule.getHandle(RECONCILE_SCHEDULE_ID).describe();
      expect(spec.intervals?.map(({ every }) => every)).toEqual([everyMs]);
    }
    await world.client.schedule.getHandle(RECONCILE_SCHEDULE_ID).delete();
  });

  it('brings a schedule back that is gone, and leaves one alone that is there', async () => {
    const schedule = { everyMs: 3_600_000, taskQueue: world.taskQueue };
    const handle = world.client.schedule.getHandle(RECONCILE_SCHEDULE_ID);
    expect(await restoreReconcileSchedule(world.client, schedule)).toBe(true);
    await handle.pause('for a night');
    expect(await restoreReconcileSchedule(world.client, { ...schedule, everyMs: 60_000 })).toBe(false);
    const { spec, state } = await handle.describe();
    expect([spec.intervals?.[0]?.every, state.paused]).toEqual([3_600_000, true]);
    await handle.delete();
  });

  describe('while Redis is frozen', () => {
    let redis: RedisServer;
    let other: ProvisioningWorld;
    beforeAll(async () => {
      redis = await freshRedis();
      other = await ProvisioningWorld.onDevServer({ redisUrl: redis.url });
    });
    beforeEach(() => redis.kill('SIGSTOP'));
    afterEach(() => redis.kill('SIGCONT'));
    afterAll(async () => {
      await other.close();
      await redis.stop();
    });

    /** A run that has failed, and whose caches cannot be told. */
    async function failed(): Promise<OrderId> {
      const orderId = other.order({ products: [null] });
      await other.orders.request(orderId, { trigger: 'cdc' });
      await other.in(orderId, 'AwaitingReprovision');
      await eventually(() => expect(other.record(orderId).activation).toBe('Failed'));
      return orderId;
    }

    /** It lives on for its caches alone, and ends when Redis is back. */
    async function endsWithRedis(orderId: OrderId, phase: Phase): Promise<void> {
      expect((await other.handle(orderId).describe()).status.name).toBe('RUNNING');
      redis.kill('SIGCONT');
      expect(await other.result(orderId)).toMatchObject({ phase });
    }

    it('a paid order is neither undone nor blocked', async () => {
      const orderId = other.order();
      await other.orders.request(orderId, { trigger: 'cdc' });
      await other.in(orderId, 'Activated');
      expect(other.record(orderId)).toMatchObject({ activation: 'Activated' });
      expect(other.books(orderId)).toMatchObject([{ status: 'Active' }]);
      await endsWithRedis(orderId, 'Activated');
    });

    it('a reprovision is acted on', async () => {
      const orderId = await failed();
      const item = other.salesforce.store.rows('OrderItem').find((row) => row['OrderId'] === orderId);
      other.edit('Product2', String(item?.['Product2Id']), { WHMCS_Product_ID__c: '1' });
      await other.signal(orderId, 'reprovision');
      await other.in(orderId, 'Activated');
      expect(other.books(orderId)).toMatchObject([{ status: 'Active' }]);
      await endsWithRedis(orderId, 'Activated');
    });

    it('a cancel is acted on', async () => {
      const orderId = await failed();
      await other.signal(orderId, 'cancel');
      await other.in(orderId, 'Cancelled');
      expect(other.record(orderId)).toMatchObject({ errorCode: 'CANCELLED' });
      await endsWithRedis(orderId, 'Cancelled');
    });
  });
});
