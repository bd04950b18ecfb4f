import { SetupError } from './failures.mjs';

/**
 * Ends the process with the message of a failure that a person can act on; anything else is a defect and keeps its stack.
 * @param {unknown} error
 * @param {string} [lastWords] for stdout, after the message
 * @returns {never}
 */
export function exitWithMessage(error, lastWords = '') {
  const isTold = error instanceof SetupError;
  if (isTold) process.stderr.write(`\n${error.message}\n`);
  process.stdout.write(lastWords);
  if (!isTold) throw error;
  process.exit(1);
}
