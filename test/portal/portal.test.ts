import { generateKeyPairSync } from 'node:crypto';
import Fastify, { type FastifyInstance } from 'fastify';
import { sign } from 'jsonwebtoken';
import { Registry } from 'prom-client';
import { DEFAULT_CATALOG_POLICY, DEFAULT_POLICY, type CatalogView, type ReadOptions } from '../../src/cache';
import { REQUEST_LIMIT_MS } from '../../src/limits/requests';
import { buildPortal, registerPortalMetrics, type FailedRead, type PortalAccess } from '../../src/portal';
import { ConditionalSender } from '../../src/portal/conditional';
import { eventually } from '../support/eventually';
import { Rig } from '../cache/support/rig';
import { accountId, orderId } from '../cache/support/truth';

let rig: Rig;
const apps: FastifyInstance[] = [];
beforeAll(async () => {
  rig = await Rig.start();
});
afterEach(async () => {
  rig.truth.gate.open();
  for (const app of apps.splice(0)) await app.close();
  await rig.reset();
});
afterAll(() => rig.stop());

/** Asks a portal that listens. */
type Ask = (path: string, headers?: Record<string, string>) => Promise<Answer>;
interface Answer {
  status: number;
  headers: Headers;
  body: string;
  json: unknown;
}

async function portal(access: PortalAccess = {}, requestLimitMs = 10_000): Promise<Ask> {
  const { orders, catalog } = await rig.client();
  return serve(buildPortal({ orders, catalog, access, requestLimitMs }));
}

async function serve(app: FastifyInstance): Promise<Ask> {
  apps.push(app);
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return async (path, headers = {}) => {
    const answer = await fetch(address + path, { headers });
    const body = await answer.text();
    return { status: answer.status, headers: answer.headers, body, json: body === '' ? undefined : JSON.parse(body) };
  };
}

describe('reads', () => {
  it('serves an order, and says how it came by it', async () => {
    const ask = await portal();
    const order = rig.truth.put(1, { status: 'Approved' });
    const first = await ask(`/orders/${orderId(1)}`);
    expect(first.status).toBe(200);
    expect(first.headers.get('x-cache')).toBe('miss');
    expect(first.json).toEqual(order);
    expect((await ask(`/orders/${orderId(1)}`)).headers.get('x-cache')).toBe('hit');
  });

  it('says bypass while Redis is away', async () => {
    const ask = await serve(buildPortal({ ...rig.clientNow({ url: 'redis://127.0.0.1:1' }), access: {} }));
    rig.truth.put(1);
    expect((await ask(`/orders/${orderId(1)}`)).headers.get('x-cache')).toBe('bypass');
  });

  it('takes 15-character ids', async () => {
    const ask = await portal();
    rig.truth.put(1);
    expect((await ask(`/orders/${orderId(1).slice(0, 15)}`)).json).toMatchObject({ id: orderId(1) });
  });

  it('serves an account’s list and the catalog', async () => {
    const ask = await portal();
    const order = rig.truth.put(1);
    rig.truth.put(2, { accountId: accountId(2) });
    const catalog: CatalogView = { priceBookId: null, products: [] };
    rig.truth.catalog = catalog;
    expect((await ask(`/accounts/${accountId(1)}/orders`)).json).toEqual([order]);
    expect((await ask(`/accounts/${accountId(3)}/orders`)).json).toEqual([]);
    expect((await ask('/catalog')).json).toEqual(catalog);
  });

  it('answers 404 for an order that is unknown or deleted', async () => {
    const ask = await portal();
    const unknown = await ask(`/orders/${orderId(1)}`);
    expect([unknown.status, unknown.headers.get('x-cache')]).toEqual([404, 'miss']);
    // Missing orders are cached, too, briefly.
    expect((await ask(`/orders/${orderId(1)}`)).headers.get('x-cache')).toBe('hit');
    expect(rig.truth.reads).toBe(1);
    expect((await ask('/nothing')).json).toMatchObject({ error: { code: 'NOT_FOUND' } });
  });

  it.each([
    "801'%20OR%20Id!='",
    '801*',
    '00000000000000000000000000000000000000000000000',
    '801000000000001%0d%0aset-cookie:x',
    '801000000000001AAB',
    '001000000000001',
    '..%2f..%2fetc%2fpasswd',
    'x'.repeat(900),
    '%F0%9F%92%A9',
  ])('refuses the id %s before anything is asked', async (id) => {
    const ask = await portal();
    const answer = await ask(`/orders/${id}`);
    expect(answer.status).toBe(400);
    expect(answer.body).not.toContain('passwd');
    expect(rig.truth.reads).toBe(0);
  });

  it('refuses broken percent signs', async () => {
    const answer = await (await portal())('/orders/%zz');
    expect(answer.status).toBe(400);
    expect(answer.json).toHaveProperty('error.code', 'BAD_REQUEST');
  });
});

