import pino, { type Logger } from 'pino';
import { activeTraceId } from './tracing';

export type { Logger };

/** Names under which a secret or personal data could ever be logged by mistake. Their values are never written. */
const REDACTED = [
  'accessToken',
  'access_token',
  'authorization',
  'secret',
  'clientSecret',
  'privateKey',
  'password',
  'token',
  'payload',
  'fields',
];

/**
 * The one logger of a process: JSON lines on stdout. Ids and statuses only; error objects are written as name, code and
 * message without their cause chain, which may hold a vendor's raw answer.
 */
export function createLogger(process: string, level: string): Logger {
  return pino({
    name: process,
    level,
    base: { process },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: REDACTED.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
    mixin: () => {
      const traceId = activeTraceId();
      return traceId === undefined ? {} : { traceId };
    },
    serializers: { err: describeError, error: describeError },
  });
}

/** What may be said of an error: its name, code, message, and where it was thrown. */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    message: error.message,
    at: error.stack?.split('\n').find((line) => line.trimStart().startsWith('at ')),
  };
}
