import { spawn } from 'node:child_process';
import { existsSync, renameSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Tells the launcher of a Java server where to leave the archive when it ends. */
export const MAKE_ARCHIVE = 'MAKE_CLASS_ARCHIVE';

/**
 * Has a Java server leave an archive of its classes (application class-data sharing, Java 13 and later) by starting it once: each
 * later start takes less than half of the processor's time. The SDK gives the test server five seconds to start, whatever
 * else the machine does. Without the archive, as on an older Java, it only starts more slowly.
 * @param {string} launcher takes a port
 * @param {string} archive the file; it is there whole or not at all
 */
export async function makeClassArchive(launcher, archive) {
  const port = await freePort();
  const child = spawn(launcher, [String(port)], {
    stdio: 'ignore',
    env: { ...process.env, [MAKE_ARCHIVE]: `${archive}.new` },
  });
  const ended = new Promise((resolve) => child.once('error', resolve).once('exit', resolve));
  let cut = false;
  const late = setTimeout(() => (cut = child.kill('SIGKILL')), 60_000);
  for (let over = false; !over && !(await listens(port));) {
    over = await Promise.race([ended.then(() => true), sleep(100, false)]);
  }
  child.kill('SIGTERM');
  await ended;
  clearTimeout(late);
  if (!cut && existsSync(`${archive}.new`)) renameSync(`${archive}.new`, archive);
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
