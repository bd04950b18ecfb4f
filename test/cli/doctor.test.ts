import { createDeadLetters } from '../../src/listener/dead-letters';
import { acquireLease } from '../../src/listener/lease';
import { createClient } from 'redis';
import { missingSearchAttributes, mistypedSearchAttributes } from '../../src/temporal/search-attributes';
import { eventually } from '../support/eventually';
import { freePort } from '../../sandbox/servers/free-port';
import { documentedKeys } from './support/documented-keys';
import { documentOf, freshNamespace, orders, startCliWorld, type CliWorld, type Environment } from './support/world';

/** The doctor, and what it does not look into: checkpoints and dead letters. Against real servers and the emulators. */

interface Checks {
  healthy: boolean;
  exitCode: number | null;
  checks: { system: string; name: string; status: string; finding: string; repair: string | null }[];
}

// Each verb is a process of its own, which on a busy machine takes seconds to start.
jest.setTimeout(180_000);

let cli: CliWorld;

beforeAll(async () => {
  cli = await startCliWorld();
  cli.world.order();
});

afterAll(() => cli.close());

async function examine(args: string[] = [], environment: Environment = {}): Promise<Checks> {
  const ran = await orders(['doctor', ...args, '--json'], { ...cli.env, ...environment });
  return { ...(documentOf(ran) as Checks), exitCode: ran.code };
}

const FLOW = 'Order_Fulfilment_Request_on_Approval';

const found = ({ checks }: Checks, system: string, name: string) =>
  checks.find((check) => check.system === system && check.name === name);

