import { buildCodecServer } from '../../src/codec-server/server';
import { createSalesforce } from '../../src/salesforce';
import { parseOrderId } from '../../src/domain/order';
import { buildPortal } from '../../src/portal';
import { REQUEST_LIMIT_MS } from '../../src/limits/requests';
import { createHttp, listen, serveHealth } from '../../src/processes/http';
import { createMetrics } from '../../src/observability/metrics';
import { createWhmcsClient } from '../../src/whmcs/client';
import { EndlessServer } from '../support/endless-server';
import { eventually } from '../support/eventually';
import { sendUnfinished, sendWithoutEnd } from '../support/raw-http';
import { failureOf } from '../whmcs/support/builders';

/** What is read from anybody is bounded, and who goes on sending is hung up on. */
const MEGABYTE = 1024 * 1024;

describe('an answer without end', () => {
  let server: EndlessServer;
  afterEach(() => server.close());

  async function expectHungUp(): Promise<void> {
    await eventually(() => expect(server.open).toBe(0));
    expect(server.bytesSent).toBeGreaterThan(32 * MEGABYTE);
    expect(server.bytesSent).toBeLessThan(256 * MEGABYTE);
  }

  it('of WHMCS is not read to the end', async () => {
    server = await EndlessServer.start();
    const client = createWhmcsClient({ apiUrl: server.url, identifier: 'i', secret: 's', timeoutMs: 60_000 });
    expect((await failureOf(client.call('GetOrders', {}, 'for a test'))).message).toContain('too large');
    await expectHungUp();
  });

  it('of Salesforce’s API is not read to the end', async () => {
    server = await EndlessServer.start((request, response, url) => {
      if (request.url !== '/services/oauth2/token') return false;
      const id = `${url}/id/00DQy0000001aBcMAI/005000000000001AAA`;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ access_token: 't0ken', instance_url: url, id }));
      return true;
    });
    const { orders } = createSalesforce(loginAt(server.url));
    expect((await failureOf(orders.read(parseOrderId('801000000000001')))).code).toBe('SF_SERVER_ERROR');
    await expectHungUp();
  });

  it('of Salesforce’s login is not read to the end', async () => {
    server = await EndlessServer.start();
    expect((await failureOf(createSalesforce(loginAt(server.url)).session.login())).code).toBe('SF_SERVER_ERROR');
    await expectHungUp();
  });
});

describe('a request without end', () => {
  const metrics = createMetrics('test');
  const apps = {
    'of the listener and the worker': (requestLimitMs?: number) => {
      const app = createHttp(requestLimitMs);
      serveHealth(app, { metrics, health: () => ({ ready: true }) });
      return app;
    },
    'of the portal': (requestLimitMs = REQUEST_LIMIT_MS) =>
      buildPortal({
        orders: { readOrder: () => Promise.reject(new Error()), readAccountOrders: () => Promise.reject(new Error()) },
        catalog: { readCatalog: () => Promise.reject(new Error()) },
        access: {},
        requestLimitMs,
      }),
  };
  const requests = Object.keys(apps).flatMap((name) =>
    ['/healthz', '/readyz', '/metrics', '/orders/801000000000001', '/nowhere'].flatMap((path) =>
      ['GET', 'POST'].map((method) => [name as keyof typeof apps, method, path] as const),
    ),
  );

  it.each(requests)('%s: %s %s is answered or cut off, not read', async (name, method, path) => {
    const app = apps[name]();
    try {
      const url = await listen(app, { host: '127.0.0.1', port: 0 });
      const { answer, bytesSent } = await sendWithoutEnd(url + path, method, ['content-type: application/json']);
      expect(answer === '' || /^HTTP\/1\.1 \d{3} /.test(answer)).toBe(true);
      // What the kernel keeps on the way is some megabytes.
      expect(bytesSent).toBeLessThan(64 * MEGABYTE);
    } finally {
      await app.close();
    }
  });

  const codec = { encode: () => Promise.resolve([]), decode: () => Promise.resolve([]) };
  const all = {
    ...apps,
    'of the codec server': (requestLimitMs: number) => buildCodecServer({ codec, origins: [], requestLimitMs }),
  };
  const head = 'POST /decode HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
  const unfinished = [
    ['headers', head],
    ['body', `${head}content-length: 100\r\n\r\n{`],
  ] as const;
  const waits = Object.keys(all).flatMap((name) =>
    unfinished.map(([part, text]) => [name as keyof typeof all, part, text] as const),
  );

  // Node's own limits are a minute for the headers and five for the whole: longer than this test may take.
  it.each(waits)(
    '%s: hung up on without the rest of the %s',
    async (name, _part, text) => {
      const app = all[name](200);
      try {
        const url = await listen(app, { host: '127.0.0.1', port: 0 });
        expect(await sendUnfinished(url, text)).toContain('HTTP/1.1 408 Request Timeout');
      } finally {
        await app.close();
      }
    },
    20_000,
  );
});

const loginAt = (loginUrl: string) => ({
  loginUrl,
  clientId: 'c',
  credentials: { clientSecret: 's' },
  timeoutMs: 60_000,
});
