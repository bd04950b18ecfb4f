import { CancelledFailure, Context } from '@temporalio/activity';
import { ProvisioningFailure } from '../domain/failure';

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

/**
 * For a call that is sent once: throws where it could end after this attempt's time is up. By then the workflow has waited out what it
 * believes can still be carried out, and may have sent another. A worker that was frozen meanwhile is told of nothing else in time.
 * @param callMs the call's own time limit
 */
export function unlessLate(callMs: number): () => void {
  const { startToCloseTimeoutMs } = Context.current().info;
  const begunAt = Date.now();
  return () => {
    if (Date.now() - begunAt + callMs <= startToCloseTimeoutMs) return;
    throw new ProvisioningFailure({
      code: 'WHMCS_UNREACHABLE',
      message: 'Nothing was sent: what comes before the call took too long',
    });
  };
}

/**
 * For what is sent to Salesforce: a worker that was frozen since `since` (epoch ms) writes nothing. By now another attempt is at work, and
 * may have brought the order to its end. @param late told before it throws
 * @returns what throws a ProvisioningFailure where Temporal may have stopped waiting for this attempt; one that it still waits for is tried again
 */
export function unlessFrozen(since: number, late?: () => void): () => void {
  const { heartbeatTimeoutMs } = Context.current().info;
  return () => {
    if (heartbeatTimeoutMs === undefined || Date.now() - since < heartbeatTimeoutMs) return;
    late?.();
    throw new ProvisioningFailure({
      code: 'SF_UNREACHABLE',
      message: 'Nothing was written: what comes before the write took too long',
    });
  };
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
