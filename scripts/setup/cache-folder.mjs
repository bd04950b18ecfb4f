import { accessSync, constants, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { SetupError } from './failures.mjs';

/**
 * Where what the set-up fetches or builds is kept, so that it happens once per user:
 * ORDER_PROVISIONING_CACHE, else order-provisioning under XDG_CACHE_HOME or ~/.cache.
 * @returns {string} an absolute path; the folder exists and may be written to
 * @throws {SetupError}
 */
export function cacheFolder() {
  const { ORDER_PROVISIONING_CACHE: own, XDG_CACHE_HOME: xdg } = process.env;
  const folder = own ? resolve(own) : join(xdg || join(homedir(), '.cache'), 'order-provisioning');
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new SetupError(
      `The set-up keeps what it fetches in ${folder}, and cannot use that folder: ${error.message}. ` +
        'Set ORDER_PROVISIONING_CACHE to a folder that this user may write to, then run the command again.',
    );
  }
  return folder;
}

/**
 * A fresh folder beside the finished ones, to be renamed into place when its content is complete (a rename is atomic, so
 * nobody ever sees half a build). Call it under the lock of the same name: what an earlier run left there is removed.
 * @param {string} name
 * @returns {string}
 */
export function freshWorkFolder(name) {
  const folder = cacheFolder();
  const prefix = `.work-${name}-`;
  for (const entry of readdirSync(folder)) {
    // Go writes its module cache read-only, but nothing of ours: force is enough.
    if (entry.startsWith(prefix)) rmSync(join(folder, entry), { recursive: true, force: true });
  }
  const work = join(folder, `${prefix}${process.pid}`);
  mkdirSync(work);
  return work;
}
