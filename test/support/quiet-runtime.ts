import { DefaultLogger, Runtime } from '@temporalio/worker';

/**
 * Makes Temporal's runtime, where there is none, with errors alone logged: passing failures are part of most tests, and the SDK would
 * log each. To be called by whoever is about to use it, and not by an import: a runtime keeps its process alive until a
 * worker, or a native connection, has ended.
 */
export function quietRuntime(): void {
  try {
    Runtime.install({
      logger: new DefaultLogger('ERROR'),
      telemetryOptions: { logging: { filter: 'OFF', forward: {} } },
    });
  } catch (error) {
    // One is there: its logger is as it is.
    if (!(error instanceof Error) || error.name !== 'IllegalStateError') throw error;
  }
}
