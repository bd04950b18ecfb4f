import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { selfSignedCertificate } from '../../sandbox/salesforce/pubsub/certificate';
import { freePort } from '../../sandbox/servers/free-port';
import type { Finding } from '../../src/cli/doctor/check';
import { changeCapture } from '../../src/cli/doctor/change-capture';
import { orderStatuses } from '../../src/cli/doctor/order-statuses';
import { reachPubsub } from '../../src/cli/doctor/pubsub';
import { eviction, persistence, version } from '../../src/cli/doctor/redis';
import { left } from '../../src/cli/doctor/salesforce';
import { queried } from '../../src/cli/doctor/search-attributes';
import { polled, sweeps } from '../../src/cli/doctor/temporal';
import { unlessRefused, untold } from '../../src/cli/doctor/setup-rights';
import { ProvisioningFailure } from '../../src/domain/failure';

const HOUR = 3_600_000;

/** What the doctor makes of what it was told: each judge, without the systems. */

type Verdict = [what: string, found: Finding, status: Finding['status'], finding: RegExp, repair?: RegExp];

const judged = (...[, found, status, finding, repair]: Verdict): void => {
  expect(found).toMatchObject({ status, finding: expect.stringMatching(finding) as string });
  if (status === 'ok') expect(found.repair).toBeUndefined();
  else expect(found.repair).toMatch(repair ?? /./);
};

describe('order statuses', () => {
  const offered = ['Draft', 'Approved', 'Reactivate', 'Cancelled'];
  test.each<Verdict>([
    ['all there', orderStatuses(['Approved', 'Reactivate'], offered), 'ok', /^Approved, Reactivate are values/],
    ['one is not', orderStatuses(['Approved', 'Go'], offered), 'fail', /has not: Go$/, /Setup, Object Manager, Order/],
    ['another case', orderStatuses(['approved'], offered), 'fail', /approved \(the org writes it Approved\)/],
    ['nothing is told', orderStatuses(['Approved'], []), 'fail', /has not: Approved/],
  ])('%s', (...verdict) => judged(...verdict));
});

describe('limits left', () => {
  const of = (remaining: number) => left({ remaining, max: 1000 }, 'API requests', 'See Setup.');
  test.each<Verdict>([
    ['plenty', of(1000), 'ok', /^1000 of 1000 API requests/],
    ['a fifth', of(200), 'ok', /^200 of/],
    ['less than a fifth', of(199), 'warn', /^199 of/, /See Setup/],
    ['a fiftieth', of(20), 'warn', /^20 of/],
    ['less than a fiftieth', of(19), 'fail', /^19 of/, /See Setup/],
    ['nothing', of(0), 'fail', /^0 of/],
  ])('%s', (...verdict) => judged(...verdict));
});

describe('what takes View Setup', () => {
  const refusal = (code: 'SF_NO_PERMISSION' | 'SF_UNREACHABLE', vendorCode?: string) =>
    new ProvisioningFailure({ code, message: 'refused', ...(vendorCode === undefined ? {} : { vendorCode }) });
  const ask = (error: Error) => unlessRefused(() => Promise.reject(error), 'its limits', 'Company Information');

  test('that is refused is a warning, which names the package', async () => {
    const found = await ask(refusal('SF_NO_PERMISSION', 'INSUFFICIENT_ACCESS'));
    judged(
      '',
      found,
      'warn',
      /may not see its limits: INSUFFICIENT_ACCESS$/,
      /package-doctor\.xml.*Company Information/,
    );
  });

  test('that is left out is one too, and does not contradict the guide', () => {
    judged('', untold('its limits', 'Company Information'), 'warn', /does not tell its limits$/, /package-doctor\.xml/);
  });

  test('a system that is away stays a failure', async () => {
    await expect(ask(refusal('SF_UNREACHABLE'))).rejects.toThrow('refused');
    await expect(ask(new TypeError('a defect'))).rejects.toThrow('a defect');
  });
});

describe('change data capture', () => {
  const channels = {
    order: '/data/OrderChangeEvent',
    orderItem: '/data/OrderItemChangeEvent',
    product: '/data/Product2ChangeEvent',
    pricebookEntry: '/data/PricebookEntryChangeEvent',
  };
  const member = (entity: string, channel = 'ChangeEvents') => ({ channel, entity: `${entity}ChangeEvent` });
  const all = ['Order', 'OrderItem', 'Product2', 'PricebookEntry'].map((entity) => member(entity));
  const own = { ...channels, order: '/data/Own__chn' };
  const orders = { ...channels, product: undefined, pricebookEntry: undefined };
  test.each<Verdict>([
    ['all', changeCapture(channels, all), 'ok', /Order, OrderItem, Product2, PricebookEntry$/],
    ['none', changeCapture(channels, []), 'fail', /Order on ChangeEvents, OrderItem on/, /Setup, Change Data Capture/],
    ['a manifest that holds no flow', changeCapture(channels, []), 'fail', /Order on/, /manifest\/package-cdc\.xml/],
    [
      'on the enriched channel of the package',
      changeCapture({ ...channels, order: '/data/Order_Enriched__chn' }, all),
      'fail',
      /^not captured: Order on Order_Enriched__chn$/,
      /^Deploy salesforce\/manifest\/package-enriched\.xml/,
    ],
    ['one is not', changeCapture(channels, all.slice(1)), 'fail', /^not captured: Order on ChangeEvents$/],
    [
      'on the standard channel alone',
      changeCapture(own, all),
      'fail',
      /^not captured: Order on Own__chn$/,
      /Member.*Own__chn/,
    ],
    ['on its own channel', changeCapture(own, [...all, member('Order', 'Own__chn')]), 'ok', /captured: Order/],
    ['of what nobody listens to', changeCapture(orders, all.slice(0, 2)), 'ok', /^captured: Order, OrderItem$/],
  ])('%s', (...verdict) => judged(...verdict));
});

