import { ChildFailed } from '../servers/child';
import { ProgramMissing } from '../servers/find-program';
import { PortRefused } from '../servers/free-port';
import { RedisUnreachable } from '../servers/given-redis';
import { UsageError } from './usage';

/** Failures whose message is for a person and complete as it stands. */
const TOLD = [PortRefused, ProgramMissing, ChildFailed, RedisUnreachable, UsageError];

/**
 * Ends the process: exit code 2 where it was asked for something that makes no sense, else 1; one message where a person can mend
 * it, and the stack where the defect is ours.
 */
export function endWith(name: string, error: unknown, usage = ''): never {
  const isTold = TOLD.some((kind) => error instanceof kind);
  const message = error instanceof Error ? (isTold ? error.message : error.stack) : String(error);
  const isUsage = error instanceof UsageError;
  process.stderr.write(`${name}: ${message ?? 'failed'}\n${isUsage ? usage : ''}`);
  process.exit(isUsage ? 2 : 1);
}
