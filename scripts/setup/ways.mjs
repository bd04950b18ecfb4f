import { NotThisWay, SetupError } from './failures.mjs';
import { withLock } from './lock.mjs';
import { say } from './step.mjs';

/**
 * @template T
 * @typedef {object} Way
 * @property {string} name as a person would say it, such as "`redis-server` on PATH"
 * @property {() => Promise<T>} attempt the result, or throws NotThisWay with the reason
 */

/**
 * Finds what is in place, or else, one process at a time, fetches it. When no way leads to the goal, throws ONE message:
 * what was tried, why each failed, and what a person can do.
 * @template T
 * @param {object} goal
 * @param {string} goal.what at the start of a sentence, such as "The Temporal CLI"
 * @param {string} goal.lock
 * @param {Way<T>[]} goal.inPlace quick ways that change nothing
 * @param {Way<T>[]} goal.fetched ways that take time and leave something behind, tried after the others
 * @param {string} goal.advice
 * @returns {Promise<T>}
 * @throws {SetupError}
 */
export async function find({ what, lock, inPlace, fetched, advice }) {
  const quick = await firstOf(inPlace);
  if ('found' in quick) return quick.found;
  // Again under the lock: another process may have fetched it while this one waited.
  const onWait = (owner) => say(`${owner} is setting up ${what.replace(/^The/, 'the')}: waiting for it`);
  const thorough = await withLock(lock, () => firstOf([...inPlace, ...fetched]), { onWait });
  if ('found' in thorough) return thorough.found;
  throw new SetupError([`${what} is needed, and could not be had. Tried:`, ...thorough.tried, advice].join('\n'));
}

async function firstOf(ways) {
  const tried = [];
  for (const { name, attempt } of ways) {
    try {
      return { found: await attempt() };
    } catch (error) {
      if (!(error instanceof NotThisWay)) throw error;
      tried.push(`  ${tried.length + 1}. ${name}: ${error.message}`);
    }
  }
  return { tried };
}

/**
 * A path that a person named is used or refused, never passed over in silence.
 * @param {string} variable
 * @param {string} purpose
 * @param {(path: string) => string} check returns the path, or throws NotThisWay
 * @returns {Way<string>}
 */
export function explicitPath(variable, purpose, check) {
  return {
    name: variable,
    attempt: async () => {
      const path = process.env[variable];
      if (!path) throw new NotThisWay('not set');
      try {
        return check(path);
      } catch (error) {
        if (!(error instanceof NotThisWay)) throw error;
        throw new SetupError(`${variable} names ${path} as ${purpose}, but ${error.message}. Correct it or unset it.`);
      }
    },
  };
}
