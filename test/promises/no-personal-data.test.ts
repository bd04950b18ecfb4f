import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import type { RunningProcess } from '../../sandbox/processes';
import { RunningProduct } from '../support/running-product';
import { eventually } from '../support/eventually';
import { UNREADABLE } from '../../src/salesforce/rows';

/**
 * Promise 5: Temporal's history, logs and metrics hold ids and statuses: no names, addresses, credentials or tokens.
 * Everything personal or secret is marked, and the marks are looked for in the bytes of Temporal's database.
 */
const PERSONAL = { name: 'Zyxxonia', street: 'Quorvath', mail: 'zyxxonia', phone: '5550177' };

/** What somebody types into a field that is for an id of WHMCS, or for a billing cycle. */
const TYPED = `${PERSONAL.name} ${PERSONAL.street}`;

const CHANNEL = '/event/Order_Fulfilment_Requested__e';
/** What somebody may write into the platform event's free texts. Only the last one is two ids. */
const REQUESTS = [
  { RequestedBy__c: `${PERSONAL.name} ${PERSONAL.street}`, CorrelationId__c: `${PERSONAL.mail}@example.com` },
  { RequestedBy__c: `${PERSONAL.mail}@example.com`, CorrelationId__c: `the quote of ${PERSONAL.name}` },
  { RequestedBy__c: 'desk-1147', CorrelationId__c: 'quote-4711' },
];

const connectTo = (url: string) => createClient({ url });

/** Everything that a key holds, as text: DUMP would compress it. */
async function contentsOf(redis: ReturnType<typeof connectTo>, key: string): Promise<string> {
  const type = await redis.type(key);
  if (type === 'hash') return JSON.stringify(await redis.hGetAll(key));
  if (type === 'set') return JSON.stringify(await redis.sMembers(key));
  if (type === 'string') return (await redis.get(key)) ?? '';
  throw new Error(`${key} is a ${type}, which this test does not know how to read`);
}

