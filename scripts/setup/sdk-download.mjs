import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder, freshWorkFolder } from './cache-folder.mjs';
import { isExecutable } from './executable.mjs';
import { NotThisWay } from './failures.mjs';
import { runStep } from './step.mjs';

/** A server is some 100 MB: five minutes allow for 3 Mbit/s, and a closed network fails at once anyway. */
const LIMIT_SECONDS = 300;

/**
 * The path at which a server that the Temporal SDK downloaded is kept.
 * @param {'dev-server' | 'time-skipping'} kind
 */
export function sdkDownloadPath(kind) {
  return join(cacheFolder(), `sdk-${sdkVersion()}-${kind}`, 'server');
}

/**
 * Lets the Temporal SDK download a server, as it would for TestWorkflowEnvironment, into the cache folder. Call it under a lock.
 * @param {'dev-server' | 'time-skipping'} kind
 * @param {string} what for the lines of progress
 * @returns {Promise<string>} the path of the server
 * @throws {NotThisWay}
 */
export async function sdkDownload(kind, what) {
  const work = freshWorkFolder(`sdk-${kind}`);
  try {
    await runStep({
      what: `downloading ${what} the way the Temporal SDK does`,
      command: process.execPath,
      args: [fileURLToPath(new URL('./sdk-download.cjs', import.meta.url)), kind, work],
      limitSeconds: LIMIT_SECONDS,
    });
    const downloaded = readdirSync(work)
      .map((name) => join(work, name))
      .filter(isExecutable)
      .sort((a, b) => statSync(b).size - statSync(a).size)[0];
    if (!downloaded) throw new NotThisWay('the SDK left no server in its download folder');
    renameSync(downloaded, join(work, 'server'));
    const target = sdkDownloadPath(kind);
    rmSync(join(target, '..'), { recursive: true, force: true });
    renameSync(work, join(target, '..'));
    return target;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function sdkVersion() {
  try {
    return createRequire(import.meta.url)('@temporalio/testing/package.json').version;
  } catch {
    return 'none';
  }
}
