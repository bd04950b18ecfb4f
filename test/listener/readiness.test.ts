import type { ListenerConfig } from '../../src/listener';
import { eventually } from '../support/eventually';
import { ITEMS, orderId, ORDERS } from './support/org';
import { useListeners } from './support/listeners';
import { metric, Outside, type TestListener } from './support/world';

/** What `/readyz` and the metrics say while the stream is not what it seems. */

const world = useListeners();
let t: TestListener;

async function start(over: Partial<ListenerConfig>, outside = new Outside()): Promise<void> {
  t = await world.start(over, { outside });
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
    for (const topic of catalog) world.org.sf.faults.forbid(topic);
    await start({});
    await eventually(() => expect(reasons()).toMatch(/Product2ChangeEvent.*PricebookEntryChangeEvent/));
    await t.listener.stop();
    await start({ channels: { order: ORDERS, orderItem: ITEMS, product: undefined, pricebookEntry: undefined } });
    await becomesReady();
    expect(Object.keys(world.org.sf.pubsub.stats().openStreams)).not.toEqual(expect.arrayContaining(catalog));
    world.org.change(orderId(1));
    await eventually(() => expect(t.outside.of('request')).toHaveLength(1));
  });

  it('is not won back by connections alone, once a server that accepts them has never answered', async () => {
    world.org.sf.faults.halfOpen();
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
    world.org.sf.faults.clear();
    world.org.change(orderId(1));
    await eventually(() => expect(t.outside.of('request')).toHaveLength(1));
    await becomesReady();
  });

  it('is lost when a live stream says nothing for longer than the keepalive window, before the stream is given up', async () => {
    await start({ silenceLimitMs: 60_000, limits: { keepaliveWindowMs: 800 } });
    await becomesReady();
    expect(await live()).toBe(1);
    world.org.sf.faults.silence(ORDERS);
    await eventually(() => expect(reasons()).toMatch(/OrderChangeEvent: nothing has come for/));
    expect(await live()).toBe(0);
    expect(await count('reconnects_total')).toBe(0);
    world.org.sf.faults.clear();
    await becomesReady();
  });

  it('is lost when an event waits too long for its effects, and comes back with them', async () => {
    const outside = new Outside();
    outside.down = true;
    await start({ limits: { backlogLimitMs: 300 } }, outside);
    await becomesReady();
    world.org.change(orderId(1));
    await eventually(() => expect(reasons()).toMatch(/OrderChangeEvent: effects are behind by/));
    outside.down = false;
    await becomesReady();
  });

  it('is not won back by a stream whose schema cannot be had, until an event of it is decoded', async () => {
    await start({});
    await becomesReady();
    world.org.sf.faults.failSchema({ topic: ORDERS });
    // So that each stream stands for a while before it fails.
    world.org.sf.faults.latency('GetSchema', 200);
    world.org.change(orderId(1));
    await eventually(async () => expect(await count('reconnects_total', { cause: 'schema' })).toBeGreaterThan(0));
    const seen: boolean[] = [];
    await eventually(async () => {
      seen.push(t.listener.status().ready);
      expect(await count('reconnects_total', { cause: 'schema' })).toBeGreaterThan(4);
    });
    expect(seen).not.toContain(true);
    world.org.sf.faults.clear();
    await eventually(() => expect(t.outside.of('request')).toHaveLength(1));
    await becomesReady();
  });
});
