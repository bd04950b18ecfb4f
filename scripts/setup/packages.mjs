import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { SetupError, StepFailed } from './failures.mjs';
import { runStep, say } from './step.mjs';

/**
 * Installs the locked node packages into this checkout, unless they are there.
 * @param {string} root of the checkout
 * @throws {SetupError}
 */
export async function ensurePackages(root) {
  if (areInstalled(root)) return;
  const lock = `packages-${createHash('sha256').update(root).digest('hex').slice(0, 16)}`;
  const onWait = (owner) => say(`${owner} is installing the node packages: waiting for it`);
  await withLock(lock, () => install(root), { onWait });
}

async function install(root) {
  if (areInstalled(root)) return;
  try {
    try {
      await npm(root, 'installing the locked node packages (npm ci)', ['ci']);
    } catch (error) {
      if (!(error instanceof StepFailed) || !error.lines.some((line) => line.includes('EUSAGE'))) throw error;
      // The lockfile was written where the registry lacks packages for other platforms; `npm ci` then refuses all of it.
      say(
        'npm ci finds the lockfile incomplete (scripts/complete-lockfile.mjs mends it); installing what it does lock',
      );
      await npm(root, 'installing the locked node packages (npm install --no-save)', ['install', '--no-save']);
    }
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    throw new SetupError(
      [
        'The node packages could not be installed:',
        ...(error.lines.length > 0 ? error.lines.slice(0, 15) : [error.message]).map((line) => `  ${line}`),
        'Check that the npm registry can be reached, run `npm ci` by hand to see all of it, then run the command again.',
      ].join('\n'),
    );
  }
}

async function npm(root, what, args) {
  // Under npm the very npm that runs us is known; `npm` on PATH may be another one.
  const path = process.env.npm_execpath;
  const [command, ...script] = path?.endsWith('.js') ? [process.execPath, path] : ['npm'];
  const quiet = ['--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  await runStep({ what, command, args: [...script, ...args, ...quiet], limitSeconds: 900, cwd: root });
}

/**
 * npm leaves a record of what it installed as the last act of an install. It is compared with the lockfile rather than
 * with a stamp of our own, so an install by hand counts too and one that was cut off does not.
 * @param {string} root
 * @returns {boolean}
 */
export function areInstalled(root) {
  let installed;
  try {
    installed = JSON.parse(readFileSync(join(root, 'node_modules', '.package-lock.json'), 'utf8')).packages;
  } catch {
    return false;
  }
  const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(locked).every(([path, entry]) => {
    if (path === '' || entry.link) return true;
    const found = installed[path];
    // Optional packages are for other platforms, or may fail to install: their absence is npm's decision.
    if (!found) return entry.optional === true || entry.devOptional === true || entry.peer === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}
