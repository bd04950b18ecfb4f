import { CancelledFailure, Context } from '@temporalio/activity';

/** Longer than this since the order was read, or since this was scheduled, and it may be another: no worker was there. */
const LATE_MS = 60_000;

/**
 * Whether this attempt follows at once on what the workflow decided on. Else the order is read anew before anything is sold.
 * @param asOf epoch ms of the step that this one follows on. Workers may all have been away before the workflow could schedule this one,
 * which tells nothing of that. A history of before it was told has none.
 */
export function followsAtOnce(asOf: number | undefined): boolean {
  const { attempt, scheduledTimestampMs } = Context.current().info;
  const isRecent = (at: number): boolean => Date.now() - at < LATE_MS;
  return attempt === 1 && isRecent(scheduledTimestampMs) && asOf !== undefined && isRecent(asOf);
}

/** For `LookUp.beforeCall`: sends nothing more once somebody has asked this activity to stop, or nobody waits for it any longer. */
export function unlessCancelled(): () => void {
  const { cancellationSignal } = Context.current();
  return () => {
    if (cancellationSignal.aborted) throw new CancelledFailure('Cancelled between two calls');
  };
}

/**
 * The same, but a request to stop does not count: past the commit point what is paid for is finished. Only an attempt that is
 * over for Temporal (its time is up, its worker stops) ends, since the next one is at work.
 */
export function unlessAbandoned(): () => void {
  const context = Context.current();
  return () => {
    const { aborted } = context.cancellationSignal;
    if (aborted && context.cancellationDetails?.cancelRequested !== true) {
      throw new CancelledFailure('This attempt is over, and the next one goes on');
    }
  };
}
