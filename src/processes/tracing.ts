import { startTracing } from '../observability/tracing';
import { temporalTracing, type TemporalTracing } from '../temporal/tracing';
import type { Resources } from './resources';

/** Begins to trace where an exporter is configured; nothing of it is loaded otherwise. Comes first, so that it is released last. */
export async function openTracing(
  process: string,
  configured: boolean,
  resources: Resources,
): Promise<TemporalTracing> {
  if (!configured) return { client: [], activities: [] };
  const tracing = await startTracing(process);
  resources.push('traces', () => tracing.stop());
  return temporalTracing();
}
