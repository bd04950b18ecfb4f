import { CacheConnection, CacheInvalidator, OrdersCache } from '../../src/cache';
import { parseOrderId } from '../../src/domain/record-id';
import { createCheckpoints } from '../../src/listener';
import { Tally } from '../cache/support/rig';
import { Truth } from '../cache/support/truth';
import { eventually } from '../support/eventually';
import { PrivateRedis } from '../support/private-redis';
import { orderId, ORDERS, startOrg, type TestOrg } from './support/org';
import { connectRedis, makeListener, Outside, type TestListener, type TestRedis } from './support/world';

/** The listener with real caches, whose Redis refuses: an event is acknowledged only when nobody can see the old value any more. */

const ID = parseOrderId(orderId(1));
let org: TestOrg;
let own: PrivateRedis;
let caching: PrivateRedis;
let redis: TestRedis;
let made: TestListener | undefined;
const connections: CacheConnection[] = [];

beforeEach(async () => {
  own = await PrivateRedis.start();
  caching = await PrivateRedis.start();
  redis = await connectRedis(own.url);
  org = await startOrg();
});
afterEach(async () => {
  await made?.listener.stop();
  made = undefined;
  for (const connection of connections.splice(0)) connection.close();
  redis.destroy();
  await org.sf.close();
  await Promise.all([own.stop(), caching.stop()]);
});

const checkpoint = async (): Promise<string | undefined> =>
  (await createCheckpoints(redis, org.sf.orgId).get(ORDERS)).replayId;

/** A portal's cache that holds the order as Draft, and a listener that has its place behind a first event. */
async function begin(url: string): Promise<{ orders: OrdersCache; truth: Truth; tally: Tally; outside: Outside }> {
  const connection = async (): Promise<CacheConnection> => {
    const opened = new CacheConnection({ url, invalidationLimitMs: 300 });
    connections.push(opened);
    await opened.ready();
    return opened;
  };
  const [truth, tally, outside] = [new Truth(), new Tally(), new Outside()];
  truth.put(1, { status: 'Draft' });
  const orders = new OrdersCache({ connection: await connection(), source: truth });
  made = makeListener(org, redis, {}, { outside, caches: new CacheInvalidator(await connection(), tally) });
  await made.listener.start();
  org.change(orderId(9));
  await eventually(async () => expect(await checkpoint()).toBeDefined());
  await orders.readOrder(ID);
  await orders.readAccountOrders(truth.put(1).accountId!);
  return { orders, truth, tally, outside };
}

function approve(truth: Truth): void {
  truth.put(1, { status: 'Approved' });
  org.change(orderId(1));
}

async function expectApproved(orders: OrdersCache, truth: Truth): Promise<void> {
  expect((await orders.readOrder(ID)).value?.status).toBe('Approved');
  const { value } = await orders.readAccountOrders(truth.put(1).accountId!);
  expect(value.map(({ status }) => status)).toEqual(['Approved']);
}

/** Makes the caches' Redis refuse, and gives what makes it take again. */
const REFUSALS: [string, (redis: PrivateRedis) => Promise<() => Promise<unknown>>][] = [
  [
    'is a read-only replica',
    async (server) => {
      await server.command('REPLICAOF', '127.0.0.1', '1');
      return () => server.command('REPLICAOF', 'NO', 'ONE');
    },
  ],
  [
    'is down, and comes back empty',
    async (server) => {
      await server.kill();
      return () => server.restart();
    },
  ],
  [
    'is frozen',
    (server) => {
      server.freeze();
      return Promise.resolve(() => {
        server.thaw();
        return Promise.resolve();
      });
    },
  ],
];

it.each(REFUSALS)(
  'keeps its place while the Redis of the caches %s, and then nobody is given the old order',
  async (_what, refuse) => {
    const { orders, truth, tally, outside } = await begin(caching.url);
    const before = await checkpoint();
    const done = tally.of('invalidation');
    const takeAgain = await refuse(caching);
    approve(truth);
    await eventually(() => expect(tally.of('invalidation-failure')).toBeGreaterThan(1));
    expect(outside.of('request')).toContain(`request ${ID}`);
    expect([await checkpoint(), tally.of('invalidation')]).toEqual([before, done]);
    await takeAgain();
    await eventually(async () => expect(await checkpoint()).not.toBe(before));
    await expectApproved(orders, truth);
  },
);

it('keeps its place while the one Redis of all is out of memory; the caches are void at once', async () => {
  const { orders, truth, tally } = await begin(own.url);
  const before = await checkpoint();
  const done = tally.of('invalidation');
  await own.command('CONFIG', 'SET', 'maxmemory', '1');
  approve(truth);
  await eventually(() => expect(tally.of('invalidation')).toBeGreaterThan(done));
  await expectApproved(orders, truth);
  // What is refused is the checkpoint: the event will come again, and do no harm.
  expect(await checkpoint()).toBe(before);
  await own.command('CONFIG', 'SET', 'maxmemory', '0');
  await eventually(async () => expect(await checkpoint()).not.toBe(before));
  await expectApproved(orders, truth);
});