describe('conditional requests', () => {
  it('answers 304 until the order changes', async () => {
    const ask = await portal();
    const { orders } = await rig.client();
    const url = `/orders/${orderId(1)}`;
    rig.truth.put(1, { status: 'Draft' });
    const etag = (await ask(url)).headers.get('etag') ?? '';
    for (const given of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const answer = await ask(url, { 'if-none-match': given });
      expect(answer.status).toBe(304);
      expect(answer.body).toBe('');
    }
    rig.truth.put(1, { status: 'Approved' });
    await orders.invalidateOrder(orderId(1));
    const changed = await ask(url, { 'if-none-match': etag });
    expect(changed.status).toBe(200);
    expect(changed.json).toMatchObject({ status: 'Approved' });
  });

  it.each([
    ['once, where it cannot change', true, 1],
    ['each time, where it can', false, 3],
  ])('writes a value out %s', async (_how, isFrozen, times) => {
    let written = 0;
    const value = { toJSON: () => ({ written: ++written }) };
    if (isFrozen) Object.freeze(value);
    const app = Fastify();
    const sender = new ConditionalSender();
    app.get('/', (request, reply) => sender.send(request, reply, value));
    const ask = await serve(app);
    const [first] = [await ask('/'), await ask('/'), await ask('/')];
    expect(first.json).toEqual({ written: 1 });
    expect(written).toBe(times);
  });

  it('lets nobody keep an answer without asking', async () => {
    rig.truth.put(1);
    const answer = await (await portal())(`/orders/${orderId(1)}`);
    expect(answer.headers.get('cache-control')).toBe('private, no-cache');
  });
});

describe('failures', () => {
  it('answers 504 when Salesforce takes too long, and serves what it fills later', async () => {
    const ask = await portal({}, 100);
    rig.truth.put(1);
    rig.truth.gate.hold();
    expect((await ask(`/orders/${orderId(1)}`)).status).toBe(504);
    rig.truth.gate.open();
    await eventually(async () => {
      expect((await ask(`/orders/${orderId(1)}`)).headers.get('x-cache')).toBe('hit');
    });
    expect(rig.truth.reads).toBe(1);
  });

  it('tells the caches when whoever asked has his answer, so that nothing is begun for him', async () => {
    const gone: string[] = [];
    const forever = (what: string) => (_id: unknown, options?: ReadOptions) =>
      new Promise<never>((_resolve, reject) => {
        options?.signal?.addEventListener('abort', () => {
          gone.push(what);
          reject(new Error('aborted'));
        });
      });
    const ask = await serve(
      buildPortal({
        orders: { readOrder: forever('order'), readAccountOrders: forever('list') },
        catalog: { readCatalog: (options) => forever('catalog')(undefined, options) },
        access: {},
        requestLimitMs: 50,
      }),
    );
    for (const path of [`/orders/${orderId(1)}`, `/accounts/${accountId(1)}/orders`, '/catalog']) {
      expect((await ask(path)).status).toBe(504);
    }
    expect(gone).toEqual(['order', 'list', 'catalog']);
  });

  it('leaves time to those who waited for another process', () => {
    for (const { waitLimitMs } of [DEFAULT_POLICY, DEFAULT_CATALOG_POLICY]) {
      expect(waitLimitMs).toBeLessThan(0.9 * REQUEST_LIMIT_MS);
    }
  });

  it('answers 500 for a defect and 503 for those who share it, without its message', async () => {
    const ask = await portal();
    rig.truth.failure = new Error('secret of the inside');
    const first = await ask(`/orders/${orderId(1)}`);
    expect(first.status).toBe(500);
    const second = await ask(`/orders/${orderId(1)}`);
    expect(second.status).toBe(503);
    expect(second.headers.get('retry-after')).toBe('1');
    expect(first.body + second.body).not.toContain('secret');
  });
});

