import { context, SpanStatusCode, trace, type Attributes } from '@opentelemetry/api';

/**
 * Traces, where an exporter is configured. The exporter, the sampler and the resource read the standard OTEL_* variables
 * themselves; without an endpoint nothing of the OpenTelemetry SDK is loaded, and a span is a call that does nothing.
 *
 * Attributes hold ids, statuses and names of operations. Never a field of a record.
 */

const TRACER = 'order-provisioning';

/** Installs the tracer of this process. `stop` sends what is still in hand, for 3 s at most. */
export async function startTracing(process: string): Promise<{ stop(): Promise<void> }> {
  const [{ NodeTracerProvider, BatchSpanProcessor }, { OTLPTraceExporter }, resources] = await Promise.all([
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/exporter-trace-otlp-proto'),
    import('@opentelemetry/resources'),
  ]);
  const { Resource, envDetectorSync } = resources;
  const provider = new NodeTracerProvider({
    resource: Resource.default()
      .merge(new Resource({ 'service.name': `order-provisioning-${process}` }))
      .merge(new Resource(envDetectorSync.detect().attributes)),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  return {
    async stop() {
      // A collector that is away must not hold up a stop.
      const late = new Promise<void>((resolve) => setTimeout(resolve, STOP_LIMIT_MS).unref());
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
    },
  };
}

const STOP_LIMIT_MS = 3_000;

/** Runs `work` within a span; what it calls belongs to that span. A failure marks the span and is thrown on. */
export async function inSpan<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
  const span = trace.getTracer(TRACER).startSpan(name, { attributes });
  try {
    return await context.with(trace.setSpan(context.active(), span), work);
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'failed' });
    throw error;
  } finally {
    span.end();
  }
}

/** A span for something that has just ended after `seconds`, below the one that is active. */
export function pastSpan(name: string, seconds: number, attributes: Attributes, failed: boolean): void {
  const end = Date.now();
  const span = trace.getTracer(TRACER).startSpan(name, { attributes, startTime: end - seconds * 1000 });
  if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(end);
}

/** The active trace, for log lines. */
export function activeTraceId(): string | undefined {
  return trace.getActiveSpan()?.spanContext().traceId;
}
