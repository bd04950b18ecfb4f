import { mkdirSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { createClient } from 'redis';
import type { ProcessName } from '../sandbox/processes';
import { startSalesforce, type SalesforceEmulator } from '../sandbox/salesforce';
import { startWhmcs, type WhmcsEmulator } from '../sandbox/whmcs';
import type { LinkName } from './plan';
import { Servers } from './servers';
import { Slots } from './slots';
import { listenedTopics, provisioningTopic, REQUESTS, type Mode } from './topics';
import { Toxiproxy, type Link } from './toxiproxy';

export interface WorldOptions {
  /** Folder of the build that is put to the test. */
  build: string;
  /** File for the lines that the processes write. */
  log: string;
  /** Whether the sweep comes every few seconds, or not within a round. */
  sweeps: boolean;
  mode: Mode;
  /** Whether the workers are releases of a worker deployment. */
  isVersioned: boolean;
}

const DEPLOYMENT = 'order-provisioning-chaos';
/** For a worker of the release to poll, which Temporal must have seen before it takes the release for current. */
const CURRENT_WITHIN_MS = 60_000;

/** The release of the workers that are started now; 0: they have none. */
interface Release {
  number: number;
}

const buildIdOf = ({ number }: Release): string => `release-${number}`;

/**
 * Short waits, so that minutes hold many faults; every wait that a promise rests on keeps its proportion to the others
 * (a call ends before the quiet period does, keepalives come within the limit of silence).
 */
export const TIMES = {
  WHMCS_TIMEOUT: '3 seconds',
  WHMCS_QUIET_PERIOD: '4 seconds',
  STUCK_AFTER: '5 seconds',
  SF_SILENCE_LIMIT: '5 seconds',
};
const KEEPALIVE_MS = 1_000;
const LOOK_EVERY_MS = 200;

/** The whole system: real processes and servers, the vendors' emulators, and a proxy on each link between them. */
export class World {
  private constructor(
    readonly salesforce: SalesforceEmulator,
    readonly whmcs: WhmcsEmulator,
    readonly servers: Servers,
    readonly links: Record<LinkName, Link>,
    readonly slots: Slots,
    private readonly toxiproxy: Toxiproxy,
    private readonly release: Release,
    private readonly mode: Mode,
  ) {}

  /** @throws ProgramMissing, ChildFailed */
  static async start(options: WorldOptions): Promise<World> {
    const servers = new Servers();
    const [salesforce, whmcs, toxiproxy] = await Promise.all([
      startSalesforce({ times: { keepaliveMs: KEEPALIVE_MS } }),
      startWhmcs(),
      Toxiproxy.start(),
      servers.start(),
    ]);
    const links = await linksOf(toxiproxy, { salesforce, whmcs, servers });
    const release = { number: options.isVersioned ? 1 : 0 };
    const slots = new Slots({
      env: (name) => environmentOf(name, links, { salesforce, whmcs, release, ...options }),
      build: options.build,
      clock: join(__dirname, 'stepped-clock.cjs'),
      folder: servers.folder,
      isExcused: (name, since) => couldNotStart(name, since, { servers, links }),
      onLine: logTo(options.log),
    });
    return new World(salesforce, whmcs, servers, links, slots, toxiproxy, release, options.mode);
  }

  /** All topics that the listener reads. */
  get topics(): string[] {
    return listenedTopics(this.mode);
  }

  /** The topic whose events provision orders. */
  get provisioning(): string {
    return provisioningTopic(this.mode);
  }

  /** Starts all processes. @throws Error when they do not all serve in time */
  async begin(): Promise<void> {
    await this.slots.startAll();
    await this.makeCurrent();
  }

  /** Workers that are started from now on are of the next release. @returns its name */
  nextRelease(): string {
    this.release.number += 1;
    return buildIdOf(this.release);
  }

  /** Has Temporal give work to the newest release. Does nothing where workers have none. @throws Error where none of its workers comes */
  async makeCurrent(): Promise<void> {
    if (this.release.number === 0) return;
    const deadline = performance.now() + CURRENT_WITHIN_MS;
    const version = { namespace: 'default', deploymentName: DEPLOYMENT, buildId: buildIdOf(this.release) };
    for (;;) {
      try {
        await this.inTemporal((client) => client.workflowService.setWorkerDeploymentCurrentVersion(version));
        return;
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await sleep(LOOK_EVERY_MS);
      }
    }
  }

  /** Runs `work` with a client of our own, past the proxies: what we look at, faults must not hide. @throws where Temporal is down */
  async inTemporal<T>(work: (temporal: Client) => Promise<T>): Promise<T> {
    const connection = await Connection.connect({ address: this.servers.temporalAddress });
    try {
      return await work(new Client({ connection }));
    } finally {
      await connection.close();
    }
  }

  /** The same for Redis. @throws where it is down */
  async inRedis<T>(work: (redis: RedisEyes) => Promise<T>): Promise<T> {
    const redis = connectEyes(this.servers.redisAddress);
    try {
      await redis.connect();
      return await work(redis);
    } finally {
      redis.destroy();
    }
  }

  /** Where the listener stands on a topic, as Redis has it; undefined where it has nothing. @throws where Redis is down */
  async checkpoint(topic: string): Promise<bigint | undefined> {
    const key = `order-provisioning:listener:{${this.salesforce.orgId}:${topic}}`;
    const replayId = await this.inRedis((redis) => redis.hGet(key, 'replayId'));
    return replayId === null ? undefined : BigInt(replayId);
  }

  /** Whether the order has a run in Temporal, open or closed. */
  hasRun(orderId: string): Promise<boolean> {
    const workflowId = `provision-order-${orderId}`;
    const find = async (temporal: Client): Promise<boolean> =>
      (await temporal.workflow.getHandle(workflowId).describe()).workflowId === workflowId;
    return this.inTemporal(find).catch(() => false);
  }

  async stop(): Promise<void> {
    await this.slots.killAll();
    this.whmcs.faults.clear();
    await this.whmcs.close();
    await this.salesforce.close();
    await this.toxiproxy.stop();
    await this.servers.stop();
  }
}

type RedisEyes = ReturnType<typeof connectEyes>;

function connectEyes(address: string) {
  const client = createClient({ url: `redis://${address}`, socket: { reconnectStrategy: false } });
  client.on('error', () => undefined);
  return client;
}

async function linksOf(
  toxiproxy: Toxiproxy,
  { salesforce, whmcs, servers }: Pick<World, 'salesforce' | 'whmcs' | 'servers'>,
): Promise<Record<LinkName, Link>> {
  const link = (name: LinkName, upstream: string): Promise<Link> => toxiproxy.link(name, upstream);
  return {
    'temporal-listener': await link('temporal-listener', servers.temporalAddress),
    'temporal-worker': await link('temporal-worker', servers.temporalAddress),
    'redis-listener': await link('redis-listener', servers.redisAddress),
    'redis-worker': await link('redis-worker', servers.redisAddress),
    'redis-portal': await link('redis-portal', servers.redisAddress),
    salesforce: await link('salesforce', new URL(salesforce.loginUrl).host),
    'salesforce-portal': await link('salesforce-portal', new URL(salesforce.loginUrl).host),
    pubsub: await link('pubsub', salesforce.pubsubEndpoint),
    whmcs: await link('whmcs', new URL(whmcs.apiUrl).host),
  };
}

function environmentOf(
  name: ProcessName,
  links: Record<LinkName, Link>,
  {
    salesforce,
    whmcs,
    sweeps,
    mode,
    release,
  }: Pick<World, 'salesforce' | 'whmcs'> & WorldOptions & { release: Release },
): Record<string, string> {
  return {
    ...TIMES,
    RECONCILE_EVERY: sweeps ? '5 seconds' : '1 hour',
    TEMPORAL_ADDRESS: links[temporalLinkOf(name)].address,
    REDIS_URL: `redis://${links[`redis-${name}`].address}`,
    SF_LOGIN_URL: `http://${links[name === 'portal' ? 'salesforce-portal' : 'salesforce'].address}`,
    SF_CLIENT_ID: salesforce.credentials.clientId,
    SF_CLIENT_SECRET: salesforce.credentials.clientSecret,
    SF_PUBSUB_ENDPOINT: links.pubsub.address,
    SF_PUBSUB_INSECURE: 'true',
    WHMCS_API_URL: `http://${links.whmcs.address}/includes/api.php`,
    WHMCS_API_IDENTIFIER: whmcs.credentials.identifier,
    WHMCS_API_SECRET: whmcs.credentials.secret,
    LOG_LEVEL: 'info',
    ...(mode === 'dual' ? { SF_PROVISION_EVENT_CHANNEL: REQUESTS } : {}),
    ...(release.number > 0 && name === 'worker'
      ? { WORKER_DEPLOYMENT_NAME: DEPLOYMENT, WORKER_BUILD_ID: buildIdOf(release) }
      : {}),
  };
}

/**
 * Whether what a process cannot start without was away at some time since then: it ends with a message in that case, and is started
 * again. Whatever else it needs may be away.
 */
function couldNotStart(
  name: ProcessName,
  since: number,
  { servers, links }: Pick<World, 'servers' | 'links'>,
): boolean {
  if (name === 'portal') return false;
  const noTemporal = servers.temporal.wasAway(since) || links[temporalLinkOf(name)].wasSpoilt(since);
  const noRedis = servers.redis.wasAway(since) || links['redis-listener'].wasSpoilt(since);
  return noTemporal || (name === 'listener' && noRedis);
}

function temporalLinkOf(name: ProcessName): LinkName {
  return name === 'worker' ? 'temporal-worker' : 'temporal-listener';
}

/** Lines are put down in the order in which they came, beside the run. */
function logTo(file: string): (slot: string, line: string) => void {
  mkdirSync(dirname(file), { recursive: true });
  let last = Promise.resolve();
  return (slot, line) => {
    last = last.then(() => appendFile(file, `${slot} ${line}\n`)).catch(() => undefined);
  };
}
