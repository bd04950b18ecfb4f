import { CacheUnavailableError } from '../../src/cache';
import { eventually } from '../support/eventually';
import { PrivateRedis } from '../support/private-redis';
import { Rig } from './support/rig';
import { accountId, orderId } from './support/truth';

/** Redis down, slow, restarted empty, restarted with old values: reads go on, and nothing stale comes back. */

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
});
afterEach(async () => {
  rig.redis.thaw();
  await rig.reset();
});
afterAll(() => rig.stop());

describe('while Redis is down', () => {
  let dead: PrivateRedis;
  beforeEach(async () => {
    dead = await PrivateRedis.start();
  });
  afterEach(() => dead.stop());

  it('answers from Salesforce, at most one read at a time for each order', async () => {
    const { orders, tally } = await rig.client({ url: dead.url });
    await dead.kill();
    rig.truth.put(1);
    rig.truth.gate.hold();
    const reads = Array.from({ length: 100 }, () => orders.readOrder(orderId(1)));
    await eventually(() => {
      expect(rig.truth.gate.waiting).toBe(1);
    });
    const later = Array.from({ length: 100 }, () => orders.readOrder(orderId(1)));
    rig.truth.gate.open();
    const replies = await Promise.all([...reads, ...later]);
    expect(new Set(replies.map((reply) => reply.outcome))).toEqual(new Set(['bypass']));
    expect(rig.truth.reads).toBeLessThanOrEqual(3);
    expect(tally.of('bypass')).toBe(200);
  });

  it('caps the reads of Salesforce and refuses those that would wait too long in line', async () => {
    const { orders } = await rig.client({ url: dead.url, sourceLimit: { running: 2, waiting: 3 } });
    await dead.kill();
    rig.truth.gate.hold();
    const reads = Array.from({ length: 9 }, (_, n) => orders.readOrder(orderId(n + 1)));
    const outcomes = Promise.allSettled(reads);
    await eventually(() => {
      expect(rig.truth.gate.waiting).toBe(2);
    });
    rig.truth.gate.open();
    const refused = (await outcomes).filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(4);
    expect(rig.truth.reads).toBe(5);
  });

  it('rejects every invalidation, so that its event is not acknowledged', async () => {
    const { orders, catalog } = await rig.client({ url: dead.url });
    await dead.kill();
    for (const invalidate of [
      () => orders.invalidateOrder(orderId(1)),
      () => orders.invalidateAccountOrders(accountId(1)),
      () => orders.invalidateOrdersOfItems([]),
      () => orders.invalidateCatalog(),
      () => catalog.invalidateCatalog(),
      () => orders.invalidateAll(),
    ]) {
      await expect(invalidate()).rejects.toThrow(CacheUnavailableError);
    }
  });

  it('takes no fill from before it was restarted empty, when the event of the change came meanwhile', async () => {
    const slow = await rig.client({ url: dead.url });
    const other = await rig.client({ url: dead.url });
    rig.truth.put(1, { status: 'Draft' });
    rig.truth.gate.hold();
    const inFlight = Promise.all([slow.orders.readOrder(orderId(1)), slow.orders.readAccountOrders(accountId(1))]);
    await eventually(() => {
      expect(rig.truth.gate.waiting).toBe(2);
    });
    rig.truth.put(1, { status: 'Approved' });
    await dead.kill();
    await expect(other.orders.invalidateOrder(orderId(1))).rejects.toThrow(CacheUnavailableError);
    await dead.restart();
    await Promise.all([other.connection.ready(), slow.connection.ready()]);
    await other.orders.invalidateOrder(orderId(1));
    rig.truth.gate.open();
    await inFlight;
    expect((await other.orders.readOrder(orderId(1))).value?.status).toBe('Approved');
    expect((await other.orders.readAccountOrders(accountId(1))).value[0]?.status).toBe('Approved');
  });

  it('fills again once it is back, empty', async () => {
    const { orders } = await rig.client({ url: dead.url });
    rig.truth.put(1);
    await orders.readOrder(orderId(1));
    await dead.kill();
    await orders.readOrder(orderId(1));
    await dead.restart();
    await eventually(async () => {
      expect((await orders.readOrder(orderId(1))).outcome).toBe('hit');
    });
  });
});

