import { ScheduleNotFoundError, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import { RECONCILE_ORDERS, RECONCILE_SCHEDULE_ID } from '../workflows/contract';

/** Makes the schedule `reconcile-orders`, or brings its interval up to date. Every worker may call it: the last one wins, with the same values. */
export async function ensureReconcileSchedule(
  client: Client,
  { everyMs, taskQueue }: { everyMs: number; taskQueue: string },
): Promise<void> {
  const spec = { intervals: [{ every: everyMs }] };
  const action = {
    type: 'startWorkflow' as const,
    workflowType: RECONCILE_ORDERS,
    workflowId: RECONCILE_ORDERS,
    taskQueue,
    args: [{ reason: 'schedule' }],
    staticSummary: 'Sweep: orders that no event told of',
  };
  const policies = { overlap: ScheduleOverlapPolicy.SKIP };
  const handle = client.schedule.getHandle(RECONCILE_SCHEDULE_ID);
  try {
    await handle.update(({ state }) => ({ spec, action, policies, state }));
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    await client.schedule.create({ scheduleId: RECONCILE_SCHEDULE_ID, spec, action, policies });
  }
}
