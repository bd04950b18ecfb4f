import { CacheConnection, CatalogCache, OrdersCache } from '../../src/cache';
import type { RedisServer } from '../../sandbox/servers/redis';
import { Org } from '../salesforce/support/org';
import { makeUsers } from '../support/redis-users';
import { freshRedis } from '../support/servers';
import { documentOf, orders } from './support/world';

/** The verb against a Redis that holds what the caches of a portal have filled. */

// Each verb is a process of its own, which on a busy machine takes seconds to start.
jest.setTimeout(180_000);

let org: Org;
let redis: RedisServer;
let connection: CacheConnection;
let portal: { orders: OrdersCache; catalog: CatalogCache };

beforeAll(async () => {
  [org, redis] = await Promise.all([Org.start(), freshRedis()]);
  connection = new CacheConnection({ url: redis.url });
  await connection.ready();
  const { views, catalog } = org.salesforce;
  portal = {
    orders: new OrdersCache({ connection, source: views }),
    catalog: new CatalogCache({ connection, source: catalog }),
  };
});
afterAll(async () => {
  connection.close();
  await Promise.all([org.emulator.close(), redis.stop()]);
});

const run = async (...args: string[]) => {
  const ran = await orders(['invalidate', ...args, '--json'], { REDIS_URL: redis.url });
  return { code: ran.code, document: documentOf(ran) };
};

it('lets one order be read anew, the catalog, or everything', async () => {
  const [order, other] = [org.order().id, org.order().id];
  const outcomes = async () =>
    [
      await portal.orders.readOrder(order),
      await portal.orders.readOrder(other),
      await portal.catalog.readCatalog(),
    ].map(({ outcome }) => outcome);
  await outcomes();
  expect(await outcomes()).toEqual(['hit', 'hit', 'hit']);
  expect(await run(order)).toEqual({ code: 0, document: { orderId: order, invalidated: true } });
  expect(await outcomes()).toEqual(['miss', 'hit', 'hit']);
  expect(await run('--catalog')).toEqual({ code: 0, document: { catalog: true, invalidated: true } });
  expect(await outcomes()).toEqual(['hit', 'hit', 'miss']);
  expect(await run('--all')).toEqual({ code: 0, document: { all: true, invalidated: true } });
  expect(await outcomes()).toEqual(['miss', 'miss', 'miss']);
});

it('needs one thing to invalidate', async () => {
  for (const args of [[], ['--all', '--catalog'], ['801xx000003DHPxAAO', '--all'], ['not-an-id']]) {
    expect((await run(...args)).code).toBe(2);
  }
});

it('says when it could not be done', async () => {
  const ran = await orders(['invalidate', '--all', '--json'], { REDIS_URL: 'redis://127.0.0.1:1' });
  expect(ran.code).toBe(1);
  expect(documentOf(ran)).toMatchObject({ error: { code: 'REDIS_UNREACHABLE' } });
});

it('says which right its user lacks, rather than that Redis is away', async () => {
  const users = await makeUsers(redis.url);
  try {
    for (const command of ['eval', 'evalsha', 'unlink', 'hdel', 'del']) await users.take('order-cli', `-${command}`);
    const ran = await orders(['invalidate', '--all', '--json'], { REDIS_URL: users.url('order-cli') });
    expect(ran.code).toBe(1);
    expect(documentOf(ran)).toMatchObject({
      error: { code: 'REDIS_NO_PERMISSION', message: expect.stringMatching(/NOPERM/) as string },
    });
  } finally {
    users.close();
  }
});
