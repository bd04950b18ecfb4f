import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NotThisWay, StepFailed } from './failures.mjs';
import { runStep, say } from './step.mjs';
import { withLock } from './lock.mjs';

const NOT_DEBIAN = 'this is not Debian or Ubuntu';
const LOCK_RETRIES = 60;
const LOCK_RETRY_MS = 5_000;

/**
 * Installs Debian packages, without questions and without recommended extras.
 * @param {string[]} packages
 * @param {{ osRelease?: string, uid?: number, retryMs?: number }} [machine] what the machine is, for tests
 * @throws {NotThisWay} when this is not Debian (or kin), or not root, or apt-get fails
 */
export async function installDebianPackages(packages, machine = {}) {
  const { osRelease = '/etc/os-release', uid = process.getuid?.(), retryMs = LOCK_RETRY_MS } = machine;
  if (!isDebian(osRelease)) throw new NotThisWay(NOT_DEBIAN);
  if (uid !== 0)
    throw new NotThisWay(`this user may not install packages (\`sudo apt-get install ${packages.join(' ')}\` would)`);
  await withLock('apt', async () => {
    await aptGet('reading the list of Debian packages', ['update'], retryMs);
    await aptGet(
      `installing the Debian package ${packages.join(', ')}`,
      ['install', '--yes', '--no-install-recommends', ...packages],
      retryMs,
    );
  });
}

/**
 * Unpacks a Debian package into a folder, for one file of it: nothing is installed, and no service of it starts.
 * @param {string} name
 * @param {string} folder exists, and is empty
 * @param {{ osRelease?: string, uid?: number }} [machine] what the machine is, for tests
 * @throws {NotThisWay} when this is not Debian (or kin), or apt-get or dpkg-deb fails
 */
export async function unpackDebianPackage(name, folder, machine = {}) {
  const { osRelease = '/etc/os-release', uid = process.getuid?.() } = machine;
  if (!isDebian(osRelease)) throw new NotThisWay(NOT_DEBIAN);
  // Whoever is not root takes the list as it is.
  if (uid === 0) await withLock('apt', () => aptGet('reading the list of Debian packages', ['update'], LOCK_RETRY_MS));
  await aptGet(`fetching the Debian package ${name}`, ['download', name], LOCK_RETRY_MS, folder);
  const [archive] = readdirSync(folder).filter((file) => file.endsWith('.deb'));
  await runStep({
    what: `unpacking the Debian package ${name}`,
    command: 'dpkg-deb',
    args: ['--extract', join(folder, archive), folder],
    limitSeconds: 120,
  });
}

async function aptGet(what, args, retryMs, cwd) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await runStep({
        what,
        command: 'apt-get',
        args: ['-q', '-o', 'DPkg::Lock::Timeout=300', ...args],
        env: { DEBIAN_FRONTEND: 'noninteractive' },
        limitSeconds: 900,
        ...(cwd === undefined ? {} : { cwd }),
      });
    } catch (error) {
      // DPkg::Lock::Timeout waits for dpkg's lock but not for that of the package lists.
      const isLocked =
        error instanceof StepFailed &&
        error.lines.some((line) => /could not get lock|unable to (acquire|lock)/i.test(line));
      if (!isLocked || attempt === LOCK_RETRIES) throw error;
      say(`${what}: another program holds apt's lock, trying again`);
      await sleep(retryMs);
    }
  }
}

function isDebian(osRelease) {
  try {
    return /^(ID|ID_LIKE)=.*\b(debian|ubuntu)\b/m.test(readFileSync(osRelease, 'utf8'));
  } catch {
    return false;
  }
}
