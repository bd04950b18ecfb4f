import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import type { WorkflowInterceptors, WorkflowInterceptorsFactory } from '@temporalio/workflow';
import { ORIGIN_HEADER, type Origin } from './contract';

/**
 * What a run carries from the request that moves it to each of its activities, in Temporal's headers: the trace, and the
 * event's own ids for the log. Nothing here makes a command, waits, or yields, so that histories replay alike with tracing and
 * without, and one build of the workflows serves both (docs/decisions/0004).
 */

/** The header in which `@temporalio/interceptors-opentelemetry` keeps the trace context. */
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

function only(headers: Headers, name: string): Headers {
  const payload = headers[name];
  return payload === undefined ? {} : { [name]: payload };
}

/** Found by name by the SDK. The last signal that has them wins: a run that is asked again days later belongs to the new request's trace. */
export const interceptors: WorkflowInterceptorsFactory = (): WorkflowInterceptors => {
  let carried: Headers = {};
  return {
    inbound: [
      {
        execute(input, next) {
          // Headers of the start: a continued run goes on with what the one before it carried.
          carried = { ...only(input.headers, TRACE_HEADER), ...only(input.headers, ORIGIN_HEADER), ...carried };
          return next(input);
        },
        handleSignal(input, next) {
          const origin = originOf(input.args[0]);
          carried = {
            ...carried,
            ...only(input.headers, TRACE_HEADER),
            ...(origin === undefined ? {} : { [ORIGIN_HEADER]: defaultPayloadConverter.toPayload(origin) }),
          };
          return next(input);
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next({ ...input, headers: { ...input.headers, ...carried } }),
        continueAsNew: (input, next) => next({ ...input, headers: { ...input.headers, ...carried } }),
      },
    ],
  };
};
