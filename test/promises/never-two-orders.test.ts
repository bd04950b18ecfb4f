import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Order } from '../../sandbox/whmcs/entities';
import type { Fault } from '../../sandbox/whmcs/fault-kinds';
import type { OrderId } from '../../src/domain/order';
import { provisioningRun } from '../../src/temporal/orders';
import { cancel, PROVISION_ORDER } from '../../src/workflows/contract';
import { ProvisioningWorld } from '../support/provisioning-world';
import { eventually } from '../support/eventually';
import { createTimeSkippingEnvironment } from '../support/servers';

/**
 * Promise 2: never two WHMCS orders for one Salesforce order, even when an AddOrder answer is lost.
 * Judged by WHMCS's own books; the faults are those of its wire.
 */
describe('never two WHMCS orders for one Salesforce order', () => {
  let temporal: TestWorkflowEnvironment;
  let world: ProvisioningWorld;
  beforeAll(async () => {
    temporal = await createTimeSkippingEnvironment();
    world = await ProvisioningWorld.start({ temporal });
  });
  afterAll(async () => {
    await world.close();
    await temporal.teardown();
  });
  afterEach(() => {
    world.whmcs.faults.clear();
    world.salesforce.rest.faults.clear();
  });

  /** One active order with the marker, no other that is not cancelled, its id in Salesforce, and an invoice. */
  function expectOne(orderId: Parameters<ProvisioningWorld['books']>[0]): void {
    const living = world.books(orderId).filter(({ status }) => status !== 'Cancelled');
    expect(living).toEqual([{ id: expect.any(Number) as number, status: 'Active' }]);
    expect(world.record(orderId)).toMatchObject({ activation: 'Activated', whmcsOrderId: String(living[0]!.id) });
  }

  const action = 'AddOrder';
  it.each<[string, Fault, number]>([
    ['committed, then the connection was lost', { kind: 'commitThenLose', action, count: 1 }, 1],
    ['committed, then a page of HTML', { kind: 'commitThenHtml', action, count: 1 }, 1],
    ['committed, then a 502', { kind: 'commitThen5xx', status: 502, action, count: 1 }, 1],
    ['committed, the answer cut short', { kind: 'truncatedJson', action, count: 1 }, 1],
    ['committed, then no answer at all', { kind: 'hang', commit: true, action, count: 1 }, 1],
    ['lost before it was committed', { kind: 'loseBeforeCommit', action, count: 1 }, 2],
    ['a page of HTML with status 200', { kind: 'html200', action, count: 1 }, 2],
    ['503', { kind: '503', action, count: 1 }, 2],
    ['429 with a delay', { kind: '429', retryAfterSeconds: 7, action, count: 1 }, 2],
    ['403, IP not allowed', { kind: '403ip', action, count: 1 }, 2],
    ['only some services made, then the connection was lost', { kind: 'partialAdd', services: 1, action, count: 1 }, 2],
    ['lost twice', { kind: 'commitThenLose', action, count: 2 }, 1],
  ])('AddOrder: %s', async (_name, fault, adds) => {
    const orderId = world.order({ products: ['1', '2'] });
    world.whmcs.ledger.clear();
    world.whmcs.faults.add(fault);
    expect(await world.provision(orderId)).toMatchObject({ phase: 'Activated', attempt: 1 });
    expectOne(orderId);
    expect(world.calls(action)).toHaveLength(adds);
  });

  it('AddOrder: lost, and committed only later, within the quiet period', async () => {
    const orderId = world.order();
    const late = world.whmcs.faults.add({ kind: 'commitLate', action, count: 1 });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await eventually(() => expect(late.waiting).toBe(1));
    expect(world.books(orderId)).toEqual([]);
    await eventually(async () => expect((await world.status(orderId)).lastError?.code).toBe('WHMCS_AMBIGUOUS'));
    late.release();
    await eventually(() => expect(world.books(orderId)).toHaveLength(1));
    await world.result(orderId);
    expectOne(orderId);
    expect(world.books(orderId)).toHaveLength(1);
  });

  it.each<[string, Fault]>([
    ['committed, then the connection was lost', { kind: 'commitThenLose', action: 'AcceptOrder', count: 1 }],
    ['committed, then a page of HTML', { kind: 'commitThenHtml', action: 'AcceptOrder', count: 1 }],
    ['lost before it was committed', { kind: 'loseBeforeCommit', action: 'AcceptOrder', count: 1 }],
    ['503', { kind: '503', action: 'AcceptOrder', count: 2 }],
  ])('AcceptOrder: %s', async (_name, fault) => {
    const orderId = world.order();
    world.whmcs.faults.add(fault);
    expect(await world.provision(orderId)).toMatchObject({ phase: 'Activated' });
    expectOne(orderId);
  });

  it('accepts the lowest of several marked orders and cancels the others', async () => {
    const orderId = world.order();
    const order = await world.vendor.read(orderId);
    for (let i = 0; i < 3; i++) await world.shop.add(order!);
    world.edit('Order', orderId, { Activation_Status__c: 'Failed' });
    await world.provision(orderId);
    expectOne(orderId);
    const books = world.books(orderId);
    expect(books.map(({ status }) => status)).toEqual(['Active', 'Cancelled', 'Cancelled']);
  });

  it('finds its order among many of the client, on a later page', async () => {
    for (let i = 0; i < 30; i++) {
      const other = await world.vendor.read(
        world.order({ whmcsClientId: '7', products: Array.from({ length: 10 }, () => '1') }),
      );
      await world.shop.add(other!);
    }
    const orderId = world.order({ whmcsClientId: '7' });
    world.whmcs.faults.add({ kind: 'commitThenLose', action, count: 1 });
    await world.provision(orderId);
    expect(world.books(orderId)).toHaveLength(1);
    expectOne(orderId);
  });

  it('looks first when the write of Activating may have been somebody else’s', async () => {
    const orderId = world.order();
    world.salesforce.rest.faults.add({
      kind: 'commitThenLose',
      method: 'PATCH',
      path: `/sobjects/Order/${orderId}`,
      count: 1,
    });
    world.whmcs.ledger.clear();
    await world.provision(orderId);
    expectOne(orderId);
    expect(world.calls()[0]).toBe('GetClientsProducts');
  });

  describe('the marker field was made anew, and a worker still sends the old id', () => {
    /** An order that will be sold without the marker. */
    async function willBeUnmarked(): Promise<OrderId> {
      await world.provision(world.order({ products: ['4'] }));
      const [field] = world.whmcs.store.products.get(4)!.customFields;
      field!.id += 1_000;
      world.whmcs.ledger.clear();
      return world.order({ products: ['4', '4'] });
    }

    const lastOrder = (): Order => [...world.whmcs.store.orders.values()].at(-1)!;

    it('is marked in the notes of its services, and finished', async () => {
      const orderId = await willBeUnmarked();
      const { whmcsOrderId } = await world.provision(orderId);
      expect(world.record(orderId)).toMatchObject({ activation: 'Activated', whmcsOrderId });
      expect(lastOrder()).toMatchObject({ id: Number(whmcsOrderId), status: 'Active' });
      const items = world.salesforce.store.rows('OrderItem').filter((row) => row['OrderId'] === orderId);
      const services = world.whmcs.store.servicesOf(lastOrder());
      expect(services.map(({ notes }) => notes).sort()).toEqual(items.map(({ Id }) => `${orderId}:${Id}`).sort());
      expect(world.calls(action)).toHaveLength(1);
    });

    it('is found by the run that follows a terminated one, which knows nothing of it', async () => {
      const orderId = await willBeUnmarked();
      // The claim is the first save, the write-back the second.
      world.salesforce.rest.faults.add({ kind: 'validation', object: 'Order', recordId: orderId, skip: 1, count: 1 });
      await world.orders.request(orderId, { trigger: 'cdc' });
      await world.in(orderId, 'AwaitingReprovision');
      const sold = lastOrder();
      await eventually(() => expect(world.record(orderId).activation).toBe('Failed'));
      await world.handle(orderId).terminate('by a test');
      expect(await world.provision(orderId)).toMatchObject({ phase: 'Activated', whmcsOrderId: String(sold.id) });
      expect(lastOrder()).toBe(sold);
      expect(world.calls(action)).toHaveLength(1);
    });

    /** An order that is billed without the marker, since our role may not mark it. @returns it, and its WHMCS order */
    async function unmarked(): Promise<{ orderId: OrderId; sold: Order }> {
      const orderId = await willBeUnmarked();
      world.whmcs.faults.add({ kind: '403permission', action: 'UpdateClientProduct' });
      await world.orders.request(orderId, { trigger: 'cdc' });
      await world.in(orderId, 'AwaitingReprovision');
      expect((await world.status(orderId)).lastError?.code).toBe('WHMCS_ORDER_UNMARKED');
      const sold = lastOrder();
      expect(sold.status).toBe('Active');
      return { orderId, sold };
    }

    it('is billed once however often it is asked for, until a person has terminated that order', async () => {
      const { orderId, sold } = await unmarked();
      await world.signal(orderId, 'reprovision');
      await eventually(async () =>
        expect(await world.status(orderId)).toMatchObject({
          phase: 'AwaitingReprovision',
          attempt: 2,
          lastError: { code: 'WHMCS_ORDER_UNMARKED', message: expect.stringContaining(`order ${sold.id} `) as string },
        }),
      );
      expect(world.calls(action)).toHaveLength(1);
      for (const service of world.whmcs.store.servicesOf(sold)) {
        world.whmcs.store.setServiceStatus(service, 'Terminated');
      }
      await world.signal(orderId, 'reprovision');
      expect(await world.result(orderId)).toMatchObject({ phase: 'Activated' });
      expectOne(orderId);
    });

    it('is adopted once a person has marked it', async () => {
      const { orderId, sold } = await unmarked();
      const store = world.whmcs.store;
      const items = world.salesforce.store.rows('OrderItem').filter((row) => row['OrderId'] === orderId);
      const fieldId = store.products.get(4)!.customFields[0]!.id;
      store
        .servicesOf(sold)
        .forEach(({ customFields }, at) => customFields.set(fieldId, `${orderId}:${items[at]!.Id}`));
      await world.signal(orderId, 'reprovision');
      expect(await world.result(orderId)).toMatchObject({ phase: 'Activated', whmcsOrderId: String(sold.id) });
      expectOne(orderId);
    });

    it('is not followed by another when its run is terminated, until a person says so', async () => {
      const { orderId, sold } = await unmarked();
      await eventually(() => expect(world.record(orderId).errorCode).toBe('WHMCS_ORDER_UNMARKED'));
      await world.handle(orderId).terminate('by a test');
      expect(await world.provision(orderId)).toMatchObject({
        phase: 'Skipped',
        skipped: expect.stringContaining('bills this order') as string,
      });
      expect(world.record(orderId)).toMatchObject({ activation: 'Failed', errorCode: 'WHMCS_ORDER_UNMARKED' });
      expect(world.calls(action)).toHaveLength(1);
      for (const service of world.whmcs.store.servicesOf(sold)) {
        world.whmcs.store.setServiceStatus(service, 'Terminated');
      }
      world.whmcs.faults.clear();
      await world.orders.request(orderId, { trigger: 'manual' });
      expect(await world.result(orderId)).toMatchObject({ phase: 'Activated' });
      expect(world.calls(action)).toHaveLength(2);
    });

    it('is not forgotten by a second try, whose run is terminated', async () => {
      const { orderId } = await unmarked();
      await eventually(() => expect(world.record(orderId).errorCode).toBe('WHMCS_ORDER_UNMARKED'));
      const outage = world.whmcs.faults.add({ kind: '503', action: 'GetClientsProducts' });
      await world.signal(orderId, 'reprovision');
      await eventually(() => expect(outage.hits).toBeGreaterThan(0));
      await world.handle(orderId).terminate('by a test');
      expect(world.record(orderId)).toMatchObject({ activation: 'Activating', errorCode: 'WHMCS_ORDER_UNMARKED' });
      outage.remove();
      await world.orders.request(orderId, { trigger: 'reconcile' });
      expect((await world.result(orderId)).skipped).toContain('bills this order');

      // Nor is it by a cancel of a run that knows nothing of it.
      await world.client.workflow.signalWithStart(PROVISION_ORDER, {
        ...provisioningRun(orderId, 'manual', world.taskQueue),
        signal: cancel,
        signalArgs: [],
      });
      expect(await world.result(orderId)).toMatchObject({ phase: 'Cancelled' });
      expect(world.record(orderId).errorCode).toBe('WHMCS_ORDER_UNMARKED');
      await world.orders.request(orderId, { trigger: 'cdc', approvedAt: Date.now() + 60_000 });
      expect((await world.result(orderId)).skipped).toContain('bills this order');
      expect(world.calls(action)).toHaveLength(1);
    });

    it('is not forgotten by a second try, which fails for another reason', async () => {
      const { orderId } = await unmarked();
      await eventually(() => expect(world.record(orderId).errorCode).toBe('WHMCS_ORDER_UNMARKED'));
      world.whmcs.faults.add({ kind: 'businessError', message: 'Not today', action: 'GetClientsProducts', count: 1 });
      await world.signal(orderId, 'reprovision');
      await eventually(async () => expect((await world.status(orderId)).lastError?.code).toBe('WHMCS_REFUSED'));
      // The claim took the place of Failed for a while.
      await eventually(() => expect(world.record(orderId).activation).toBe('Failed'));
      expect(world.record(orderId).errorCode).toBe('WHMCS_ORDER_UNMARKED');
    });

    it('is not forgotten by a cancel: what is billed stays in front of a person', async () => {
      const { orderId, sold } = await unmarked();
      await world.signal(orderId, 'cancel');
      await eventually(async () => {
        const { history } = await world.status(orderId);
        expect(history.at(-1)).toMatchObject({ phase: 'AwaitingReprovision', note: 'WHMCS_ORDER_UNMARKED' });
        expect(history.filter(({ phase }) => phase === 'AwaitingReprovision').length).toBeGreaterThan(1);
      });
      expect((await world.status(orderId)).whmcsOrderId).toBe(String(sold.id));
    });
  });

  it('does not take the mark of a terminated run for its own because a first reading failed', async () => {
    const orderId = world.order();
    world.whmcs.ledger.clear();
    const reached = world.whmcs.faults.whenReached('AddOrder', 1, 'before-commit', { hold: true });
    await world.orders.request(orderId, { trigger: 'cdc' });
    const inFlight = await reached;
    await world.handle(orderId).terminate('by a test');

    const reading = { kind: 'unavailable', method: 'GET', path: '/query', count: 2 } as const;
    world.salesforce.rest.faults.add(reading);
    expect(await world.provision(orderId)).toMatchObject({
      phase: 'Skipped',
      skipped: expect.stringContaining('not by this run') as string,
    });
    inFlight.release();
    await eventually(() => expect(world.books(orderId)).toHaveLength(1));
    expect(world.calls(action)).toHaveLength(1);
    expect(world.salesforce.rest.faults.active).toEqual([]);
  });

  it('takes its own mark up when a reading failed and then the answer to its write was lost', async () => {
    const orderId = world.order();
    const { faults } = world.salesforce.rest;
    faults.add({ kind: 'unavailable', method: 'GET', path: '/query', count: 1 });
    faults.add({ kind: 'commitThenLose', method: 'PATCH', path: `/sobjects/Order/${orderId}`, count: 1 });
    // And once more before the mark is seen: what an attempt knows does not get lost over those that know nothing.
    faults.add({ kind: 'unavailable', method: 'GET', path: '/query', skip: 1, count: 1 });
    await world.provision(orderId);
    expectOne(orderId);
    expect(world.books(orderId)).toHaveLength(1);
    expect(faults.active).toEqual([]);
  });

  it('keeps to one order when the write-back is lost, again and again', async () => {
    const orderId = world.order();
    world.salesforce.rest.faults.add({ kind: 'commitThenLose', path: 'composite', count: 2 });
    await world.provision(orderId);
    expectOne(orderId);
    expect(world.books(orderId)).toHaveLength(1);
  });
});
