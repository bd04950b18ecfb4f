import type { ListenerConfig } from '../../src/listener';
import { eventually } from '../support/eventually';
import { freshRedis } from '../support/servers';
import { ITEMS, orderId, ORDERS, startOrg, type TestOrg } from './support/org';
import { connectRedis, makeListener, metric, Outside, type TestListener, type TestRedis } from './support/world';

/** What `/readyz` and the metrics say while the stream is not what it seems. */

let org: TestOrg;
let server: Awaited<ReturnType<typeof freshRedis>>;
let redis: TestRedis;
let t: TestListener;

beforeAll(async () => {
  server = await freshRedis();
});
afterAll(() => server.stop());
beforeEach(async () => {
  redis = await connectRedis(server.url);
  await redis.flushAll();
  org = await startOrg();
});
afterEach(async () => {
  await t.listener.stop();
  redis.destroy();
  await org.sf.close();
});

async function start(over: Partial<ListenerConfig>, outside = new Outside()): Promise<void> {
  t = makeListener(org, redis, over, { outside });
  await t.listener.start();
}
const reasons = (): string => t.listener.status().reasons.join();
const becomesReady = () => eventually(() => expect(t.listener.status()).toMatchObject({ ready: true }));
const count = (name: string, labels = {}) => metric(t.metrics, name, { topic: ORDERS, ...labels });
/** As a scrape shows it. */
async function live(): Promise<number> {
  await t.metrics.metrics();
  return count('topic_live');
}

describe('readiness', () => {
  it('is lost to a topic that may not be heard, and not to one that nobody listens to', async () => {
    const catalog = ['/data/Product2ChangeEvent', '/data/PricebookEntryChangeEvent'];
    for (const topic of catalog) org.sf.faults.forbid(topic);
    await start({});
    await eventually(() => expect(reasons()).toMatch(/Product2ChangeEvent.*PricebookEntryChangeEvent/));
    await t.listener.stop();
    await start({ channels: { order: ORDERS, orderItem: ITEMS, product: undefined, pricebookEntry: undefined } });
    await becomesReady();
    expect(Object.keys(org.sf.pubsub.stats().openStreams)).not.toEqual(expect.arrayContaining(catalog));
    org.change(orderId(1));
    await eventually(() => expect(t.outside.of('request')).toHaveLength(1));
  });

  it('is not won back by connections alone, once a server that accepts them has never answered', async () => {
    org.sf.faults.halfOpen();
    // Longer than the second after which a connection alone is believed at first.
    await start({ silenceLimitMs: 1_500 });
    await eventually(async () => expect(await count('reconnects_total', { cause: 'silence' })).toBeGreaterThan(0));
    const seen: (boolean | number)[] = [];
    await eventually(async () => {
      seen.push(t.listener.status().ready, await live());
      expect(await count('reconnects_total', { cause: 'silence' })).toBeGreaterThan(2);
    });
    expect(new Set(seen)).toEqual(new Set([false, 0]));
    expect(reasons()).toMatch(/OrderChangeEvent: nothing came for/);
    org.sf.faults.clear();
    org.change(orderId(1));
    await eventually(() => expect(t.outside.of('request')).toHaveLength(1));
    await becomesReady();
  });

  it('is lost when a live stream says nothing for longer than the keepalive window, before the stream is given up', async () => {
    await start({ silenceLimitMs: 60_000, limits: { keepaliveWindowMs: 800 } });
    await becomesReady();
    expect(await live()).toBe(1);
    org.sf.faults.silence(ORDERS);
    await eventually(() => expect(reasons()).toMatch(/OrderChangeEvent: nothing has come for/));
    expect(await live()).toBe(0);
    expect(await count('reconnects_total')).toBe(0);
    org.sf.faults.clear();
    await becomesReady();
  });

  it('is lost when an event waits too long for its effects, and comes back with them', async () => {
    const outside = new Outside();
    outside.down = true;
    await start({ limits: { backlogLimitMs: 300 } }, outside);
    await becomesReady();
    org.change(orderId(1));
    await eventually(() => expect(reasons()).toMatch(/OrderChangeEvent: effects are behind by/));
    outside.down = false;
    await becomesReady();
  });

  it('is not won back by a stream whose schema cannot be had, until an event of it is decoded', async () => {
    await start({});
    await becomesReady();
    org.sf.faults.failSchema({ topic: ORDERS });
    // So that each stream stands for a while before it fails.
    org.sf.faults.latency('GetSchema', 200);
    org.change(orderId(1));
    await eventually(async () => expect(await count('reconnects_total', { cause: 'schema' })).toBeGreaterThan(0));
    const seen: boolean[] = [];
    await eventually(async () => {
      seen.push(t.listener.status().ready);
      expect(await count('reconnects_total', { cause: 'schema' })).toBeGreaterThan(4);
    });
    expect(seen).not.toContain(true);
    org.sf.faults.clear();
    await eventually(() => expect(t.outside.of('request')).toHaveLength(1));
    await becomesReady();
  });
});
