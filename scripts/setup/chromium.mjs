import { installDebianPackages } from './debian.mjs';
import { atLeastVersion, onPath } from './executable.mjs';
import { explicitPath, find } from './ways.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * A Chromium for tests in a browser.
 * @returns {Promise<string>} its path
 * @throws {import('./failures.mjs').SetupError}
 */
export async function findChromium() {
  const onThePath = { name: `${NAMES.slice(0, 3).join(', ')} on PATH`, attempt: async () => check(onPath(...NAMES)) };
  return find({
    what: 'Chromium',
    lock: 'chromium',
    inPlace: [explicitPath('CHROMIUM_PATH', 'Chromium', check), onThePath],
    fetched: [
      {
        name: 'the Debian package chromium',
        attempt: async () => {
          await installDebianPackages(['chromium']);
          return onThePath.attempt();
        },
      },
    ],
    advice:
      'What you can do: install Chromium (on Debian as root: apt-get install chromium) or Chrome, ' +
      'or set CHROMIUM_PATH to its path, then run the command again.',
  });
}

function check(path) {
  return atLeastVersion(path, ['--version'], /(\d+)\.(\d+)/, [100, 0]);
}
