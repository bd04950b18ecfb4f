import { ConfigurationError } from '../config/load';
import { ProvisioningFailure } from '../domain/failure';

/** Exit codes of every verb: done, failed (or answered "no"), used wrongly. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface CliFailureDetails {
  /** Stable, for programs: `UNKNOWN_ORDER`, `TEMPORAL_UNREACHABLE`, … */
  code: string;
  /** One line, for a person. */
  message: string;
  /** What to do next. */
  advice?: string | undefined;
  exitCode?: ExitCode;
  cause?: unknown;
}

/** A verb could not do what it was asked, for a reason a person can mend. */
export class CliFailure extends Error {
  override readonly name = 'CliFailure';
  readonly code: string;
  readonly advice: string | undefined;
  readonly exitCode: ExitCode;

  constructor({ code, message, advice, exitCode = EXIT.failed, cause }: CliFailureDetails) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.advice = advice;
    this.exitCode = exitCode;
  }
}

/** A failure as it is told: on one line of stderr, and as `error` of the JSON document. */
export interface ToldFailure {
  code: string;
  message: string;
  advice: string | null;
}

/** How `error` is told, and the exit code that goes with it. Anything unknown is a defect and says no more than its message. */
export function tell(error: unknown): { told: ToldFailure; exitCode: ExitCode } {
  if (error instanceof CliFailure) {
    return { told: told(error.code, error.message, error.advice), exitCode: error.exitCode };
  }
  if (error instanceof ConfigurationError) return { told: told('CONFIGURATION', error.message), exitCode: EXIT.usage };
  if (error instanceof ProvisioningFailure) {
    const exitCode = error.code === 'INVALID_ID' ? EXIT.usage : EXIT.failed;
    return { told: told(error.code, error.message, error.advice), exitCode };
  }
  const refused = temporalFailure(error);
  if (refused !== undefined) return tell(refused);
  // A command that the user lacks; a login that is refused is told where it is made.
  if (lacksRight(error)) {
    const message = `Redis refused: ${oneLine(error.message)}`;
    return { told: told('REDIS_NO_PERMISSION', message, REDIS_USER), exitCode: EXIT.failed };
  }
  return { told: told('INTERNAL', error instanceof Error ? oneLine(error.message) : 'failed'), exitCode: EXIT.failed };
}

/** Redis's answer to a command that its user may not run: the server is there, and what is to be mended is the user. */
export function lacksRight(error: unknown): error is Error {
  return error instanceof Error && error.message.startsWith('NOPERM');
}

const told = (code: string, message: string, advice?: string): ToldFailure => ({
  code,
  message,
  advice: advice ?? null,
});

const REDIS_USER = 'Use the user order-cli of docs/redis-acl.md in REDIS_URL: those of the processes may do less.';

const oneLine = (text: string): string => text.split('\n', 1)[0] ?? '';

const INVALID_ARGUMENT = 3;
/** gRPC status codes (google.rpc.Code) that a person can do something about, and which variable to look at. */
const GRPC: Record<number, { code: string; advice: string }> = {
  4: { code: 'TEMPORAL_UNREACHABLE', advice: 'Check TEMPORAL_ADDRESS and that the server is healthy.' },
  5: { code: 'TEMPORAL_NOT_FOUND', advice: 'Check TEMPORAL_NAMESPACE.' },
  7: { code: 'TEMPORAL_NO_PERMISSION', advice: 'Check the rights of TEMPORAL_API_KEY, or of the client certificate.' },
  14: { code: 'TEMPORAL_UNREACHABLE', advice: 'Check TEMPORAL_ADDRESS and that the server runs.' },
  16: { code: 'TEMPORAL_CREDENTIALS_REFUSED', advice: 'Check TEMPORAL_API_KEY, or the client certificate.' },
};

/**
 * A refusal of the Temporal server in words; undefined where `error` is none. Known by its shape: to load the client for `instanceof`
 * would take longer than most of what a verb does without it.
 */
function temporalFailure(error: unknown): CliFailure | undefined {
  const { name, namespace, cause: inner } = (error ?? {}) as Record<string, unknown>;
  if (name === 'NamespaceNotFoundError') {
    const message = `Temporal has no namespace "${String(namespace)}"`;
    return new CliFailure({ code: 'TEMPORAL_NAMESPACE_MISSING', message, advice: 'Check TEMPORAL_NAMESPACE.' });
  }
  const { code, details } = ((name === 'ServiceError' ? inner : error) ?? {}) as Record<string, unknown>;
  if (typeof code !== 'number' || typeof details !== 'string') return undefined;
  if (code === INVALID_ARGUMENT && /search attribute/i.test(details)) {
    return new CliFailure({
      code: 'SEARCH_ATTRIBUTES_MISSING',
      message: 'The Temporal namespace lacks search attributes of order-provisioning',
      advice: 'Run `orders doctor --fix` to create them.',
      cause: error,
    });
  }
  const known = GRPC[code] ?? { code: 'TEMPORAL_REFUSED', advice: undefined };
  return new CliFailure({ ...known, message: `Temporal refused: ${oneLine(details) || `code ${code}`}`, cause: error });
}
