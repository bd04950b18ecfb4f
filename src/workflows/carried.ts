import type { Headers } from '@temporalio/common';
import type { WorkflowInterceptors, WorkflowInterceptorsFactory } from '@temporalio/workflow';
import type { Origin } from './contract';

/**
 * What a run carries from the request that moves it to each of its activities: the trace, in the header that
 * `@temporalio/interceptors-opentelemetry` reads, and the event's own ids for the log, as one argument more. (Codecs encrypt
 * arguments, and no headers.) Nothing here makes a command, waits, or yields, so that histories replay alike with tracing and
 * without, and one build of the workflows serves both (docs/decisions/0004).
 */

const TRACE_HEADER = '_tracer-data';
const MAX_TEXT = 120;

function originOf(body: unknown): Origin | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { replayId, correlationId } = body as Partial<Record<keyof Origin, unknown>>;
  const origin: Origin = {
    ...(typeof replayId === 'string' ? { replayId: replayId.slice(0, MAX_TEXT) } : {}),
    ...(typeof correlationId === 'string' ? { correlationId: correlationId.slice(0, MAX_TEXT) } : {}),
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
