import { CacheOverloadedError } from '../../src/cache';
import { eventually } from '../support/eventually';
import { Rig } from './support/rig';
import { orderId } from './support/truth';

/** Salesforce is slow: nobody waits without a bound, and it is not read more for those who waited than it can help them. */

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
});
afterEach(() => rig.reset());
afterAll(() => rig.stop());

const heldReads = (count: number): Promise<void> => eventually(() => expect(rig.truth.gate.waiting).toBe(count));

describe('a reader that waits for another process', () => {
  const policy = { waitLimitMs: 100 };

  it('reads Salesforce itself at its limit, without filling', async () => {
    const [slow, waits] = [await rig.client(), await rig.client({ policy })];
    rig.truth.put(1);
    rig.truth.gate.hold();
    const first = slow.orders.readOrder(orderId(1));
    await heldReads(1);
    const second = waits.orders.readOrder(orderId(1));
    await heldReads(2);
    expect(waits.tally.of('wait-expired')).toBe(1);
    rig.truth.gate.open();
    expect([(await first).outcome, (await second).outcome]).toEqual(['miss', 'bypass']);
    expect(waits.tally.of('fill-revoked')).toBe(0);
  });

  it('is refused the catalog at its limit: one read of it at a time, however long it takes', async () => {
    const [slow, waits] = [await rig.client(), await rig.client({ policy })];
    rig.truth.gate.hold();
    const first = slow.catalog.readCatalog();
    await heldReads(1);
    await expect(waits.catalog.readCatalog()).rejects.toThrow(CacheOverloadedError);
    expect(rig.truth.reads).toBe(1);
    rig.truth.gate.open();
    await first;
    expect((await waits.catalog.readCatalog()).outcome).toBe('hit');
  });

  it.each(['at its limit', 'when the lease is free'])('begins nothing %s once whoever asked has gone', async (when) => {
    const isFreed = when === 'when the lease is free';
    const [slow, waits] = [await rig.client(), await rig.client(isFreed ? {} : { policy })];
    rig.truth.put(1);
    rig.truth.gate.hold();
    const first = slow.orders.readOrder(orderId(1));
    await heldReads(1);
    const caller = new AbortController();
    const second = waits.orders.readOrder(orderId(1), { signal: caller.signal });
    const ended = expect(second).rejects.toThrow('gone');
    await eventually(() => expect(waits.tally.of('wait')).toBe(1));
    caller.abort(new Error('gone'));
    if (isFreed) await slow.orders.invalidateOrder(orderId(1));
    await ended;
    expect(rig.truth.reads).toBe(1);
    rig.truth.gate.open();
    await first;
  });
});

describe('a read of Salesforce that does not end', () => {
  const policy = { leaseMs: 200, renewEveryMs: 50, leaseCapMs: 300, failureTtlMs: 1 };

  it('is given up at the cap of its lease, keeps nobody else, and fills nothing when it ends after all', async () => {
    const [stuck, other] = [await rig.client({ policy }), await rig.client({ policy })];
    rig.truth.put(1, { status: 'Draft' });
    rig.truth.gate.hold();
    const [first, second] = [stuck.orders.readOrder(orderId(1)), stuck.orders.readOrder(orderId(1))];
    const given = Promise.all([first, second].map((read) => expect(read).rejects.toThrow()));
    await heldReads(1);
    await given;
    rig.truth.put(1, { status: 'Approved' });
    const third = eventually(() => other.orders.readOrder(orderId(1)));
    await heldReads(2);
    // The first read, which has seen the old order, and then the one that is awaited.
    rig.truth.gate.releaseOne();
    rig.truth.gate.open();
    expect((await third).value?.status).toBe('Approved');
    expect(await stuck.orders.readOrder(orderId(1))).toMatchObject({ value: { status: 'Approved' }, outcome: 'hit' });
  });
});

describe('reads around a Redis that is away', () => {
  it('are not begun when all who wait for them have gone', async () => {
    const { orders } = rig.clientNow({ url: 'redis://127.0.0.1:1' });
    rig.truth.put(1);
    rig.truth.gate.hold();
    const first = orders.readOrder(orderId(1));
    await heldReads(1);
    const caller = new AbortController();
    const leaves = orders.readOrder(orderId(1), { signal: caller.signal });
    const stillborn = expect(leaves).rejects.toThrow(CacheOverloadedError);
    // It learns without I/O that there is no Redis, and stands behind the first by then.
    await new Promise((resolve) => setImmediate(resolve));
    caller.abort();
    await expect(orders.readOrder(orderId(1), { signal: caller.signal })).rejects.toThrow();
    rig.truth.gate.open();
    await first;
    await stillborn;
    expect(rig.truth.reads).toBe(1);
    expect((await orders.readOrder(orderId(1))).outcome).toBe('bypass');
  });
});

describe('misses', () => {
  it('are capped: so many at a time, so many in line, and the rest refused without a lease', async () => {
    const { orders } = await rig.client({ sourceLimit: { running: 2, waiting: 3 } });
    const other = await rig.client();
    rig.truth.gate.hold();
    const reads = Array.from({ length: 9 }, (_, n) =>
      orders.readOrder(orderId(n + 1)).catch((error: unknown) => error),
    );
    await heldReads(2);
    const refused = await Promise.all(reads.slice(5));
    for (const error of refused) expect(error).toBeInstanceOf(CacheOverloadedError);
    rig.truth.gate.open();
    expect(await Promise.all(reads.slice(0, 5))).toEqual(Array(5).fill({ value: undefined, outcome: 'miss' }));
    expect(rig.truth.reads).toBe(5);
    // Nobody waits for a lease of those who were refused.
    expect((await other.orders.readOrder(orderId(9))).outcome).toBe('miss');
    expect(other.tally.of('wait')).toBe(0);
  });

  it('wait in line no longer than the limit, and keep their lease meanwhile', async () => {
    const policy = { waitLimitMs: 400, leaseMs: 100, renewEveryMs: 20 };
    const { orders } = await rig.client({ sourceLimit: { running: 1, waiting: 3 }, policy });
    const other = await rig.client();
    rig.truth.gate.hold();
    const first = orders.readOrder(orderId(1));
    await heldReads(1);
    const inLine = orders.readOrder(orderId(2)).catch((error: unknown) => error);
    await eventually(async () => expect(await lease(orderId(2))).toBe(1));
    const waits = other.orders.readOrder(orderId(2));
    expect(await inLine).toBeInstanceOf(CacheOverloadedError);
    // Not before: as long as he stands in line, nobody else reads.
    await heldReads(2);
    rig.truth.gate.open();
    expect([(await first).outcome, (await waits).outcome]).toEqual(['miss', 'miss']);
  });
});

/** 1 where somebody has the right to fill the order. */
const lease = (id: string): Promise<unknown> =>
  rig.redis.command('HEXISTS', `order-provisioning:cache:1:{order:${id}}~`, 'order@1');
