/** What was asked for makes no sense; the message is complete but for the command's name. */
export class UsageError extends Error {}

/** Runs `parseArgs`, whose own errors a person can mend. @throws UsageError */
export function parsed<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
