import { startProcess, type RunningProcess } from '../../sandbox/processes';
import { startSalesforce, type SalesforceEmulator } from '../../sandbox/salesforce';
import { seedAccounts, seedCatalog, seedDraftOrder } from '../../sandbox/salesforce/seed';
import { freePort } from '../../sandbox/servers/free-port';
import { DEFAULT_CATALOG_POLICY, DEFAULT_POLICY } from '../../src/cache/policy';
import { loadPortalConfig } from '../../src/config';
import { eventually } from '../support/eventually';
import { builtProduct, freshRedis } from '../support/servers';

/** The portal as it is shipped, by itself: no event tells it of anything. */

let sf: SalesforceEmulator;
let redis: Awaited<ReturnType<typeof freshRedis>>;
let portal: RunningProcess | undefined;

beforeAll(async () => {
  [sf, redis] = await Promise.all([startSalesforce(), freshRedis()]);
});
afterAll(async () => {
  await portal?.stop();
  await redis.stop();
  await sf.close();
});

const environment = (): Record<string, string> => ({
  SF_LOGIN_URL: sf.loginUrl,
  SF_CLIENT_ID: sf.credentials.clientId,
  SF_CLIENT_SECRET: sf.credentials.clientSecret,
  REDIS_URL: redis.url,
});

it('shows a change that no event told of once the time of CACHE_ORDER_TTL or CACHE_CATALOG_TTL is up', async () => {
  const by = { userId: sf.salesUserId };
  const catalog = seedCatalog(sf.store, by);
  const [accountId = ''] = seedAccounts(sf.store, by, 1);
  const { orderId } = seedDraftOrder(sf.store, by, catalog, { accountId, items: [{ code: 'HOST-START' }] });
  const ttls = { CACHE_ORDER_TTL: '1s', CACHE_CATALOG_TTL: '1s' };
  const env = { ...environment(), ...ttls, HTTP_PORT: String(await freePort()) };
  portal = await startProcess('portal', env, { build: await builtProduct() });
  const read = async (path: string) => {
    const response = await fetch(`${portal!.url}${path}`);
    return { cache: response.headers.get('x-cache'), text: await response.text() };
  };
  const order = `/orders/${orderId}`;
  for (const path of [order, '/catalog']) {
    expect(await read(path)).toMatchObject({ cache: 'miss' });
    await eventually(async () => expect(await read(path)).toMatchObject({ cache: 'hit' }));
  }
  sf.store.transaction(by, (tx) => tx.update('Order', orderId, { Status: 'Approved' }));
  await eventually(async () => expect((await read(order)).text).toContain('"Approved"'));
  await eventually(async () => expect(await read('/catalog')).toMatchObject({ cache: 'miss' }));
});

it('keeps the times of the package unless it is told others', () => {
  expect(loadPortalConfig(environment()).cacheTtls).toEqual({
    ordersMs: DEFAULT_POLICY.ttlMs,
    catalogMs: DEFAULT_CATALOG_POLICY.ttlMs,
  });
});
