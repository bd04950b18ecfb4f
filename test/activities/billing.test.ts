import { ActivityCancellationDetails, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { billingActivities } from '../../src/activities/billing';
import type { OrderId, SalesforceOrder } from '../../src/domain/order';
import type { WhmcsOptions } from '../../src/whmcs';
import { Org } from '../salesforce/support/org';
import { bench, type Bench } from '../whmcs/support/builders';

/** The time limit of a call to WHMCS. */
const CALL_MS = 2_000;

/** An attempt that somebody stops between two of its calls to WHMCS. */
describe('what an activity sends to WHMCS', () => {
  let org: Org;
  let shop: Bench;
  let activities: ReturnType<typeof billingActivities>;
  beforeAll(async () => {
    [org, shop] = await Promise.all([Org.start(), bench()]);
    activities = activitiesOver(shop.whmcs);
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(() => Promise.all([org.emulator.close(), shop.close()]));

  const activitiesOver = (whmcs: Bench['whmcs']) =>
    billingActivities({
      salesforce: org.salesforce.orders,
      whmcs: whmcs.orders,
      policy: { provisionStatuses: ['Approved'], stuckAfterMs: 60_000, whmcsTimeoutMs: CALL_MS },
    });

  /** An order that WHMCS has added. */
  async function added(): Promise<{ order: SalesforceOrder; whmcsOrderId: string }> {
    const orderId: OrderId = org.order().id;
    const accountId = String(org.emulator.store.get('Order', orderId)?.['AccountId']);
    org.update('Account', accountId, { WHMCS_Client_ID__c: '1' });
    const order = (await org.salesforce.orders.read(orderId))!;
    const { whmcsOrderId } = await shop.whmcs.orders.add(order);
    shop.emulator.ledger.clear();
    return { order, whmcsOrderId };
  }

  /** Runs `activity`, and stops it while its first call of `action` is on its way. @returns how it ended, and what it sent */
  async function stopped(action: string, why: 'cancelRequested' | 'timedOut', activity: () => Promise<unknown>) {
    const environment = new MockActivityEnvironment({ attempt: 1, scheduledTimestampMs: Date.now() });
    const reached = shop.emulator.faults.whenReached(action, 1, 'after-commit', { hold: true });
    const end = environment.run(activity).catch((error: unknown) => error);
    const call = await reached;
    const reason = why === 'timedOut' ? 'TIMED_OUT' : 'CANCELLED';
    environment.cancel(reason, new ActivityCancellationDetails({ [why]: true }));
    call.release();
    return { end: await end, sent: shop.emulator.ledger.calls().map((sent) => sent.action) };
  }

  const statusOf = (whmcsOrderId: string) => shop.emulator.store.orders.get(Number(whmcsOrderId))?.status;

  it.each(['cancelRequested', 'timedOut'] as const)('ends with the call under way in a look-up: %s', async (why) => {
    const { order } = await added();
    const { end, sent } = await stopped('GetClientsProducts', why, () =>
      activities.findOrder({ orderId: order.id, known: null }),
    );
    expect(end).toBeInstanceOf(CancelledFailure);
    expect(sent).toEqual(['GetClientsProducts']);
  });

  /** An attempt of AddOrder for an order that the run has just read. @returns how it ended, and how often AddOrder was sent */
  async function adding(startToCloseTimeoutMs: number, { addOrder } = activities) {
    const { order } = await added();
    const runId = 'run';
    const workflowExecution = { workflowId: 'workflow', runId };
    const at = { attempt: 1, scheduledTimestampMs: Date.now(), startToCloseTimeoutMs, workflowExecution };
    const input = { order, readAt: Date.now(), runId };
    const environment = new MockActivityEnvironment(at);
    const end: unknown = await environment.run(() => addOrder(input)).catch((error: unknown) => error);
    return { end, sent: shop.emulator.ledger.calls().filter(({ action }) => action === 'AddOrder').length };
  }
  const NOT_SENT = { end: { code: 'WHMCS_UNREACHABLE', kind: 'retryable' }, sent: 0 };

  it('AddOrder is sent where it ends in time', async () => {
    expect(await adding(CALL_MS * 10)).toMatchObject({ end: { whmcsOrderId: expect.any(String) as string }, sent: 1 });
  });

  it('AddOrder is not sent where it could end after the attempt, and may be tried again', async () => {
    expect(await adding(CALL_MS - 1)).toMatchObject(NOT_SENT);
  });

  it('AddOrder is not sent by a worker that was frozen while it waited for its turn', async () => {
    const admit: WhmcsOptions['admit'] = (call, about) => {
      if (about.includes('AddOrder')) jest.spyOn(Date, 'now').mockReturnValue(Date.now() + CALL_MS * 10);
      return call();
    };
    expect(await adding(CALL_MS * 10, activitiesOver(shop.connect({ admit })))).toMatchObject(NOT_SENT);
  });

  it('goes on past the commit point though a stop is asked for: what is paid for is finished', async () => {
    const { order, whmcsOrderId } = await added();
    const input = { orderId: order.id, whmcsClientId: '1', whmcsOrderId, committed: false, asOf: Date.now() };
    const { end, sent } = await stopped('AcceptOrder', 'cancelRequested', () => activities.acceptOrder(input));
    expect(end).toMatchObject({ whmcsOrderId });
    expect(sent).toEqual(['AcceptOrder', 'GetClientsProducts']);
    expect(statusOf(whmcsOrderId)).toBe('Active');
  });

  it('ends past the commit point with an attempt that is over, since the next one is at work', async () => {
    const { order, whmcsOrderId } = await added();
    const input = { orderId: order.id, whmcsClientId: '1', whmcsOrderId, committed: false, asOf: Date.now() };
    const { end, sent } = await stopped('AcceptOrder', 'timedOut', () => activities.acceptOrder(input));
    expect(end).toBeInstanceOf(CancelledFailure);
    expect(sent).toEqual(['AcceptOrder']);
  });
});
