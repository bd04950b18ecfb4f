import { ActivityFailure, ApplicationFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import { FAILURES, isFailureCode, type FailureCode, type FailureKind } from '../domain/failure';
import type { StatusError } from './contract';

/** What an activity adds to its ApplicationFailure, as `details[0]`. `instanceof` does not survive the way here. */
export interface FailureDetail {
  code: FailureCode;
  kind: FailureKind;
  message: string;
  retryAfterMs?: number;
}

/** An error as the `status` query shows it: the catalogue's words, now. */
export function statusError(code: FailureCode, message: string, kind: FailureKind = FAILURES[code].kind): StatusError {
  return { code, kind, message, advice: FAILURES[code].advice, at: new Date().toISOString() };
}

/** What the last attempt failed with; undefined where it did not say. A time limit that ended the retries stands before it. */
function lastDetail(error: ActivityFailure): FailureDetail | undefined {
  for (let cause = error.cause; cause !== undefined; cause = cause.cause as Error | undefined) {
    if (!(cause instanceof ApplicationFailure)) continue;
    const detail = cause.details?.[0] as FailureDetail | undefined;
    return detail !== undefined && isFailureCode(detail.code) ? detail : undefined;
  }
  return undefined;
}

/**
 * The failure of an activity that will not be tried again, for a person. A passing failure that arrives here has used up its
 * tries, and its own advice ("is retried") would be untrue. Rethrows what is no activity's failure.
 */
export function finalFailure(error: unknown): StatusError {
  if (!(error instanceof ActivityFailure)) throw error;
  const { activityType, cause } = error;
  const detail = lastDetail(error);
  if (detail?.kind === 'permanent') return statusError(detail.code, detail.message);
  if (detail !== undefined) {
    const last = `last: ${detail.code}, ${detail.message}`;
    return statusError('RETRIES_EXHAUSTED', `${activityType} was tried for as long as it may be; ${last}`);
  }
  if (cause instanceof TimeoutFailure) {
    return statusError('RETRIES_EXHAUSTED', `${activityType} did not finish in time (${cause.timeoutType})`);
  }
  const message = cause instanceof ApplicationFailure ? `: ${cause.message.slice(0, 200)}` : '';
  return statusError('INTERNAL', `${activityType} failed${message}`, 'permanent');
}

/** How an AddOrder ended, as the catalogue has it: `ambiguous` where the order may have been made all the same. */
export function addOrderFailure(error: unknown): StatusError & { retryAfterMs?: number } {
  if (!(error instanceof ActivityFailure)) throw error;
  const detail = lastDetail(error);
  if (detail === undefined || detail.code === 'INTERNAL') {
    const why = detail?.message ?? 'no worker has told what became of it';
    return statusError('WHMCS_AMBIGUOUS', `AddOrder was begun: ${why}`);
  }
  const { code, message, kind, retryAfterMs } = detail;
  return { ...statusError(code, message, kind), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** Whether an activity was retried until its whole time was up. */
export function ranOutOfTime(error: unknown): boolean {
  return error instanceof ActivityFailure && (error.retryState === 'TIMEOUT' || error.cause instanceof TimeoutFailure);
}

/** Whether AcceptOrder was answered. Not where an attempt found that the order is another: the one before it may have been lost. */
export function isAnswered(error: unknown): boolean {
  const detail = error instanceof ActivityFailure ? lastDetail(error) : undefined;
  return detail?.kind === 'permanent' && !failedWith(error, 'ORDER_EDITED', 'ORDER_WITHDRAWN');
}

/** Whether an activity ended with one of `codes`. */
export function failedWith(error: unknown, ...codes: FailureCode[]): boolean {
  const detail = error instanceof ActivityFailure ? lastDetail(error) : undefined;
  return detail !== undefined && codes.includes(detail.code);
}

/**
 * Whether an activity ended because it was cancelled. An attempt that fails for a moment after that is not tried again by the
 * server, which hands its failure over: that is no verdict on the order.
 */
export function wasStopped(error: unknown): boolean {
  if (isCancellation(error)) return true;
  if (!(error instanceof ActivityFailure) || error.retryState !== 'CANCEL_REQUESTED') return false;
  return lastDetail(error)?.kind !== 'permanent';
}
