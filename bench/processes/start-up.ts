import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { startChild } from '../../sandbox/servers/child';
import { freePort } from '../../sandbox/servers/free-port';
import { startSandbox } from '../../sandbox/sandbox';
import { Resources } from '../../src/processes/resources';
import { interleaved } from '../cache/rounds';
import { spread } from '../spread';
import type { StartUp } from './report';

const ROOT = join(__dirname, '..', '..');

/** What a bare Node process loads: the packages that the process could not do without. */
const PACKAGES: Record<StartUp['process'], string[]> = {
  listener: ['@temporalio/client', 'salesforce-pubsub-api-client', 'jsforce', 'redis', 'fastify', 'pino'],
  worker: ['@temporalio/worker', '@temporalio/client', 'jsforce', 'redis', 'fastify', 'pino'],
};

/** Each process as `npm run` starts it from the sources, and as a container starts what was built. Nothing is warmed up. */
export async function startUps(rounds: number, build: string): Promise<StartUp[]> {
  const resources = new Resources();
  try {
    const sandbox = await startSandbox({ temporal: { headless: true } });
    resources.push('sandbox', () => sandbox.stop());
    const results: StartUp[] = [];
    for (const name of ['listener', 'worker'] as const) {
      const ways = startsOf(name, build, sandbox.env);
      const measured = await interleaved([...ways.keys()], rounds, (way) => ways.get(way)?.() ?? Promise.resolve(NaN), {
        warmUp: false,
      });
      for (const how of [...ways.keys()].filter((way) => way !== BARE)) {
        const ratios = measured.map((times) => (times.get(how) ?? NaN) / (times.get(BARE) ?? NaN));
        results.push({ process: name, how, rounds, ratio: spread(ratios) });
      }
    }
    return results;
  } finally {
    await resources.release();
  }
}

const BARE = 'a bare Node process';

/** The ways to start it; each takes some ms, and gives how many. */
function startsOf(
  name: StartUp['process'],
  build: string,
  env: Record<string, string>,
): Map<string, () => Promise<number>> {
  const script = join(build, 'src', 'processes', `${name}.js`);
  return new Map([
    [BARE, () => loads(PACKAGES[name])],
    [`npm run ${name}`, () => becomesReady('npm', ['run', '--silent', name], ROOT, env)],
    ['as built for a container', () => becomesReady(process.execPath, [script], build, env)],
  ]);
}

function loads(packages: readonly string[]): Promise<number> {
  const began = performance.now();
  const code = packages.map((name) => `require(${JSON.stringify(name)});`).join('');
  // It exits by hand: some of them keep a process alive.
  const child = spawn(process.execPath, ['-e', `${code}process.exit(0)`], { cwd: ROOT, stdio: 'ignore' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve(performance.now() - began);
      else reject(new Error(`A bare process that loads ${packages.join(', ')} ended with ${String(code)}`));
    });
  });
}

/** It is stopped in good order afterwards, in its own time: a lease that it left would slow down the next. */
async function becomesReady(
  command: string,
  args: string[],
  cwd: string,
  env: Record<string, string>,
): Promise<number> {
  const port = await freePort();
  const began = performance.now();
  const child = await startChild({
    name: [command, ...args].join(' '),
    command,
    args,
    cwd,
    env: { ...env, HTTP_HOST: '127.0.0.1', HTTP_PORT: String(port), LOG_LEVEL: 'error' },
    readyWithin: 60_000,
    ready: async () => (await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok,
  });
  const ms = performance.now() - began;
  await child.stop(15_000);
  return ms;
}
