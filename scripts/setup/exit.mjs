import { SetupError } from './failures.mjs';

/**
 * Ends the process with the message of a failure that a person can act on; anything else is a defect and keeps its stack.
 * @param {unknown} error
 * @returns {never}
 */
export function exitWithMessage(error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`\n${error.message}\n`);
  process.exit(1);
}
