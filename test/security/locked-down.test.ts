import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OrderId } from '../../src/domain/order';
import { provisionWorkflowId } from '../../src/workflows/contract';
import { documentOf, orders as ordersCommand } from '../cli/support/world';
import { eventually } from '../support/eventually';
import { rawHistory } from '../support/history-bytes';
import { listeningAddresses } from '../support/listening';
import { makeUsers, passwordOf, type RedisUsers } from '../support/redis-users';
import { RunningProduct } from '../support/running-product';
import { WebUi } from '../support/web-ui';

/**
 * The product as an operator locks it down: each process has the documented Redis user and no more, and what Temporal keeps
 * is encrypted.
 */
const PROCESSES = ['listener', 'worker', 'portal'] as const;
const key = randomBytes(32).toString('base64');

let product: RunningProduct;
let users: RedisUsers;
let folder: string;
let cli: Record<string, string>;
let provisioned: OrderId;
let failed: OrderId;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'locked-down-'));
  const keysFile = join(folder, 'keys.json');
  writeFileSync(keysFile, JSON.stringify({ encryptWith: 'first', keys: { first: key } }), { mode: 0o600 });
  product = await RunningProduct.start({
    TEMPORAL_CODEC_KEYS_FILE: keysFile,
    // All that needs a right in Redis is in use.
    WHMCS_MAX_CONCURRENT_CALLS: '5',
    WHMCS_MAX_CALLS_PER_SECOND: '50',
  });
  users = await makeUsers(product.sandbox.redis.url);
  cli = { ...product.env, REDIS_URL: users.url('order-cli') };
  await Promise.all([
    ...PROCESSES.map((name) => product.run(name, { REDIS_URL: users.url(`order-${name}`) })),
    product.run('codec-server', { CODEC_SERVER_ORIGINS: product.sandbox.temporal.uiUrl }),
  ]);
  provisioned = product.draft();
  failed = product.draft({}, 'MAINFRAME');
  product.approve(provisioned);
  product.approve(failed);
  await product.activated(provisioned);
  await eventually(() => expect(product.field(failed, 'Activation_Status__c')).toBe('Failed'));
});
afterAll(async () => {
  users.close();
  await product.stop();
  rmSync(folder, { recursive: true, force: true });
});

const portalReads = async (orderId: OrderId): Promise<string | null> =>
  (await fetch(`${product.processes.get('portal')!.url}/orders/${orderId}`)).headers.get('x-cache');

describe('what Temporal keeps', () => {
  it.each([
    ['a provisioned order', () => provisioned],
    ['a failed order', () => failed],
  ])('of %s names the order in the run’s id and the search attributes alone', async (_, orderId) => {
    const history = await rawHistory(product.client, provisionWorkflowId(orderId()));
    const naming = history.filter(({ text }) => text.includes(orderId())).map(({ path }) => path);
    expect(naming).not.toEqual([]);
    expect(naming.filter((path) => !/\.(workflowId|originalWorkflowId)$|\.searchAttributes\./.test(path))).toEqual([]);
  });

  it('is encrypted, each payload and each failure', async () => {
    for (const orderId of [provisioned, failed]) {
      const history = await rawHistory(product.client, provisionWorkflowId(orderId));
      const payloads = history.filter(
        ({ path }) => path.endsWith('.metadata.encoding') && !path.includes('.searchAttributes.'),
      );
      expect(payloads.length).toBeGreaterThan(10);
      expect(new Set(payloads.map(({ text }) => text))).toEqual(new Set(['binary/encrypted']));
    }
    const failures = (await rawHistory(product.client, provisionWorkflowId(failed))).filter(({ path }) =>
      path.endsWith('.failure.message'),
    );
    expect(failures.map(({ text }) => text)).toEqual(['Encoded failure']);
  });

  it('is read by the command line', async () => {
    const ran = await ordersCommand(['status', provisioned, '--json'], cli);
    expect(documentOf(ran)).toMatchObject({ temporal: { value: { progress: { phase: 'Activated' } } } });
    expect((await ordersCommand(['status', failed], cli)).stdout).toContain('PRODUCT_NOT_LINKED');
  });

  it('is not read without the keys', async () => {
    const ran = await ordersCommand(['status', provisioned, '--json'], { ...cli, TEMPORAL_CODEC_KEYS_FILE: '' });
    expect(documentOf(ran)).toMatchObject({ temporal: { value: { phase: 'Activated', progress: null } } });
  });

  it('is not read with another key, and the key that is missing is named', async () => {
    const otherKeys = join(folder, 'other.json');
    writeFileSync(otherKeys, JSON.stringify({ keys: { other: key } }), { mode: 0o600 });
    const ran = await ordersCommand(['status', provisioned], { ...cli, TEMPORAL_CODEC_KEYS_FILE: otherKeys });
    expect(ran.stderr).toContain('key "first" is not in TEMPORAL_CODEC_KEYS_FILE');
    // A lost key is not a lost worker, to whom the run of a failed order still answers.
    const waits = await ordersCommand(['status', failed], { ...cli, TEMPORAL_CODEC_KEYS_FILE: otherKeys });
    expect(waits.stdout).toMatch(/It waits for a person.*key "first" is not in TEMPORAL_CODEC_KEYS_FILE/);
    expect(waits.stdout).not.toContain('no worker');
  });

  it('is shown by the Web UI through the codec server', async () => {
    const endpoint = product.processes.get('codec-server')!.url;
    const ui = await WebUi.open(product.sandbox.temporal.uiUrl);
    try {
      // Where the Web UI keeps what a person enters under "Configure Codec Server".
      await ui.page.addInitScript(`localStorage.setItem('endpoint', '${JSON.stringify(endpoint)}')`);
      await ui.workflow(provisionWorkflowId(failed));
      await ui.tab('User Metadata');
      await eventually(async () => expect(await ui.summary()).toContain(failed));
      await eventually(async () => expect(await ui.currentDetails()).toContain('PRODUCT_NOT_LINKED'));
    } finally {
      await ui.close();
    }
  });
});

