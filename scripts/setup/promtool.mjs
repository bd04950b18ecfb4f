import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, freshWorkFolder } from './cache-folder.mjs';
import { unpackDebianPackage } from './debian.mjs';
import { atLeastVersion, onPath } from './executable.mjs';
import { NotThisWay } from './failures.mjs';
import { explicitPath, find } from './ways.mjs';

/**
 * Prometheus's own judge of alert rules. Not built with Go: it brings the clients of every cloud, which takes five minutes, and
 * its module refuses `go install`.
 * @returns {Promise<string>} its path
 * @throws {import('./failures.mjs').SetupError}
 */
export async function findPromtool() {
  return find({
    what: 'promtool',
    lock: 'promtool',
    inPlace: [
      explicitPath('PROMTOOL_PATH', 'promtool', check),
      { name: '`promtool` on PATH', attempt: async () => check(onPath('promtool')) },
      { name: 'an earlier set-up', attempt: async () => kept() },
    ],
    fetched: [{ name: 'the Debian package prometheus', attempt: fromDebian }],
    advice:
      'What you can do: install Prometheus, which brings promtool (on macOS: brew install prometheus; https://prometheus.io/download), ' +
      'or set PROMTOOL_PATH to its path, then run the command again.',
  });
}

function check(path) {
  return atLeastVersion(path, ['--version'], /version (\d+)\.(\d+)/, [2, 40]);
}

const keptPath = () => join(cacheFolder(), 'promtool', 'promtool');

function kept() {
  if (!existsSync(keptPath())) throw new NotThisWay('nothing kept');
  return check(keptPath());
}

async function fromDebian() {
  const work = freshWorkFolder('promtool');
  try {
    await unpackDebianPackage('prometheus', work);
    const unpacked = check(join(work, 'usr', 'bin', 'promtool'));
    mkdirSync(join(keptPath(), '..'), { recursive: true });
    renameSync(unpacked, keptPath());
    return keptPath();
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
