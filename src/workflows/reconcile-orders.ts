import { proxyActivities } from '@temporalio/workflow';
import type { ReconcileActivities } from '../activities/contract';
import type { ReconcileInput } from './contract';
import { finalFailure } from './failures';

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

/** What a sweep came to, as the Web UI shows it: ids and codes. */
export interface Reconciled {
  /** Orders that were requested. */
  requested: number;
  /** Orders whose run could not be begun; the next sweep tries them again. */
  notRequested?: string[];
  /** WHMCS orders that were cancelled, since nobody will accept them. */
  cancelled?: string[];
  /** WHMCS orders that could not be judged or cancelled; or `sweepOrphans`, where all of that failed. */
  failed?: { whmcsOrderId?: string; code: string }[];
}

/** One sweep: requests each order that no event told of, and undoes what a late AddOrder left. Begun by the schedule, or by an event that says events were lost. */
export async function reconcileOrders({ failedSince }: ReconcileInput = {}): Promise<Reconciled> {
  const swept = await sweepOrders(failedSince === undefined ? {} : { failedSince });
  try {
    return { ...swept, ...(await sweepOrphans()) };
  } catch (error) {
    return { ...swept, failed: [{ code: finalFailure(error).code }] };
  }
}
