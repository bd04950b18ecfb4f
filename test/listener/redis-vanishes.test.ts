import { CacheConnection, CacheInvalidator } from '../../src/cache';
import { createCheckpoints } from '../../src/listener';
import { lastingRedis, type RedisConnection } from '../../src/processes/redis';
import { eventually } from '../support/eventually';
import { PrivateRedis } from '../support/private-redis';
import { Relay } from '../support/relay';
import { orderId, ORDERS, startOrg, type TestOrg } from './support/org';
import { makeListener, type TestListener } from './support/world';

/**
 * The host of Redis loses its power: no connection is closed, no packet comes back, and there is another host at its address.
 * TCP alone would notice after a quarter of an hour.
 */

let org: TestOrg;
let server: PrivateRedis;
let relay: Relay;
let redis: RedisConnection;
let caches: CacheConnection;
let made: TestListener;

beforeEach(async () => {
  org = await startOrg();
  server = await PrivateRedis.start();
  relay = await Relay.start(server.port);
  const url = `redis://127.0.0.1:${relay.port}`;
  redis = lastingRedis(url, () => undefined);
  await redis.connect();
  caches = new CacheConnection({ url });
  await caches.ready();
  made = makeListener(org, redis.commands, {}, { caches: new CacheInvalidator(caches) });
});
afterEach(async () => {
  await made.listener.stop();
  caches.close();
  redis.destroy();
  await relay.stop();
  await server.stop();
  await org.sf.close();
});

it('a leader whose Redis has vanished goes on with the next one within a minute', async () => {
  const place = async () => (await createCheckpoints(redis.commands, org.sf.orgId).get(ORDERS)).replayId;
  await made.listener.start();
  org.change(orderId(1));
  await eventually(async () => expect(await place()).toBeDefined());
  const before = await place();
  relay.vanish();
  org.change(orderId(2));
  await eventually(async () => expect(BigInt((await place()) ?? '0')).toBeGreaterThan(BigInt(before ?? '0')), {
    timeoutMs: 60_000,
  });
  expect(made.outside.of('request')).toHaveLength(2);
  await eventually(() => expect(made.listener.status()).toMatchObject({ ready: true, role: 'leader' }));
});
