import { eventually } from '../support/eventually';
import { Rig } from './support/rig';
import { Gate } from './support/truth';
import { CacheConnection, CatalogCache, type CatalogView } from '../../src/cache';
import { parseRecordId } from '../../src/domain/record-id';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
});
afterEach(() => rig.reset());
afterAll(() => rig.stop());

/** What Redis answers a reader reaches him late. */
class SlowReplies extends CacheConnection {
  readonly gate = new Gate();

  override async read(...args: Parameters<CacheConnection['read']>): Promise<unknown> {
    const reply = await super.read(...args);
    await this.gate.pass();
    return reply;
  }
}

const catalogNamed = (name: string): CatalogView => ({
  priceBookId: null,
  products: [{ id: parseRecordId('01t000000000001'), name, code: null, family: null, description: null, prices: [] }],
});

describe('a burst of catalog events', () => {
  it('has at most one read of Salesforce at a time, and every reader sees at least what was true when it began', async () => {
    const clients = [await rig.client(), await rig.client()];
    const [listener] = clients;
    rig.truth.catalog = catalogNamed('0');
    rig.truth.gate.hold();
    const reads: Promise<{ least: number; seen: number }>[] = [];
    let mostAtOnce = 0;
    for (let change = 1; change <= 40; change++) {
      rig.truth.catalog = catalogNamed(String(change));
      await listener!.catalog.invalidateCatalog();
      const client = clients[change % 2]!;
      reads.push(
        client.catalog.readCatalog().then(({ value }) => ({ least: change, seen: Number(value.products[0]?.name) })),
      );
      await eventually(() => {
        expect(rig.truth.gate.waiting).toBeGreaterThan(0);
      });
      mostAtOnce = Math.max(mostAtOnce, rig.truth.gate.waiting);
      if (change % 5 === 0) rig.truth.gate.releaseOne();
    }
    rig.truth.gate.open();
    for (const { least, seen } of await Promise.all(reads)) expect(seen).toBeGreaterThanOrEqual(least);
    expect(mostAtOnce).toBe(1);
    expect(rig.truth.reads).toBeLessThan(40);
    expect((await clients[1]!.catalog.readCatalog()).value.products[0]?.name).toBe('40');
  });

  it('is merged: ten thousand invalidations at once are few commands', async () => {
    const { catalog } = await rig.client();
    await rig.redis.command('CONFIG', 'RESETSTAT');
    await Promise.all(Array.from({ length: 10_000 }, () => catalog.invalidateCatalog()));
    const stats = String(await rig.redis.command('INFO', 'commandstats'));
    const calls = Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1]);
    expect(calls).toBeLessThanOrEqual(2);
  });
});

describe('readers of one moment', () => {
  it('share a look at Redis, since the catalog is large', async () => {
    const { catalog } = await rig.client();
    rig.truth.catalog = catalogNamed('a');
    await catalog.readCatalog();
    await rig.redis.command('CONFIG', 'RESETSTAT');
    const replies = await Promise.all(Array.from({ length: 100 }, () => catalog.readCatalog()));
    expect(new Set(replies.map(({ outcome }) => outcome))).toEqual(new Set(['hit']));
    const stats = String(await rig.redis.command('INFO', 'commandstats'));
    expect(/cmdstat_get:calls=(\d+)/.exec(stats)?.[1]).toBe('1');
  });

  it('are not answered by a look from before an invalidation that was done when they came', async () => {
    const connection = new SlowReplies({ url: rig.redis.url });
    const other = await rig.client();
    try {
      await connection.ready();
      const slow = new CatalogCache({ connection, source: rig.truth });
      rig.truth.catalog = catalogNamed('old');
      await slow.readCatalog();
      connection.gate.hold();
      const before = slow.readCatalog();
      // Redis has answered it with what is old by then.
      await eventually(() => expect(connection.gate.waiting).toBe(1));
      rig.truth.catalog = catalogNamed('new');
      await other.catalog.invalidateCatalog();
      const after = slow.readCatalog();
      await new Promise((resolve) => setImmediate(resolve));
      connection.gate.open();
      expect((await before).value.products[0]?.name).toBe('old');
      expect((await after).value.products[0]?.name).toBe('new');
    } finally {
      connection.close();
    }
  });
});

it('lets another process take over when the one that reads the catalog never comes back', async () => {
  const policy = { leaseMs: 100, renewEveryMs: 50 };
  const [dying, other] = [await rig.client({ policy }), await rig.client({ policy })];
  rig.truth.catalog = catalogNamed('old');
  rig.truth.gate.hold();
  const lost = dying.catalog.readCatalog();
  await eventually(() => {
    expect(rig.truth.gate.waiting).toBe(1);
  });
  dying.connection.close();
  rig.truth.catalog = catalogNamed('new');
  await other.catalog.invalidateCatalog();
  const read = other.catalog.readCatalog();
  await eventually(() => {
    expect(rig.truth.gate.waiting).toBe(2);
  });
  rig.truth.gate.open();
  expect((await read).value.products[0]?.name).toBe('new');
  await lost;
});
