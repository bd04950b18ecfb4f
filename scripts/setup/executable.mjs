import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { NotThisWay } from './failures.mjs';

/**
 * @param {string} path
 * @returns {boolean} whether the path is a file that may be run
 */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * @param {string[]} names in order of preference
 * @returns {string} the path of the first of them found on PATH
 * @throws {NotThisWay}
 */
export function onPath(...names) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  for (const name of names) {
    const found = folders.map((folder) => join(folder, name)).find(isExecutable);
    if (found) return found;
  }
  throw new NotThisWay('not found');
}

/**
 * Runs a program only to ask its version: a file that is there may still be for another machine, or broken.
 * @param {string} path
 * @param {string[]} args
 * @param {RegExp} pattern its first two groups are the major and minor version
 * @param {[number, number]} atLeast
 * @returns {string} the path
 * @throws {NotThisWay}
 */
export function atLeastVersion(path, args, pattern, atLeast) {
  if (!isExecutable(path)) throw new NotThisWay(`${path} is not a file that can be run`);
  const { stdout, stderr, error, status } = spawnSync(path, args, { encoding: 'utf8', timeout: 20_000 });
  if (error || status !== 0) {
    throw new NotThisWay(
      `${path} does not run: ${(error?.message ?? stderr.trim().split('\n').at(-1)) || `exit code ${status}`}`,
    );
  }
  const [, major, minor] = pattern.exec(`${stdout}${stderr}`) ?? [];
  if (major === undefined) throw new NotThisWay(`${path} does not tell its version`);
  const [needMajor, needMinor] = atLeast;
  if (Number(major) < needMajor || (Number(major) === needMajor && Number(minor) < needMinor)) {
    throw new NotThisWay(`${path} is version ${major}.${minor}, and ${atLeast.join('.')} or later is needed`);
  }
  return path;
}
