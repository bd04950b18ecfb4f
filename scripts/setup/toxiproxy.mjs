import { existsSync } from 'node:fs';
import { atLeastVersion, onPath } from './executable.mjs';
import { NotThisWay } from './failures.mjs';
import { goInstall, goInstalledPath } from './go-install.mjs';
import { explicitPath, find } from './ways.mjs';

const PROGRAM = {
  name: 'toxiproxy',
  module: 'github.com/Shopify/toxiproxy/v2/cmd/server',
  version: 'v2.12.0',
  binary: 'server',
  // A build of one's own would call itself version "git".
  flags: ['-ldflags', '-X github.com/Shopify/toxiproxy/v2.Version=2.12.0'],
};

/**
 * Toxiproxy, which stands between the processes and their servers in a chaos run.
 * @returns {Promise<string>} its path
 * @throws {import('./failures.mjs').SetupError}
 */
export async function findToxiproxy() {
  return find({
    what: 'Toxiproxy',
    lock: 'toxiproxy',
    inPlace: [
      explicitPath('TOXIPROXY_PATH', 'toxiproxy-server', check),
      { name: '`toxiproxy-server` on PATH', attempt: async () => check(onPath('toxiproxy-server')) },
      { name: 'an earlier set-up', attempt: async () => kept() },
    ],
    fetched: [
      {
        name: `go install ${PROGRAM.module}@${PROGRAM.version}`,
        attempt: () => goInstall(PROGRAM, { what: 'building Toxiproxy with Go', check }),
      },
    ],
    advice:
      'What you can do: install Toxiproxy (https://github.com/Shopify/toxiproxy) or Go (https://go.dev/dl), or set ' +
      'TOXIPROXY_PATH to the path of a toxiproxy-server, then run the command again.',
  });
}

function kept() {
  const path = goInstalledPath(PROGRAM);
  if (!existsSync(path)) throw new NotThisWay('nothing kept');
  return check(path);
}

/** Taking a whole proxy away and giving it back was settled in 2.5. */
function check(path) {
  return atLeastVersion(path, ['-version'], /(\d+)\.(\d+)/, [2, 5]);
}
