import { eventually } from '../support/eventually';
import { Rig } from './support/rig';
import { accountId, itemId, orderId } from './support/truth';

/** How long things live, how much they weigh, and what becomes of bytes that nobody can read. */

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
});
afterEach(() => rig.reset());
afterAll(() => rig.stop());

it('reads again after the TTL', async () => {
  const { orders } = await rig.client({ policy: { ttlMs: 50 } });
  rig.truth.put(1, { status: 'Draft' });
  await orders.readOrder(orderId(1));
  rig.truth.put(1, { status: 'Approved' });
  await eventually(async () => {
    expect((await orders.readOrder(orderId(1))).value?.status).toBe('Approved');
  });
});

it('looks again soon for an order that was not there', async () => {
  const { orders } = await rig.client({ policy: { notFoundTtlMs: 50 } });
  await orders.readOrder(orderId(1));
  rig.truth.put(1);
  await eventually(async () => {
    expect((await orders.readOrder(orderId(1))).value?.id).toBe(orderId(1));
  });
});

it('shares a failure for no time where the policy says so', async () => {
  const { orders, tally } = await rig.client({ policy: { failureTtlMs: 0 } });
  rig.truth.failure = new Error('Salesforce is away');
  await expect(orders.readOrder(orderId(1))).rejects.toThrow('Salesforce is away');
  expect([tally.of('source-failure'), tally.of('fill-failed')]).toEqual([1, 0]);
});

it('spreads the ends of lives, and ends them in Redis too', async () => {
  const { orders, connection } = await rig.client({ policy: { ttlMs: 100_000, ttlJitter: 0.5 } });
  const ends = new Set<number>();
  for (let n = 1; n <= 20; n++) {
    rig.truth.put(n);
    await orders.readOrder(orderId(n));
    const left = Number(await rig.redis.command('PTTL', `${connection.prefix}{order:${orderId(n)}}`));
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(100_000);
    ends.add(Math.round(left / 1000));
  }
  expect(ends.size).toBeGreaterThan(5);
});

it('reads hits of one moment by one command, and each other by one', async () => {
  const { orders } = await rig.client();
  const ids = Array.from({ length: 250 }, (_, n) => orderId(n));
  for (const n of ids.keys()) rig.truth.put(n);
  const readAll = (): Promise<{ outcome: string }[]> => Promise.all(ids.map((id) => orders.readOrder(id)));
  await readAll();
  const commandsOf = async (reads: () => Promise<{ outcome: string }[]>): Promise<string[]> => {
    await rig.redis.command('CONFIG', 'RESETSTAT');
    expect(new Set((await reads()).map(({ outcome }) => outcome))).toEqual(new Set(['hit']));
    const stats = String(await rig.redis.command('INFO', 'commandstats'));
    return [...stats.matchAll(/cmdstat_(\w+):calls=(\d+)/g)]
      .filter(([, name]) => /get|eval/.test(name ?? ''))
      .map(([, name, count]) => `${name} ${count}`);
  };
  expect(await commandsOf(async () => [await orders.readOrder(orderId(1))])).toEqual(['mget 1']);
  expect(await commandsOf(readAll)).toEqual(['mget 3']);
  // As requests of HTTP come, each in a callback of its own: who comes while a look is under way waits for the end of the turn.
  const apart = async (): Promise<{ outcome: string }[]> => {
    const reads = [];
    for (const id of ids.slice(0, 50)) {
      reads.push(orders.readOrder(id));
      await new Promise((resolve) => process.nextTick(resolve));
    }
    return Promise.all(reads);
  };
  expect(await commandsOf(apart)).toEqual(['mget 2']);
});

it('sends a key once for all who read it in one moment', async () => {
  const { orders } = await rig.client();
  rig.truth.put(1);
  await orders.readOrder(orderId(1));
  await rig.redis.command('CONFIG', 'RESETSTAT');
  const replies = await Promise.all(Array.from({ length: 100 }, () => orders.readOrder(orderId(1))));
  expect(new Set(replies.map(({ outcome }) => outcome))).toEqual(new Set(['hit']));
  // The generation and the order.
  expect(String(await rig.redis.command('INFO', 'stats'))).toContain('keyspace_hits:2\r\n');
});

it.each([1, 100])('invalidates an order in as many commands, whether %i orders are cached or not', async (cached) => {
  const { orders } = await rig.client();
  for (let n = 1; n <= cached; n++) rig.truth.put(n);
  await orders.readAccountOrders(accountId(1));
  for (let n = 1; n <= cached; n++) await orders.readOrder(orderId(n));
  await orders.invalidateOrder(orderId(500));
  await rig.redis.command('CONFIG', 'RESETSTAT');
  await orders.invalidateOrder(orderId(1));
  await orders.invalidateAll();
  const stats = String(await rig.redis.command('INFO', 'commandstats'));
  // The order, its list, the index, and the catalog's by its script.
  expect(/cmdstat_unlink:calls=(\d+)/.exec(stats)?.[1]).toBe('4');
});

