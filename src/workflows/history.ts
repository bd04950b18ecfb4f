import { CancelledFailure, workflowInfo } from '@temporalio/workflow';

/** Events after which a run goes on as a new one. An order's path takes about 40; only a storm of signals, or days of refusals, come this far. */
const LONG_HISTORY = 1_000;

export function isHistoryLong(): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return continueAsNewSuggested || historyLength > LONG_HISTORY;
}

/** A place on the path where it may be left, to be walked again by the run that goes on. @throws CancelledFailure where it is time */
export function leaveWhenHistoryIsLong(): void {
  if (isHistoryLong()) throw new CancelledFailure('The history is long: another run goes on');
}
