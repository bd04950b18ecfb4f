import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder.mjs';
import { installDebianPackages } from './debian.mjs';
import { atLeastVersion, isExecutable, onPath } from './executable.mjs';
import { NotThisWay } from './failures.mjs';
import { explicitPath, find } from './ways.mjs';

/**
 * @param {{ orUrl?: boolean }} [options] whether a Redis that runs already would do as well, for the advice
 * @returns {Promise<string>} the path of a redis-server
 * @throws {import('./failures.mjs').SetupError}
 */
export async function findRedisServer({ orUrl = false } = {}) {
  return find({
    what: 'Redis',
    lock: 'redis',
    inPlace: [
      explicitPath('REDIS_SERVER_PATH', 'redis-server', check),
      { name: '`redis-server` on PATH', attempt: async () => check(onPath('redis-server')) },
      { name: 'an earlier set-up', attempt: async () => kept() },
    ],
    fetched: [{ name: 'the Debian package redis-tools', attempt: fromDebian }],
    advice:
      'What you can do: install Redis 6.2 or later (on Debian as root: apt-get install redis-server; on macOS: brew install redis), ' +
      `or set REDIS_SERVER_PATH to the path of a redis-server${orUrl ? ', or REDIS_URL to a Redis that runs' : ''}, then run the command again.`,
  });
}

function check(path) {
  return atLeastVersion(path, ['--version'], /v=(\d+)\.(\d+)/, [6, 2]);
}

function linkPath() {
  return join(cacheFolder(), 'redis', 'redis-server');
}

function kept() {
  if (!isExecutable(linkPath())) throw new NotThisWay('nothing kept');
  return check(linkPath());
}

/**
 * Debian's redis-server package only adds a system service and a link to a program that redis-tools holds (it acts as the
 * server when it is called redis-server). We want the program without a service that starts on port 6379.
 */
async function fromDebian() {
  await installDebianPackages(['redis-tools']);
  const folder = join(linkPath(), '..');
  mkdirSync(folder, { recursive: true });
  const fresh = join(folder, `.redis-server-${process.pid}`);
  rmSync(fresh, { force: true });
  symlinkSync(onPath('redis-check-rdb'), fresh);
  renameSync(fresh, linkPath());
  return kept();
}
