import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import { ProvisioningFailure } from '../domain/failure';
import type { FailureDetail } from '../workflows/failures';

/**
 * A domain failure as Temporal understands it: the catalogue's code is the type, permanent ones are not retried, and a
 * vendor's own delay is obeyed. No stack and no cause: they may hold what must not reach history.
 */
export function toApplicationFailure(failure: ProvisioningFailure): ApplicationFailure {
  const detail: FailureDetail = {
    code: failure.code,
    kind: failure.kind,
    message: failure.message,
    ...(failure.retryAfterMs === undefined ? {} : { retryAfterMs: failure.retryAfterMs }),
  };
  return ApplicationFailure.create({
    type: failure.code,
    message: failure.message,
    nonRetryable: failure.kind === 'permanent',
    details: [detail],
    ...(failure.retryAfterMs === undefined ? {} : { nextRetryDelay: failure.retryAfterMs }),
    // Passing failures are part of the plan: they are kept out of the worker's failure metric and warnings.
    ...(failure.kind === 'permanent' ? {} : { category: ApplicationFailureCategory.BENIGN }),
  });
}

/** Where each unexpected error was thrown: for the worker's log, and for nothing that Temporal keeps. */
const origins = new WeakMap<ApplicationFailure, unknown>();

/** The error behind an `INTERNAL` failure that {@link translating} made in this process. */
export function unexpectedBehind(failure: ApplicationFailure): unknown {
  return origins.get(failure);
}

/** Runs `effect`; whatever it throws leaves as an ApplicationFailure that holds ids and statuses only. */
export async function translating<T>(effect: () => Promise<T>): Promise<T> {
  try {
    return await effect();
  } catch (error) {
    if (error instanceof ProvisioningFailure) throw toApplicationFailure(error);
    if (error instanceof ApplicationFailure || error instanceof CancelledFailure) throw error;
    const name = error instanceof Error ? error.name : typeof error;
    const message = `An unexpected ${name}; the worker's log has the rest`;
    const failure = toApplicationFailure(new ProvisioningFailure({ code: 'INTERNAL', message }));
    origins.set(failure, error);
    throw failure;
  }
}