describe('doctor', () => {
  it('finds nothing to fail on in a sound installation', async () => {
    const checks = await examine(['--fix']);
    expect(checks.checks.filter(({ status }) => status === 'fail')).toEqual([]);
    expect(checks).toMatchObject({ exitCode: 0, healthy: true });
    const ok = checks.checks.filter(({ status }) => status === 'ok').map(({ system, name }) => `${system} ${name}`);
    expect(ok).toEqual(
      expect.arrayContaining([
        'salesforce login',
        'salesforce fields',
        'salesforce order statuses',
        'salesforce change data capture',
        'salesforce price book',
        'salesforce Pub/Sub API',
        'salesforce topics',
        'whmcs credentials and IP',
        'whmcs API role',
        'whmcs marker field',
        'whmcs payment method',
        'redis eviction policy',
        'temporal search attributes',
        'temporal schedule',
        'temporal worker',
      ]),
    );
  });

  it('names what is wrong in each system, and how to repair it', async () => {
    const { salesforce } = cli.world;
    cli.world.order({ products: ['10'] });
    salesforce.rest.permissions.restrict('Order', 'WHMCS_Order_ID__c', 'read');
    salesforce.rest.permissions.restrict('Product2', 'Name', 'write');
    salesforce.faults.forbid('/data/Product2ChangeEvent');
    try {
      const checks = await examine([], {
        WHMCS_PAYMENT_METHOD: 'barter',
        PROVISION_STATUSES: 'Approved,Released',
        SF_PROVISION_EVENT_CHANNEL: '/event/Nothing__e',
        SF_ORDER_CDC_CHANNEL: '/data/Absent__chn',
        SF_PRICE_BOOK_ID: '01s000000000zzz',
      });
      expect(checks).toMatchObject({ exitCode: 1, healthy: false });
      expect(found(checks, 'salesforce', 'fields')).toMatchObject({
        status: 'fail',
        finding: 'not writable: Order.WHMCS_Order_ID__c',
        repair: expect.stringMatching(/package-cdc\.xml .* Order_Provisioning /) as string,
      });
      expect(found(checks, 'salesforce', 'order statuses')).toMatchObject({
        status: 'fail',
        finding: expect.stringMatching(/: Released$/) as string,
      });
      expect(found(checks, 'salesforce', 'platform event')).toMatchObject({
        status: 'fail',
        repair: expect.stringMatching(/package-dual\.xml .* Order_Provisioning_Requests /) as string,
      });
      expect(found(checks, 'salesforce', 'change data capture')).toMatchObject({
        status: 'fail',
        finding: 'not captured: Order on Absent__chn',
      });
      expect(found(checks, 'salesforce', 'topics')).toMatchObject({
        status: 'fail',
        finding: expect.stringMatching(/Product2ChangeEvent \(no right.*Nothing__e/) as string,
      });
      expect(found(checks, 'salesforce', 'price book')).toMatchObject({ status: 'fail' });
      expect(found(checks, 'whmcs', 'marker field')).toMatchObject({ status: 'fail' });
      expect(found(checks, 'whmcs', 'marker field')?.finding).toContain('WHMCS product 10 is sold');
      expect(found(checks, 'whmcs', 'payment method')?.repair).toContain('mailin');
      for (const check of checks.checks.filter(({ status }) => status === 'fail')) expect(check.repair).not.toBeNull();
    } finally {
      salesforce.rest.permissions.clear();
      salesforce.faults.clear();
    }
  });

  it('finds the objects of an enriched channel captured on it', async () => {
    const enriched = '/data/Order_Enriched__chn';
    const checks = await examine(['--only', 'salesforce'], {
      SF_ORDER_CDC_CHANNEL: enriched,
      SF_ORDER_ITEM_CDC_CHANNEL: enriched,
    });
    expect(found(checks, 'salesforce', 'change data capture')).toMatchObject({ status: 'ok' });
    expect(found(checks, 'salesforce', 'topics')).toMatchObject({ status: 'ok' });
  });

  it('looks at the platform event where the listener is to use one, and at what is left to be delivered', async () => {
    const dual = await examine(['--only', 'salesforce'], {
      SF_PROVISION_EVENT_CHANNEL: '/event/Order_Fulfilment_Requested__e',
    });
    expect(found(dual, 'salesforce', 'platform event')).toMatchObject({
      status: 'ok',
      finding: 'Order_Fulfilment_Requested__e has its 4 fields',
    });
    expect(found(dual, 'salesforce', 'flow')).toMatchObject({ status: 'ok' });
    expect(found(dual, 'salesforce', 'event limits')).toMatchObject({ status: 'ok' });
    expect(found(dual, 'salesforce', 'event limits')?.finding).toMatch(/^\d+ of \d+ event deliveries are left/);
  });

  it.each([
    [
      'a flow that was deployed inactive, as a production org takes it',
      [[FLOW, false]],
      'fail',
      /Activate it in Setup/,
    ],
    ['an org in which something else publishes', [], 'warn', /package-dual\.xml/],
  ] as const)('tells of %s', async (_name, flows, status, repair) => {
    const org = cli.world.salesforce.rest.flows;
    org.clear();
    for (const [name, active] of flows) org.set(name, active);
    try {
      const dual = await examine(['--only', 'salesforce'], {
        SF_PROVISION_EVENT_CHANNEL: '/event/Order_Fulfilment_Requested__e',
      });
      expect(found(dual, 'salesforce', 'flow')).toMatchObject({
        status,
        repair: expect.stringMatching(repair) as string,
      });
    } finally {
      org.clear();
      org.set(FLOW, true);
    }
  });

  it('warns of what takes View Setup, which the integration user need not have', async () => {
    const { faults } = cli.world.salesforce.rest;
    faults.add({
      kind: 'error',
      status: 403,
      errorCode: 'INSUFFICIENT_ACCESS',
      message: 'no',
      path: '/(limits|tooling)',
    });
    try {
      const checks = await examine(['--only', 'salesforce'], {
        SF_PROVISION_EVENT_CHANNEL: '/event/Order_Fulfilment_Requested__e',
      });
      expect(checks).toMatchObject({ exitCode: 0, healthy: true });
      for (const name of ['change data capture', 'flow', 'API limits', 'event limits']) {
        expect(found(checks, 'salesforce', name)).toMatchObject({
          status: 'warn',
          repair: expect.stringContaining('package-doctor.xml') as string,
        });
      }
    } finally {
      faults.clear();
    }
  });

  it('examines the others where one is away, and shows no secret', async () => {
    const port = await freePort();
    const env = {
      ...cli.env,
      SF_CLIENT_SECRET: 'a-wrong-secret',
      REDIS_URL: `redis://:hidden-word@127.0.0.1:${port}`,
      WHMCS_API_URL: `http://127.0.0.1:${port}/includes/api.php`,
    };
    const ran = await orders(['doctor'], env);
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(/fail +login +Salesforce refuses the login/);
    expect(ran.stdout).toMatch(/fail +connection +Redis cannot be reached at 127\.0\.0\.1/);
    expect(ran.stdout).toMatch(/fail +credentials and IP +WHMCS could not be reached/);
    expect(ran.stdout).toMatch(/ok +search attributes/);
    expect(ran.stdout).toMatch(/skipped +eviction policy/);
    expect(ran.stdout + ran.stderr).not.toMatch(/a-wrong-secret|hidden-word|\u001b|\n\s+at /);
  });

  it('creates with --fix what Temporal lacks', async () => {
    const { client, address, namespace } = await freshNamespace();
    try {
      const env = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
      const before = await examine(['--only', 'temporal'], env);
      expect(before.exitCode).toBe(1);
      expect(found(before, 'temporal', 'search attributes')).toMatchObject({ status: 'fail' });
      expect(found(before, 'temporal', 'schedule')).toMatchObject({ status: 'fail' });
      expect(await missingSearchAttributes(client)).toHaveLength(6);

      expect(await examine(['--only', 'temporal', '--fix'], env)).toMatchObject({ exitCode: 0 });
      expect(await missingSearchAttributes(client)).toEqual([]);
      const after = await examine(['--only', 'temporal'], env);
      expect(found(after, 'temporal', 'schedule')).toMatchObject({ status: 'ok' });
      // The namespace forgets after a day.
      expect(found(after, 'temporal', 'retention')).toMatchObject({ status: 'warn' });
      expect(found(after, 'temporal', 'retention')?.repair).toContain(`--retention 720h ${namespace}`);
    } finally {
      await client.connection.close();
    }
  });
});

describe('doctor, in a namespace where somebody made a search attribute of another type', () => {
  it('says which, and does not hide it behind --fix', async () => {
    const { client, address, namespace } = await freshNamespace();
    try {
      const [KEYWORD, INT] = [2 as never, 3 as never];
      await client.connection.operatorService.addSearchAttributes({
        namespace,
        searchAttributes: { SalesforceOrderId: INT, ProvisioningPhaseAt: KEYWORD },
      });
      const env = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
      await eventually(async () =>
        expect(await mistypedSearchAttributes(client)).toEqual([
          { name: 'SalesforceOrderId', type: 'Int', wanted: 'Keyword' },
          { name: 'ProvisioningPhaseAt', type: 'Keyword', wanted: 'Datetime' },
        ]),
      );
      const checks = await examine(['--only', 'temporal', '--fix'], env);
      expect(checks.exitCode).toBe(1);
      expect(found(checks, 'temporal', 'search attributes')).toMatchObject({
        status: 'fail',
        finding: 'of another type: SalesforceOrderId is Int, not Keyword, ProvisioningPhaseAt is Keyword, not Datetime',
      });
    } finally {
      await client.connection.close();
    }
  });
});

async function redisClient() {
  const client = createClient({ url: cli.redis.url });
  await client.connect();
  return client;
}

describe('dead-letters', () => {
  const letter = {
    orgId: '00D000000000000EAA',
    topic: '/data/OrderChangeEvent',
    replayId: '7',
    eventId: 'e',
    schemaId: 's',
    reason: 'the event has no ChangeEventHeader',
    payload: Buffer.from('Jane Roe, 5 Elm Street'),
  };

  it('lists them without payload, keeps one that still makes no sense, makes it good by a sweep, and discards', async () => {
    const redis = await redisClient();
    try {
      const deadLetters = createDeadLetters(redis);
      const one = await deadLetters.add(letter);
      const two = await deadLetters.add({ ...letter, replayId: '8' });
      const listed = await cli.run('dead-letters');
      expect(listed.code).toBe(0);
      expect(listed.stdout).toContain(one.id);
      expect(listed.stdout).not.toContain('Jane');

      const forgotten = cli.world.order();
      expect(await cli.json('dead-letters', 'retry', one.id)).toMatchObject({
        exitCode: 1,
        error: { code: 'STILL_DEAD' },
      });
      expect(await deadLetters.count()).toBe(2);
      expect(await cli.json('dead-letters', 'retry', one.id, '--sweep')).toMatchObject({ exitCode: 0, retried: true });
      expect(await cli.world.result(forgotten)).toMatchObject({ phase: 'Activated' });
      expect((await cli.run('dead-letters', 'discard', two.id)).code).toBe(2);
      expect(await deadLetters.count()).toBe(1);
      expect(await cli.json('dead-letters', 'discard', two.id, '--yes')).toMatchObject({ exitCode: 0 });
      expect(await cli.json('dead-letters', 'list')).toEqual({ exitCode: 0, deadLetters: [] });
      expect(await cli.json('dead-letters', 'retry', one.id)).toMatchObject({
        exitCode: 1,
        error: { code: 'UNKNOWN_DEAD_LETTER' },
      });
    } finally {
      redis.destroy();
    }
  });
});

describe('checkpoint', () => {
  const topic = '/data/OrderChangeEvent';

  it('shows and sets where a topic goes on', async () => {
    expect((await cli.run('checkpoint', 'set', topic, '41')).code).toBe(2);
    const set = await cli.json('checkpoint', 'set', topic, '42', '--yes');
    expect(set).toMatchObject({ exitCode: 0, topic, replayId: '42', before: null });
    expect(Object.keys(set).sort()).toEqual([...documentedKeys('checkpoint set'), 'exitCode'].sort());
    const shown = await cli.json<{ checkpoints: { topic: string; replayId: string | null }[] }>('checkpoint');
    expect(shown.checkpoints).toContainEqual(expect.objectContaining({ topic, replayId: '42', leader: null }));
    expect(shown.checkpoints).toHaveLength(4);
  });

  it('says that it moves nothing where Salesforce keeps the place', async () => {
    const env = { ...cli.env, SF_MANAGED_SUBSCRIPTION_ORDER: 'OrdersOfOurs' };
    const set = await orders(['checkpoint', 'set', topic, '43', '--yes'], env);
    expect(set).toMatchObject({ code: 0, stdout: expect.stringMatching(/OrdersOfOurs.*moves nothing/) as string });
    const other = await orders(['checkpoint', 'set', '/data/OrderItemChangeEvent', '43', '--yes'], env);
    expect(other.stdout + other.stderr).not.toContain('moves nothing');
  });

  it('refuses a topic that nobody listens to, and what is no replay id', async () => {
    for (const args of [
      ['/data/OderChangeEvent', '42'],
      [topic, 'latest'],
    ]) {
      expect((await cli.run('checkpoint', 'set', ...args, '--yes')).code).toBe(2);
    }
  });

  it('does not set it under a listener at work, unless forced', async () => {
    const redis = await redisClient();
    try {
      const orgId = cli.world.salesforce.orgId;
      const lease = await acquireLease({ redis, orgId, topic, holder: 'listener-1', ttlMs: 60_000 });
      expect(lease).toBeDefined();
      const refused = await cli.json('checkpoint', 'set', topic, '50', '--yes');
      expect(refused).toMatchObject({ exitCode: 1, error: { code: 'CHECKPOINT_IN_USE' } });
      expect(await cli.json('checkpoint', 'set', topic, '50', '--yes', '--force')).toMatchObject({ exitCode: 0 });
    } finally {
      redis.destroy();
    }
  });
});
