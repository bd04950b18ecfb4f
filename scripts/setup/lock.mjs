import {
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheFolder } from './cache-folder.mjs';

/**
 * A lock between processes, made of numbered files in one folder: whoever links the file that follows the highest one
 * holds the lock until that file says `released` or its owner is dead. A plain lock file that is deleted when stale can
 * be lost to a second process that judged the same corpse; here the highest file is never deleted, so two contenders
 * collide on the same number and only one link succeeds.
 *
 * An owner is dead when its process is gone (same host) or when its file has not been touched for SILENCE_MS as counted
 * by the one who waits, so neither clocks that differ nor a machine that slept take a lock from the living.
 */
const BEAT_MS = 2_000;
const SILENCE_MS = 60_000;
const POLL_MS = 200;
const TELL_MS = 10_000;

/**
 * @template T
 * @param {string} name of what must be done by one process at a time
 * @param {() => Promise<T>} work
 * @param {{ onWait?: (owner: string) => void }} [options] onWait is told who holds the lock, and again every 10 s
 * @returns {Promise<T>}
 */
export async function withLock(name, work, { onWait } = {}) {
  const folder = join(cacheFolder(), 'locks', name);
  mkdirSync(folder, { recursive: true });
  const mine = await acquire(folder, onWait);
  let isLost = false;
  const beat = setInterval(() => {
    // Stopped (Ctrl-Z) for so long that it was taken for dead: another holds the lock. Each work puts its result in place in one
    // step, so going on does no harm, and there is nothing left to release.
    isLost ||= !touch(mine);
  }, BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    if (!isLost) publish(folder, (temporary) => renameSync(temporary, mine), { released: true });
  }
}

/** @returns whether it was still there */
function touch(file) {
  try {
    utimesSync(file, new Date(), new Date());
    return true;
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

async function acquire(folder, onWait) {
  let seen = { file: '', mtime: -1, since: 0 };
  let told = -Infinity;
  for (;;) {
    const highest = numbers(folder).at(-1) ?? 0;
    const state = highest === 0 ? { free: true } : look(folder, highest);
    if (!state.free && (state.file !== seen.file || state.mtime !== seen.mtime)) {
      seen = { file: state.file, mtime: state.mtime, since: performance.now() };
    }
    if (state.free || performance.now() - seen.since > SILENCE_MS) {
      const mine = join(folder, String(highest + 1));
      if (publish(folder, (temporary) => linkSync(temporary, mine), { pid: process.pid, host: hostname() })) {
        // A number can be used again only once a higher one exists: then someone else is ahead, and this one is void.
        if (numbers(folder).at(-1) === highest + 1) {
          removeBelow(folder, highest + 1);
          return mine;
        }
        unlinkSync(mine);
      }
      continue;
    }
    if (performance.now() - told > TELL_MS) {
      onWait?.(state.owner);
      told = performance.now();
    }
    await sleep(POLL_MS);
  }
}

function look(folder, number) {
  const file = join(folder, String(number));
  try {
    const owner = JSON.parse(readFileSync(file, 'utf8'));
    const gone = owner.released === true || (owner.host === hostname() && !isAlive(owner.pid));
    return { free: gone, file, mtime: statSync(file).mtimeMs, owner: `process ${owner.pid} on ${owner.host}` };
  } catch (error) {
    if (error.code === 'ENOENT') return { free: false, file, mtime: 0, owner: 'another process' };
    throw error;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Writes the whole content first and puts it in place in one step, so that no reader sees half of it. */
function publish(folder, place, content) {
  const temporary = join(folder, `.${randomUUID()}`);
  writeFileSync(temporary, JSON.stringify(content));
  try {
    place(temporary);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    ignoreMissing(() => unlinkSync(temporary));
  }
}

function numbers(folder) {
  return readdirSync(folder)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

function removeBelow(folder, number) {
  for (const old of numbers(folder)) if (old < number) ignoreMissing(() => unlinkSync(join(folder, String(old))));
}

function ignoreMissing(remove) {
  try {
    remove();
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}
