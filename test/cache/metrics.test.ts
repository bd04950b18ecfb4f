import { Registry } from 'prom-client';
import { CACHE_EVENTS, CacheConnection, OrdersCache, registerCacheMetrics } from '../../src/cache';
import { Rig } from './support/rig';
import { orderId } from './support/truth';

/** What Prometheus is told of the caches. */

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
});
afterAll(() => rig.stop());

it('tells of every kind of event, and of the reads of Salesforce that were saved', async () => {
  const registry = new Registry();
  const observer = registerCacheMetrics(registry);
  for (const event of CACHE_EVENTS) observer.record('catalog', event);
  const events = await registry.getSingleMetricAsString('order_provisioning_cache_events_total');
  for (const event of CACHE_EVENTS) {
    expect(events).toContain(`order_provisioning_cache_events_total{cache="catalog",event="${event}"} 1`);
  }
  const saved = await registry.getSingleMetricAsString('order_provisioning_cache_source_reads_saved_total');
  expect(saved).toContain('order_provisioning_cache_source_reads_saved_total{cache="catalog"} 2');
});

it('counts on from one scrape to the next', async () => {
  const registry = new Registry();
  const connection = new CacheConnection({ url: rig.redis.url });
  try {
    await connection.ready();
    const orders = new OrdersCache({ connection, source: rig.truth, observer: registerCacheMetrics(registry) });
    rig.truth.put(1);
    await orders.readOrder(orderId(1));
    await registry.metrics();
    await orders.readOrder(orderId(1));
    await orders.readOrder(orderId(1));
    await orders.invalidateOrder(orderId(1));
    const text = await registry.metrics();
    const count = (event: string): string | undefined =>
      new RegExp(`events_total\\{cache="order",event="${event}"\\} (\\d+)`).exec(text)?.[1];
    expect(['miss', 'source-read', 'hit', 'invalidation', 'bypass'].map(count)).toEqual([
      '1',
      '1',
      '2',
      '1',
      undefined,
    ]);
    expect(text).toContain('source_reads_saved_total{cache="order"} 2');
  } finally {
    connection.close();
  }
});
