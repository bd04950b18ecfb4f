import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { RedisServer } from '../../sandbox/servers/redis';
import type { OrderId } from '../../src/domain/order';
import type { Phase } from '../../src/workflows/contract';
import { eventually } from '../support/eventually';
import { ProvisioningWorld } from '../support/provisioning-world';
import { createTimeSkippingEnvironment, freshRedis } from '../support/servers';

/** Each wait, retry schedule and expiry of a run, in time that is skipped: asserted by what happened, and by the timers in the history. */
describe('the waits of a run', () => {
  let temporal: TestWorkflowEnvironment;
  let world: ProvisioningWorld;
  let redis: RedisServer;
  beforeAll(async () => {
    [temporal, redis] = await Promise.all([createTimeSkippingEnvironment(), freshRedis()]);
    // The pauses of the session itself pass by the clock on the wall, which nobody skips.
    let passed = 0;
    const salesforceNow = () => Date.now() + (passed += 10 * 60_000);
    world = await ProvisioningWorld.start({ temporal, redisUrl: redis.url, salesforceNow });
  });
  afterAll(async () => {
    await world.close();
    await redis.stop();
    await temporal.teardown();
  });
  afterEach(() => {
    world.whmcs.faults.clear();
    world.salesforce.rest.faults.clear();
  });

  /** Seconds of the timers that a run has begun, over all its runs. */
  async function timers(orderId: OrderId): Promise<number[]> {
    const { events = [] } = await world.handle(orderId).fetchHistory();
    return (events ?? []).flatMap(({ timerStartedEventAttributes: timer }) =>
      timer == null ? [] : [Number(timer.startToFireTimeout?.seconds)],
    );
  }
  const adds = (orderId: OrderId) =>
    world.whmcs.ledger.calls('AddOrder').filter(({ customFields }) => JSON.stringify(customFields).includes(orderId));

  describe('the quiet period, before anything is undone', () => {
    /** Cancels the run of a new order whose call of `action` is carried out only when it is released, which is within the period. */
    async function cancelBeforeItCommits(action: string, checked: boolean): Promise<OrderId> {
      const orderId = world.order();
      const late = world.whmcs.faults.add({ kind: 'commitLate', action, count: 1, checked });
      await world.orders.request(orderId, { trigger: 'cdc' });
      await eventually(() => expect(late.waiting).toBe(1));
      await eventually(async () => {
        // The worker has said that the answer was lost.
        const { events } = await world.handle(orderId).fetchHistory();
        const { pendingActivities } = (await world.handle(orderId).describe()).raw;
        const failed = pendingActivities?.some(({ lastFailure }) => lastFailure != null) === true;
        expect(failed || events?.some((event) => event.activityTaskFailedEventAttributes != null)).toBe(true);
      });
      await world.signal(orderId, 'cancel');
      await eventually(async () => expect((await timers(orderId)).length).toBeGreaterThan(0));
      late.release();
      await eventually(() => expect(world.whmcs.ledger.calls(action).at(-1)?.committed).toBe(true));
      return orderId;
    }

    it('after a lost AddOrder: what it adds late is cancelled', async () => {
      const orderId = await cancelBeforeItCommits('AddOrder', false);
      expect(await world.result(orderId)).toMatchObject({ phase: 'Cancelled', whmcsOrderId: null });
      expect(world.books(orderId)).toMatchObject([{ status: 'Cancelled' }]);
    });

    it('after a lost AcceptOrder with a slow module: what it bills late is finished', async () => {
      const orderId = await cancelBeforeItCommits('AcceptOrder', true);
      expect(await world.result(orderId)).toMatchObject({ phase: 'Activated' });
      expect(world.books(orderId)).toMatchObject([{ status: 'Active' }]);
      expect(world.record(orderId)).toMatchObject({ activation: 'Activated', errorCode: null });
    });
  });

  it('AddOrder that ends in doubt five times is for a person, who is not told that it is retried', async () => {
    const orderId = world.order();
    world.whmcs.faults.add({ kind: 'loseBeforeCommit', action: 'AddOrder' });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await temporal.sleep('1 hour');
    const { lastError } = await world.in(orderId, 'AwaitingReprovision');
    expect(adds(orderId)).toHaveLength(5);
    expect(lastError).toMatchObject({ code: 'RETRIES_EXHAUSTED', kind: 'permanent' });
    expect(lastError?.message).toContain('WHMCS_AMBIGUOUS');
    expect(lastError?.advice).not.toMatch(/retried|looked up/);
    expect(world.record(orderId)).toMatchObject({ activation: 'Failed', errorCode: 'RETRIES_EXHAUSTED' });
    await world.signal(orderId, 'cancel');
    await world.result(orderId);
  });

  it('AddOrder that is refused for a day, each time for as long as WHMCS says, is for a person', async () => {
    const orderId = world.order();
    world.whmcs.faults.add({ kind: '429', action: 'AddOrder', retryAfterSeconds: 3_600 });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await temporal.sleep('30 hours');
    const { lastError } = await world.in(orderId, 'AwaitingReprovision');
    expect(lastError?.code).toBe('RETRIES_EXHAUSTED');
    expect(lastError?.message).toContain('WHMCS_RATE_LIMITED');
    const waits = (await timers(orderId)).filter((seconds) => seconds < 86_400);
    expect(new Set(waits)).toEqual(new Set([3_600]));
    expect(adds(orderId).length).toBeGreaterThanOrEqual(24);
    expect(adds(orderId).length).toBeLessThanOrEqual(26);
    await world.signal(orderId, 'cancel');
    await world.result(orderId);
  });

  it('passing failures are retried a second later at first, and at last every five minutes, for a day', async () => {
    const orderId = world.order();
    world.salesforce.rest.ledger.clear();
    world.salesforce.rest.faults.add({ kind: 'unavailable' });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await temporal.sleep('25 hours');
    // 9 in the first 511 s, and then every 300 s; marking it Failed is retried meanwhile.
    const reads = world.salesforce.rest.ledger.entries.filter(({ soql }) => soql?.includes('OrderItems')).length;
    expect(reads).toBeGreaterThanOrEqual(290);
    expect(reads).toBeLessThanOrEqual(305);
    world.salesforce.rest.faults.clear();
    await temporal.sleep('10 minutes');
    expect((await world.in(orderId, 'AwaitingReprovision')).lastError?.code).toBe('RETRIES_EXHAUSTED');
    await world.signal(orderId, 'reprovision');
    expect(await world.result(orderId)).toMatchObject({ phase: 'Activated' });
  });

  it('an order waits for as long as WHMCS refuses our credentials, and is not failed', async () => {
    const orderId = world.order();
    world.whmcs.faults.add({ kind: '403auth' });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await temporal.sleep('70 hours');
    expect(await world.status(orderId)).toMatchObject({
      phase: 'AddingOrder',
      attempt: 1,
      lastError: { code: 'WHMCS_CREDENTIALS_REFUSED' },
    });
    expect(world.record(orderId).activation).toBe('Activating');
    world.whmcs.faults.clear();
    // All that waited goes out at once: that WHMCS is busy then is no day's patience spent.
    const busy = world.whmcs.faults.add({ kind: '429', action: 'AddOrder', count: 1, retryAfterSeconds: 60 });
    expect(await world.result(orderId)).toMatchObject({ phase: 'Activated', attempt: 1 });
    expect(busy.hits).toBe(1);
    expect(world.books(orderId)).toMatchObject([{ status: 'Active' }]);
  });

  describe('an order waits for as long as Salesforce refuses our login, and is not failed', () => {
    /** Logins are refused from here on, and no session is left. */
    function refuseLogins(): void {
      world.salesforce.rest.logins.refuse(Infinity);
      world.salesforce.sessions.expireAll();
    }
    afterEach(() => world.salesforce.rest.logins.refuse(0));

    /** What more than a day of it leaves behind, and then what a repaired login does. */
    async function outlasts(orderId: OrderId, phase: Phase): Promise<void> {
      const before = world.salesforce.rest.logins.counts.refused;
      await temporal.sleep('30 hours');
      expect(await world.status(orderId)).toMatchObject({ phase, attempt: 1, lastError: null });
      expect(world.salesforce.rest.logins.counts.refused).toBeGreaterThan(before + 100);
      expect(world.record(orderId).errorCode).toBeNull();
      world.salesforce.rest.logins.refuse(0);
      expect(await world.result(orderId)).toMatchObject({ phase: 'Activated', attempt: 1 });
      expect(world.record(orderId)).toMatchObject({ activation: 'Activated', errorCode: null });
      expect(world.books(orderId)).toMatchObject([{ status: 'Active' }]);
    }

    it('before it was read', async () => {
      const orderId = world.order();
      refuseLogins();
      await world.orders.request(orderId, { trigger: 'cdc' });
      await outlasts(orderId, 'Loading');
    });

    it('when it is paid for', async () => {
      const orderId = world.order();
      const accepted = world.whmcs.faults.whenReached('AcceptOrder', 1, 'after-commit', { hold: true });
      await world.orders.request(orderId, { trigger: 'cdc' });
      const call = await accepted;
      refuseLogins();
      call.release();
      await world.in(orderId, 'WritingBack');
      await outlasts(orderId, 'WritingBack');
    });
  });

  it('an invalidation that fails for a day leaves the order as it is, and no error on it', async () => {
    // The last test of the suite: Redis is gone from here on.
    await redis.stop();
    const orderId = world.order();
    await world.orders.request(orderId, { trigger: 'cdc' });
    await world.in(orderId, 'Activated');
    expect((await world.handle(orderId).describe()).status.name).toBe('RUNNING');
    await temporal.sleep('25 hours');
    const result = await world.result(orderId);
    expect(result).toMatchObject({ phase: 'Activated', lastError: null });
    expect(result.history.at(-1)?.note).toContain('caches not invalidated');
  });
});
