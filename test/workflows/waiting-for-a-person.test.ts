import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { OrderId } from '../../src/domain/order';
import { rawHistory } from '../support/history-bytes';
import { ProvisioningWorld } from '../support/provisioning-world';
import { eventually } from '../support/eventually';
import { createTimeSkippingEnvironment } from '../support/servers';

/** Every approved order ends Activated, or in front of a person with the reason and the next step. */
describe('an order that cannot be provisioned', () => {
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

  async function fail(orderId: OrderId): Promise<void> {
    await world.orders.request(orderId, { trigger: 'cdc' });
    await world.in(orderId, 'AwaitingReprovision');
    await eventually(() => expect(world.record(orderId).activation).toBe('Failed'));
    // Only once the run waits may time be skipped: the server skips over activities that are on their way, too.
    await eventually(async () => {
      const { events } = await world.handle(orderId).fetchHistory();
      expect(events?.some((event) => event.timerStartedEventAttributes != null)).toBe(true);
    });
  }

  const itemOf = (orderId: OrderId) =>
    world.salesforce.store.rows('OrderItem').find((item) => item['OrderId'] === orderId)!;
  const link = (orderId: OrderId): void =>
    world.edit('Product2', String(itemOf(orderId)['Product2Id']), { WHMCS_Product_ID__c: '1' });

  it.each<[string, Parameters<ProvisioningWorld['order']>[0], string]>([
    ['an account without a WHMCS client', { whmcsClientId: null }, 'ACCOUNT_NOT_LINKED'],
    ['an account whose WHMCS client id is a name', { whmcsClientId: 'Zyxxonia' }, 'ACCOUNT_NOT_LINKED'],
    ['a client that WHMCS does not have', { whmcsClientId: '999' }, 'WHMCS_CLIENT_NOT_FOUND'],
    ['an item without a WHMCS product', { products: ['1', null] }, 'PRODUCT_NOT_LINKED'],
    ['a product that WHMCS does not have', { products: ['999'] }, 'WHMCS_PRODUCT_NOT_FOUND'],
    ['a product without the marker field', { products: ['1', '10'] }, 'WHMCS_MARKER_FIELD_MISSING'],
    ['no items', { products: [] }, 'ORDER_WITHOUT_ITEMS'],
    ['half a unit', { quantity: 0.5 }, 'QUANTITY_INVALID'],
    ['a billing cycle that WHMCS does not know', { billingCycle: 'fortnightly' }, 'BILLING_CYCLE_INVALID'],
  ])('%s: says so in Salesforce and sells nothing', async (_name, spec, code) => {
    const orderId = world.order(spec);
    await fail(orderId);
    const { errorCode, errorMessage } = world.record(orderId);
    expect(errorCode).toBe(code);
    expect(errorMessage).toEqual(expect.stringMatching(/\S.+\. [A-Z].+/));
    const { lastError } = await world.status(orderId);
    expect(lastError).toMatchObject({ code, kind: 'permanent', advice: expect.stringMatching(/./) as string });
    expect(world.books(orderId)).toEqual([]);
    const history = await rawHistory(world.client, `provision-order-${orderId}`);
    expect(history.filter(({ text }) => text.includes('Zyxxonia'))).toEqual([]);
    await world.signal(orderId, 'cancel');
    expect(await world.result(orderId)).toMatchObject({ phase: 'Cancelled' });
  });

  it.each<[string, (orderId: OrderId) => Promise<void>]>([
    ['reprovision with an empty body, as the Web UI sends it', (orderId) => world.signal(orderId, 'reprovision')],
    [
      'reprovision with a reason',
      (orderId) => world.signal(orderId, 'reprovision', { requestedBy: 'ops', reason: 'linked' }),
    ],
    ['a renewed approval', (orderId) => world.orders.request(orderId, { trigger: 'cdc' })],
    ['a platform event', (orderId) => world.orders.request(orderId, { trigger: 'platform-event', priority: 1 })],
  ])('goes on after %s, and clears the error', async (_name, ask) => {
    const orderId = world.order({ products: [null] });
    await fail(orderId);
    link(orderId);
    await ask(orderId);
    expect(await world.result(orderId)).toMatchObject({ phase: 'Activated', attempt: 2, lastError: null });
    expect(world.record(orderId)).toMatchObject({ activation: 'Activated', errorCode: null, errorMessage: null });
    expect(world.books(orderId)).toHaveLength(1);
  });

  it('is asked again and fails again, as often as a person likes', async () => {
    const orderId = world.order({ products: [null] });
    await fail(orderId);
    for (let attempt = 2; attempt <= 4; attempt++) {
      await world.signal(orderId, 'reprovision');
      await eventually(async () =>
        expect(await world.status(orderId)).toMatchObject({ phase: 'AwaitingReprovision', attempt }),
      );
    }
    await world.signal(orderId, 'cancel');
    await world.result(orderId);
  });

  it('is abandoned when nobody comes, and a later request begins a new run', async () => {
    const orderId = world.order({ products: [null] });
    await fail(orderId);
    expect(await world.result(orderId)).toMatchObject({ phase: 'Abandoned' });
    link(orderId);
    expect(await world.provision(orderId)).toMatchObject({ phase: 'Activated' });
  });

  it('is undone in WHMCS when nobody comes, where it was added and not accepted', async () => {
    const orderId = world.order();
    world.whmcs.faults.add({ kind: 'businessError', message: 'Not today', action: 'AcceptOrder', count: 1 });
    await fail(orderId);
    expect(world.books(orderId)).toMatchObject([{ status: 'Pending' }]);
    expect(await world.result(orderId)).toMatchObject({ phase: 'Abandoned', whmcsOrderId: null });
    expect(world.books(orderId)).toMatchObject([{ status: 'Cancelled' }]);
  });

  it('waits as long as it was told to', async () => {
    const orderId = world.order({ products: [null] });
    await fail(orderId);
    await world.result(orderId);
    // By the history, since the server's clock runs on to the next time limit that it still knows.
    const { events = [] } = await world.handle(orderId).fetchHistory();
    const at = (attribute: 'timerStartedEventAttributes' | 'timerFiredEventAttributes'): number => {
      const time = events?.find((event) => event[attribute] != null)?.eventTime;
      return Number(time?.seconds ?? NaN);
    };
    expect((at('timerFiredEventAttributes') - at('timerStartedEventAttributes')) / 86_400).toBeCloseTo(30, 3);
  });

  it('a service whose module fails is for a person; once repaired, the same WHMCS order is finished', async () => {
    const orderId = world.order();
    world.whmcs.faults.add({ kind: 'moduleCreateFailure' });
    await fail(orderId);
    expect(world.record(orderId).errorCode).toBe('WHMCS_SERVICE_NOT_ACTIVE');
    const [sold] = world.books(orderId);
    expect(sold?.status).toBe('Active');
    world.whmcs.faults.clear();
    await world.signal(orderId, 'reprovision');
    expect(await world.result(orderId)).toMatchObject({ phase: 'Activated', whmcsOrderId: String(sold!.id) });
    expect(world.books(orderId)).toEqual([sold]);
  });

  it('the same where AcceptOrder itself reports the module’s error', async () => {
    world.whmcs.store.settings.acceptReportsModuleError = true;
    try {
      const orderId = world.order();
      world.whmcs.faults.add({ kind: 'moduleCreateFailure' });
      await fail(orderId);
      expect(world.record(orderId).errorCode).toBe('WHMCS_SERVICE_NOT_ACTIVE');
      world.whmcs.faults.clear();
      await world.signal(orderId, 'reprovision');
      expect(await world.result(orderId)).toMatchObject({ phase: 'Activated' });
      expect(world.books(orderId)).toHaveLength(1);
    } finally {
      world.whmcs.store.settings.acceptReportsModuleError = false;
    }
  });

  it('a validation rule that refuses the write-back is for a person; the paid order is kept and written back later', async () => {
    const orderId = world.order();
    // The claim is the first save of the record; the write-back the second, and the third is what marks it Failed.
    const rule = world.salesforce.rest.faults.add({
      kind: 'validation',
      object: 'Order',
      recordId: orderId,
      skip: 1,
      count: 1,
    });
    await fail(orderId);
    expect(rule.struck).toBe(1);
    expect(world.record(orderId)).toMatchObject({ errorCode: 'SF_VALIDATION', whmcsOrderId: null });
    const [sold] = world.books(orderId);
    await world.signal(orderId, 'reprovision');
    expect(await world.result(orderId)).toMatchObject({ phase: 'Activated', whmcsOrderId: String(sold!.id) });
    expect(world.books(orderId)).toEqual([sold]);
  });

  it('a rule that refuses even the mark Failed is shown by the run', async () => {
    const orderId = world.order();
    const rule = world.salesforce.rest.faults.add({
      kind: 'validation',
      object: 'Order',
      recordId: orderId,
    });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await eventually(async () => {
      const { history } = await world.status(orderId);
      expect(history.at(-1)).toMatchObject({
        phase: 'AwaitingReprovision',
        note: expect.stringContaining('Salesforce could not be told: SF_VALIDATION') as string,
      });
    });
    expect(world.books(orderId)).toEqual([]);
    expect(rule.struck).toBe(2);
    world.salesforce.rest.faults.clear();
    await world.signal(orderId, 'reprovision');
    expect(await world.result(orderId)).toMatchObject({ phase: 'Activated' });
  });

  it('WHMCS refusing our credentials fails no order: it waits and goes on', async () => {
    const orderId = world.order();
    world.whmcs.faults.add({ kind: '403auth', count: 3 });
    const before = await temporal.currentTimeMs();
    expect(await world.provision(orderId)).toMatchObject({ phase: 'Activated', attempt: 1 });
    expect(((await temporal.currentTimeMs()) - before) / 60_000).toBeGreaterThanOrEqual(14);
    expect(world.books(orderId)).toHaveLength(1);
  });

  it('an outage that outlasts the retries is put in front of a person, however often the sweep asks meanwhile', async () => {
    const orderId = world.order();
    const outage = world.whmcs.faults.add({ kind: '503', action: 'AcceptOrder' });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await eventually(() => expect(outage.hits).toBeGreaterThan(0));
    await world.orders.request(orderId, { trigger: 'reconcile' });
    await world.heard(orderId);
    await temporal.sleep('25 hours');
    await world.in(orderId, 'AwaitingReprovision');
    expect(await world.status(orderId)).toMatchObject({ attempt: 1, lastError: { code: 'RETRIES_EXHAUSTED' } });
    await eventually(() => expect(world.record(orderId)).toMatchObject({ activation: 'Failed' }));
    world.whmcs.faults.clear();
    await world.signal(orderId, 'reprovision');
    expect(await world.result(orderId)).toMatchObject({ phase: 'Activated' });
    expect(world.books(orderId)).toHaveLength(1);
  });
});