describe('what operators are told', () => {
  it('counts and times every answer to a read, by route and status', async () => {
    const registry = new Registry();
    const deps = await rig.client();
    const ask = await serve(buildPortal({ ...deps, access: {}, onAnswer: registerPortalMetrics(registry) }));
    rig.truth.put(1);
    const etag = (await ask(`/orders/${orderId(1)}`)).headers.get('etag') ?? '';
    await ask(`/orders/${orderId(1)}`, { 'if-none-match': etag });
    await ask(`/orders/${orderId(2)}`);
    await ask('/orders/nonsense');
    await ask('/catalog');
    await eventually(async () => {
      const text = await registry.metrics();
      const counted = [...text.matchAll(/_seconds_count\{route="(.*?)",status="(\d+)"\} (\d+)/g)];
      expect(counted.map(([, ...labels]) => labels.join(' ')).sort()).toEqual([
        '/catalog 200 1',
        '/orders/:orderId 200 1',
        '/orders/:orderId 304 1',
        '/orders/:orderId 400 1',
        '/orders/:orderId 404 1',
      ]);
    });
  });

  it('tells of every 5xx with its code and the order, and of nothing else', async () => {
    const told: FailedRead[] = [];
    const client = await rig.client({ sourceLimit: { running: 1, waiting: 0 } });
    const deps = { ...client, access: {}, requestLimitMs: 1_000 };
    const ask = await serve(buildPortal({ ...deps, onFailure: (_error, failed) => told.push(failed) }));
    await ask(`/orders/${orderId(9)}`);
    await ask('/orders/nonsense');
    rig.truth.failure = new Error('a defect');
    await ask(`/orders/${orderId(1)}`);
    await ask(`/orders/${orderId(1)}`);
    rig.truth.failure = undefined;
    rig.truth.gate.hold();
    await ask(`/accounts/${accountId(1)}/orders`);
    await ask(`/orders/${orderId(2).slice(0, 15)}`);
    const [route, list] = ['/orders/:orderId', '/accounts/:accountId/orders'];
    expect(told).toEqual([
      { route, code: 'INTERNAL', orderId: orderId(1) },
      { route, code: 'SOURCE_UNAVAILABLE', orderId: orderId(1) },
      { route: list, code: 'TIME_LIMIT' },
      { route, code: 'OVERLOADED', orderId: orderId(2) },
    ]);
    expect(client.tally.of('failure-shared')).toBe(1);
    expect(client.tally.of('overloaded')).toBe(1);
  });
});

