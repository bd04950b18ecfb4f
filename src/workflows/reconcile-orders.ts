import { ActivityFailure, patched, proxyActivities } from '@temporalio/workflow';
import type { ReconcileActivities } from '../activities/contract';
import type { ReconcileInput } from './contract';

const retry = { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 minutes' } as const;

const { sweepOrders } = proxyActivities<ReconcileActivities>({
  startToCloseTimeout: '30 minutes',
  heartbeatTimeout: '1 minute',
  retry,
  summary: 'Salesforce: every order that ought to be provisioned and is not',
});

const { sweepOrphans } = proxyActivities<ReconcileActivities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '1 minute',
  // A WHMCS that is away must not hold up the next sweep, which looks again.
  scheduleToCloseTimeout: '10 minutes',
  retry,
  summary: 'WHMCS: cancel what was added and nobody will accept',
});

/** One sweep: requests each order that no event told of, and undoes what a late AddOrder left. Begun by the schedule, or by an event that says events were lost. */
export async function reconcileOrders(
  input: ReconcileInput = {},
): Promise<{ requested: number; cancelled?: string[] }> {
  const { requested } = await sweepOrders({ ...input, reason: input.reason ?? 'schedule' });
  if (!patched('sweep-orphans')) return { requested };
  try {
    return { requested, ...(await sweepOrphans()) };
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return { requested };
  }
}