describe('no personal data and no secret', () => {
  let product: RunningProduct;
  let folder: string;
  let database: string;
  const orders: string[] = [];
  /** Metrics of a process that has ended since. */
  let earlierMetrics: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'temporal-'));
    database = join(folder, 'temporal.sqlite');
    product = await RunningProduct.start({}, { temporal: { dbFile: database, headless: true } });
    const { salesforce, whmcs } = product.sandbox;
    const { store, salesUserId: userId } = salesforce;
    for (const { Id } of store.rows('Account')) {
      store.transaction({ userId }, (tx) =>
        tx.update('Account', Id, { Name: PERSONAL.name, BillingStreet: PERSONAL.street, Phone: PERSONAL.phone }),
      );
    }
    for (const client of whmcs.store.clients.values()) {
      Object.assign(client, {
        firstname: PERSONAL.name,
        address1: PERSONAL.street,
        email: `${PERSONAL.mail}@example.com`,
        phonenumber: PERSONAL.phone,
      });
    }
    await Promise.all([product.run('worker'), product.run('listener'), product.run('portal')]);

    const good = product.draft({ Description: PERSONAL.name, BillingStreet: PERSONAL.street });
    const bad = product.draft({ Description: PERSONAL.name }, 'MAINFRAME');
    const refused = product.draft({ Description: PERSONAL.name });
    orders.push(good, bad, refused);
    // A vendor that puts personal data into its error message.
    whmcs.faults.add({
      kind: 'businessError',
      action: 'AcceptOrder',
      message: `Client ${PERSONAL.name} of ${PERSONAL.street}, ${PERSONAL.mail}@example.com, is not allowed`,
      count: 1,
    });
    product.approve(refused);
    await eventually(() => expect(product.field(refused, 'Activation_Status__c')).toBe('Failed'));
    product.approve(good);
    product.approve(bad);
    await product.activated(good);
    await eventually(() => expect(product.field(bad, 'Activation_Status__c')).toBe('Failed'));
    await typeIntoIdFields();
    await requestInDualMode();
  });

  afterAll(async () => {
    await product.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function typeIntoIdFields(): Promise<void> {
    const { store, salesUserId: userId } = product.sandbox.salesforce;
    const edit = (object: string, id: unknown, fields: Record<string, unknown>): void =>
      store.transaction({ userId }, (tx) => tx.update(object, String(id), fields));
    const itemOf = (orderId: string) => store.rows('OrderItem').find((row) => row['OrderId'] === orderId)!;
    const [ofClient, ofProduct, ofCycle] = [product.draft(), product.draft({}, 'MAINFRAME'), product.draft()];
    const ofOrder = product.draft({ WHMCS_Order_ID__c: TYPED });
    const account = { Name: PERSONAL.name, WHMCS_Client_ID__c: TYPED };
    edit('Order', ofClient, { AccountId: store.transaction({ userId }, (tx) => tx.create('Account', account)) });
    edit('Product2', itemOf(ofProduct)['Product2Id'], { WHMCS_Product_ID__c: TYPED });
    edit('OrderItem', itemOf(ofCycle).Id, { Billing_Cycle__c: TYPED });
    const all = [ofClient, ofProduct, ofCycle, ofOrder];
    orders.push(...all);
    for (const orderId of all) product.approve(orderId);
    const codes = () => [ofClient, ofProduct, ofCycle].map((id) => product.field(id, 'Activation_Error_Code__c'));
    await eventually(() => {
      expect(codes()).toEqual(['ACCOUNT_NOT_LINKED', 'PRODUCT_NOT_LINKED', 'BILLING_CYCLE_INVALID']);
      expect(lines('effect done')).toContainEqual(expect.objectContaining({ effect: 'request', orderId: ofOrder }));
    });
    // Its id counts as set, whatever it is.
    expect(await product.handle(ofOrder).result()).toMatchObject({ phase: 'Skipped', whmcsOrderId: UNREADABLE });
  }

  async function requestInDualMode(): Promise<void> {
    const listener = product.processes.get('listener')!;
    earlierMetrics = await metricsOf(listener);
    await listener.stop();
    await product.run('listener', { SF_PROVISION_EVENT_CHANNEL: CHANNEL });
    const { events, salesUserId } = product.sandbox.salesforce;
    for (const texts of REQUESTS) {
      const orderId = product.draft();
      orders.push(orderId);
      product.approve(orderId);
      events.publishPlatformEvent('Order_Fulfilment_Requested__e', { OrderId__c: orderId, ...texts }, salesUserId);
      await product.activated(orderId);
      // A sweep may have come first: the request itself must have reached the run.
      await eventually(() =>
        expect(lines('effect done')).toContainEqual(expect.objectContaining({ effect: 'request', orderId })),
      );
    }
  }

  const metricsOf = async ({ url }: RunningProcess) => (await fetch(`${url}/metrics`)).text();

  function lines(message: string): Record<string, unknown>[] {
    const written = product.log.filter((line) => line.startsWith('{'));
    return written.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ msg }) => msg === message);
  }

  function marks(): string[] {
    const { salesforce, whmcs } = product.sandbox;
    const { clientSecret, password } = salesforce.credentials;
    const tokens = product.env['SF_CLIENT_SECRET'] ?? clientSecret;
    return [
      ...Object.values(PERSONAL),
      clientSecret,
      password,
      tokens,
      whmcs.credentials.secret,
      `${salesforce.orgId.slice(0, 15)}!`,
    ];
  }

  function expectNone(where: string, bytes: Buffer | string): void {
    const haystack = Buffer.from(bytes).toString('latin1').toLowerCase();
    // The search itself is sound only if it finds what must be there.
    const found = marks().filter((mark) => haystack.includes(mark.toLowerCase()));
    expect({ where, found }).toEqual({ where, found: [] });
  }

  it('in Temporal’s database', async () => {
    await product.sandbox.temporal.stop();
    const files = ['', '-wal'].map((suffix) => {
      try {
        return readFileSync(`${database}${suffix}`);
      } catch {
        return Buffer.alloc(0);
      }
    });
    const bytes = Buffer.concat(files);
    // The orders' ids are there, so the bytes are the histories, and readable.
    for (const orderId of orders) expect(bytes.includes(orderId)).toBe(true);
    for (const code of ['PRODUCT_NOT_LINKED', 'ACCOUNT_NOT_LINKED', 'BILLING_CYCLE_INVALID', UNREADABLE]) {
      expect({ code, isThere: bytes.includes(code) }).toEqual({ code, isThere: true });
    }
    // What a platform event says is there, where it is ids.
    for (const id of Object.values(REQUESTS.at(-1)!)) expect(bytes.includes(id)).toBe(true);
    expectNone('temporal', bytes);
  });

  it('in the processes’ logs and metrics', async () => {
    expect(product.log.some((line) => line.includes(orders[0]!))).toBe(true);
    expectNone('logs', product.log.join('\n'));
    expectNone('metrics of the first listener', earlierMetrics);
    for (const running of product.processes.values()) {
      expectNone(`metrics of ${running.name}`, await metricsOf(running));
    }
  });

  it('and the log says what a platform event gave that is not carried along', () => {
    const requests = lines('event').filter(({ topic }) => topic === CHANNEL);
    const leftOut = ['requestedBy', 'correlationId'];
    expect(requests.map((line) => line['leftOut'])).toEqual([leftOut, leftOut, undefined]);
    expect(requests.map(({ correlationId }) => correlationId)).toEqual([undefined, undefined, 'quote-4711']);
  });

  it('in Redis, outside the caches', async () => {
    const redis = connectTo(product.sandbox.redis.url);
    await redis.connect();
    let others = 0;
    for await (const keys of redis.scanIterator({ MATCH: '*' })) {
      for (const key of keys) {
        if (key.startsWith('order-provisioning:cache:')) continue;
        others += 1;
        expectNone(key, key);
        expectNone(key, await contentsOf(redis, key));
      }
    }
    expect(others).toBeGreaterThan(0);
    redis.destroy();
  });

  it('in the command lines of the processes', () => {
    for (const { child, name } of product.processes.values()) {
      expectNone(`command line of ${name}`, readFileSync(`/proc/${child.pid}/cmdline`));
    }
  });
});
