import pino, { type DestinationStream, type Logger, type LoggerOptions } from 'pino';
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

const CENSOR = '[redacted]';
const FLAT = { paths: REDACTED, censor: CENSOR };
/** Paths with wildcards cost a line ten times what the rest of it does: they are for lines that hold objects, which are few. */
const DEEP = { paths: REDACTED.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: CENSOR };

/** Whether a secret could be further down than at the top. An error is described, and not written. */
function holdsObjects(line: unknown): boolean {
  if (typeof line !== 'object' || line === null || line instanceof Error) return false;
  return Object.values(line).some((value: unknown) =>
    Array.isArray(value) ? value.some(isObject) : isObject(value) && !(value instanceof Error),
  );
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** How long a line may wait for others, ms. */
const GATHER_MS = 20;
/** With more characters than these waiting, they are written at once. */
const MOST_CHARACTERS = 16_384;

/**
 * Writes to stdout what comes within 20 ms in one go: a write for each line is a system call each, and wakes whoever reads, which
 * was an eighth of the processor time of a listener that starts runs. A process that is killed loses the lines of its last 20 ms,
 * whose events are delivered again; one that ends, or fails, loses nothing.
 */
function gathered(): DestinationStream {
  const stdout = pino.destination({ dest: 1, sync: true });
  let lines = '';
  const flush = (): void => {
    if (lines !== '') stdout.write(lines);
    lines = '';
  };
  process.once('exit', flush);
  return {
    write(line) {
      if (lines === '') setTimeout(flush, GATHER_MS).unref();
      lines += line;
      if (lines.length > MOST_CHARACTERS) flush();
    },
  };
}

/**
 * The one logger of a process: JSON lines on stdout. Ids and statuses only; error objects are written as name, code and
 * message without their cause chain, which may hold a vendor's raw answer.
 */
export function createLogger(name: string, level: string): Logger {
  const options: LoggerOptions = {
    name,
    level,
    base: { process: name },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: FLAT,
    hooks: {
      logMethod(line, log) {
        log.apply(holdsObjects(line[0]) ? this.child({}, { redact: DEEP }) : this, line);
      },
    },
    mixin: () => {
      const traceId = activeTraceId();
      return traceId === undefined ? {} : { traceId };
    },
    serializers: { err: describeError, error: describeError },
  };
  return pino(options, gathered());
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
