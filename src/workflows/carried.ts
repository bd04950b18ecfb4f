import type { Headers } from '@temporalio/common';
import type { WorkflowInterceptors, WorkflowInterceptorsFactory } from '@temporalio/workflow';
import { foreignIdOf } from '../domain/fulfilment-request';
import type { Origin } from './contract';

/**
 * What a run carries from the request that moves it to each of its activities: the trace, in the header that
 * `@temporalio/interceptors-opentelemetry` reads, and the event's own ids for the log, as one argument more. (Codecs encrypt
 * arguments, and no headers.) Nothing here makes a command, waits, or yields, so that histories replay alike with tracing and
 * without, and one build of the workflows serves both (docs/decisions/0004).
 */

const TRACE_HEADER = '_tracer-data';

/** A person or another system may send the signal, too: what is no id gets into no log line. */
function originOf(body: unknown): Origin | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const given = body as Partial<Record<keyof Origin, unknown>>;
  const replayId = foreignIdOf(given.replayId);
  const correlationId = foreignIdOf(given.correlationId);
  const origin: Origin = {
    ...(replayId === undefined ? {} : { replayId }),
    ...(correlationId === undefined ? {} : { correlationId }),
  };
  return Object.keys(origin).length === 0 ? undefined : origin;
}

/** Found by name by the SDK. The last signal that has them wins: a run that is asked again days later belongs to the new request's trace. */
export const interceptors: WorkflowInterceptorsFactory = (): WorkflowInterceptors => {
  let trace: Headers[string] | undefined;
  let origin: Origin | undefined;

  function carry<T extends { headers: Headers; args: unknown[] }>(input: T): T {
    return {
      ...input,
      headers: trace === undefined ? input.headers : { ...input.headers, [TRACE_HEADER]: trace },
      args: origin === undefined ? input.args : [...input.args, origin],
    };
  }

  return {
    inbound: [
      {
        execute(input, next) {
          // Of the start, or of the run that this one continues. A signal that came with the start was handled before.
          trace ??= input.headers[TRACE_HEADER];
          origin ??= originOf(input.args[1]);
          return next(input);
        },
        handleSignal(input, next) {
          trace = input.headers[TRACE_HEADER] ?? trace;
          origin = originOf(input.args[0]) ?? origin;
          return next(input);
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next(carry(input)),
        continueAsNew: (input, next) => next(carry(input)),
      },
    ],
  };
};
