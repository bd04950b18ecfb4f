import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';

/** Spans around what a client asks of Temporal and around each attempt of an activity; the workflow hands the trace on (`workflows/carried.ts`). */
export interface TemporalTracing {
  client: WorkflowClientInterceptor[];
  activities: ActivityInterceptorsFactory[];
}

/** Loaded only where traces are sent. */
export async function temporalTracing(): Promise<TemporalTracing> {
  const { OpenTelemetryActivityInboundInterceptor, OpenTelemetryWorkflowClientInterceptor } =
    await import('@temporalio/interceptors-opentelemetry');
  return {
    client: [new OpenTelemetryWorkflowClientInterceptor()],
    activities: [(context) => ({ inbound: new OpenTelemetryActivityInboundInterceptor(context) })],
  };
}
