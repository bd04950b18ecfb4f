import { exitWithMessage } from './setup/exit.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { ensureNode, ensureServers } from './setup/requirements.mjs';
import { root } from './setup/root.mjs';

/** `npm run setup`: all that any verb needs, so that nothing is fetched later. */
try {
  ensureNode();
  await ensurePackages(root);
  const found = await ensureServers(['temporal', 'timeSkipping', 'redisServer', 'toxiproxy', 'promtool', 'chromium']);
  for (const [variable, path] of Object.entries(found)) process.stdout.write(`${variable}=${path}\n`);
} catch (error) {
  exitWithMessage(error);
}
