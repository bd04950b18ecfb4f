import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConfigurationError,
  loadCodecServerConfig,
  loadListenerConfig,
  loadPortalConfig,
  loadWorkerConfig,
} from '../../src/config';
import { parseDuration } from '../../src/config/durations';

const SALESFORCE = { SF_LOGIN_URL: 'https://example.my.salesforce.com', SF_CLIENT_ID: 'id', SF_CLIENT_SECRET: 'hush' };
const WORKER = {
  ...SALESFORCE,
  WHMCS_API_URL: 'https://billing.example.com/includes/api.php',
  WHMCS_API_IDENTIFIER: 'identifier',
  WHMCS_API_SECRET: 'hush',
};

const pem = (key: KeyObject): string =>
  key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' }) as string;

function faultsOf(load: () => unknown): readonly string[] {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
  return [];
}

describe('durations', () => {
  it.each([
    ['30 seconds', 30_000],
    ['90s', 90_000],
    ['15m', 900_000],
    ['30d', 2_592_000_000],
    ['1.5 hours', 5_400_000],
  ])('%s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '30', 'soon', '-5 s', '0s', '5 parsecs', '1e3s'])('refuses "%s"', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe('the environment', () => {
  it('gives the defaults of the design', () => {
    const listener = loadListenerConfig(SALESFORCE);
    expect(listener).toMatchObject({
      http: { host: '127.0.0.1', port: 9464 },
      logLevel: 'info',
      redis: { url: 'redis://127.0.0.1:6379' },
      temporal: { taskQueue: 'order-provisioning' },
      pubsub: {
        endpoint: 'api.pubsub.salesforce.com:7443',
        insecure: false,
        replayFrom: 'earliest',
        silenceLimitMs: 300_000,
        channels: {
          order: '/data/OrderChangeEvent',
          orderItem: '/data/OrderItemChangeEvent',
          product: '/data/Product2ChangeEvent',
          pricebookEntry: '/data/PricebookEntryChangeEvent',
        },
      },
      policy: {
        provisionStatuses: ['Approved', 'Reactivate'],
        reconcileEveryMs: 900_000,
        stuckAfterMs: 1_800_000,
        reprovisionWaitMs: 2_592_000_000,
      },
    });
    expect(listener.pubsub.channels.provisionEvent).toBeUndefined();
    expect(loadWorkerConfig(WORKER)).toMatchObject({
      http: { port: 9465 },
      whmcs: { paymentMethod: 'mailin', markerField: 'Salesforce Order', timeoutMs: 30_000, quietPeriodMs: 90_000 },
    });
    expect(loadPortalConfig(SALESFORCE).http.port).toBe(8080);
  });

  it('names every missing and wrong variable at once', () => {
    const faults = faultsOf(() =>
      loadWorkerConfig({ WHMCS_TIMEOUT: 'soon', HTTP_PORT: '99999', LOG_LEVEL: 'loud', REDIS_URL: 'http://x' }),
    );
    for (const name of [
      'SF_LOGIN_URL',
      'SF_CLIENT_ID',
      'WHMCS_API_URL',
      'WHMCS_API_IDENTIFIER',
      'WHMCS_API_SECRET',
      'WHMCS_TIMEOUT',
      'HTTP_PORT',
      'LOG_LEVEL',
      'REDIS_URL',
    ]) {
      expect(faults.filter((fault) => fault.startsWith(`${name} `))).toHaveLength(1);
    }
  });

  it.each([
    [
      'SF_PUBSUB_ENDPOINT',
      ['https://api.pubsub.salesforce.com:7443', 'api.pubsub.salesforce.com', 'host:0', 'host:99999'],
      'a host and a port',
    ],
    [
      'SF_ORDER_CDC_CHANNEL',
      ['OrderChangeEvent', '/data/', '/topic/OrderChangeEvent', 'none'],
      'the address of a channel',
    ],
    ['SF_PRODUCT_CDC_CHANNEL', ['Product2ChangeEvent'], 'the address of a channel'],
    ['SF_PROVISION_EVENT_CHANNEL', ['Order_Fulfilment_Requested__e'], 'the address of a channel'],
    ['HTTP_PORT', ['0x1F90', '1e3', '-1', '80.5', '65536'], 'a port number'],
  ])('refuses %s of %j', (name, values, wanted) => {
    for (const value of values) {
      const faults = faultsOf(() => loadListenerConfig({ ...SALESFORCE, [name]: value }));
      expect(faults).toEqual([expect.stringContaining(`${name} must be ${wanted}`)]);
    }
  });

  it.each([
    ['SF_PUBSUB_ENDPOINT', '[::1]:7443'],
    ['SF_ORDER_CDC_CHANNEL', '/data/Orders__chn'],
    ['SF_PRODUCT_CDC_CHANNEL', 'none'],
    ['SF_PROVISION_EVENT_CHANNEL', '/event/Order_Fulfilment_Requested__e'],
    ['HTTP_PORT', '0'],
  ])('takes %s of %s', (name, value) => {
    expect(faultsOf(() => loadListenerConfig({ ...SALESFORCE, [name]: value }))).toEqual([]);
  });

  it('refuses a limit of calls that lets none through, and a collector without a protocol', () => {
    const wrong = {
      WHMCS_MAX_CONCURRENT_CALLS: '0',
      SF_MAX_CALLS_PER_SECOND: 'few',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'x:4318',
    };
    expect([...faultsOf(() => loadWorkerConfig({ ...WORKER, ...wrong }))].sort()).toEqual([
      'OTEL_EXPORTER_OTLP_ENDPOINT must begin with http:// or https://',
      'SF_MAX_CALLS_PER_SECOND must be a whole number above 0',
      'WHMCS_MAX_CONCURRENT_CALLS must be a whole number above 0',
    ]);
  });

  it('traces only where a collector is named', () => {
    const collector = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
    const traced = (more: Record<string, string>): boolean => loadWorkerConfig({ ...WORKER, ...more }).tracing;
    expect([traced({}), traced(collector), traced({ ...collector, OTEL_SDK_DISABLED: 'true' })]).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('takes the seeds of a Redis Cluster instead of one address, never both', () => {
    const REDIS_CLUSTER_URLS = 'rediss://:hunter2@a:6379, rediss://:hunter2@b:6379';
    expect(loadPortalConfig({ ...SALESFORCE, REDIS_CLUSTER_URLS }).redis).toEqual({
      url: ['rediss://:hunter2@a:6379', 'rediss://:hunter2@b:6379'],
    });
    expect(loadPortalConfig({ ...SALESFORCE, REDIS_CLUSTER_URLS, REDIS_URL: ' ' }).redis.url).toHaveLength(2);
    const both = { ...SALESFORCE, REDIS_CLUSTER_URLS, REDIS_URL: 'redis://127.0.0.1:6379' };
    expect(faultsOf(() => loadPortalConfig(both))).toEqual([
      'REDIS_URL and REDIS_CLUSTER_URLS are both set; use one of them',
    ]);
    const wrong = faultsOf(() => loadPortalConfig({ ...SALESFORCE, REDIS_CLUSTER_URLS: 'redis://a,hunter2' }));
    expect(wrong).toEqual([expect.stringMatching(/^REDIS_CLUSTER_URLS must be/)]);
    expect(wrong.join()).not.toContain('hunter2');
  });

  it('never repeats a secret in a fault', () => {
    const faults = faultsOf(() => loadPortalConfig({ ...SALESFORCE, REDIS_URL: 'nonsense-with-hunter2' }));
    expect(faults.join()).toContain('REDIS_URL');
    expect(faults.join()).not.toContain('hunter2');
  });

  it.each([
    ['http://login.example.com', false],
    ['ftp://login.example.com', false],
    ['https://user:pw@login.example.com', false],
    ['http://127.0.0.1:8080', true],
    ['http://localhost:8080', true],
    ['http://127.0.0.1.evil.example', false],
    ['https://login.example.com', true],
  ])('lets no secret cross a network in the clear: SF_LOGIN_URL=%s', (url, accepted) => {
    expect(faultsOf(() => loadPortalConfig({ ...SALESFORCE, SF_LOGIN_URL: url })).length === 0).toBe(accepted);
  });

  it('takes the size of a worker, and refuses polls that would have no slot', () => {
    expect(loadWorkerConfig(WORKER).size).toEqual({ maxActivities: 50, maxWorkflowTasks: 40 });
    const size = { WORKER_MAX_ACTIVITIES: '4', WORKER_MAX_WORKFLOW_TASKS: '2' };
    expect(loadWorkerConfig({ ...WORKER, ...size, WORKER_ACTIVITY_POLLERS: '4' }).size).toMatchObject({
      maxActivities: 4,
      activityPollers: 4,
    });
    const wrong = { ...size, WORKER_ACTIVITY_POLLERS: '5', WORKER_WORKFLOW_TASK_POLLERS: '3' };
    expect(faultsOf(() => loadWorkerConfig({ ...WORKER, ...wrong }))).toEqual([
      'WORKER_ACTIVITY_POLLERS must not be more than WORKER_MAX_ACTIVITIES',
      'WORKER_WORKFLOW_TASK_POLLERS must not be more than WORKER_MAX_WORKFLOW_TASKS',
    ]);
    const none = { WORKER_MAX_ACTIVITIES: '0', WORKER_MAX_WORKFLOW_TASKS: '1', WORKER_WORKFLOW_TASK_POLLERS: '1.5' };
    expect(faultsOf(() => loadWorkerConfig({ ...WORKER, ...none }))).toHaveLength(3);
  });

  it('turns the topics of the catalog off by the word none, and keeps the default for an empty one', () => {
    const channelsOf = (environment: Record<string, string>) =>
      loadListenerConfig({ ...SALESFORCE, ...environment }).pubsub.channels;
    const none = { SF_PRODUCT_CDC_CHANNEL: 'none', SF_PRICEBOOK_ENTRY_CDC_CHANNEL: 'none' };
    expect(channelsOf(none)).toMatchObject({ product: undefined, pricebookEntry: undefined });
    expect(channelsOf({ SF_PRODUCT_CDC_CHANNEL: '' }).product).toBe('/data/Product2ChangeEvent');
    // A subscription to what nobody listens to is a contradiction, not a wish.
    const both = faultsOf(() => channelsOf({ ...none, SF_MANAGED_SUBSCRIPTION_PRODUCT: 'Catalog' }));
    expect(both.join()).toMatch(/SF_MANAGED_SUBSCRIPTION_PRODUCT is set, and SF_PRODUCT_CDC_CHANNEL is none/);
  });

  it('accepts a self-signed certificate on loopback only', () => {
    const faults = (endpoint: string) =>
      faultsOf(() => loadListenerConfig({ ...SALESFORCE, SF_PUBSUB_INSECURE: 'true', SF_PUBSUB_ENDPOINT: endpoint }));
    expect(faults('127.0.0.1:7443')).toEqual([]);
    expect(faults('[::1]:7443')).toEqual([]);
    expect(faults('api.pubsub.salesforce.com:7443').join()).toContain('SF_PUBSUB_INSECURE');
    expect(faults('127.0.0.1.evil.example:7443').join()).toContain('SF_PUBSUB_INSECURE');
  });

  it('lets the portal listen beyond loopback only with a token', () => {
    expect(faultsOf(() => loadPortalConfig({ ...SALESFORCE, HTTP_HOST: '0.0.0.0' })).join()).toContain('PORTAL_TOKEN');
    expect(
      faultsOf(() => loadPortalConfig({ ...SALESFORCE, HTTP_HOST: '0.0.0.0', PORTAL_TOKEN: 't'.repeat(32) })),
    ).toEqual([]);
  });

  it.each([
    ['is too short', 'too short to be a secret'],
    ['is a private key', generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey],
    ['is no public key that can be read', '-----BEGIN PUBLIC KEY-----\\nbm9uZQ==\\n-----END PUBLIC KEY-----'],
    ['is a public key of a kind', generateKeyPairSync('ed25519').publicKey],
    ['is a public key of a kind', generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey],
  ])('names PORTAL_JWT_KEY where it %s', (fault, key) => {
    const PORTAL_JWT_KEY = typeof key === 'string' ? key : pem(key);
    expect(faultsOf(() => loadPortalConfig({ ...SALESFORCE, PORTAL_JWT_KEY }))).toEqual([
      expect.stringContaining(`PORTAL_JWT_KEY ${fault}`),
    ]);
  });

  it('takes a public key whose line breaks are written as \\n, and a long secret', () => {
    const key = pem(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey);
    const load = (PORTAL_JWT_KEY: string) => loadPortalConfig({ ...SALESFORCE, PORTAL_JWT_KEY }).access.jwt?.key;
    expect(load(key.replaceAll('\n', '\\n'))?.trim()).toBe(key.trim());
    expect(load('s'.repeat(32))).toBe('s'.repeat(32));
  });

  it.each(['short', 'fifteen letters', 'words with spaces in it'])('refuses the bearer token "%s"', (token) => {
    const fault = 'must be 16 characters or more, without spaces';
    const open = { ...SALESFORCE, HTTP_HOST: '0.0.0.0' };
    expect(faultsOf(() => loadPortalConfig({ ...open, PORTAL_TOKEN: token }))).toEqual([`PORTAL_TOKEN ${fault}`]);
    const codec = { HTTP_HOST: '0.0.0.0', CODEC_SERVER_TOKEN: token };
    expect(faultsOf(() => loadCodecServerConfig(codec))).toContain(`CODEC_SERVER_TOKEN ${fault}`);
    expect(faultsOf(() => loadCodecServerConfig(codec))).toHaveLength(2);
  });

  it('takes the id of a price book, and of nothing else', () => {
    const load = (SF_PRICE_BOOK_ID: string) => loadPortalConfig({ ...SALESFORCE, SF_PRICE_BOOK_ID }).catalog;
    expect(load('01s000000000001').priceBookId).toBe('01s000000000001AAA');
    expect(load('').priceBookId).toBeUndefined();
    for (const wrong of ['01t000000000001', 'Standard']) {
      expect(faultsOf(() => load(wrong))).toEqual([expect.stringMatching(/^SF_PRICE_BOOK_ID must be the id/)]);
    }
  });

  it('serves on loopback unless told otherwise, and the codec server beyond it only with a token', () => {
    const folder = mkdtempSync(join(tmpdir(), 'codec-'));
    const file = join(folder, 'keys.json');
    writeFileSync(file, '{"keys": {}}', { mode: 0o600 });
    const codec = { TEMPORAL_CODEC_KEYS_FILE: file };
    const configs = [
      loadListenerConfig(SALESFORCE),
      loadWorkerConfig(WORKER),
      loadPortalConfig(SALESFORCE),
      loadCodecServerConfig(codec),
    ];
    expect(configs.map(({ http }) => http.host)).toEqual(Array(4).fill('127.0.0.1'));
    const open = { ...codec, HTTP_HOST: '0.0.0.0' };
    expect(faultsOf(() => loadCodecServerConfig(open)).join()).toContain('CODEC_SERVER_TOKEN');
    expect(faultsOf(() => loadCodecServerConfig({ ...open, CODEC_SERVER_TOKEN: 't'.repeat(32) }))).toEqual([]);
    rmSync(folder, { recursive: true });
  });

  describe('with a private key', () => {
    const folder = mkdtempSync(join(tmpdir(), 'key-'));
    afterAll(() => rmSync(folder, { recursive: true }));
    const jwt = {
      SF_LOGIN_URL: SALESFORCE.SF_LOGIN_URL,
      SF_CLIENT_ID: SALESFORCE.SF_CLIENT_ID,
      SF_USERNAME: 'integration@example.com',
    };

    const key = pem(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey).trim();

    it.each([key, key.replaceAll('\n', '\\n')])(
      'takes one in the variable, its line breaks written out or as \\n',
      (written) => {
        expect(loadPortalConfig({ ...jwt, SF_PRIVATE_KEY: written }).salesforce.credentials).toEqual({
          username: 'integration@example.com',
          privateKey: key,
        });
      },
    );

    it.each([
      ['no key', 'hunter2'],
      ['a key that is cut', key.slice(0, 200)],
      ['a public key', pem(createPublicKey(key))],
      ['a key of another kind', pem(generateKeyPairSync('ed25519').privateKey)],
    ])('refuses %s, and does not show it', (_what, wrong) => {
      const file = join(folder, 'wrong.pem');
      writeFileSync(file, wrong, { mode: 0o600 });
      expect(faultsOf(() => loadPortalConfig({ ...jwt, SF_PRIVATE_KEY: wrong }))).toEqual([
        'SF_PRIVATE_KEY holds no RSA private key in PEM (-----BEGIN PRIVATE KEY-----)',
      ]);
      expect(faultsOf(() => loadPortalConfig({ ...jwt, SF_PRIVATE_KEY_FILE: file }))).toEqual([
        'SF_PRIVATE_KEY_FILE holds no RSA private key in PEM (-----BEGIN PRIVATE KEY-----)',
      ]);
    });

    it('takes another audience than the login address, over https', () => {
      const withKey = { ...jwt, SF_PRIVATE_KEY: key };
      const audience = 'https://login.salesforce.com';
      expect(loadPortalConfig({ ...withKey, SF_JWT_AUDIENCE: audience }).salesforce.credentials).toMatchObject({
        audience,
      });
      expect(
        faultsOf(() => loadPortalConfig({ ...withKey, SF_JWT_AUDIENCE: 'login.salesforce.com' })).join(),
      ).toContain('SF_JWT_AUDIENCE');
    });

    it('refuses a file that others may read', () => {
      const file = join(folder, 'key.pem');
      writeFileSync(file, key);
      chmodSync(file, 0o644);
      expect(faultsOf(() => loadPortalConfig({ ...jwt, SF_PRIVATE_KEY_FILE: file })).join()).toContain('chmod 600');
      chmodSync(file, 0o600);
      expect(loadPortalConfig({ ...jwt, SF_PRIVATE_KEY_FILE: file }).salesforce.credentials).toMatchObject({
        privateKey: key,
      });
    });

    it('does not quote a file of field names that is something else', () => {
      const file = join(folder, 'fields.json');
      writeFileSync(file, 'hunter2hunter2');
      expect(faultsOf(() => loadPortalConfig({ ...SALESFORCE, SF_FIELDS_FILE: file }))).toEqual([
        'SF_FIELDS_FILE cannot be used: it holds no JSON',
      ]);
    });

    it('asks for one way to log in, not none and not two', () => {
      expect(faultsOf(() => loadPortalConfig(jwt)).join()).toContain('SF_PRIVATE_KEY');
      expect(faultsOf(() => loadPortalConfig({ ...jwt, SF_CLIENT_SECRET: 'x' })).join()).toContain('both set');
    });
  });
});
