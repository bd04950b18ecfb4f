import { join } from 'node:path';
import { withoutProductVariables } from './product-environment';
import { startChild, type Child } from './servers/child';
import { freePort } from './servers/free-port';

const ROOT = join(__dirname, '..');

/** A process of the product, run as an operator would: its own process, configured by environment alone. */
export interface RunningProcess {
  readonly name: ProcessName | 'codec-server';
  /** `http://127.0.0.1:port`, where it serves /healthz, /readyz and /metrics. */
  readonly url: string;
  readonly child: Child;
  /** SIGTERM, and SIGKILL when it does not end in time. */
  stop(): Promise<void>;
}

/** The processes that an installation always has. */
export type ProcessName = 'listener' | 'worker' | 'portal';

export interface ProcessOptions {
  onLine?: (line: string) => void;
  /** Whether to wait for /readyz (default) or only for /healthz. */
  until?: 'ready' | 'alive';
  /** Folder of a build (`npm run build -- --out-dir FOLDER`) to run instead of the sources: it starts sooner. */
  build?: string;
  /** More arguments for Node, before the script. */
  nodeArguments?: string[];
}

/**
 * Starts a process on a free port and waits until it serves. It is configured by `env` alone: what configures the product in this
 * process's own environment does not reach it.
 * @throws ChildFailed with what it wrote last
 */
export async function startProcess(
  name: RunningProcess['name'],
  env: Record<string, string>,
  { onLine, until = 'ready', build, nodeArguments = [] }: ProcessOptions = {},
): Promise<RunningProcess> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = await startChild({
    name: `The ${name}`,
    command: process.execPath,
    args: [
      ...nodeArguments,
      ...(build === undefined
        ? ['--require', 'tsx/cjs', join(ROOT, 'src', 'processes', `${name}.ts`)]
        : [join(build, 'src', 'processes', `${name}.js`)]),
    ],
    cwd: build ?? ROOT,
    env: { ...withoutProductVariables(), ...env, HTTP_HOST: '127.0.0.1', HTTP_PORT: String(port) },
    readyWithin: 60_000,
    ready: async () =>
      (await fetch(`${url}/${until === 'ready' ? 'readyz' : 'healthz'}`, { signal: AbortSignal.timeout(2_000) })).ok,
    ...(onLine === undefined ? {} : { onLine }),
  });
  return { name, url, child, stop: () => child.stop(15_000) };
}
