import { CacheConnection, CacheInvalidator } from '../../src/cache';
import { createCheckpoints } from '../../src/listener';
import { eventually } from '../support/eventually';
import { PrivateRedis } from '../support/private-redis';
import { startOrg, type TestOrg } from './support/org';
import { connectRedis, makeListener, metric, type TestListener, type TestRedis } from './support/world';

/** A price book update as the listener sees it: thousands of events, which must not become thousands of invalidations. */

const PRICES = '/data/PricebookEntryChangeEvent';
const EVENTS = 1_000;
const DONE = { effect: 'invalidate', outcome: 'ok' };
const SLOW = { timeoutMs: 120_000 };

let org: TestOrg;
let own: PrivateRedis;
let caching: PrivateRedis;
let redis: TestRedis;
let connection: CacheConnection;
let made: TestListener | undefined;

beforeEach(async () => {
  own = await PrivateRedis.start();
  caching = await PrivateRedis.start();
  redis = await connectRedis(own.url);
  org = await startOrg();
  connection = new CacheConnection({ url: caching.url });
  await connection.ready();
});
afterEach(async () => {
  await made?.listener.stop();
  made = undefined;
  connection.close();
  redis.destroy();
  await org.sf.close();
  await Promise.all([own.stop(), caching.stop()]);
});

const checkpoint = async (topic: string): Promise<string | undefined> =>
  (await createCheckpoints(redis, org.sf.orgId).get(topic)).replayId;

/** Scripts that the caches' Redis has run: of a listener, revocations of the catalog and marks of records. */
async function scriptsRun(): Promise<number> {
  const stats = String(await caching.command('INFO', 'commandstats'));
  return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
}

function change(object: 'PricebookEntry' | 'Product2', n: number): void {
  const [prefix, values] = object === 'Product2' ? ['01t', { Name: `${n}` }] : ['01u', { UnitPrice: n }];
  const recordIds = [`${prefix}000000${n.toString().padStart(6, '0')}`];
  org.sf.faults.events.change({ object, changeType: 'UPDATE', recordIds, values, changedFields: Object.keys(values) });
}

it('merges the invalidations of a price book update', async () => {
  made = makeListener(org, redis, {}, { caches: new CacheInvalidator(connection) });
  for (let n = 1; n <= EVENTS; n++) change('PricebookEntry', n);
  await made.listener.start();
  const dealtWith = { topic: PRICES, caches: 'catalog' };
  const { metrics } = made;
  await eventually(async () => expect(await metric(metrics, 'events_total', dealtWith)).toBe(EVENTS), SLOW);
  await eventually(async () => expect(await metric(metrics, 'effects_total', DONE)).toBe(EVENTS), SLOW);
  const merged = await scriptsRun();
  expect(merged).toBeGreaterThan(0);
  // As few as the windows of events ahead, and some more for those that come one by one; each alone would be a thousand.
  expect(merged).toBeLessThan(EVENTS / 4);
});

it.each(['Product2', 'PricebookEntry'] as const)(
  'a change of a %s invalidates, and keeps its place',
  async (object) => {
    made = makeListener(org, redis, {}, { caches: new CacheInvalidator(connection) });
    await made.listener.start();
    change(object, 1);
    await eventually(async () => expect(await checkpoint(`/data/${object}ChangeEvent`)).toBeDefined());
    expect(await scriptsRun()).toBe(1);
  },
);
