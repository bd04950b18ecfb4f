import { findChromium } from './chromium.mjs';
import { findPromtool } from './promtool.mjs';
import { findRedisServer } from './redis.mjs';
import { SetupError } from './failures.mjs';
import { findTemporal } from './temporal.mjs';
import { findTimeSkippingServer } from './time-skipping.mjs';
import { findToxiproxy } from './toxiproxy.mjs';

/** What each verb needs beside the node packages, by the variable that tells the verb where it is. */
const servers = {
  temporal: async () => ({ TEMPORAL_CLI_PATH: await findTemporal() }),
  timeSkipping: async () => ({ TEMPORAL_TEST_SERVER_PATH: await findTimeSkippingServer() }),
  // For demo and sandbox, which take one that runs already in its place.
  redis: async () => (process.env.REDIS_URL ? {} : { REDIS_SERVER_PATH: await findRedisServer({ orUrl: true }) }),
  redisServer: async () => ({ REDIS_SERVER_PATH: await findRedisServer() }),
  toxiproxy: async () => ({ TOXIPROXY_PATH: await findToxiproxy() }),
  promtool: async () => ({ PROMTOOL_PATH: await findPromtool() }),
  chromium: async () => ({ CHROMIUM_PATH: await findChromium() }),
};

/**
 * Sets up all of the given servers, those that take long side by side. All failures are told, in one message.
 * @param {(keyof typeof servers)[]} names
 * @returns {Promise<Record<string, string>>} variables for the environment of the verb
 * @throws {SetupError}
 */
export async function ensureServers(names) {
  const results = await Promise.allSettled(names.map((name) => servers[name]()));
  const failures = results.filter((result) => result.status === 'rejected').map((result) => result.reason);
  const defect = failures.find((failure) => !(failure instanceof SetupError));
  if (defect) throw defect;
  if (failures.length > 0) throw new SetupError(failures.map((failure) => failure.message).join('\n\n'));
  return Object.assign({}, ...results.map((result) => result.value));
}

/** @throws {SetupError} when this Node is too old to run anything here */
export function ensureNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new SetupError(
    `Node 20.19 or later is needed, and this is ${process.version}. Install a later one (https://nodejs.org).`,
  );
}