describe('a Redis that comes back with what it had saved', () => {
  let saving: PrivateRedis;
  beforeEach(async () => {
    saving = await PrivateRedis.start(['--dbfilename', 'dump.rdb']);
  });
  afterEach(() => saving.stop());

  it.each(['that was connected before', 'that starts afterwards'])(
    'gives no value from before to a process %s',
    async (which) => {
      const before = await rig.client({ url: saving.url });
      rig.truth.put(1, { status: 'Draft' });
      await before.orders.readOrder(orderId(1));
      await before.orders.readAccountOrders(accountId(1));
      await saving.command('SAVE');
      rig.truth.put(1, { status: 'Approved' });
      await before.orders.invalidateOrder(orderId(1));
      await saving.kill();
      await saving.restart();
      expect(await saving.command('EXISTS', `${before.connection.prefix}{order:${orderId(1)}}`)).toBe(1);
      const client = which === 'that starts afterwards' ? await rig.client({ url: saving.url }) : before;
      await client.connection.ready();
      expect((await client.orders.readOrder(orderId(1))).value?.status).toBe('Approved');
      const { value } = await client.orders.readAccountOrders(accountId(1));
      expect(value.map((order) => order.status)).toEqual(['Approved']);
    },
  );

  it('takes no fill that was in flight', async () => {
    const client = await rig.client({ url: saving.url });
    const other = await rig.client({ url: saving.url });
    rig.truth.put(1, { status: 'Draft' });
    rig.truth.gate.hold();
    const inFlight = client.orders.readOrder(orderId(1));
    await eventually(() => {
      expect(rig.truth.gate.waiting).toBe(1);
    });
    await saving.command('SAVE');
    rig.truth.put(1, { status: 'Approved' });
    await other.orders.invalidateOrder(orderId(1));
    await saving.kill();
    await saving.restart();
    await client.connection.ready();
    rig.truth.gate.open();
    await inFlight;
    await other.connection.ready();
    expect((await other.orders.readOrder(orderId(1))).value?.status).toBe('Approved');
  });
});

describe('a frozen Redis', () => {
  it('delays readers by a bound, is then left alone, and is used again once it answers', async () => {
    const { orders, connection } = await rig.client({ readLimitMs: 100, breakerOpenMs: 200 });
    rig.truth.put(1);
    await orders.readOrder(orderId(1));
    rig.redis.freeze();
    for (let inARow = 1; inARow <= 3; inARow++) {
      expect(connection.available).toBe(true);
      const replies = await Promise.all(Array.from({ length: 20 }, () => orders.readOrder(orderId(1))));
      expect(new Set(replies.map((reply) => reply.outcome))).toEqual(new Set(['bypass']));
    }
    expect(connection.available).toBe(false);
    rig.redis.thaw();
    await eventually(async () => {
      expect((await orders.readOrder(orderId(1))).outcome).toBe('hit');
    });
  });

  it('does not undo an invalidation with a fill that it carries out late', async () => {
    const slow = await rig.client({ readLimitMs: 100 });
    const other = await rig.client();
    rig.truth.put(1, { status: 'Draft' });
    rig.truth.gate.hold();
    const inFlight = slow.orders.readOrder(orderId(1));
    await eventually(() => {
      expect(rig.truth.gate.waiting).toBe(1);
    });
    rig.truth.put(1, { status: 'Approved' });
    rig.redis.freeze();
    const invalidated = other.orders.invalidateOrder(orderId(1)).catch((error: unknown) => error);
    rig.truth.gate.open();
    await inFlight;
    rig.redis.thaw();
    if ((await invalidated) !== undefined) await other.orders.invalidateOrder(orderId(1));
    await eventually(async () => {
      expect((await other.orders.readOrder(orderId(1))).value?.status).toBe('Approved');
    });
    expect((await slow.orders.readOrder(orderId(1))).value?.status).toBe('Approved');
  });
});
