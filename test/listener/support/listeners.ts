import type { SalesforceOptions } from '../../../sandbox/salesforce';
import { createCheckpoints, type ListenerConfig, type ListenerDeps } from '../../../src/listener';
import { eventually } from '../../support/eventually';
import { freshRedis } from '../../support/servers';
import { ORDERS, startOrg, type TestOrg } from './org';
import { connectRedis, makeListener, type Outside, type TestListener, type TestRedis } from './world';

type Deps = Partial<ListenerDeps> & { outside?: Outside };

/** What a suite of listeners runs in: an org, and a Redis that is empty when a test begins. */
export class Listeners {
  org!: TestOrg;
  redis!: TestRedis;
  #made: TestListener[] = [];

  /** A listener that is not started yet; it is stopped after the test. */
  make(over: Partial<ListenerConfig> = {}, deps: Deps = {}): TestListener {
    const one = makeListener(this.org, this.redis, over, deps);
    this.#made.push(one);
    return one;
  }

  async start(over: Partial<ListenerConfig> = {}, deps: Deps = {}): Promise<TestListener> {
    const one = this.make(over, deps);
    await one.listener.start();
    return one;
  }

  /** The replay id from which the topic would be read again. */
  async checkpoint(topic = ORDERS): Promise<string | undefined> {
    return (await createCheckpoints(this.redis, this.org.sf.orgId).get(topic)).replayId;
  }

  async begin(url: string, options: SalesforceOptions): Promise<void> {
    this.redis = await connectRedis(url);
    await this.redis.flushAll();
    this.org = await startOrg(options);
  }

  async end(): Promise<void> {
    await Promise.all(this.#made.splice(0).map(({ listener }) => listener.stop()));
    this.redis.destroy();
    await eventually(() =>
      expect(Object.values(this.org.sf.pubsub.stats().openStreams).filter((n) => n > 0)).toEqual([]),
    );
    await this.org.sf.close();
  }
}

/** Registers the suite's hooks. A listener that leaves a stream open after its stop fails its test. */
export function useListeners(options: SalesforceOptions = {}): Listeners {
  const world = new Listeners();
  let server: Awaited<ReturnType<typeof freshRedis>>;
  beforeAll(async () => {
    server = await freshRedis();
  });
  afterAll(() => server.stop());
  beforeEach(() => world.begin(server.url, options));
  afterEach(() => world.end());
  return world;
}
