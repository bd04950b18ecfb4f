import { ConfigurationError } from '../config';
import { StartFailure } from './http';
import { Resources } from './resources';

/** How long a process may take to stop, before it is ended by force. */
const STOP_LIMIT_MS = 15_000;

export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** A process: acquires what it needs, and resolves when it runs; `failed` rejects when it can no longer do its work. */
export type Start = (resources: Resources) => Promise<{ failed?: Promise<never> } | undefined>;

/**
 * Runs a process until SIGTERM or SIGINT. What a person can mend is said in one message on stderr, without a stack:
 * exit code 2 for a wrong environment, 1 for anything else. A clean stop is 0.
 */
export async function run(name: string, start: Start): Promise<never> {
  const resources = new Resources();
  const signalled = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  let code: number = EXIT.ok;
  try {
    const started = await Promise.race([start(resources), signalled]);
    await Promise.race([signalled, ...(started?.failed === undefined ? [] : [started.failed])]);
  } catch (error) {
    code = error instanceof ConfigurationError ? EXIT.usage : EXIT.failed;
    say(name, error);
  }
  setTimeout(() => {
    process.stderr.write(`${name}: did not stop within ${STOP_LIMIT_MS / 1000} s, ending by force\n`);
    process.exit(EXIT.failed);
  }, STOP_LIMIT_MS).unref();
  try {
    await resources.release();
  } catch (error) {
    code ||= EXIT.failed;
    say(name, error);
  }
  process.exit(code);
}

function say(name: string, error: unknown): void {
  const known = error instanceof ConfigurationError || error instanceof StartFailure;
  const text = known || process.env['LOG_LEVEL'] !== 'debug' ? messageOf(error) : (error as Error).stack;
  process.stderr.write(`${name}: ${text ?? 'failed'}\n`);
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return 'failed for an unknown reason';
  const cause =
    error.cause instanceof Error && !(error instanceof ConfigurationError) ? ` (${error.cause.message})` : '';
  return `${error.message}${cause}`;
}
