import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
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

function detailOf(failure: ApplicationFailure): FailureDetail | undefined {
  const detail = failure.details?.[0] as FailureDetail | undefined;
  return detail !== undefined && isFailureCode(detail.code) ? detail : undefined;
}

/** The failure of an activity that Temporal will not try again, in the words of the catalogue. Rethrows what is no activity's failure. */
export function readFailure(error: unknown): StatusError & { retryAfterMs?: number } {
  if (!(error instanceof ActivityFailure)) throw error;
  const cause = error.cause;
  if (cause instanceof ApplicationFailure) {
    const detail = detailOf(cause);
    if (detail !== undefined) {
      // A passing failure that arrives here has used up its retries: that is for a person too.
      if (detail.kind === 'retryable' && error.retryState === 'TIMEOUT') {
        return statusError(
          'RETRIES_EXHAUSTED',
          `${error.activityType} was retried until its time was up; last: ${detail.code}, ${detail.message}`,
        );
      }
      return {
        ...statusError(detail.code, detail.message, detail.kind),
        ...(detail.retryAfterMs === undefined ? {} : { retryAfterMs: detail.retryAfterMs }),
      };
    }
    return statusError('INTERNAL', `${error.activityType} failed: ${cause.message.slice(0, 200)}`, 'permanent');
  }
  if (cause instanceof TimeoutFailure) {
    return statusError('RETRIES_EXHAUSTED', `${error.activityType} did not finish in time (${cause.timeoutType})`);
  }
  return statusError('INTERNAL', `${error.activityType} failed`, 'permanent');
}

/** Whether AddOrder may have happened all the same: an ambiguous answer, or a worker that never reported back. */
export function mayHaveHappened(error: unknown): boolean {
  if (!(error instanceof ActivityFailure) || !(error.cause instanceof ApplicationFailure)) return true;
  const detail = detailOf(error.cause);
  return detail === undefined || detail.kind === 'ambiguous' || detail.code === 'INTERNAL';
}
