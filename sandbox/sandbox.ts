import { startSalesforce, type SalesforceEmulator, type SalesforceOptions } from './salesforce';
import { controlRoutes } from './salesforce/control';
import { newOrg } from './salesforce/new-org';
import { requirePort } from './servers/free-port';
import { takeGivenRedis } from './servers/given-redis';
import { startRedis, type RedisOptions } from './servers/redis';
import { startTemporalDevServer, type TemporalOptions, type TemporalServer } from './servers/temporal';
import { startWhmcs, type WhmcsEmulator, type WhmcsOptions } from './whmcs';

export interface SandboxOptions {
  temporal?: TemporalOptions;
  /** Ignored when `redisUrl` is given. */
  redis?: RedisOptions;
  /** A Redis that runs already, used in place of one of our own. */
  redisUrl?: string;
  salesforce?: SalesforceOptions;
  whmcs?: WhmcsOptions;
}

/** Everything that the processes of the product talk to, on loopback ports; each part can be driven on its own. */
export interface Sandbox {
  /** The environment for listener, worker, portal and `orders`; what is not in it has its default. */
  env: Record<string, string>;
  temporal: TemporalServer;
  redis: SandboxRedis;
  salesforce: SalesforceEmulator;
  whmcs: WhmcsEmulator;
  /** Stops all of it, and leaves no process and no file. */
  stop(): Promise<void>;
}

export interface SandboxRedis {
  readonly url: string;
  /** Undefined when it was not started by us. */
  readonly pid?: number;
  /** Resolves with how it ended; undefined as above. */
  readonly end?: Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts a Temporal dev server with Web UI, Redis, and the Salesforce and WHMCS emulators, each on a free port unless told
 * otherwise (0 is a free port too). The org has users and nothing else; WHMCS has the contents of its `defaultSeed()`.
 * @throws PortInUse, ProgramMissing, ChildFailed, RedisUnreachable; what had been started by then is stopped
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { httpPort, pubsubPort } = options.salesforce ?? {};
  if (httpPort) await requirePort(httpPort, 'the Salesforce emulator');
  if (pubsubPort) await requirePort(pubsubPort, "the Salesforce emulator's Pub/Sub API");
  if (options.whmcs?.port) await requirePort(options.whmcs.port, 'the WHMCS emulator');

  const starting = {
    temporal: startTemporalDevServer(options.temporal),
    redisServer: redis(options),
    salesforce: startSalesforce({
      routes: controlRoutes,
      ...(isRemembered(options) ? newOrg() : {}),
      ...options.salesforce,
    }),
    whmcs: startWhmcs(options.whmcs),
  };
  const stop = (): Promise<void> =>
    releaseAll([
      starting.whmcs.then((whmcs) => whmcs.close),
      starting.salesforce.then((salesforce) => () => salesforce.close()),
      starting.redisServer.then((server) => () => server.stop()),
      starting.temporal.then((server) => () => server.stop()),
    ]);
  try {
    // Together, so that the failure of any is heard while the others are still starting.
    const [temporal, redisServer, salesforce, whmcs] = await Promise.all([
      starting.temporal,
      starting.redisServer,
      starting.salesforce,
      starting.whmcs,
    ]);
    const parts = { temporal, redis: redisServer, salesforce, whmcs };
    return { ...parts, env: environmentOf(parts), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function redis({ redisUrl, redis: own }: SandboxOptions): Promise<SandboxRedis> {
  return redisUrl === undefined ? startRedis(own) : takeGivenRedis(redisUrl);
}

/** By a Redis or a Temporal that lives longer than the sandbox. */
function isRemembered({ redisUrl, temporal }: SandboxOptions): boolean {
  return redisUrl !== undefined || temporal?.dbFile !== undefined;
}

function environmentOf({
  temporal,
  redis: server,
  salesforce,
  whmcs,
}: Omit<Sandbox, 'env' | 'stop'>): Record<string, string> {
  return {
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    SF_LOGIN_URL: salesforce.loginUrl,
    SF_CLIENT_ID: salesforce.credentials.clientId,
    SF_CLIENT_SECRET: salesforce.credentials.clientSecret,
    SF_PUBSUB_ENDPOINT: salesforce.pubsubEndpoint,
    SF_PUBSUB_INSECURE: 'true',
    WHMCS_API_URL: whmcs.apiUrl,
    WHMCS_API_IDENTIFIER: whmcs.credentials.identifier,
    WHMCS_API_SECRET: whmcs.credentials.secret,
    REDIS_URL: server.url,
  };
}

/** One after the other; what did not start has nothing to release. The first failure is told after all were tried. */
async function releaseAll(releases: Promise<() => Promise<void>>[]): Promise<void> {
  const faults: unknown[] = [];
  for (const started of await Promise.allSettled(releases)) {
    if (started.status === 'fulfilled') await started.value().catch((fault: unknown) => faults.push(fault));
  }
  if (faults.length > 0) throw faults[0];
}