describe('Redis', () => {
  const info = (facts: Record<string, string>) => new Map(Object.entries(facts));
  const of = (found: string) => version(info({ redis_version: found }));
  const full = { maxmemory_policy: 'noeviction', maxmemory: '100' };
  test.each<Verdict>([
    ['the oldest version', of('6.2.0'), 'ok', /^6\.2\.0$/],
    ['a later one', of('8.2.1'), 'ok', /^8\.2\.1$/],
    ['a version before', of('6.0.16'), 'fail', /6\.0\.16/, /6\.2 or later/],
    ['no version told', version(info({})), 'fail', /unknown/],
    ['append-only file', persistence(info({ aof_enabled: '1' })), 'ok', /append-only/],
    ['no append-only file', persistence(info({ aof_enabled: '0' })), 'warn', /may lose/, /appendonly yes/],
    ['a snapshot that failed', persistence(info({ rdb_last_bgsave_status: 'err' })), 'fail', /snapshot/, /disk/],
    ['an eviction that spares checkpoints', eviction(info({ maxmemory_policy: 'volatile-lru' })), 'warn', /spares/],
    ['one that does not', eviction(info({ maxmemory_policy: 'allkeys-lfu' })), 'fail', /may evict checkpoints/],
    ['no limit', eviction(info({ maxmemory_policy: 'noeviction', used_memory: '99' })), 'ok', /^noeviction$/],
    ['room', eviction(info({ ...full, used_memory: '90' })), 'ok', /^noeviction$/],
    ['nearly full', eviction(info({ ...full, used_memory: '91' })), 'warn', /91 % of maxmemory/, /Raise maxmemory/],
  ])('%s', (...verdict) => judged(...verdict));
});

describe('Temporal', () => {
  const note = 'until the vendor is back';
  test.each<Verdict>([
    ['a schedule as configured', sweeps({ paused: false, everyMs: HOUR }, HOUR), 'ok', /^sweeps every 60 min/],
    ['none', sweeps(undefined, HOUR), 'fail', /no schedule reconcile-orders/, /doctor --fix/],
    ['paused', sweeps({ paused: true, everyMs: HOUR }, HOUR), 'warn', /is paused$/, /toggle --unpause/],
    ['paused, with a note', sweeps({ paused: true, note, everyMs: HOUR }, HOUR), 'warn', /with a note$/],
    ['another interval', sweeps({ paused: false, everyMs: 2 * HOUR }, HOUR), 'warn', /every 2 h/, /doctor --fix/],
    ['no interval', sweeps({ paused: false }, HOUR), 'warn', /by no interval/, /doctor --fix/],
    ['a worker', polled(1, 'orders'), 'ok', /^1 poll orders$/],
    ['no worker', polled(0, 'orders'), 'warn', /nobody polls orders/, /npm run worker/],
    ['attributes that may be queried', queried([]), 'ok', /^all may be queried/],
    ['one that may not', queried(['WhmcsOrderId']), 'fail', /: WhmcsOrderId$/, /tcld/],
  ])('%s', (...verdict) => judged(...verdict));
});

describe('Pub/Sub API', () => {
  const reach = (endpoint: string) => reachPubsub({ endpoint, insecure: true });

  test('away', async () => {
    judged('', await reach(`127.0.0.1:${await freePort()}`), 'fail', /cannot be reached: ECONNREFUSED/, /port 7443/);
  });
  test('an address without a port', async () => {
    judged('', await reach('api.pubsub.salesforce.com'), 'fail', /SF_PUBSUB_ENDPOINT is/, /host:port/);
  });
  test.each([
    ['HTTP/1.1', ['http/1.1']],
    ['says nothing of what it speaks', []],
  ])('a proxy that opens TLS and speaks %s', async (_what, ALPNProtocols) => {
    const server = createServer({ ...(await selfSignedCertificate()), ALPNProtocols });
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const found = await reach(`127.0.0.1:${port}`);
    await new Promise((resolve) => server.close(resolve));
    judged('', found, 'fail', /does not speak HTTP\/2/, /without a proxy that opens TLS/);
  });
});
