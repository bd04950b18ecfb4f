import { parseOrderId } from '../../src/domain/record-id';
import { eventually } from '../support/eventually';
import { freshRedis } from '../support/servers';
import { orderId, ORDERS, startOrg, type TestOrg } from '../listener/support/org';
import { connectRedis, makeListener, Outside, type TestListener, type TestRedis } from '../listener/support/world';

/**
 * Promise 3: a checkpoint never passes an event whose effects are not durable. Effects here fail and take their time at
 * random (seeded); each value that the checkpoint ever takes is compared with what was durable at that moment. Listeners are
 * ended abruptly and the next one begins where the checkpoint stands, so a checkpoint that ran ahead would lose an order.
 */

const ORDER_COUNT = 120;
const SEED = 20261123;

let org: TestOrg;
let server: Awaited<ReturnType<typeof freshRedis>>;
let redis: TestRedis;
let made: TestListener[] = [];

beforeEach(async () => {
  server = await freshRedis();
  redis = await connectRedis(server.url);
  org = await startOrg();
});
afterEach(async () => {
  await Promise.all(made.map(({ listener }) => listener.stop()));
  made = [];
  redis.destroy();
  await server.stop();
  await org.sf.close();
});

/** Numerical Recipes' generator: enough for a test, and the same in each run. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

it('with effects that fail and finish in any order, and listeners that come and go', async () => {
  const random = randomOf(SEED);
  const outside = new Outside();
  outside.gate = async () => {
    await new Promise((resolve) => setTimeout(resolve, random() * 15));
    if (random() < 0.3) throw new Error('fails now and then');
  };
  const orders = Array.from({ length: ORDER_COUNT }, (_, n) => parseOrderId(orderId(n)));
  for (const id of orders) org.change(id);
  const positions =
    org.sf.events.topics
      .get(ORDERS)
      ?.log.last(ORDER_COUNT)
      .map(({ position }) => position) ?? [];
  const violations: string[] = [];
  const watched = watchSaves(redis, (replayId) => {
    const requested = new Set(outside.requests.map(([id]) => id));
    orders.forEach((id, n) => {
      if ((positions[n] ?? 0n) <= BigInt(replayId) && !requested.has(id)) violations.push(`${replayId} passed ${id}`);
    });
  });

  const done = () => new Set(outside.requests.map(([id]) => id)).size;
  for (let round = 1; done() < ORDER_COUNT; round++) {
    const goal = Math.min(ORDER_COUNT, done() + 30);
    // As good as killed: a stop that waits for nothing that is in hand.
    const current = makeListener(org, watched, { limits: { window: 20, stopLimitMs: 0 } }, { outside });
    made.push(current);
    await current.listener.start();
    await eventually(() => expect(done()).toBeGreaterThanOrEqual(goal));
    if (done() < ORDER_COUNT) await current.listener.stop();
  }
  await eventually(async () => {
    const { replayId } = await redis.hGetAll(`order-provisioning:listener:{${org.sf.orgId}:${ORDERS}}`);
    expect(BigInt(replayId ?? '0')).toBeGreaterThanOrEqual(positions.at(-1) ?? 0n);
  });
  expect(violations).toEqual([]);
  expect(new Set(outside.requests.map(([id]) => id))).toEqual(new Set(orders));
});

it('with Redis gone for a while: nothing is dropped, and the checkpoint catches up', async () => {
  const t = makeListener(org, redis, { limits: { window: 5 } });
  made.push(t);
  await t.listener.start();
  org.change(orderId(1));
  await eventually(() => expect(t.outside.of('request')).toHaveLength(1));
  await redis.configSet('save', '');
  await redis.sendCommand(['CLIENT', 'PAUSE', '4000', 'ALL']);
  for (let n = 2; n <= 20; n++) org.change(orderId(n));
  await eventually(() => expect(t.outside.of('request').length).toBeGreaterThanOrEqual(20));
  expect(new Set(t.outside.of('request')).size).toBe(20);
  await eventually(async () => {
    const { replayId } = await redis.hGetAll(`order-provisioning:listener:{${org.sf.orgId}:${ORDERS}}`);
    expect(BigInt(replayId ?? '0')).toBeGreaterThanOrEqual(BigInt(t.outside.requests.at(-1)?.[1].replayId ?? '0'));
  });
});

/** The same Redis, which tells of each checkpoint of the order topic before it is written. */
function watchSaves(client: TestRedis, onSave: (replayId: string) => void): TestRedis {
  return new Proxy(client, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        const options = args[1] as { keys?: string[]; arguments?: string[] } | undefined;
        if (property === 'eval' && options?.arguments?.[2] === 'replayId' && options.keys?.[0]?.includes(ORDERS)) {
          onSave(options.arguments[3] ?? '');
        }
        return (value as (...args: unknown[]) => unknown).apply(target, args);
      };
    },
  });
}
