import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { topicsHeard } from '../../src/cli/doctor/topics';
import { topicAccess, type Session, type TopicAccess } from '../../src/listener/subscription';
import { PROJECT } from '../salesforce-metadata/source';
import { startOrg, type TestOrg } from '../listener/support/org';

const ORDERS = '/data/OrderChangeEvent';
const ITEMS = '/data/OrderItemChangeEvent';
const PRODUCTS = '/data/Product2ChangeEvent';
const PRICES = '/data/PricebookEntryChangeEvent';
const channels = {
  order: ORDERS,
  orderItem: ITEMS,
  product: PRODUCTS,
  pricebookEntry: PRICES,
  provisionEvent: undefined,
};

const open = (topic: string): TopicAccess => ({ topic, canSubscribe: true, refusal: undefined });
const shut = (topic: string): TopicAccess => ({ topic, canSubscribe: false, refusal: undefined });
const absent = (topic: string): TopicAccess => ({
  topic,
  canSubscribe: false,
  refusal: { cause: 'refused', reason: 'gRPC status 5' },
});
const away = (topic: string): TopicAccess => ({
  topic,
  canSubscribe: false,
  refusal: { cause: 'unavailable', reason: 'gRPC status 14' },
});
const CATALOG = /View All Data.*SF_PRODUCT_CDC_CHANNEL/;

describe('what the doctor says of the rights to topics', () => {
  test.each<[string, TopicAccess[], string, RegExp, RegExp?]>([
    ['all are open', [open(ORDERS), open(PRODUCTS)], 'ok', /^2 may be subscribed to$/],
    ['no right to orders', [shut(ORDERS), open(ITEMS)], 'fail', /OrderChangeEvent \(no right/, /permission set/],
    ['no right to products', [open(ORDERS), shut(PRODUCTS)], 'fail', /Product2ChangeEvent/, CATALOG],
    ['no right to either', [shut(ORDERS), shut(PRICES)], 'fail', /Order.*Pricebook/, /permission set/],
    ['a channel that is not there', [absent(ITEMS)], 'fail', /gRPC status 5/, /SF_…_CHANNEL/],
    ['the service is away', [away(ORDERS), shut(PRODUCTS)], 'fail', /^could not be asked/, /Pub\/Sub API/],
  ])('%s', (...row) => {
    const [, access, status, finding, repair] = row;
    const found = topicsHeard(channels, access);
    expect(found).toMatchObject({ status, finding: expect.stringMatching(finding) as string });
    if (repair !== undefined) expect(found.repair).toMatch(repair);
  });

  const event = '/event/Order_Fulfilment_Requested__e';
  test.each([
    ['orders', [shut(ORDERS)], ['package-cdc.xml Order_Provisioning']],
    ['the platform event', [shut(event)], ['package-dual.xml Order_Provisioning_Requests']],
    [
      'both',
      [shut(ITEMS), absent(event)],
      ['package-cdc.xml Order_Provisioning', 'package-dual.xml Order_Provisioning_Requests'],
    ],
  ])('a right to %s that is missing is in the manifest that the repair names', (_what, access, wanted) => {
    const { repair = '' } = topicsHeard({ ...channels, provisionEvent: event }, access);
    const told = [...repair.matchAll(/salesforce\/(manifest\/\S+\.xml) and assign its permission set (\w+)/g)];
    expect(told.map(([, manifest, set]) => `${manifest!.replace('manifest/', '')} ${set!}`)).toEqual(wanted);
    for (const [, manifest, set] of told)
      expect(readFileSync(join(PROJECT, manifest!), 'utf8')).toContain(`<members>${set!}</members>`);
    expect(repair).not.toMatch(/salesforce\/ /);
  });

  test('a channel that carries orders too is no matter of the catalog', () => {
    const shared = '/data/Everything__chn';
    const found = topicsHeard({ ...channels, order: shared, product: shared }, [shut(shared)]);
    expect(found.repair).not.toMatch(CATALOG);
  });
});

describe('the rights to topics, as the service tells them', () => {
  let org: TestOrg;
  let session: Session;
  beforeAll(async () => {
    org = await startOrg();
    session = await org.login();
  });
  afterAll(() => org.sf.close());
  const ask = (topics: string[], as = session) =>
    topicAccess({ endpoint: org.sf.pubsubEndpoint, insecure: true }, as, topics);

  test('each topic by itself, and no stream is opened', async () => {
    org.sf.faults.forbid(PRODUCTS);
    const access = await ask([ORDERS, PRODUCTS, '/data/Absent__chn']);
    expect(access).toEqual([
      open(ORDERS),
      shut(PRODUCTS),
      {
        topic: '/data/Absent__chn',
        canSubscribe: false,
        refusal: expect.objectContaining({ cause: 'refused' }) as never,
      },
    ]);
    expect(org.sf.pubsub.stats()).toMatchObject({ getTopicCalls: 3, streamsOpened: {} });
  });

  test('a session that is refused is no answer', async () => {
    const [refused] = await ask([ORDERS], { ...session, accessToken: 'stale' });
    expect(refused).toMatchObject({ canSubscribe: false, refusal: { cause: 'session' } });
  });
});
