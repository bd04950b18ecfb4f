/** Where the time of an order goes, as shares of the whole from its approval to its write-back. */
export interface Stages {
  /** Until its run is there: the event's way, and the listener. */
  event: number;
  /** A workflow task waits for a worker. */
  taskWaits: number;
  /** A workflow task is with a worker: workflow code, and its answer on its way. */
  tasks: number;
  /** An activity waits for a worker. */
  activityWaits: number;
  /** An activity is with a worker: the vendors' answers, and its own answer on its way. */
  activities: number;
}

/** An event of a history, as far as it matters here. */
export interface TimedEvent {
  eventTime?: { seconds?: unknown; nanos?: number | null } | null;
  workflowExecutionStartedEventAttributes?: unknown;
  workflowTaskScheduledEventAttributes?: unknown;
  workflowTaskStartedEventAttributes?: unknown;
  workflowTaskCompletedEventAttributes?: unknown;
  activityTaskScheduledEventAttributes?: unknown;
  activityTaskStartedEventAttributes?: unknown;
  activityTaskCompletedEventAttributes?: unknown;
}

/** Which stage the time before an event belongs to. An order's path is a chain: one thing is under way at a time. */
const STAGE_BEFORE: readonly [keyof TimedEvent, keyof Stages][] = [
  ['workflowExecutionStartedEventAttributes', 'event'],
  ['workflowTaskStartedEventAttributes', 'taskWaits'],
  ['workflowTaskCompletedEventAttributes', 'tasks'],
  ['activityTaskStartedEventAttributes', 'activityWaits'],
  ['activityTaskCompletedEventAttributes', 'activities'],
];

/**
 * The shares of one order.
 * @param approvedAt epoch ms, as `writtenBackAt`; the server's clock must be ours
 */
export function stagesOf(history: readonly TimedEvent[], approvedAt: number, writtenBackAt: number): Stages {
  const stages: Stages = { event: 0, taskWaits: 0, tasks: 0, activityWaits: 0, activities: 0 };
  const whole = writtenBackAt - approvedAt;
  let last = approvedAt;
  for (const event of history) {
    const stage = STAGE_BEFORE.find(([attributes]) => event[attributes] != null)?.[1];
    if (stage === undefined) continue;
    const at = Math.max(last, Math.min(epochMs(event), writtenBackAt));
    stages[stage] += (at - last) / whole;
    last = at;
  }
  // The write-back itself is done before its activity's answer is recorded.
  stages.activities += Math.max(0, writtenBackAt - last) / whole;
  return stages;
}

function epochMs({ eventTime }: TimedEvent): number {
  return Number(eventTime?.seconds ?? 0) * 1_000 + (eventTime?.nanos ?? 0) / 1e6;
}

/** Of several orders, each counting the same. */
export function meanOf(all: readonly Stages[]): Stages {
  const mean = (stage: keyof Stages): number => all.reduce((sum, each) => sum + each[stage], 0) / all.length;
  return {
    event: mean('event'),
    taskWaits: mean('taskWaits'),
    tasks: mean('tasks'),
    activityWaits: mean('activityWaits'),
    activities: mean('activities'),
  };
}
