import { Connection } from '@temporalio/client';
import { withoutProductVariables } from '../product-environment';
import { ChildFailed, startChild, type Child } from './child';
import { findProgram } from './find-program';
import { freePort, PortInUse, requirePort } from './free-port';

export interface TemporalOptions {
  /** Of the gRPC front end; a free one when absent or 0. */
  port?: number;
  /** Of the Web UI; a free one when absent or 0. */
  uiPort?: number;
  /** A SQLite file that keeps workflows over a restart; in memory when absent. */
  dbFile?: string;
  /** Created beside `default`. */
  namespace?: string;
  /** Name to type, such as `{ ProvisioningPhase: 'Keyword' }`. */
  searchAttributes?: Record<string, string>;
  /** No Web UI. */
  headless?: boolean;
  /** Settings of the server, by the names of its dynamic config; {@link DYNAMIC_CONFIG} when absent. */
  dynamicConfig?: Record<string, string>;
  /** How many of the machine's cores it may use at once; all when absent. */
  cores?: number;
}

export interface TemporalServer {
  /** `host:port` of the gRPC front end. */
  readonly address: string;
  /** Of the Web UI; empty when headless. */
  readonly uiUrl: string;
  readonly namespace: string;
  readonly pid: number;
  /** To pull the plug (SIGKILL) or to freeze (SIGSTOP, SIGCONT) it. */
  kill(signal: NodeJS.Signals): void;
  /** Resolves with how it ended, asked to or not. */
  readonly end: Promise<string>;
  stop(): Promise<void>;
}

/** What a namespace must know for order-provisioning (docs/deployment.md). */
export const SEARCH_ATTRIBUTES: Record<string, string> = {
  SalesforceOrderId: 'Keyword',
  SalesforceAccountId: 'Keyword',
  WhmcsOrderId: 'Keyword',
  ProvisioningPhase: 'Keyword',
  ProvisioningPhaseAt: 'Datetime',
  ProvisioningTrigger: 'Keyword',
};

/**
 * What a server of one's own is told (docs/scaling.md, "A Temporal server of your own"). As it comes, it lets no worker take an
 * activity with the answer to its workflow task, and looks for what a shard is to hand out 20 times a second at most: a dev
 * server has one shard.
 */
export const DYNAMIC_CONFIG: Record<string, string> = {
  'system.enableActivityEagerExecution': 'true',
  'history.transferProcessorMaxPollRPS': '200',
};

const ATTEMPTS = 5;
const PORT_TAKEN = /address already in use|can't (?:bind|set|listen).*port|port.*in use/i;

/**
 * Starts a Temporal dev server on the loopback interface and waits until its namespace has its search attributes.
 * @throws PortInUse, ProgramMissing, ChildFailed
 */
export async function startTemporalDevServer(options: TemporalOptions = {}): Promise<TemporalServer> {
  const program = await findProgram('temporal');
  if (options.port) await requirePort(options.port, 'Temporal');
  if (options.uiPort) await requirePort(options.uiPort, "Temporal's Web UI");
  for (let attempt = 1; ; attempt++) {
    const port = options.port || (await freePort());
    const uiPort = options.uiPort || (await freePort());
    try {
      return await startOn(program, port, uiPort, options);
    } catch (error) {
      if (!(error instanceof ChildFailed) || !PORT_TAKEN.test(error.output)) throw error;
      if (options.port && options.uiPort) throw new PortInUse(port, 'Temporal');
      // Someone took a port of ours between our look and its use.
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

async function startOn(
  program: string,
  port: number,
  uiPort: number,
  options: TemporalOptions,
): Promise<TemporalServer> {
  const { dbFile, namespace = 'default', searchAttributes = SEARCH_ATTRIBUTES } = options;
  const { headless = false, dynamicConfig = DYNAMIC_CONFIG, cores } = options;
  const address = `127.0.0.1:${port}`;
  const child: Child = await startChild({
    name: 'The Temporal dev server',
    command: program,
    args: [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'error'],
      ...(headless ? ['--headless'] : ['--ui-port', String(uiPort)]),
      ...(dbFile === undefined ? [] : ['--db-filename', dbFile]),
      ...(namespace === 'default' ? [] : ['--namespace', namespace]),
      ...Object.entries(searchAttributes).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
      ...Object.entries(dynamicConfig).flatMap(([name, value]) => ['--dynamic-config-value', `${name}=${value}`]),
    ],
    // Settings of this machine's user must not change a server that is ours alone.
    env: { ...withoutProductVariables(), ...(cores === undefined ? {} : { GOMAXPROCS: String(cores) }) },
    ready: () => knowsItsAttributes(address, namespace, Object.keys(searchAttributes)),
    readyWithin: 60_000,
  });
  return {
    address,
    uiUrl: headless ? '' : `http://127.0.0.1:${uiPort}`,
    namespace,
    pid: child.pid,
    end: child.end,
    kill: (signal) => child.kill(signal),
    stop: () => child.stop(),
  };
}

/** It listens before its namespace is there, and the namespace is there before its attributes are. */
async function knowsItsAttributes(address: string, namespace: string, names: string[]): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: 1_000 });
  try {
    await connection.workflowService.describeNamespace({ namespace });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    return names.every((name) => name in customAttributes);
  } finally {
    await connection.close();
  }
}
