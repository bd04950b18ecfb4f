import type { temporal } from '@temporalio/proto';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/**
 * What Temporal Cloud bills of a history, as counts (https://docs.temporal.io/cloud/actions): start, signals, timers, upserts of
 * search attributes, activities and their retries. Local activities and child workflows are not counted: the product has none.
 */
export function billableActions(history: readonly HistoryEvent[]): { activities: number; actions: number } {
  const having = (attribute: keyof HistoryEvent): number => history.filter((event) => event[attribute] != null).length;
  const activities = having('activityTaskScheduledEventAttributes');
  // The history has no event for an attempt that is followed by another; the last one says which it was.
  const retries = history.reduce(
    (sum, event) => sum + Math.max(0, (event.activityTaskStartedEventAttributes?.attempt ?? 1) - 1),
    0,
  );
  const actions =
    having('workflowExecutionStartedEventAttributes') +
    having('workflowExecutionSignaledEventAttributes') +
    having('timerStartedEventAttributes') +
    having('upsertWorkflowSearchAttributesEventAttributes') +
    activities +
    retries;
  return { activities, actions };
}
