import { eventually } from '../support/eventually';
import { Rig } from './support/rig';
import { accountId, orderId } from './support/truth';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
});
afterEach(() => rig.reset());
afterAll(() => rig.stop());

describe('reading through', () => {
  it('reads Salesforce once and Redis afterwards', async () => {
    const { orders } = await rig.client();
    const order = rig.truth.put(1, { status: 'Approved' });
    expect(await orders.readOrder(orderId(1))).toEqual({ value: order, outcome: 'miss' });
    expect(await orders.readOrder(orderId(1))).toEqual({ value: order, outcome: 'hit' });
    expect(rig.truth.reads).toBe(1);
  });

  it('believes for a moment that there is no such order', async () => {
    const { orders } = await rig.client();
    expect(await orders.readOrder(orderId(9))).toEqual({ value: undefined, outcome: 'miss' });
    expect(await orders.readOrder(orderId(9))).toEqual({ value: undefined, outcome: 'hit' });
    expect(rig.truth.reads).toBe(1);
  });

  it('serves one client what another has read', async () => {
    const [a, b] = [await rig.client(), await rig.client()];
    rig.truth.put(1);
    await a.orders.readAccountOrders(accountId(1));
    expect((await b.orders.readAccountOrders(accountId(1))).outcome).toBe('hit');
  });
});

describe('single flight', () => {
  it('costs one read of Salesforce for all readers of one client', async () => {
    const { orders } = await rig.client();
    rig.truth.put(1);
    rig.truth.gate.hold();
    const reads = Array.from({ length: 200 }, () => orders.readOrder(orderId(1)));
    await eventually(() => {
      expect(rig.truth.gate.waiting).toBe(1);
    });
    rig.truth.gate.open();
    const outcomes = (await Promise.all(reads)).map((reply) => reply.outcome);
    expect(rig.truth.reads).toBe(1);
    expect(outcomes.filter((outcome) => outcome === 'miss')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'coalesced')).toHaveLength(199);
  });

  it('costs one read of Salesforce for readers of several clients', async () => {
    const clients = [await rig.client(), await rig.client(), await rig.client()];
    rig.truth.put(1);
    rig.truth.gate.hold();
    const reads = clients.flatMap(({ orders }) => Array.from({ length: 50 }, () => orders.readOrder(orderId(1))));
    await eventually(() => {
      expect(clients.reduce((n, c) => n + c.tally.of('wait'), 0)).toBe(100);
    });
    rig.truth.gate.open();
    const values = (await Promise.all(reads)).map((reply) => reply.value?.id);
    expect(new Set(values)).toEqual(new Set([orderId(1)]));
    expect(rig.truth.reads).toBe(1);
  });

  it('shares a failure of Salesforce instead of repeating it, and recovers', async () => {
    const clients = [await rig.client(), await rig.client()];
    rig.truth.put(1);
    rig.truth.failure = new Error('503');
    rig.truth.gate.hold();
    const reads = clients.flatMap(({ orders }) => Array.from({ length: 20 }, () => orders.readOrder(orderId(1))));
    await eventually(() => {
      expect(clients.reduce((n, c) => n + c.tally.of('wait'), 0)).toBe(20);
    });
    rig.truth.gate.open();
    const outcomes = await Promise.allSettled(reads);
    expect(outcomes.every((outcome) => outcome.status === 'rejected')).toBe(true);
    expect(rig.truth.reads).toBe(1);
    expect(clients.reduce((n, c) => n + c.tally.of('failure-shared'), 0)).toBe(39);
    rig.truth.failure = undefined;
    await eventually(async () => expect((await clients[1]!.orders.readOrder(orderId(1))).value?.id).toBe(orderId(1)));
  });
});