it('does not cache what is too large, serves it, and tells of it once', async () => {
  const { orders, connection, tally, oversized } = await rig.client({ policy: { maxBytes: 2000 } });
  rig.truth.put(1, { status: 'x'.repeat(3000) });
  expect((await orders.readOrder(orderId(1))).value?.status).toHaveLength(3000);
  expect((await orders.readOrder(orderId(1))).value?.status).toHaveLength(3000);
  expect(tally.of('oversized')).toBe(1);
  const bytes = Buffer.byteLength(JSON.stringify(rig.truth.put(1)));
  expect(oversized).toEqual([{ cache: 'order', group: `order:${orderId(1)}`, bytes, records: 1 }]);
  const kept = Number(await rig.redis.command('MEMORY', 'USAGE', `${connection.prefix}{order:${orderId(1)}}`));
  expect(kept).toBeGreaterThan(0);
  expect(kept).toBeLessThan(2000);
});

it('does not cache what shows more records than can be registered in one script', async () => {
  const { orders, oversized } = await rig.client({ policy: { maxRecords: 3 } });
  rig.truth.put(1);
  expect((await orders.readAccountOrders(accountId(1))).outcome).toBe('miss');
  expect((await orders.readAccountOrders(accountId(1))).outcome).toBe('hit');
  rig.truth.put(2);
  await orders.invalidateAccountOrders(accountId(1));
  expect((await orders.readAccountOrders(accountId(1))).value).toHaveLength(2);
  expect((await orders.readAccountOrders(accountId(1))).outcome).toBe('bypass');
  expect(oversized).toMatchObject([{ group: `account:${accountId(1)}`, records: 4 }]);
  // Small again: cached again.
  rig.truth.orders.delete(orderId(2));
  await orders.invalidateOrder(orderId(2), accountId(1));
  await orders.readAccountOrders(accountId(1));
  expect((await orders.readAccountOrders(accountId(1))).outcome).toBe('hit');
});

const SOON = '99999999999999';
it.each([
  'garbage',
  'order@1',
  'order@1 ',
  'order@1 V 1 2 3 4',
  `order@1 V ${SOON} ${SOON} ${SOON} {stamp} {"id":`,
  `order@2 V ${SOON} ${SOON} ${SOON} {stamp} {}\norder@1 V ${SOON} ${SOON} ${SOON} {stamp} {"id":`,
  '\n\n',
  '',
])('takes the bytes %j for a miss and replaces them', async (bytes) => {
  const { orders, connection } = await rig.client();
  const order = rig.truth.put(1);
  await orders.readOrder(orderId(1));
  const key = `${connection.prefix}{order:${orderId(1)}}`;
  const generation = String(await rig.redis.command('HGET', `${connection.prefix}{index}`, 'all'));
  await rig.redis.command('SET', key, bytes.replaceAll('{stamp}', generation));
  expect((await orders.readOrder(orderId(1))).value).toEqual(order);
  expect((await orders.readOrder(orderId(1))).outcome).toBe('hit');
  expect(rig.truth.reads).toBe(2);
});

it('does not read what a deployment with another shape has written, and an invalidation removes both', async () => {
  const { orders, connection } = await rig.client();
  const order = rig.truth.put(1);
  const key = `${connection.prefix}{order:${orderId(1)}}`;
  const lines = async (): Promise<string[]> => String(await rig.redis.command('GET', key)).split('\n');
  const theirs = `order@2 V ${SOON} ${SOON} 1 stamp {"of":"another deployment"}`;
  const [past, garbage] = ['order@3 V 1 1 1 stamp {}', 'garbage'];
  await rig.redis.command('SET', key, [past, theirs, garbage].join('\n'), 'PX', '60000');
  expect((await orders.readOrder(orderId(1))).outcome).toBe('miss');
  expect(await lines()).toEqual([theirs, expect.stringMatching(/^order@1 V /)]);
  expect(await orders.readOrder(orderId(1))).toEqual({ value: order, outcome: 'hit' });
  // Nor is its value lost when ours cannot be read, nor its time cut short by ours.
  await rig.redis.command('SET', key, [theirs, 'order@1 '].join('\n'), 'PX', '900000');
  expect((await orders.readOrder(orderId(1))).outcome).toBe('miss');
  expect(await lines()).toEqual([theirs, expect.stringMatching(/^order@1 V /)]);
  expect(Number(await rig.redis.command('PTTL', key))).toBeGreaterThan(600_000);
  await orders.invalidateOrder(orderId(1));
  expect(await rig.redis.command('EXISTS', key)).toBe(0);
});

it('sweeps from the index what has expired', async () => {
  const { orders, connection } = await rig.client();
  const index = `${connection.prefix}{index}`;
  rig.truth.put(1);
  await orders.readOrder(orderId(1));
  const old = Array.from({ length: 500 }, (_, n) => [itemId(1000 + n), '1 0 order:gone']).flat();
  await rig.redis.command('HSET', index, ...old);
  await eventually(async () => {
    await orders.invalidateOrdersOfItems(Array.from({ length: 50 }, (_, n) => itemId(n + 1)));
    expect(Number(await rig.redis.command('HLEN', index))).toBeLessThan(100);
  });
});
