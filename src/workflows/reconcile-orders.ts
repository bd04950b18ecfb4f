import { proxyActivities } from '@temporalio/workflow';
import type { ReconcileActivities } from '../activities/contract';
import type { ReconcileInput } from './contract';

const { sweepOrders } = proxyActivities<ReconcileActivities>({
  startToCloseTimeout: '30 minutes',
  heartbeatTimeout: '1 minute',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 minutes' },
  summary: 'Salesforce: every order that ought to be provisioned and is not',
});

/** One sweep: requests each order that no event told of. Begun by the schedule, or by an event that says events were lost. */
export async function reconcileOrders(input: ReconcileInput = {}): Promise<{ requested: number }> {
  return sweepOrders({ reason: input.reason ?? 'schedule' });
}
