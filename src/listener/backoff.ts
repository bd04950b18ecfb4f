import { setTimeout as sleep } from 'node:timers/promises';

export interface Backoff {
  /** Of the first wait, ms; each further one may be twice as long. */
  baseMs: number;
  /** No wait is longer, ms. */
  maxMs: number;
}

/** The wait before attempt `attempt` (0 is the first retry), ms: exponential, between half and the whole of it by chance, so that many do not come back at once. */
export function backoffDelay(attempt: number, { baseMs, maxMs }: Backoff, random: () => number = Math.random): number {
  const whole = Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30));
  return Math.round(whole / 2 + (whole / 2) * random());
}

/** Waits `ms`, or less where `signal` is aborted. Never rejects. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}

/** What `work` comes to, unless `signal` is aborted first: nobody waits for it then. @throws what `work` fails with, or the signal's reason. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/**
 * Repeats `action` until it succeeds. `onFailure` hears of each failure.
 * @throws the last error once `signal` is aborted, or where `final` says that repeating is of no use.
 */
export async function untilDone<T>(
  action: () => Promise<T>,
  options: {
    backoff: Backoff;
    signal: AbortSignal;
    onFailure?: (error: unknown, attempt: number) => void;
    final?: (error: unknown) => boolean;
  },
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    options.signal.throwIfAborted();
    try {
      return await action();
    } catch (error) {
      if (options.final?.(error) === true) throw error;
      options.onFailure?.(error, attempt);
      if (options.signal.aborted) throw error;
      await pause(backoffDelay(attempt, options.backoff), options.signal);
    }
  }
}
