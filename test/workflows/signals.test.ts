import { defaultPayloadConverter } from '@temporalio/common';
import type { HeldRequest } from '../../sandbox/salesforce/rest/holds';
import { eventually } from '../support/eventually';
import type { OrderId, Trigger } from '../../src/domain/order';
import type { OrderSpec, ProvisioningWorld } from '../support/provisioning-world';
import { withWorld } from '../support/suite-world';

/** Signals that come at any moment are never lost and never overlap. */
describe('signals', () => {
  let world: ProvisioningWorld;
  withWorld((made) => (world = made));

  it.each(['AddOrder', 'AcceptOrder', 'GetClientsProducts'])(
    'a request during %s is looked at after the walk, once for many',
    async (action) => {
      const orderId = world.order();
      const reached = world.whmcs.faults.whenReached(action, 1, 'before-commit', { hold: true });
      await world.orders.request(orderId, { trigger: 'cdc' });
      const call = await reached;
      for (let i = 0; i < 20; i++) await world.orders.request(orderId, { trigger: 'cdc' });
      call.release();
      const result = await world.result(orderId);
      expect(result).toMatchObject({ phase: 'Activated', attempt: 2 });
      expect(result.history.at(-1)?.note).toContain('looked again');
      expect(world.books(orderId)).toHaveLength(1);
    },
  );

  /** Each call to Salesforce, the order that comes to it, and who asks for it. `skip`: calls of the same kind that come first. */
  const QUERY = { method: 'GET', path: '/query' };
  const LEFT_BEHIND: OrderSpec = { fields: { Activation_Status__c: 'Activating' } };
  describe.each<[string, HeldRequest, OrderSpec, Trigger]>([
    ['the reading of the order', QUERY, {}, 'cdc'],
    ['the claim', { method: 'PATCH', path: '/sobjects/Order' }, {}, 'cdc'],
    ['the reading before a look-up', { ...QUERY, skip: 1 }, LEFT_BEHIND, 'manual'],
    ['the write-back', { method: 'PATCH', path: '/composite' }, {}, 'cdc'],
  ])('%s in Salesforce, while it is under way', (name, held, spec, trigger) => {
    async function reached(): Promise<{ orderId: OrderId; release: () => void }> {
      const orderId = world.order(spec);
      const call = world.salesforce.rest.faults.holds.next(held);
      await world.orders.request(orderId, { trigger });
      return { orderId, release: await call };
    }

    it('takes in requests, which are looked at after the walk, once for many', async () => {
      const { orderId, release } = await reached();
      for (let i = 0; i < 20; i++) await world.orders.request(orderId, { trigger: 'cdc' });
      release();
      const result = await world.result(orderId);
      expect(result).toMatchObject({ phase: 'Activated', attempt: 2 });
      expect(result.history.at(-1)?.note).toContain('looked again');
      expect(world.books(orderId)).toMatchObject([{ status: 'Active' }]);
    });

    it('takes in a cancel, which is answered by what had been done by then', async () => {
      const { orderId, release } = await reached();
      await world.signal(orderId, 'cancel');
      release();
      const isPaid = name === 'the write-back';
      const { phase, history } = await world.result(orderId);
      expect(phase).toBe(isPaid ? 'Activated' : 'Cancelled');
      expect(history.at(-1)?.note).toContain(isPaid ? 'too late to cancel' : 'Cancelled');
      expect(world.books(orderId)).toMatchObject(isPaid ? [{ status: 'Active' }] : []);
      expect(world.record(orderId).activation).toBe(isPaid ? 'Activated' : 'Failed');
    });
  });

  it('requests while Salesforce is told of a failure are acted on at once', async () => {
    const orderId = world.order({ whmcsClientId: null });
    const call = world.salesforce.rest.faults.holds.next({
      method: 'PATCH',
      path: `/sobjects/Order/${orderId}`,
      skip: 1,
    });
    await world.orders.request(orderId, { trigger: 'cdc' });
    const release = await call;
    const accountId = String(world.salesforce.store.get('Order', orderId)?.['AccountId']);
    world.edit('Account', accountId, { WHMCS_Client_ID__c: '1' });
    for (let i = 0; i < 20; i++) await world.orders.request(orderId, { trigger: 'cdc' });
    release();
    expect(await world.result(orderId)).toMatchObject({ phase: 'Activated', lastError: null });
    expect(world.record(orderId)).toMatchObject({ activation: 'Activated', errorCode: null });
    expect(world.books(orderId)).toMatchObject([{ status: 'Active' }]);
  });

  it('requests while it is read whether the order is still wanted are looked at after the walk', async () => {
    const orderId = world.order();
    const outage = world.whmcs.faults.add({ kind: '503', action: 'AcceptOrder' });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await eventually(() => expect(outage.hits).toBeGreaterThan(0));
    const call = world.salesforce.rest.faults.holds.next(QUERY);
    await world.orders.tell(orderId, 'cancelled');
    const release = await call;
    for (let i = 0; i < 20; i++) await world.orders.request(orderId, { trigger: 'cdc' });
    outage.remove();
    release();
    const result = await world.result(orderId);
    expect(result).toMatchObject({ phase: 'Activated' });
    expect(result.history.at(-1)?.note).toContain('looked again');
    expect(world.books(orderId)).toMatchObject([{ status: 'Active' }]);
  });

  it('a reprovision during the walk that then fails is acted on at once', async () => {
    const orderId = world.order();
    world.whmcs.faults.add({ kind: 'businessError', message: 'Not today', action: 'AcceptOrder', count: 1 });
    const reached = world.whmcs.faults.whenReached('AcceptOrder', 1, 'before-commit', { hold: true });
    await world.orders.request(orderId, { trigger: 'cdc' });
    const call = await Promise.race([reached, world.in(orderId, 'AwaitingReprovision').then(() => undefined)]);
    await world.signal(orderId, 'reprovision');
    call?.release();
    expect(await world.result(orderId)).toMatchObject({ phase: 'Activated' });
    expect(world.books(orderId)).toHaveLength(1);
  });

  describe('while Salesforce cannot be told of the failure', () => {
    /** The run of a new order that has failed, and cannot write so: Salesforce takes the claim and no write after it. */
    async function untold(spec: OrderSpec): Promise<OrderId> {
      const orderId = world.order(spec);
      const path = `/sobjects/Order/${orderId}`;
      const outage = world.salesforce.rest.faults.add({ kind: 'unavailable', method: 'PATCH', path, skip: 1 });
      await world.orders.request(orderId, { trigger: 'cdc' });
      await eventually(() => expect(outage.struck).toBeGreaterThan(0));
      expect(world.record(orderId).activation).toBe('Activating');
      return orderId;
    }

    it('a reprovision goes on at once', async () => {
      const orderId = await untold({ whmcsClientId: null });
      const accountId = String(world.salesforce.store.get('Order', orderId)?.['AccountId']);
      world.edit('Account', accountId, { WHMCS_Client_ID__c: '1' });
      await world.signal(orderId, 'reprovision');
      const result = await world.result(orderId);
      expect(result).toMatchObject({ phase: 'Activated', attempt: 2, lastError: null });
      expect(result.history.map(({ note }) => note)).toContain('Salesforce was not told: somebody came');
      expect(world.record(orderId)).toMatchObject({ activation: 'Activated', errorCode: null });
      expect(world.books(orderId)).toMatchObject([{ status: 'Active' }]);
    });

    it('a cancel undoes at once what is not paid for, and Salesforce hears of it when it is back', async () => {
      world.whmcs.faults.add({ kind: 'businessError', message: 'Not today', action: 'AcceptOrder', count: 1 });
      const orderId = await untold({});
      expect(world.books(orderId)).toMatchObject([{ status: 'Pending' }]);
      await world.signal(orderId, 'cancel', { reason: 'a test' });
      await eventually(() => expect(world.books(orderId)).toMatchObject([{ status: 'Cancelled' }]));
      expect(world.record(orderId).activation).toBe('Activating');
      world.salesforce.rest.faults.clear();
      expect(await world.result(orderId)).toMatchObject({ phase: 'Cancelled' });
      expect(world.record(orderId)).toMatchObject({ activation: 'Failed', errorCode: 'CANCELLED' });
    });
  });

  it('after the run has closed a request begins another, which does nothing', async () => {
    const orderId = world.order();
    await world.provision(orderId);
    expect(await world.provision(orderId)).toMatchObject({ phase: 'Skipped', attempt: 1 });
  });

  it.each([
    ['ask for something', 'reprovision', undefined],
    ['are nothing to it', 'provisioningRequested', { trigger: 'reconcile' }],
  ])('keeps the history of a run bounded, however many signals come that %s', async (_what, name, body) => {
    const orderId = world.order({ products: [null] });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await world.in(orderId, 'AwaitingReprovision');
    const handle = world.handle(orderId);
    const { runId } = await handle.describe();
    for (let i = 0; i < 1_200; i++) await world.signal(orderId, name, body);
    await eventually(async () => {
      const now = await handle.describe();
      expect(now.runId).not.toBe(runId);
      expect(now.historyLength).toBeLessThan(1_200);
    });
    const status = await world.in(orderId, 'AwaitingReprovision');
    expect(status.history.length).toBeLessThanOrEqual(50);
    await world.signal(orderId, 'cancel');
    await world.result(orderId);
  });

  it('keeps the history bounded while the path is walked, too, and loses neither the order nor its place', async () => {
    const orderId = world.order();
    const outage = world.whmcs.faults.add({ kind: '503', action: 'AcceptOrder' });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await eventually(() => expect(outage.hits).toBeGreaterThan(0));
    const handle = world.handle(orderId);
    const { runId } = await handle.describe();
    for (let i = 0; i < 1_200; i++) await world.orders.request(orderId, { trigger: 'cdc' });
    await eventually(async () => expect((await handle.describe()).runId).not.toBe(runId));
    outage.remove();
    expect(await world.result(orderId)).toMatchObject({ phase: 'Activated' });
    expect((await handle.describe()).historyLength).toBeLessThan(1_200);
    expect(world.books(orderId)).toMatchObject([{ status: 'Active' }]);
  });

  it('what asked last is what the activities after it go back to, on their log lines', async () => {
    const orderId = world.order({ whmcsClientId: null });
    await world.orders.request(orderId, { trigger: 'cdc', replayId: '41' });
    await world.in(orderId, 'AwaitingReprovision');
    const row = world.salesforce.store.get('Order', orderId);
    world.edit('Account', String(row?.['AccountId']), { WHMCS_Client_ID__c: '1' });
    const later = { trigger: 'platform-event', replayId: '42', correlationId: 'quote-7' } as const;
    await world.orders.request(orderId, later);
    await world.result(orderId);

    const { events = [] } = await world.handle(orderId).fetchHistory();
    const carried = (events ?? [])
      .map((event) => event.activityTaskScheduledEventAttributes)
      .filter((activity) => activity != null)
      .map(({ activityType, input }) => [
        activityType?.name,
        defaultPayloadConverter.fromPayload(input!.payloads![1]!),
      ]);
    expect(carried[0]).toEqual(['claimOrder', { replayId: '41' }]);
    expect(carried.at(-1)).toEqual(['invalidateCaches', { replayId: '42', correlationId: 'quote-7' }]);
  });
});
