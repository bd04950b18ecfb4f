import { ProvisioningFailure } from '../domain/failure';
import { SourceFailedError } from './failures';

/**
 * A failure of the source as other readers are told of it: only what the error catalogue has, since its texts hold ids and
 * statuses alone; anything else could carry what must not be stored.
 */
export function describeFailure(error: unknown): object {
  return error instanceof ProvisioningFailure ? { code: error.code, message: error.message } : {};
}

/** The failure that another reader met, from what {@link describeFailure} made of it. */
export function revivedFailure(payload: unknown): SourceFailedError {
  const { code, message } = (payload ?? {}) as { code?: unknown; message?: unknown };
  return new SourceFailedError(
    typeof message === 'string' ? message : 'Salesforce could not be read a moment ago; try again shortly',
    typeof code === 'string' ? code : undefined,
  );
}

/** Rejects when `work` takes longer than `limitMs`. The work itself goes on, unheard. */
export function within<T>(work: Promise<T>, limitMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new SourceFailedError(`Salesforce did not answer within ${limitMs} ms`, 'SF_UNREACHABLE'));
    }, limitMs);
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}
