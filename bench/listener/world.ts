import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { createClient } from 'redis';
import { startProcess, type RunningProcess } from '../../sandbox/processes';
import { freePort } from '../../sandbox/servers/free-port';
import { startRedis } from '../../sandbox/servers/redis';
import { startTemporalDevServer } from '../../sandbox/servers/temporal';
import { topicKey } from '../../src/listener/redis';
import { Waker } from '../../src/listener/subscription/waker';
import type { Resources } from '../../src/processes/resources';
import { Forked } from '../forked';
import type { BareAnswer, BareRequest } from './bare-process';
import { COLLECTOR_PORT, type Held } from './collector';
import type { Who } from './processor-time';
import type { Batch, OrgAddress, OrgAnswer, OrgRequest } from './org-process';

/** The product listens to the one, the bare client to the other: the same events, and neither has those of the other. */
const PRODUCT_TOPIC = '/data/OrderChangeEvent';
const BARE_TOPIC = '/data/ChangeEvents';

/** Where the listener writes nothing, a wait looks so often whether it is still there, ms. */
const LOOK_MS = 1_000;
/** No two looks are nearer to each other, ms: each is paid for by the machine that the listener shares. */
const APART_MS = 10;
const INDEX_LIMIT_MS = 30_000;

/**
 * The listener as in production (its own process, as built for a container, with Redis for lease and checkpoint) beside
 * a process with the bare clients; Salesforce, Temporal and Redis are processes of their own, the same for both.
 */
export class ListenerWorld {
  #firstOrder = 1;
  /** How often the hash of the product's topic was written, and who waits for that. */
  #writes = 0;
  readonly #written = new Waker();

  private constructor(
    private readonly org: Forked<OrgRequest, OrgAnswer>,
    private readonly bare: Forked<BareRequest, BareAnswer>,
    private readonly listener: RunningProcess,
    private readonly collectorPort: number,
    private readonly redis: { hGet(key: string, field: string): Promise<string | null> },
    private readonly productKey: string,
    private readonly client: Client,
  ) {}

  static async start(resources: Resources, build: string): Promise<ListenerWorld> {
    const fork = <Request extends OrgRequest | BareRequest, Answer>(name: string): Promise<Forked<Request, Answer>> => {
      const started = Forked.start<Request, Answer>(join(__dirname, `${name}.ts`));
      resources.push('process', async () => (await started).kill());
      return started;
    };
    // In production it is on machines of its own: whoever calls it must not wait for a core that it has.
    const temporalStarting = startTemporalDevServer({ headless: true, cores: Math.max(1, availableParallelism() - 1) });
    resources.push('Temporal', async () => (await temporalStarting).stop());
    const redisStarting = startRedis();
    resources.push('Redis', async () => (await redisStarting).stop());
    const [org, bare, temporal, redisServer] = await Promise.all([
      fork<OrgRequest, OrgAnswer>('org-process'),
      fork<BareRequest, BareAnswer>('bare-process'),
      temporalStarting,
      redisStarting,
    ]);
    const address = (await org.ask({ ask: 'address' })) as OrgAddress;
    await bare.ask({ ask: 'subscribe', topic: BARE_TOPIC, org: address });
    await bare.ask({ ask: 'connect', temporal: temporal.address });
    const connection = await Connection.connect({ address: temporal.address });
    resources.push('Temporal connection', () => connection.close());
    // A limit of its own would make an AbortSignal for each command.
    const redis = createClient({ url: redisServer.url, commandOptions: { timeout: 0 } });
    await redis.connect();
    resources.push('Redis', () => redis.destroy());
    await redis.configSet('notify-keyspace-events', 'Kh');
    const hearing = redis.duplicate();
    await hearing.connect();
    resources.push('Redis', () => hearing.destroy());
    const collectorPort = await freePort();
    const env = {
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
      SF_LOGIN_URL: address.loginUrl,
      SF_CLIENT_ID: address.clientId,
      SF_CLIENT_SECRET: address.clientSecret,
      SF_PUBSUB_ENDPOINT: address.pubsubEndpoint,
      SF_PUBSUB_INSECURE: 'true',
      REDIS_URL: redisServer.url,
      [COLLECTOR_PORT]: String(collectorPort),
    };
    const nodeArguments = ['--require', 'tsx/cjs', '--require', join(__dirname, 'collector.ts')];
    const listener = await startProcess('listener', env, { nodeArguments, build });
    resources.push('listener', () => listener.stop());
    const key = topicKey(address.orgId, PRODUCT_TOPIC);
    const world = new ListenerWorld(org, bare, listener, collectorPort, redis, key, new Client({ connection }));
    await world.#hearOfSaves(hearing);
    return world;
  }

