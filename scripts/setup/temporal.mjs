import { existsSync } from 'node:fs';
import { atLeastVersion, onPath } from './executable.mjs';
import { NotThisWay } from './failures.mjs';
import { goInstall, goInstalledPath } from './go-install.mjs';
import { sdkDownload, sdkDownloadPath } from './sdk-download.mjs';
import { explicitPath, find } from './ways.mjs';

/** The newest that `go install` accepts: later ones have a replace directive in their go.mod. Server 1.29.1, UI 2.42.1. */
const PROGRAM = {
  name: 'temporal',
  module: 'github.com/temporalio/cli/cmd/temporal',
  version: 'v1.5.1',
  binary: 'temporal',
};

/**
 * The Temporal CLI, whose `server start-dev` is a whole Temporal server with Web UI.
 * @returns {Promise<string>} its path
 * @throws {import('./failures.mjs').SetupError}
 */
export async function findTemporal() {
  return find({
    what: 'The Temporal CLI',
    lock: 'temporal',
    inPlace: [
      explicitPath('TEMPORAL_CLI_PATH', 'the Temporal CLI', check),
      { name: '`temporal` on PATH', attempt: async () => check(onPath('temporal')) },
      { name: 'an earlier set-up', attempt: async () => kept() },
    ],
    fetched: [
      {
        name: "the Temporal SDK's download",
        attempt: async () => check(await sdkDownload('dev-server', 'the Temporal CLI')),
      },
      {
        name: `go install ${PROGRAM.module}@${PROGRAM.version}`,
        attempt: () =>
          goInstall(PROGRAM, { what: 'building the Temporal CLI with Go (takes about three minutes, once)', check }),
      },
    ],
    advice:
      'What you can do: install the Temporal CLI (https://docs.temporal.io/cli#install) or Go (https://go.dev/dl), ' +
      'or set TEMPORAL_CLI_PATH to the path of a Temporal CLI, then run the command again.',
  });
}

/** Activities' user metadata, priorities and worker deployments need Server 1.28. */
function check(path) {
  return atLeastVersion(path, ['--version'], /Server (\d+)\.(\d+)/, [1, 28]);
}

function kept() {
  const path = [sdkDownloadPath('dev-server'), goInstalledPath(PROGRAM)].find(existsSync);
  if (!path) throw new NotThisWay('nothing kept');
  return check(path);
}
