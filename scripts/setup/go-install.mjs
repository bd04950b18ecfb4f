import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, freshWorkFolder } from './cache-folder.mjs';
import { runStep } from './step.mjs';

/**
 * @typedef {object} GoProgram
 * @property {string} name of its folder in the cache
 * @property {string} module path of the package to build
 * @property {string} version pinned, such as `v1.5.1`
 * @property {string} binary as Go names it
 * @property {string[]} [flags] more flags of `go install`
 */

/**
 * @param {GoProgram} program
 * @returns {string} where {@link goInstall} keeps it
 */
export function goInstalledPath({ name, version, binary }) {
  return join(cacheFolder(), `${name}@${version}`, binary);
}

/**
 * Builds a program through the Go module proxy, and keeps it in the cache folder.
 * @param {GoProgram} program
 * @param {object} how
 * @param {string} how.what for the progress line
 * @param {(path: string) => string} how.check throws NotThisWay when what was built does not do
 * @returns {Promise<string>} its path
 * @throws {import('./failures.mjs').NotThisWay}
 */
export async function goInstall(program, { what, check }) {
  const { name, module, version, binary, flags = [] } = program;
  const work = freshWorkFolder(name);
  const path = goInstalledPath(program);
  try {
    await runStep({
      what,
      command: 'go',
      args: ['install', ...flags, `${module}@${version}`],
      // Without cgo no C compiler is needed.
      env: { GOBIN: work, CGO_ENABLED: '0' },
      limitSeconds: 1800,
    });
    check(join(work, binary));
    const folder = join(path, '..');
    rmSync(folder, { recursive: true, force: true });
    renameSync(work, folder);
    return path;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
