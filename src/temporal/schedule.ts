import { ScheduleAlreadyRunning, ScheduleNotFoundError, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import { ValueError } from '@temporalio/common';
import type { Logger } from '../observability/logger';
import { RECONCILE_ORDERS, RECONCILE_SCHEDULE_ID } from '../workflows/contract';
import { ensureSearchAttributes } from './search-attributes';

export interface ReconcileSchedule {
  everyMs: number;
  taskQueue: string;
}

function definitionOf({ everyMs, taskQueue }: ReconcileSchedule) {
  return {
    spec: { intervals: [{ every: everyMs }] },
    action: {
      type: 'startWorkflow' as const,
      workflowType: RECONCILE_ORDERS,
      workflowId: RECONCILE_ORDERS,
      taskQueue,
      args: [{ reason: 'schedule' }],
      staticSummary: 'Sweep: orders that no event told of',
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP },
  };
}

/** Makes the schedule `reconcile-orders`, or brings its interval up to date. Every worker may call it: the last one wins, with the same values. */
export async function ensureReconcileSchedule(client: Client, schedule: ReconcileSchedule): Promise<void> {
  const definition = definitionOf(schedule);
  const handle = client.schedule.getHandle(RECONCILE_SCHEDULE_ID);
  try {
    await handle.update(({ state }) => ({ ...definition, state }));
  } catch (error) {
    // Encrypted with a key that is gone: a lost key must not keep every worker from its start.
    if (error instanceof ValueError) await handle.delete();
    else if (!(error instanceof ScheduleNotFoundError)) throw error;
    await create(client, schedule);
  }
}

/**
 * Brings the schedule back where it is gone: a Temporal that lost its store, or an operator who deleted it, takes the safety net
 * away without a sound. One that is there is left alone, paused or not.
 * @returns whether it was gone
 */
export async function restoreReconcileSchedule(client: Client, schedule: ReconcileSchedule): Promise<boolean> {
  try {
    await client.schedule.getHandle(RECONCILE_SCHEDULE_ID).describe();
    return false;
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
  await ensureSearchAttributes(client);
  await create(client, schedule);
  return true;
}

async function create(client: Client, schedule: ReconcileSchedule): Promise<void> {
  try {
    await client.schedule.create({ scheduleId: RECONCILE_SCHEDULE_ID, ...definitionOf(schedule) });
  } catch (error) {
    // Another worker saw the same.
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}

/** Looks every `everyMs` whether the schedule is still there. @returns a function that ends it */
export function watchReconcileSchedule(client: Client, schedule: ReconcileSchedule, logger: Logger): () => void {
  const look = async (): Promise<void> => {
    try {
      if (await restoreReconcileSchedule(client, schedule)) {
        logger.error('the schedule of the sweep was gone, and is made again: has Temporal lost its store?');
      }
    } catch (error) {
      logger.warn({ err: error }, 'the schedule of the sweep could not be looked at; it is tried again');
    }
  };
  const timer = setInterval(() => void look(), schedule.everyMs);
  return () => clearInterval(timer);
}
