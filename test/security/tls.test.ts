import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSignedCertificate } from '../../sandbox/salesforce/pubsub/certificate';
import { CacheConnection } from '../../src/cache';
import {
  loadCliConfig,
  loadCodecServerConfig,
  loadListenerConfig,
  loadPortalConfig,
  loadWorkerConfig,
  type Environment,
} from '../../src/config';
import { accessFault } from '../../src/config/private-file';
import { createSalesforce } from '../../src/salesforce';
import { connectTemporal, temporalTarget } from '../../src/temporal/connection';
import { refuseWeakTransport } from '../../src/temporal/transport-security';
import { createWhmcsClient } from '../../src/whmcs/client';
import { startOrg, watch } from '../listener/support/org';
import { eventually } from '../support/eventually';
import { failureOf } from '../whmcs/support/builders';

/** Whoever cannot prove to be the server gets nothing, whatever the environment says. */
const faultsOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return '';
};

describe('a server with a certificate that nobody vouches for', () => {
  let server: Server;
  let port: number;
  let admitted: number;
  beforeAll(async () => {
    server = createServer(await selfSignedCertificate(), (_request, response) => response.end());
    server.on('secureConnection', () => (admitted += 1));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  beforeEach(() => (admitted = 0));
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('gets no login of Salesforce', async () => {
    const { session } = createSalesforce({
      loginUrl: `https://127.0.0.1:${port}`,
      clientId: 'c',
      credentials: { clientSecret: 's' },
      timeoutMs: 20_000,
    });
    expect(await failureOf(session.login())).toMatchObject({
      code: 'SF_UNREACHABLE',
      vendorCode: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    expect(admitted).toBe(0);
  });

  it('gets no credentials of WHMCS', async () => {
    const apiUrl = `https://127.0.0.1:${port}/includes/api.php`;
    const client = createWhmcsClient({ apiUrl, identifier: 'i', secret: 's', timeoutMs: 20_000 });
    expect((await failureOf(client.call('GetOrders', {}, 'for a test'))).code).toBe('WHMCS_UNREACHABLE');
    expect(admitted).toBe(0);
  });

  it('gets no password of Redis', async () => {
    const lost: string[] = [];
    const connection = new CacheConnection({
      url: `rediss://user:password@127.0.0.1:${port}`,
      onLost: (error) => lost.push((error as NodeJS.ErrnoException).code ?? error.message),
    });
    await eventually(() => expect(lost).toContain('DEPTH_ZERO_SELF_SIGNED_CERT'));
    connection.close();
    expect(admitted).toBe(0);
  });

  it('gets no API key of Temporal, be it asked for without verification', async () => {
    const target = temporalTarget({
      TEMPORAL_ADDRESS: `127.0.0.1:${port}`,
      TEMPORAL_API_KEY: 'key',
      TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: 'true',
    });
    await expect(
      connectTemporal({ ...target, connection: { connectTimeout: '3 seconds', ...target.connection } }, undefined),
    ).rejects.toThrow('cannot be reached');
    expect(admitted).toBe(0);
  });

  it('gets no token from the Pub/Sub client, unless SF_PUBSUB_INSECURE says so', async () => {
    const org = await startOrg();
    const { subscription, ends, deliveries } = watch(org, {
      target: { endpoint: org.sf.pubsubEndpoint, insecure: false, topic: '/data/OrderChangeEvent', managed: false },
    });
    org.change('801000000000001');
    await eventually(() => expect(ends.length).toBeGreaterThan(1));
    expect(deliveries).toEqual([]);
    expect(org.sf.pubsub.stats().openStreams).toEqual({});
    await subscription.close();
    await org.sf.close();
  });
});

describe('verification cannot be turned off', () => {
  const sound: Environment = {
    SF_LOGIN_URL: 'https://example.my.salesforce.com',
    SF_CLIENT_ID: 'c',
    SF_CLIENT_SECRET: 's',
    WHMCS_API_URL: 'https://billing.example.com/includes/api.php',
    WHMCS_API_IDENTIFIER: 'i',
    WHMCS_API_SECRET: 's',
  };
  const loaders: Record<string, (environment: Environment) => unknown> = {
    listener: loadListenerConfig,
    worker: loadWorkerConfig,
    portal: loadPortalConfig,
    'codec server': loadCodecServerConfig,
    ...Object.fromEntries(Object.entries(loadCliConfig).map(([group, load]) => [`orders, ${group}`, load])),
  };
  it.each(Object.keys(loaders))('by NODE_TLS_REJECT_UNAUTHORIZED: %s', (name) => {
    const faults = (environment: Environment) => faultsOf(() => loaders[name]?.({ ...sound, ...environment }));
    expect(faults({ NODE_TLS_REJECT_UNAUTHORIZED: '0' })).toContain('NODE_TLS_REJECT_UNAUTHORIZED must not be 0');
    expect(faults({})).not.toContain('NODE_TLS_REJECT_UNAUTHORIZED');
  });

  const cloud = { address: 'x.tmprl.cloud:7233', apiKey: 'key' };
  it.each([
    ['TEMPORAL_TLS_DISABLE_HOST_VERIFICATION', cloud, { TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: 'true' }],
    ['TEMPORAL_TLS', { ...cloud, tls: { disabled: true } }, {}],
    ['TEMPORAL_TLS', { ...cloud, address: '127.0.0.1.evil.example:7233', tls: { disabled: true } }, {}],
  ])('by %s beyond loopback', (name, profile, environment) => {
    const message = faultsOf(() => refuseWeakTransport(profile, environment));
    expect(message).toContain(`${name} must not`);
    expect(message).not.toContain('"key"');
    expect(faultsOf(() => refuseWeakTransport({ ...profile, address: 'localhost:7233' }, environment))).toBe('');
  });

  it('and a Temporal without TLS in a private network is the operator’s choice', () => {
    expect(faultsOf(() => refuseWeakTransport({ address: 'temporal:7233' }, {}))).toBe('');
  });
});

describe('a key that others than its owner may read is refused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keys-'));
  const file = join(folder, 'key');
  afterAll(() => rmSync(folder, { recursive: true }));
  const jwt = { SF_LOGIN_URL: 'https://example.my.salesforce.com', SF_CLIENT_ID: 'c', SF_USERNAME: 'u' };
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  }) as string;
  const codec = JSON.stringify({ encryptWith: 'a', keys: { a: Buffer.alloc(32).toString('base64') } });

  it.each<[string, string, () => unknown]>([
    ['SF_PRIVATE_KEY_FILE', rsa, () => loadPortalConfig({ ...jwt, SF_PRIVATE_KEY_FILE: file })],
    ['TEMPORAL_CODEC_KEYS_FILE', codec, () => loadCodecServerConfig({ TEMPORAL_CODEC_KEYS_FILE: file })],
    ['TEMPORAL_TLS_CLIENT_KEY_PATH', 'pem', () => refuseWeakTransport({ tls: { clientKey: { path: file } } }, {})],
  ])('%s', (name, content, load) => {
    writeFileSync(file, content);
    for (const mode of [0o644, 0o604, 0o602, 0o660, 0o777]) {
      chmodSync(file, mode);
      expect([mode, faultsOf(load)]).toEqual([mode, expect.stringMatching(new RegExp(`${name}.*chmod 600`))]);
    }
    for (const mode of [0o600, 0o400]) {
      chmodSync(file, mode);
      expect([mode, faultsOf(load)]).toEqual([mode, '']);
    }
  });

  const ROOT = 0;
  const NODE = 1000;
  it.each([
    ['a Secret with defaultMode 0400 and fsGroup, as the kubelet leaves it', ROOT, 0o100440, true],
    ['root’s, with its group as a reader', ROOT, 0o100640, true],
    ['root’s, with its group as a writer', ROOT, 0o100660, false],
    ['a Secret with the mode that Kubernetes gives it unasked', ROOT, 0o100644, false],
    ['a secret of Swarm, with the mode that it gives it unasked', ROOT, 0o100444, false],
    ['/dev/null, where Compose is told of no file', ROOT, 0o020666, false],
    ['the user’s own', NODE, 0o100400, true],
    ['the user’s own, with its group as a reader', NODE, 0o100440, false],
    ['the user’s own, with others as readers', NODE, 0o100604, false],
  ])('as libpq judges it: %s', (_title, uid, mode, isPrivate) => {
    expect(accessFault({ uid, mode }) === undefined).toBe(isPrivate);
  });

  it('and one that this user may not read says which user that is', () => {
    writeFileSync(file, 'pem');
    chmodSync(file, 0o000);
    // Root may read everything, so it stops being root for the moment.
    const isRoot = process.geteuid?.() === ROOT;
    if (isRoot) process.seteuid?.(NODE);
    const user = process.geteuid?.();
    const said = faultsOf(() => loadPortalConfig({ ...jwt, SF_PRIVATE_KEY_FILE: file }));
    if (isRoot) process.seteuid?.(ROOT);
    expect(said).toContain(`SF_PRIVATE_KEY_FILE names a file that the user of this process, ${user}, may not read`);
  });

  it.each([
    '',
    '{',
    '[]',
    '{"keys": {"a": "c2hvcnQ="}}',
    '{"encryptWith": "b", "keys": {}}',
    '{"keys": {}, "kyes": {}}',
  ])('a file of codec keys that is none is refused without showing it: %s', (content) => {
    writeFileSync(file, content);
    chmodSync(file, 0o600);
    const message = faultsOf(() => loadCodecServerConfig({ TEMPORAL_CODEC_KEYS_FILE: file }));
    expect(message).toContain('TEMPORAL_CODEC_KEYS_FILE names a file');
    expect(message).not.toContain('c2hvcnQ');
  });
});
