import { createServer } from 'node:net';
import { DefaultLogger, makeTelemetryFilterString, Runtime, type LogEntry, type LogLevel } from '@temporalio/worker';
import type { Logger } from '../observability/logger';

const LEVELS: Record<LogLevel, 'trace' | 'debug' | 'info' | 'warn' | 'error'> = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
};

/** What Temporal's own log lines may carry along: ids, never inputs, results or raw errors. */
const KEPT = [
  'workflowId',
  'runId',
  'workflowType',
  'activityType',
  'activityId',
  'attempt',
  'taskQueue',
  'sdkComponent',
  'durationMs',
] as const;

function write(logger: Logger, { level, message, meta }: LogEntry): void {
  const kept = Object.fromEntries(KEPT.filter((key) => meta?.[key] !== undefined).map((key) => [key, meta?.[key]]));
  const orderId = /^provision-order-(\w{18})$/.exec(String(meta?.['workflowId']))?.[1];
  const error: unknown = meta?.['error'];
  const type = error instanceof Error ? ((error as { type?: unknown }).type ?? error.name) : undefined;
  const about = orderId === undefined ? kept : { orderId, ...kept };
  logger[LEVELS[level]]({ ...about, ...(type === undefined ? {} : { errorType: type }) }, message);
}

/** A port that is free now. The runtime takes a fixed address only. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No free port');
  return address.port;
}

/** Installs the Temporal runtime of this process, once: its log lines go to `logger`. @returns its Prometheus text, read anew at each call. */
export async function installRuntime(logger: Logger): Promise<() => Promise<string>> {
  const address = `127.0.0.1:${await freePort()}`;
  Runtime.install({
    logger: new DefaultLogger('INFO', (entry) => write(logger, entry)),
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} },
      metrics: { prometheus: { bindAddress: address, countersTotalSuffix: true } },
    },
    shutdownSignals: [],
  });
  return async () => {
    const response = await fetch(`http://${address}/metrics`, { signal: AbortSignal.timeout(2_000) });
    return response.text();
  };
}