describe('access', () => {
  const token = 'service-token-of-the-backend';
  const secret = 'a shared secret of more than thirty-two bytes';
  const bearer = (value: string): { authorization: string } => ({ authorization: `Bearer ${value}` });
  const claims = { account: accountId(1) };

  it('asks for the token, and tells the wrong one nothing', async () => {
    const ask = await portal({ token });
    rig.truth.put(1);
    const url = `/orders/${orderId(1)}`;
    for (const headers of [{}, bearer('wrong'), bearer(`${token}x`), { authorization: `Basic ${token}` }]) {
      const answer = await ask(url, headers);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
    expect(rig.truth.reads).toBe(0);
    expect((await ask(url, bearer(token))).status).toBe(200);
  });

  it('shows an account its own orders and no other', async () => {
    const ask = await portal({ token, jwt: { key: secret } });
    rig.truth.put(1, { accountId: accountId(1) });
    rig.truth.put(2, { accountId: accountId(2) });
    rig.truth.put(3, { accountId: null });
    const headers = bearer(sign(claims, secret, { expiresIn: 60 }));
    const status = async (url: string): Promise<number> => (await ask(url, headers)).status;
    expect(await status(`/orders/${orderId(1)}`)).toBe(200);
    expect(await status(`/accounts/${accountId(1)}/orders`)).toBe(200);
    expect(await status('/catalog')).toBe(200);
    expect(await status(`/orders/${orderId(2)}`)).toBe(404);
    expect(await status(`/orders/${orderId(3)}`)).toBe(404);
    expect(await status(`/accounts/${accountId(2)}/orders`)).toBe(404);
    // Read once before, so that one is in the cache and the other is not.
    const foreign = await ask(`/orders/${orderId(2)}`, headers);
    const unknown = await ask(`/orders/${orderId(99)}`, headers);
    const all = ({ status, body, headers: told }: Answer) => ({
      status,
      body,
      headers: Object.fromEntries([...told].filter(([name]) => name !== 'date')),
    });
    expect(all(foreign)).toEqual(all(unknown));
  });

  it('takes only tokens that are signed, in time, for us, and name an account', async () => {
    const ask = await portal({ jwt: { key: secret, audience: 'portal', issuer: 'shop' } });
    const good = { audience: 'portal', issuer: 'shop', expiresIn: 60 };
    const status = async (given: string): Promise<number> => (await ask('/catalog', bearer(given))).status;
    expect(await status(sign(claims, secret, good))).toBe(200);
    const refused = {
      unsigned: sign(claims, '', { ...good, algorithm: 'none' }),
      'with another key': sign(claims, `${secret}!`, good),
      expired: sign(claims, secret, { ...good, expiresIn: -60 }),
      'without an end': sign(claims, secret, { audience: 'portal', issuer: 'shop' }),
      'for another audience': sign(claims, secret, { ...good, audience: 'other' }),
      'of another issuer': sign(claims, secret, { ...good, issuer: 'other' }),
      'without an account': sign({}, secret, good),
      'with a wildcard': sign({ account: '001*' }, secret, good),
    };
    for (const [why, given] of Object.entries(refused)) expect([why, await status(given)]).toEqual([why, 401]);
  });

  it('never takes a public key for a shared secret', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
    const ask = await portal({ jwt: { key: pem } });
    const good = sign(claims, privateKey, { algorithm: 'RS256', expiresIn: 60 });
    expect((await ask('/catalog', bearer(good))).status).toBe(200);
    const body = good.split('.')[1] ?? '';
    const header = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url');
    const { createHmac } = await import('node:crypto');
    const forged = createHmac('sha256', pem).update(`${header}.${body}`).digest('base64url');
    const answer = await ask('/catalog', bearer(`${header}.${body}.${forged}`));
    expect(answer.status).toBe(401);
  });

  it.each([
    ['ES256', 'prime256v1'],
    ['ES384', 'secp384r1'],
    ['ES512', 'secp521r1'],
  ] as const)('takes %s tokens for a key on %s', async (algorithm, namedCurve) => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve });
    const ask = await portal({ jwt: { key: publicKey.export({ type: 'spki', format: 'pem' }) as string } });
    const given = sign(claims, privateKey, { algorithm, expiresIn: 60 });
    expect((await ask('/catalog', bearer(given))).status).toBe(200);
  });

  it('refuses keys that protect nothing', () => {
    const deps = { ...rig.clientNow(), access: { jwt: { key: 'short' } } };
    expect(() => buildPortal(deps)).toThrow('at least 32 bytes');
  });
});
