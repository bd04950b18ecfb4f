import { createRequire, Module } from 'node:module';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { exitWithMessage } from './setup/exit.mjs';
import { SetupError } from './setup/failures.mjs';
import { loopbackWithoutProxy } from './setup/no-proxy.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { ensureNode, ensureServers } from './setup/requirements.mjs';
import { root } from './setup/root.mjs';

/**
 * `node scripts/run.mjs <verb> [arguments]`: sets up what the verb needs, then becomes it. The verb runs in this very
 * process, so signals and the exit code are its own and nothing stands between it and whoever started it. (package.json
 * says `exec node …` for the same reason: the shell that npm starts would die of a SIGTERM without passing it on.)
 * A verb that starts servers reaches them without a proxy.
 */
const verbs = {
  listener: { file: 'src/processes/listener.ts', servers: [] },
  worker: { file: 'src/processes/worker.ts', servers: [] },
  portal: { file: 'src/processes/portal.ts', servers: [] },
  'codec-server': { file: 'src/processes/codec-server.ts', servers: [] },
  orders: { file: 'src/cli/orders.ts', servers: [] },
  sandbox: { file: 'sandbox/start.ts', servers: ['temporal', 'redis'] },
  demo: { file: 'sandbox/demo.ts', servers: ['temporal', 'redis'] },
  bench: { file: 'bench/index.ts', servers: ['temporal', 'redisServer'] },
  chaos: { file: 'chaos/index.ts', servers: ['temporal', 'redisServer', 'toxiproxy'] },
  test: {
    file: 'scripts/verify.mjs',
    servers: ['temporal', 'timeSkipping', 'redisServer', 'toxiproxy', 'promtool', 'chromium'],
    // Whoever reads the last line of a run of the tests finds it where the set-up failed too.
    lastWords: '\n0 passed, 1 failed\n',
  },
};

const [name, ...args] = process.argv.slice(2);
const verb = verbs[name];
if (!verb) {
  process.stderr.write(`Usage: node scripts/run.mjs <${Object.keys(verbs).join('|')}> [arguments]\n`);
  process.exit(2);
}

try {
  ensureNode();
  await ensurePackages(root);
  Object.assign(process.env, await ensureServers(verb.servers));
  if (verb.servers.length > 0) Object.assign(process.env, loopbackWithoutProxy(process.env));
  await become(join(root, verb.file), args);
} catch (error) {
  exitWithMessage(error, verb.lastWords);
}

async function become(file, args) {
  if (!existsSync(file)) throw new SetupError(`${verb.file} is not part of this checkout.`);
  process.argv = [process.execPath, file, ...args];
  if (file.endsWith('.mjs')) {
    await import(file);
    return;
  }
  createRequire(import.meta.url)('tsx/cjs');
  Module.runMain(file);
}
