import type { WorkflowExecutionInfo } from '@temporalio/client';

/** How a run stands with Temporal, whatever phase its order is in. */
export type RunState = 'running' | 'completed' | 'failed' | 'cancelled' | 'terminated' | 'timed-out' | 'continued';

const STATES: Partial<Record<WorkflowExecutionInfo['status']['name'], RunState>> = {
  RUNNING: 'running',
  PAUSED: 'running',
  COMPLETED: 'completed',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  TERMINATED: 'terminated',
  TIMED_OUT: 'timed-out',
  CONTINUED_AS_NEW: 'continued',
};

/** A state that this build does not know is no end. */
export function runStateOf({ status }: Pick<WorkflowExecutionInfo, 'status'>): RunState {
  return STATES[status.name] ?? 'running';
}
