import { createCheckpoints, type ListenerConfig, type ListenerDeps, type Session } from '../../src/listener';
import { eventually } from '../support/eventually';
import { PrivateRedis } from '../support/private-redis';
import { orderId, ORDERS, startOrg, type TestOrg } from './support/org';
import { connectRedis, makeListener, metric, Outside, type TestListener, type TestRedis } from './support/world';

/** SIGTERM is obeyed while something hangs: a stop never waits for an answer that may not come, and lets a standby in at once. */

const NEVER = new Promise<never>(() => undefined);
let org: TestOrg;
let server: PrivateRedis;
let redis: TestRedis;

beforeEach(async () => {
  server = await PrivateRedis.start();
  redis = await connectRedis(server.url);
  org = await startOrg();
});
afterEach(async () => {
  redis.destroy();
  await server.stop();
  await org.sf.close();
});

async function start(
  deps: Partial<ListenerDeps> & { outside?: Outside } = {},
  limits: ListenerConfig['limits'] = {},
): Promise<TestListener> {
  const one = makeListener(org, redis, { limits: { stopLimitMs: 500, ...limits } }, deps);
  await one.listener.start();
  return one;
}
const leads = (t: TestListener) =>
  eventually(() => expect(t.listener.status()).toMatchObject({ ready: true, role: 'leader' }));
const state = () => createCheckpoints(redis, org.sf.orgId).get(ORDERS);

describe('a stop', () => {
  it('does not wait for the first login', async () => {
    const t = await start({ login: () => NEVER });
    await t.listener.stop();
    expect(t.listener.status().ready).toBe(false);
  });

  it('does not wait for a login after a cut, and releases the lease', async () => {
    let logins = 0;
    const login = (): Promise<Session> => (++logins === 1 ? org.login() : NEVER);
    const t = await start({ login });
    await leads(t);
    org.sf.faults.cutStreams({ code: 'service.unavailable' });
    await eventually(() => expect(logins).toBe(2));
    await t.listener.stop();
    expect((await state()).leader).toBeUndefined();
  });

  it('leaves effects that hang to the next leader, unacknowledged', async () => {
    const outside = new Outside();
    outside.gate = () => NEVER;
    org.change(orderId(1));
    const t = await start({ outside });
    await eventually(() => expect(outside.attempts).toBeGreaterThan(0));
    await t.listener.stop();
    expect(await state()).toMatchObject({ leader: undefined, replayId: undefined });
  });

  it('does not wait for a Redis that is frozen', async () => {
    const t = await start();
    await leads(t);
    server.freeze();
    try {
      org.change(orderId(1));
      await eventually(() => expect(t.outside.of('order')).toHaveLength(1));
      await t.listener.stop();
    } finally {
      server.thaw();
    }
    expect(org.open()).toBe(0);
  });
});

it('a login that fails for a passing reason is tried ever more slowly, and told of once', async () => {
  let logins = 0;
  const login = (): Promise<Session> => {
    logins++;
    return Promise.reject(new Error('getaddrinfo ENOTFOUND'));
  };
  const t = await start({ login }, { reconnect: { baseMs: 100, maxMs: 3_600_000 } });
  await eventually(async () => expect(await metric(t.metrics, 'logins_total', { outcome: 'failed' })).toBe(6));
  // At a steady pace of 100 ms the seventh try would follow at once; at a growing one it is seconds away.
  const told = t.logs.filter((line) => line.includes('no login to Salesforce'));
  const [first, ...further] = told.map((line) => (JSON.parse(line) as { level: number }).level);
  // A wait that ends before a failure may be repeated tells of it without another login.
  expect([first, further.length >= 5, new Set(further)]).toEqual([50, true, new Set([20])]);
  expect(t.listener.status().reasons.join()).toContain('no login could be made');
  await t.listener.stop();
  expect(logins).toBe(6);
});
