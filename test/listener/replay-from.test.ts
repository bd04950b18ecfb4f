import { parseOrderId } from '../../src/domain/record-id';
import { createCheckpoints } from '../../src/listener';
import { eventually } from '../support/eventually';
import { freshRedis } from '../support/servers';
import { orderId, ORDERS, startOrg, type TestOrg } from './support/org';
import { connectRedis, makeListener, type TestListener, type TestRedis } from './support/world';

/** `SF_REPLAY_FROM`: where a topic begins that has no checkpoint. */

let org: TestOrg;
let server: Awaited<ReturnType<typeof freshRedis>>;
let redis: TestRedis;
let made: TestListener[] = [];

beforeAll(async () => {
  server = await freshRedis();
});
afterAll(() => server.stop());
beforeEach(async () => {
  redis = await connectRedis(server.url);
  await redis.flushAll();
  // No keepalive tells a place while a test runs, and no silence ends a stream.
  org = await startOrg({ times: { keepaliveMs: 600_000 } });
});
afterEach(async () => {
  await Promise.all(made.map(({ listener }) => listener.stop()));
  made = [];
  redis.destroy();
  await org.sf.close();
});

async function start(replayFrom: 'earliest' | 'latest'): Promise<TestListener> {
  const one = makeListener(org, redis, { replayFrom, silenceLimitMs: 600_000 });
  made.push(one);
  await one.listener.start();
  await eventually(() => expect(one.listener.status()).toMatchObject({ ready: true, role: 'leader' }));
  await eventually(() => expect(org.open()).toBe(1));
  return one;
}
const request = (n: number) => `request ${parseOrderId(orderId(n))}`;

it.each([
  ['earliest', [1, 2]],
  ['latest', [2]],
] as const)('%s: of what came before and after the first start, takes %j', async (from, taken) => {
  org.change(orderId(1));
  const t = await start(from);
  org.change(orderId(2));
  await eventually(() => expect(t.outside.of('request')).toContain(request(2)));
  expect(t.outside.of('request')).toEqual(taken.map(request));
});

it('latest: what comes after a restart before the first saved place is not passed over', async () => {
  const first = await start('latest');
  await first.listener.stop();
  expect((await createCheckpoints(redis, org.sf.orgId).get(ORDERS)).replayId).toBeUndefined();
  org.change(orderId(1));
  const t = await start('latest');
  await eventually(() => expect(t.outside.of('request')).toEqual([request(1)]));
});
