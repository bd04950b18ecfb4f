import { randomUUID } from 'node:crypto';
import type { History } from '@temporalio/common/lib/proto-utils';
import type { OrderId } from '../../src/domain/order';
import { provisionWorkflowId } from '../../src/workflows/contract';
import type { ProvisioningWorld } from './provisioning-world';

export type HistoryEvent = NonNullable<History['events']>[number];

/** Resets the order's run to just after `activity` was done, or to its last decision, as the Web UI does. */
export async function reset(world: ProvisioningWorld, orderId: OrderId, after: string | null): Promise<void> {
  const { events = [] } = await world.handle(orderId).fetchHistory();
  const { runId } = await world.handle(orderId).describe();
  const scheduled = events?.find(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === after,
  )?.eventId;
  const done = events?.findIndex(
    (event) =>
      event.activityTaskCompletedEventAttributes != null &&
      String(event.activityTaskCompletedEventAttributes.scheduledEventId) === String(scheduled),
  );
  const decisions = events?.filter(
    (event, at) => event.workflowTaskCompletedEventAttributes != null && (after === null || at > (done ?? 0)),
  );
  const decision = after === null ? decisions?.at(-1) : decisions?.[0];
  await world.client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: provisionWorkflowId(orderId), runId },
    workflowTaskFinishEventId: decision!.eventId!,
    reason: 'a test',
    requestId: randomUUID(),
  });
}
