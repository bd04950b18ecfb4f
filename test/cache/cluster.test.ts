import { eventually } from '../support/eventually';
import { PrivateCluster } from '../support/private-cluster';
import { PrivateRedis } from '../support/private-redis';
import { Rig, type Client } from './support/rig';
import { accountId, itemId, orderId } from './support/truth';

/** The caches on a real Redis Cluster of three masters: every script has one key, so no slot is crossed. */

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
