import { CacheUnavailableError, type CatalogView } from '../../src/cache';
import { eventually } from '../support/eventually';
import { Rig, type Client } from './support/rig';
import { accountId, itemId, orderId } from './support/truth';

/** A Redis that answers and refuses: out of memory, read-only. And one that throws things out. Reads go on, nothing is stale. */

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
});
afterEach(async () => {
  await config('maxmemory', '0');
  await config('maxmemory-policy', 'noeviction');
  await rig.redis.command('REPLICAOF', 'NO', 'ONE');
  await rig.reset();
});
afterAll(() => rig.stop());

const config = (name: string, value: string): Promise<unknown> => rig.redis.command('CONFIG', 'SET', name, value);
const full = (): Promise<unknown> => config('maxmemory', '1');
const roomAgain = (): Promise<unknown> => config('maxmemory', '0');
const readOnly = (): Promise<unknown> => rig.redis.command('REPLICAOF', '127.0.0.1', '1');
const writable = (): Promise<unknown> => rig.redis.command('REPLICAOF', 'NO', 'ONE');
const catalogOf = (priceBookId: string): CatalogView => ({ priceBookId, products: [] }) as unknown as CatalogView;

async function held(reads: number): Promise<void> {
  await eventually(() => {
    expect(rig.truth.gate.waiting).toBe(reads);
  });
}

/** What the caches of the client show of order 1: the order, its account's list, the catalog. */
async function shown({ orders, catalog }: Client): Promise<(string | null | undefined)[]> {
  const order = await orders.readOrder(orderId(1));
  const list = await orders.readAccountOrders(accountId(1));
  const products = await catalog.readCatalog();
  return [order.value?.status, list.value[0]?.status, products.value.priceBookId];
}

/** Each invalidation, and which of what is {@link shown} it must make true. */
const INVALIDATIONS: [string, (client: Client) => Promise<void>, number[]][] = [
  ['an order', ({ orders }) => orders.invalidateOrder(orderId(1)), [0, 1]],
  ['an order of a named account', ({ orders }) => orders.invalidateOrder(orderId(1), accountId(1)), [0, 1]],
  ['an order by a gap event', ({ orders }) => orders.invalidateOrder(orderId(1), undefined, { gap: true }), [0, 1]],
  ["an account's list", ({ orders }) => orders.invalidateAccountOrders(accountId(1)), [1]],
  ['items', ({ orders }) => orders.invalidateOrdersOfItems([itemId(1)]), [0, 1]],
  ['items by a gap event', ({ orders }) => orders.invalidateOrdersOfItems([itemId(2)], { gap: true }), [0, 1]],
  ['the catalog', ({ catalog }) => catalog.invalidateCatalog(), [2]],
  ['everything', ({ orders }) => orders.invalidateAll(), [0, 1, 2]],
];

function oldTruth(): void {
  rig.truth.put(1, { status: 'Draft' });
  rig.truth.catalog = catalogOf('old');
}
function newTruth(): void {
  rig.truth.put(1, { status: 'Approved' });
  rig.truth.catalog = catalogOf('new');
}
const NEW = ['Approved', 'Approved', 'new'];

describe('a Redis out of memory', () => {
  it('serves hits, and reads Salesforce for misses, coalesced', async () => {
    const { orders } = await rig.client();
    rig.truth.put(1);
    rig.truth.put(2);
    await orders.readOrder(orderId(1));
    await full();
    expect((await orders.readOrder(orderId(1))).outcome).toBe('hit');
    rig.truth.gate.hold();
    const reads = Promise.all(Array.from({ length: 50 }, () => orders.readOrder(orderId(2))));
    await held(1);
    rig.truth.gate.open();
    expect(new Set((await reads).map((reply) => reply.outcome))).toEqual(new Set(['bypass']));
    // One for order 1; those who came while the first for order 2 was under way share the next.
    expect(rig.truth.reads).toBeLessThanOrEqual(4);
    expect((await orders.readOrder(orderId(1))).outcome).toBe('hit');
  });

  it('answers the reader whose fill it refuses, and is filled once there is room', async () => {
    const { orders, tally } = await rig.client({ policy: { leaseMs: 100, renewEveryMs: 50 } });
    rig.truth.put(1, { status: 'Draft' });
    rig.truth.gate.hold();
    const read = orders.readOrder(orderId(1));
    await held(1);
    await full();
    rig.truth.gate.open();
    expect((await read).value?.status).toBe('Draft');
    expect(tally.of('fill-failed')).toBe(1);
    await roomAgain();
    await eventually(async () => {
      expect((await orders.readOrder(orderId(1))).outcome).toBe('hit');
    });
  });

  it.each(INVALIDATIONS)('still makes old values of %s void, for all clients', async (_what, invalidate, which) => {
    const [client, other] = [await rig.client(), await rig.client()];
    oldTruth();
    await shown(client);
    newTruth();
    await full();
    await invalidate(client);
    const during = await shown(other);
    await roomAgain();
    const after = await shown(other);
    for (const n of which) expect([during[n], after[n]]).toEqual([NEW[n], NEW[n]]);
  });

  it.each(INVALIDATIONS)('takes no fill from before an invalidation of %s', async (_what, invalidate, which) => {
    const [slow, other] = [await rig.client(), await rig.client()];
    oldTruth();
    rig.truth.gate.hold();
    const inFlight = Promise.all([
      slow.orders.readOrder(orderId(1)),
      slow.orders.readAccountOrders(accountId(1)),
      slow.catalog.readCatalog(),
    ]);
    await held(3);
    newTruth();
    await full();
    await invalidate(other);
    await roomAgain();
    rig.truth.gate.open();
    await inFlight;
    const after = await shown(other);
    for (const n of which) expect(after[n]).toBe(NEW[n]);
  });
});

