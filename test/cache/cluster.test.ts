import { eventually } from '../support/eventually';
import { PrivateCluster } from '../support/private-cluster';
import { PrivateRedis } from '../support/private-redis';
import { Rig, type Client } from './support/rig';
import { accountId, itemId, orderId } from './support/truth';

/** The caches on a real Redis Cluster of three masters: a script has the keys of one slot, so none is crossed. */

let cluster: PrivateCluster | undefined;
let rig: Rig;
let a: Client;
let b: Client;
beforeAll(async () => {
  rig = new Rig(await PrivateRedis.start());
  cluster = await PrivateCluster.start();
  const { urls } = cluster;
  [a, b] = [await rig.client({ url: urls }), await rig.client({ url: urls })];
});
afterAll(async () => {
  await rig.stop();
  await cluster?.stop();
});

it('reads through, shares and invalidates across slots', async () => {
  for (let n = 1; n <= 30; n++) rig.truth.put(n, { accountId: accountId(n % 3), status: 'Draft' });
  for (let n = 1; n <= 30; n++) expect((await a.orders.readOrder(orderId(n))).value?.status).toBe('Draft');
  for (let n = 1; n <= 30; n++) expect((await b.orders.readOrder(orderId(n))).outcome).toBe('hit');
  for (const n of [0, 1, 2]) expect((await a.orders.readAccountOrders(accountId(n))).value).toHaveLength(10);

  for (let n = 1; n <= 30; n++) rig.truth.put(n, { status: 'Approved' });
  for (let n = 1; n <= 15; n++) await b.orders.invalidateOrder(orderId(n));
  for (let n = 16; n <= 30; n++) await b.orders.invalidateOrdersOfItems([itemId(n)]);
  for (let n = 1; n <= 30; n++) expect((await a.orders.readOrder(orderId(n))).value?.status).toBe('Approved');
  for (const n of [0, 1, 2]) {
    const { value } = await a.orders.readAccountOrders(accountId(n));
    expect(new Set(value.map((order) => order.status))).toEqual(new Set(['Approved']));
  }

  for (let n = 1; n <= 30; n++) rig.truth.put(n, { status: 'Cancelled' });
  await b.orders.invalidateAll();
  for (let n = 1; n <= 30; n++) expect((await a.orders.readOrder(orderId(n))).value?.status).toBe('Cancelled');
});

it('does not put an old list back', async () => {
  rig.truth.put(31, { accountId: accountId(9), status: 'Draft' });
  rig.truth.gate.hold();
  const inFlight = a.orders.readAccountOrders(accountId(9));
  await eventually(() => {
    expect(rig.truth.gate.waiting).toBe(1);
  });
  rig.truth.put(31, { status: 'Approved' });
  await b.orders.invalidateOrder(orderId(31));
  rig.truth.gate.open();
  await inFlight;
  expect((await b.orders.readAccountOrders(accountId(9))).value[0]?.status).toBe('Approved');
});

describe('while a slot moves to another node', () => {
  /** Begins to move the slot of `key`, and with `keys` what is in it. @returns what gives the slot back */
  async function move(key: string, keys: boolean): Promise<() => Promise<void>> {
    const { urls } = cluster!;
    const command = cluster!.command.bind(cluster);
    const slot = Number(await command(0, 'CLUSTER', 'KEYSLOT', key));
    const from = Math.floor((slot * 3) / 16384);
    const to = (from + 1) % 3;
    const [source, target] = [await command(from, 'CLUSTER', 'MYID'), await command(to, 'CLUSTER', 'MYID')].map(String);
    await command(to, 'CLUSTER', 'SETSLOT', String(slot), 'IMPORTING', source!);
    await command(from, 'CLUSTER', 'SETSLOT', String(slot), 'MIGRATING', target!);
    if (keys) {
      const there = (await command(from, 'CLUSTER', 'GETKEYSINSLOT', String(slot), '100')) as string[];
      const { hostname, port } = new URL(urls[to]!);
      await command(from, 'MIGRATE', hostname, port, '', '0', '5000', 'KEYS', ...there);
    }
    return async () => {
      await command(to, 'FLUSHALL');
      for (const node of [from, to]) await command(node, 'CLUSTER', 'SETSLOT', String(slot), 'STABLE');
    };
  }

  it.each([
    ['an order, before its entry has moved', `{order:${orderId(1)}}`, false],
    ['an order, after its entry has moved', `{order:${orderId(1)}}`, true],
    ['the index, before it has moved', '{index}', false],
    ['the index, after it has moved', '{index}', true],
  ])('an invalidation of what is cached is done: the slot of %s', async (_what, key, keys) => {
    const id = rig.truth.put(1, { accountId: accountId(1), status: 'Draft' }).id;
    await a.orders.invalidateAll();
    await a.orders.readOrder(id);
    expect((await b.orders.readOrder(id)).outcome).toBe('hit');
    const stay = await move(a.connection.prefix + key, keys);
    try {
      expect((await b.orders.readOrder(id)).value?.status).toBe('Draft');
      for (const status of ['Approved', 'Activated']) {
        rig.truth.put(1, { status });
        if (status === 'Approved') await b.orders.invalidateOrder(id);
        else await b.orders.invalidateOrdersOfItems([itemId(1)]);
        expect((await a.orders.readOrder(id)).value?.status).toBe(status);
      }
      rig.truth.put(1, { status: 'Cancelled' });
      await b.orders.invalidateAll();
      expect((await a.orders.readOrder(id)).value?.status).toBe('Cancelled');
    } finally {
      await stay();
    }
  });
});
