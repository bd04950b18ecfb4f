import { findChromium } from './setup/chromium.mjs';
import { findPromtool } from './setup/promtool.mjs';
import { findRedisServer } from './setup/redis.mjs';
import { findTemporal } from './setup/temporal.mjs';
import { findTimeSkippingServer } from './setup/time-skipping.mjs';
import { findToxiproxy } from './setup/toxiproxy.mjs';
import { exitWithMessage } from './setup/exit.mjs';

/**
 * `node scripts/find.mjs <program>`: finds or sets up one program and writes where it is as a line of JSON: `{"path": …}`.
 * Progress goes to stderr; exit code 1 with one message when there is no way.
 */
const finders = {
  temporal: async () => ({ path: await findTemporal() }),
  'time-skipping': async () => ({ path: await findTimeSkippingServer() }),
  'redis-server': async () => ({ path: await findRedisServer() }),
  toxiproxy: async () => ({ path: await findToxiproxy() }),
  promtool: async () => ({ path: await findPromtool() }),
  chromium: async () => ({ path: await findChromium() }),
};

const finder = finders[process.argv[2]];
if (!finder) {
  process.stderr.write(`Usage: node scripts/find.mjs <${Object.keys(finders).join('|')}>\n`);
  process.exit(2);
}
try {
  process.stdout.write(`${JSON.stringify(await finder())}\n`);
} catch (error) {
  exitWithMessage(error);
}
