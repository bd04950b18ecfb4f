import { ActivityCancellationDetails, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { billingActivities } from '../../src/activities/billing';
import type { OrderId, SalesforceOrder } from '../../src/domain/order';
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
    activities = billingActivities({
      salesforce: org.salesforce.orders,
      whmcs: shop.whmcs.orders,
      policy: { provisionStatuses: ['Approved'], stuckAfterMs: 60_000, whmcsTimeoutMs: CALL_MS },
    });
  });
  afterAll(() => Promise.all([org.emulator.close(), shop.close()]));

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

  it.each([
    ['is sent where it ends in time', CALL_MS * 10, true],
    ['is not sent where it could end after the attempt, and may be tried again', CALL_MS - 1, false],
  ])('AddOrder %s', async (_what, startToCloseTimeoutMs, isSent) => {
    const { order } = await added();
    const runId = 'run';
    const workflowExecution = { workflowId: 'workflow', runId };
    const at = { attempt: 1, scheduledTimestampMs: Date.now(), startToCloseTimeoutMs, workflowExecution };
    const environment = new MockActivityEnvironment(at);
    const input = { order, readAt: Date.now(), runId };
    const end: unknown = await environment.run(() => activities.addOrder(input)).catch((error: unknown) => error);
    if (isSent) expect(end).toHaveProperty('whmcsOrderId');
    else expect(end).toMatchObject({ code: 'WHMCS_UNREACHABLE', kind: 'retryable' });
    const sent = shop.emulator.ledger.calls().filter(({ action }) => action === 'AddOrder');
    expect(sent).toHaveLength(isSent ? 1 : 0);
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
