import { ActivityCancellationType, proxyActivities, type ActivityOptions } from '@temporalio/workflow';
import type { Policy, ProvisioningActivities } from '../activities/contract';
import { failedWith, ranOutOfTime } from './failures';

/**
 * What Temporal does with the failures of each effect.
 *
 * Passing failures are retried after 1 s, 2 s, 4 s … at most 5 minutes apart, for 24 hours; then the order is put in front
 * of a person. A vendor's own delay (429, 403) replaces the backoff. Each retry is one billable action: 24 hours of
 * outage cost about 290 actions for an order under way.
 *
 * Refused credentials are the exception: they fail no order, however long nobody mends them. When an activity's time is up over
 * them it is begun again, 5 events a day.
 *
 * Cancelling waits for an attempt that runs: what it did must be known before anything is undone.
 */
const activities = proxyActivities<ProvisioningActivities>({
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 minutes' },
  scheduleToCloseTimeout: '24 hours',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

/** The slack between a call's own time limit and the activity's: login, a slow worker. */
const SLACK_MS = 15_000;

/** How much longer than one call to a vendor a worker may be silent before its attempt is taken for dead. */
const SILENCE_MS = 10_000;

/**
 * As many calls as an order may need: a look-up through 40 pages, a module for each of 200 units. Heartbeats tell of a worker that
 * died long before; a shorter limit would only begin the same work again, beside the attempt that goes on.
 */
function many({ whmcsTimeoutMs }: Policy): ActivityOptions {
  return { startToCloseTimeout: '30 minutes', heartbeatTimeout: whmcsTimeoutMs + SILENCE_MS };
}

/**
 * AddOrder is not idempotent: Temporal never repeats it. The path looks first, then decides. Its whole time must be up before
 * that, so that a worker which was only cut off cannot be adding still: no heartbeat ends it sooner. Five calls, at most: the order
 * in Salesforce, products twice, the client, AddOrder.
 */
function once({ whmcsTimeoutMs }: Policy): ActivityOptions {
  return { startToCloseTimeout: 5 * whmcsTimeoutMs + SALESFORCE_MS + SLACK_MS, retry: { maximumAttempts: 1 } };
}

/** A call to Salesforce has as long. */
const SALESFORCE_MS = 30_000;
const SALESFORCE: ActivityOptions = { startToCloseTimeout: '2 minutes', heartbeatTimeout: SALESFORCE_MS + SILENCE_MS };
const REDIS: ActivityOptions = { startToCloseTimeout: '30 seconds' };

/** Begins `effect` again for as long as it runs out of time because a vendor refuses our credentials. */
async function patiently<T>(effect: (isAgain: boolean) => Promise<T>): Promise<T> {
  for (let isAgain = false; ; isAgain = true) {
    try {
      return await effect(isAgain);
    } catch (error) {
      const isRefused = failedWith(error, 'WHMCS_CREDENTIALS_REFUSED', 'SF_CREDENTIALS_REFUSED');
      if (!isRefused || !ranOutOfTime(error)) throw error;
    }
  }
}

type Input<K extends keyof ProvisioningActivities> = Parameters<ProvisioningActivities[K]>[0];

/** The activities, each with its time limit and the line that the Web UI shows beside it. */
export const effects = {
  claimOrder: (input: Input<'claimOrder'>) =>
    patiently((isAgain) =>
      activities.claimOrder.executeWithOptions(
        { ...SALESFORCE, summary: 'Salesforce: read the order, check it may be provisioned, mark it Activating' },
        // The write of an attempt whose answer was lost may be there.
        [isAgain ? { ...input, claimedByThisRun: true } : input],
      ),
    ),
  isStillWanted: (input: Input<'isStillWanted'>) =>
    patiently(() =>
      activities.isStillWanted.executeWithOptions(
        { ...SALESFORCE, summary: 'Salesforce: is the order still to be provisioned?' },
        [input],
      ),
    ),
  writeBack: (input: Input<'writeBack'>) =>
    patiently(() =>
      activities.writeBack.executeWithOptions(
        { ...SALESFORCE, summary: `Salesforce: mark the order Activated, with WHMCS order ${input.whmcsOrderId}` },
        [input],
      ),
    ),
  markFailed: (input: Input<'markFailed'>) =>
    patiently(() =>
      activities.markFailed.executeWithOptions(
        { ...SALESFORCE, summary: `Salesforce: mark the order Failed (${input.code})` },
        [input],
      ),
    ),
  findOrder: (input: Input<'findOrder'>, policy: Policy) =>
    patiently(() =>
      activities.findOrder.executeWithOptions(
        { ...many(policy), summary: 'WHMCS: is the order there already? (by its marker)' },
        [input],
      ),
    ),
  addOrder: (input: Input<'addOrder'>, policy: Policy) =>
    activities.addOrder.executeWithOptions(
      {
        ...once(policy),
        summary: `WHMCS: add the order (items: ${input.order.items.length})`,
      },
      [input],
    ),
  acceptOrder: (input: Input<'acceptOrder'>, policy: Policy) =>
    patiently(() =>
      activities.acceptOrder.executeWithOptions(
        { ...many(policy), summary: `WHMCS: accept order ${input.whmcsOrderId}, check that its services are active` },
        [input],
      ),
    ),
  cancelPendingOrders: (input: Input<'cancelPendingOrders'>, policy: Policy) =>
    patiently(() =>
      activities.cancelPendingOrders.executeWithOptions(
        { ...many(policy), summary: 'WHMCS: cancel what was added and not yet accepted' },
        [input],
      ),
    ),
  invalidateCaches: (input: Input<'invalidateCaches'>) =>
    activities.invalidateCaches.executeWithOptions(
      { ...REDIS, summary: 'Portal caches: invalidate the order and its account’s list' },
      [input],
    ),
};