describe('in Redis', () => {
  it('the documented rights are enough for all that the processes do', async () => {
    await eventually(async () => expect(await portalReads(provisioned)).toBe('hit'));
    expect((await fetch(`${product.processes.get('portal')!.url}/catalog`)).status).toBe(200);
    for (const verb of [['doctor'], ['checkpoint', 'show'], ['dead-letters'], ['status', provisioned]]) {
      const ran = await ordersCommand(verb, cli);
      expect([verb, ran.code, ran.stderr.includes('NOPERM')]).toEqual([verb, 0, false]);
    }
    // Since 7.2 the client tells its version, and does without the right to.
    expect((await users.refused()).filter((refusal) => !refusal.includes('client|setinfo'))).toEqual([]);
  });

  it.each([
    ['order-listener', ['get', 'order-provisioning:other']],
    ['order-worker', ['hgetall', 'order-provisioning:listener:{00D}']],
    ['order-portal', ['unlink', 'order-provisioning:cache:1:{catalog}']],
    ['order-portal', ['flushall']],
    ['order-cli', ['config', 'get', '*']],
    ['order-cli', ['hget', 'of-another-application', 'x']],
  ])('%s may not %j', async (user, command) => {
    await expect(users.command(user, command)).rejects.toThrow(/NOPERM/);
  });
});

it('no process serves beyond loopback', () => {
  for (const { name, child } of product.processes.values()) {
    const addresses = listeningAddresses(child.pid);
    expect([name, addresses.length > 0]).toEqual([name, true]);
    expect([name, addresses.filter((address) => !address.startsWith('127.0.0.1:'))]).toEqual([name, []]);
  }
});

it('no password and no key is in a log, a metric or a command line', async () => {
  const secrets = [
    key,
    Buffer.from(key, 'base64').toString('hex'),
    ...PROCESSES.map((name) => passwordOf(`order-${name}`)),
  ];
  for (const { name, url, child } of product.processes.values()) {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const seen = [metrics, readFileSync(`/proc/${child.pid}/cmdline`, 'utf8'), ...product.log].join('\n');
    expect([name, secrets.filter((secret) => seen.includes(secret))]).toEqual([name, []]);
  }
});

describe('a right less is told by command, and where to look', () => {
  const told = (name: string, words: RegExp): string[] =>
    product.log.filter((line) => line.includes(`"process":"${name}"`) && words.test(line));

  it('to the listener: /readyz is red', async () => {
    await users.take('order-listener', '-eval');
    await eventually(async () => {
      const response = await fetch(`${product.processes.get('listener')!.url}/readyz`);
      expect([response.status, await response.text()]).toEqual([503, expect.stringMatching(/NOPERM.*'eval'/)]);
    });
  });

  it('to the worker: the run says so, and goes on once the right is there', async () => {
    await users.take('order-worker', '-unlink');
    await product.handle(failed).signal('cancel');
    await eventually(() => expect(told('worker', /REDIS_UNAVAILABLE.*NOPERM.*'unlink'/)).not.toEqual([]));
    await eventually(() => expect(told('worker', /redis-acl\.md/)).not.toEqual([]));
    await users.take('order-worker', '+unlink');
    await eventually(async () => expect((await product.handle(failed).describe()).status.name).toBe('COMPLETED'), {
      timeoutMs: 60_000,
    });
  });

  it('to the portal: it reads Salesforce, and its log names the right', async () => {
    await users.take('order-portal', '-mget');
    expect(await portalReads(provisioned)).toBe('bypass');
    await eventually(() => expect(told('portal', /NOPERM.*'mget'.*redis-acl\.md/)).not.toEqual([]));
  });
});