describe('a read-only Redis', () => {
  it('serves hits, reads Salesforce for misses, and answers the reader whose fill it refuses', async () => {
    const { orders, tally } = await rig.client();
    rig.truth.put(1);
    rig.truth.put(2);
    await orders.readOrder(orderId(1));
    rig.truth.gate.hold();
    const read = orders.readOrder(orderId(2));
    await held(1);
    await readOnly();
    rig.truth.gate.open();
    expect((await read).value?.id).toBe(orderId(2));
    expect(tally.of('fill-failed')).toBe(1);
    expect((await orders.readOrder(orderId(1))).outcome).toBe('hit');
    expect((await orders.readOrder(orderId(2))).outcome).toBe('bypass');
  });

  it.each(INVALIDATIONS)('refuses an invalidation of %s, which can be repeated', async (_what, invalidate, which) => {
    const [client, other] = [await rig.client(), await rig.client()];
    oldTruth();
    await shown(client);
    newTruth();
    await readOnly();
    await expect(invalidate(client)).rejects.toThrow(CacheUnavailableError);
    await expect(invalidate(client)).rejects.toThrow('READONLY');
    await writable();
    await invalidate(client);
    const after = await shown(other);
    for (const n of which) expect(after[n]).toBe(NEW[n]);
  });
});

describe('a Redis that evicts', () => {
  it.each(['allkeys-lru', 'allkeys-random'])('%s: nothing that is left is stale', async (policy) => {
    const ORDERS = 60;
    const [client, other] = [await rig.client(), await rig.client()];
    const numbers = Array.from({ length: ORDERS }, (_, n) => n + 1);
    for (const n of numbers) rig.truth.put(n, { accountId: accountId(n), status: 'Draft' });
    for (const n of numbers) {
      await client.orders.readOrder(orderId(n));
      await client.orders.readAccountOrders(accountId(n));
    }
    await config('maxmemory-samples', '1');
    await config('maxmemory-policy', policy);
    const pattern = `${client.connection.prefix}*`;
    const groups = async (): Promise<number> => ((await rig.redis.command('KEYS', pattern)) as string[]).length;
    const before = await groups();
    for (let step = 0; (await groups()) > before - ORDERS / 2; step++) {
      expect(step).toBeLessThan(500);
      await config('maxmemory', String((await usedMemory()) - 100));
      await rig.redis.command('SET', 'something', 'else').catch(() => undefined);
    }
    expect(await groups()).toBeGreaterThan(0);
    await roomAgain();

    for (const n of numbers) rig.truth.put(n, { status: 'Approved' });
    for (const n of numbers) {
      // By turns as the events come: with the order alone, or with the item alone.
      if (n % 2 === 0) await other.orders.invalidateOrder(orderId(n));
      else await other.orders.invalidateOrdersOfItems([itemId(n)]);
    }
    const seen = new Set<string | undefined>();
    for (const n of numbers) {
      seen.add((await client.orders.readOrder(orderId(n))).value?.status);
      seen.add((await client.orders.readAccountOrders(accountId(n))).value[0]?.status);
    }
    expect(seen).toEqual(new Set(['Approved']));
  });

  const EVICTED: [string, string[]][] = [
    ['the index with its generation', ['{index}', '{index}:generation']],
    ['the index alone', ['{index}']],
    ['its generation alone', ['{index}:generation']],
  ];
  it.each(EVICTED)('%s: an event of an item makes void what shows it', async (_what, keys) => {
    const [client, other] = [await rig.client(), await rig.client()];
    rig.truth.put(1, { status: 'Draft' });
    await client.orders.readAccountOrders(accountId(1));
    await rig.redis.command('UNLINK', ...keys.map((key) => client.connection.prefix + key));
    rig.truth.put(1, { status: 'Approved' });
    await other.orders.invalidateOrdersOfItems([itemId(1)]);
    expect((await client.orders.readAccountOrders(accountId(1))).value[0]?.status).toBe('Approved');
  });

  it.each(EVICTED)('%s: what depended on it is void, and fills in flight are refused', async (_what, keys) => {
    const [slow, other] = [await rig.client(), await rig.client()];
    rig.truth.put(1, { status: 'Draft' });
    await other.orders.readAccountOrders(accountId(1));
    rig.truth.gate.hold();
    const inFlight = slow.orders.readOrder(orderId(1));
    await held(1);
    await rig.redis.command('UNLINK', ...keys.map((key) => slow.connection.prefix + key));
    rig.truth.put(1, { status: 'Approved' });
    await other.orders.invalidateOrdersOfItems([itemId(1)]);
    rig.truth.gate.open();
    await inFlight;
    expect((await other.orders.readOrder(orderId(1))).value?.status).toBe('Approved');
    expect((await other.orders.readAccountOrders(accountId(1))).value[0]?.status).toBe('Approved');
  });

  it('the index alone: it is made anew, and the next reader fills', async () => {
    const { orders, connection, tally } = await rig.client();
    rig.truth.put(1);
    rig.truth.put(2);
    await orders.readOrder(orderId(1));
    await rig.redis.command('UNLINK', `${connection.prefix}{index}`);
    await orders.readOrder(orderId(2));
    expect(tally.of('fill-revoked')).toBe(1);
    await orders.readOrder(orderId(2));
    expect((await orders.readOrder(orderId(2))).outcome).toBe('hit');
  });
});

async function usedMemory(): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(String(await rig.redis.command('INFO', 'memory')))?.[1]);
}