  async #hearOfSaves(hearing: { subscribe(channel: string, heard: () => void): Promise<unknown> }): Promise<void> {
    await hearing.subscribe(`__keyspace@0__:${this.productKey}`, () => {
      this.#writes++;
      this.#written.wake();
    });
  }

  /** Orders that nobody has had yet. @returns the number of the first */
  take(orders: number): number {
    const first = this.#firstOrder;
    this.#firstOrder += orders;
    return first;
  }

  /** ms from the release of a batch until the listener's checkpoint is at its last event: all effects are durable. */
  async listen(batch: Omit<Batch, 'topic'>): Promise<number> {
    const last = await this.#publish({ ...batch, topic: PRODUCT_TOPIC });
    const begun = performance.now();
    await this.org.ask({ ask: 'release', topic: PRODUCT_TOPIC });
    await this.#checkpointAt(last);
    return performance.now() - begun;
  }

  /** ms from the release of a batch until the bare client has had its last event, and the runs that it asks for are started, `concurrency` at once (0: none are). */
  async read(batch: Omit<Batch, 'topic'>, concurrency = 0): Promise<number> {
    await this.#publish({ ...batch, topic: BARE_TOPIC });
    await this.bare.ask({ ask: 'expect', events: batch.events, concurrency });
    const begun = performance.now();
    await this.org.ask({ ask: 'release', topic: BARE_TOPIC });
    await this.bare.ask({ ask: 'await' });
    return performance.now() - begun;
  }

  /** ms until a loop has started so many runs, `concurrency` at once. */
  async loop(orders: number, concurrency: number): Promise<number> {
    const begun = performance.now();
    await this.bare.ask({ ask: 'start', firstOrder: this.take(orders), orders, concurrency });
    return performance.now() - begun;
  }

  async #publish(batch: Batch): Promise<string> {
    return ((await this.org.ask({ ask: 'publish', ...batch })) as { last: string }).last;
  }

  async #checkpointAt(last: string): Promise<void> {
    for (;;) {
      const seen = this.#writes;
      if ((await this.redis.hGet(this.productKey, 'replayId')) === last) return;
      const ended = this.listener.child.ended();
      if (ended !== undefined) throw new Error(`The listener ${ended}:\n${this.listener.child.output()}`);
      await Promise.all([sleep(APART_MS), this.#written.untilOrFor(LOOK_MS, () => this.#writes !== seen)]);
    }
  }

  /** How many runs were started by the listener (`cdc`), or by the loop of the bare client (`manual`). */
  async started(trigger: 'cdc' | 'manual'): Promise<number> {
    return (await this.client.workflow.count(`ProvisioningTrigger = '${trigger}'`)).count;
  }

  /** The same beyond `before`. The index of a server follows its runs: it is waited for, as long as it has fewer than `expected`. */
  async startedSince(trigger: 'cdc' | 'manual', before: number, expected: number): Promise<number> {
    const end = performance.now() + INDEX_LIMIT_MS;
    let count = (await this.started(trigger)) - before;
    while (count < expected && performance.now() < end) {
      await sleep(100);
      count = (await this.started(trigger)) - before;
    }
    return count;
  }

  /** How many events of its topic the listener decided on. */
  decided(): Promise<number> {
    return this.metric('listener_events_total', { topic: PRODUCT_TOPIC });
  }

  /** What the listener's process holds once all that nobody needs is collected. */
  async held(): Promise<Held> {
    return (await (await fetch(`http://127.0.0.1:${this.collectorPort}`)).json()) as Held;
  }

  /** Processor time so far, s. */
  async cpu(who: Who): Promise<number> {
    if (who === 'listener') return this.metric('process_cpu_seconds_total');
    return (await this.bare.ask({ ask: 'cpu' })) / 1_000_000;
  }

  /** A metric of the listener: the sum over its series that have these labels. */
  async metric(name: string, labels: Record<string, string> = {}): Promise<number> {
    const text = await (await fetch(`${this.listener.url}/metrics`)).text();
    let sum = 0;
    for (const line of text.split('\n')) {
      const has = Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`));
      if (line.startsWith(`order_provisioning_${name}{`) && has) sum += Number(line.slice(line.lastIndexOf(' ')));
    }
    return sum;
  }
}
