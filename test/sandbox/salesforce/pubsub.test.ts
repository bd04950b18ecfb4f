import type PubSubApiClient from 'salesforce-pubsub-api-client';
import { startSalesforce, type SalesforceEmulator } from '../../../sandbox/salesforce';
import { makeCredentials, type Credentials } from '../../../sandbox/salesforce/credentials';
import { RETENTION_MS } from '../../../sandbox/salesforce/events/topic';
import { seedAccounts, seedCatalog, seedDraftOrder, setOrderStatus } from '../../../sandbox/salesforce/seed';
import { eventually } from '../../support/eventually';
import { connectClient, Received } from './subscriber';

const ORDERS = '/data/OrderChangeEvent';
const ACCOUNTS = '/data/AccountChangeEvent';

let credentials: Credentials;
let sf: SalesforceEmulator;
let client: PubSubApiClient;
let accountId: string;
let orderIds: string[];

beforeAll(async () => {
  credentials = await makeCredentials();
});

beforeEach(async () => {
  sf = await startSalesforce({ credentials, times: { keepaliveMs: 150 } });
  const by = { userId: sf.salesUserId };
  const catalog = seedCatalog(sf.store, by);
  [accountId] = seedAccounts(sf.store, by, 1) as [string];
  orderIds = Array.from({ length: 3 }, () => seedDraftOrder(sf.store, by, catalog, { accountId }).orderId);
  client = await connectClient(sf);
});

afterEach(async () => {
  await sf.close();
  client.close();
});

const sales = (clientName?: string) => ({
  userId: sf.salesUserId,
  ...(clientName === undefined ? {} : { clientName }),
});
const approve = (...ids: string[]) => setOrderStatus(sf.store, sales(), ids, 'Approved');
const openStreams = (topic: string) => sf.pubsub.stats().openStreams[topic] ?? 0;

/** Subscribes from now on, and waits until the server has the stream. */
async function subscribed(topic: string, count: number | null = 100): Promise<Received> {
  const received = new Received();
  client.subscribe(topic, received.callback, count);
  await eventually(() => expect(openStreams(topic)).toBe(1));
  return received;
}

function resume(topic: string, replayId: number, count = 100): Received {
  const received = new Received();
  client.subscribeFromReplayId(topic, received.callback, count, replayId);
  return received;
}

describe('subscribe', () => {
  it('from earliest gives what is retained, in order', async () => {
    approve(orderIds[0]!);
    approve(orderIds[1]!);
    const received = new Received();
    client.subscribeFromEarliestEvent(ORDERS, received.callback, 100);
    await eventually(() => expect(received.events).toHaveLength(5));
    expect(received.headers.map(({ changeType }) => changeType)).toEqual([
      'CREATE',
      'CREATE',
      'CREATE',
      'UPDATE',
      'UPDATE',
    ]);
    expect([...received.replayIds].sort((a, b) => a - b)).toEqual(received.replayIds);
  });

  it('from latest gives what comes, and the client decodes it', async () => {
    const received = await subscribed(ORDERS);
    sf.store.transaction(sales('portal'), (tx) => tx.update('Order', orderIds[0]!, { Status: 'Approved' }));
    const [event] = await eventually(() => {
      expect(received.events).toHaveLength(1);
      return received.events;
    });
    expect(event!.payload.ChangeEventHeader).toMatchObject({
      entityName: 'Order',
      changeType: 'UPDATE',
      recordIds: [orderIds[0]],
      changedFields: ['Status', 'LastModifiedDate'],
      nulledFields: [],
      changeOrigin: 'com/salesforce/api/rest/62.0;client=portal',
      commitUser: sf.salesUserId,
    });
    expect(typeof event!.payload.ChangeEventHeader.commitNumber).toBe('bigint');
    expect(event!.payload).toMatchObject({ Status: 'Approved', AccountId: null, WHMCS_Order_ID__c: null });
    expect(event!.payload).not.toHaveProperty('Id');
  });

  it('from a replay id gives what came after it, of an event or of a keepalive', async () => {
    const first = await subscribed(ORDERS);
    approve(orderIds[0]!);
    approve(orderIds[1]!);
    await eventually(() => expect(first.events).toHaveLength(2));
    await eventually(() => expect(first.count('grpcKeepAlive')).toBeGreaterThan(0));
    const [afterFirst, afterAll] = [first.replayIds[0]!, first.lastReplayId!];
    sf.faults.cutStreams();
    await eventually(() => expect(first.types.at(-1)).toBe('end'));

    const second = resume(ORDERS, afterFirst);
    await eventually(() => expect(second.replayIds).toEqual([first.replayIds[1]]));
    sf.faults.cutStreams();
    await eventually(() => expect(second.types.at(-1)).toBe('end'));

    const third = resume(ORDERS, afterAll);
    approve(orderIds[2]!);
    await eventually(() => expect(third.headers.map(({ recordIds }) => recordIds)).toEqual([[orderIds[2]]]));
  });

  it('tells of components of an address, and of nulls', async () => {
    const received = await subscribed(ACCOUNTS);
    const fields = { BillingCity: 'Quillbridge', BillingStreet: null, ShippingCountry: 'NL', Phone: null };
    sf.store.transaction(sales(), (tx) => tx.update('Account', accountId, fields));
    await eventually(() => expect(received.events).toHaveLength(1));
    const { changedFields, nulledFields } = received.headers[0]!;
    expect([...changedFields].sort()).toEqual(
      ['BillingAddress.City', 'BillingAddress.Street', 'LastModifiedDate', 'Phone', 'ShippingAddress.Country'].sort(),
    );
    expect([...nulledFields].sort()).toEqual(['BillingAddress.Street', 'Phone']);
    expect(received.events[0]!.payload).toMatchObject({
      BillingAddress: { City: 'Quillbridge', State: null },
      ShippingAddress: { Country: 'NL', City: null },
    });
  });

  it('merges the same change to many records', async () => {
    const received = await subscribed(ORDERS);
    approve(...orderIds);
    await eventually(() => expect(received.headers.map(({ recordIds }) => recordIds)).toEqual([orderIds]));
  });

  it('carries unchanged fields on an enriched channel, outside of changedFields', async () => {
    const received = await subscribed('/data/Order_Enriched__chn');
    sf.store.transaction(sales(), (tx) => tx.update('Order', orderIds[0]!, { PoNumber: '12' }));
    await eventually(() => expect(received.events).toHaveLength(1));
    expect(received.events[0]!.payload).toMatchObject({ Status: 'Draft', AccountId: accountId, PoNumber: '12' });
    expect(received.headers[0]!.changedFields).toEqual(['PoNumber', 'LastModifiedDate']);
  });

  it('splits a merged event where enriched values differ', async () => {
    approve(orderIds[0]!);
    const received = await subscribed('/data/Order_Enriched__chn');
    sf.store.transaction(sales(), (tx) => orderIds.forEach((id) => tx.update('Order', id, { PoNumber: '12' })));
    await eventually(() =>
      expect(received.headers.map(({ recordIds }) => recordIds)).toEqual([[orderIds[0]], [orderIds[1], orderIds[2]]]),
    );
  });
});

it('an enriched field has the value of the time of delivery', async () => {
  const channel = '/data/Order_Enriched__chn';
  sf.store.transaction(sales(), (tx) => tx.update('Order', orderIds[0]!, { PoNumber: '12' }));
  approve(orderIds[0]!);
  const received = new Received();
  client.subscribeFromEarliestEvent(channel, received.callback, 100);
  await eventually(() => expect(received.headers.filter(({ changeType }) => changeType === 'UPDATE')).toHaveLength(2));
  const [numbered, approved] = received.events.filter(
    ({ payload }) => payload.ChangeEventHeader.changeType === 'UPDATE',
  );
  expect(numbered!.payload).toMatchObject({ PoNumber: '12', Status: 'Approved' });
  expect(numbered!.payload.ChangeEventHeader.changedFields).not.toContain('Status');
  expect(approved!.payload.ChangeEventHeader.changedFields).toContain('Status');
});

describe('credit', () => {
  it('is never exceeded, and adds up', async () => {
    const received = new Received();
    client.subscribe(ORDERS, received.callback, 2);
    await eventually(() => expect(openStreams(ORDERS)).toBe(1));
    for (let i = 0; i < 10; i++)
      sf.store.transaction(sales(), (tx) => tx.update('Order', orderIds[0]!, { PoNumber: `${i}` }));
    await eventually(() => expect(received.count('lastEvent')).toBe(1));
    expect(sf.pubsub.stats().eventsDelivered[ORDERS]).toBe(2);
    client.requestAdditionalEvents(ORDERS, 3);
    await eventually(() => expect(received.events).toHaveLength(5));
    expect(sf.pubsub.stats()).toMatchObject({ eventsDelivered: { [ORDERS]: 5 }, eventsRequested: { [ORDERS]: 5 } });
  });

  it('used up and not renewed ends the stream', async () => {
    const received = await subscribed(ORDERS, 2);
    approve(orderIds[0]!);
    // From now on the client has the schema. Ending a stream while it fetches one would lose it the event.
    await eventually(() => expect(received.events).toHaveLength(1));
    sf.pubsub.times.idleMs = 50;
    approve(orderIds[1]!);
    await eventually(() => expect(received.types.slice(-4)).toEqual(['event', 'lastEvent', 'grpcStatus', 'end']));
    expect(openStreams(ORDERS)).toBe(0);
    expect(received.errors).toEqual([]);
  });

  it('open without events gives keepalives', async () => {
    const received = await subscribed(ORDERS);
    await eventually(() => expect(received.count('grpcKeepAlive')).toBeGreaterThan(2));
    expect(openStreams(ORDERS)).toBe(1);
  });

  it('of nothing is refused', async () => {
    const received = await subscribed(ORDERS);
    client.requestAdditionalEvents(ORDERS, 0);
    await eventually(() => expect(received.errors[0]?.code).toBe(3));
    expect(received.errorCode).toBe('subscription.fetch.requested.events.invalid');
  });
});

describe('a replay id is refused', () => {
  async function refused(received: Received): Promise<string> {
    await eventually(() => expect(received.types).toContain('end'));
    expect(received.errors[0]).toMatchObject({ code: 3 });
    expect(received.events).toEqual([]);
    return received.errorCode;
  }

  it('when it has expired; earliest then gives what is left', async () => {
    const first = await subscribed(ORDERS);
    approve(orderIds[0]!);
    await eventually(() => expect(first.events).toHaveLength(1));
    sf.clock.advance(RETENTION_MS + 1000);
    approve(orderIds[1]!);
    // The session has expired with the clock, as it would have in four days.
    await eventually(() => expect(first.errorCode).toBe('service.auth.error'));
    client.close();
    client = await connectClient(sf);
    expect(await refused(resume(ORDERS, first.replayIds[0]!))).toBe('subscription.fetch.replayid.corrupted');
    const earliest = new Received();
    client.subscribeFromEarliestEvent(ORDERS, earliest.callback, 100);
    await eventually(() => expect(earliest.headers.map(({ recordIds }) => recordIds)).toEqual([[orderIds[1]]]));
  });

  it('when it is of another topic, or made up', async () => {
    const first = new Received();
    client.subscribeFromEarliestEvent(ACCOUNTS, first.callback, 1);
    await eventually(() => expect(first.events).toHaveLength(1));
    expect(await refused(resume(ORDERS, first.replayIds[0]!))).toBe('subscription.fetch.replayid.corrupted');
    expect(await refused(resume(ORDERS, 1))).toBe('subscription.fetch.replayid.corrupted');
  });
});

describe('an unknown or forbidden topic', () => {
  it.each([
    ['/data/NoSuchChangeEvent', 5, 'topic.not.found'],
    ['/data/Pricebook2ChangeEvent', 5, 'topic.not.found'],
  ])('%s', async (topic, code, errorCode) => {
    const received = new Received();
    client.subscribe(topic, received.callback, 1);
    await eventually(() => expect(received.errors[0]?.code).toBe(code));
    expect(received.errorCode).toBe(errorCode);
  });

  it('one without permission', async () => {
    sf.faults.forbid(ORDERS);
    const received = new Received();
    client.subscribe(ORDERS, received.callback, 1);
    await eventually(() => expect(received.errors[0]?.code).toBe(7));
    expect(received.errorCode).toBe('subscription.topic.cannot.subscribe');
  });
});

describe('sessions', () => {
  it('that were ended are refused with UNAUTHENTICATED, on open streams too', async () => {
    const received = await subscribed(ORDERS);
    sf.sessions.expireAll();
    approve(orderIds[0]!);
    await eventually(() => expect(received.errors[0]?.code).toBe(16));
    expect(received.errorCode).toBe('service.auth.error');
    expect(received.events).toEqual([]);
    expect(sf.pubsub.stats().sessionsRefused).toBeGreaterThan(0);
  });

  it('can be refused a number of times', async () => {
    sf.faults.refuseSessions(1);
    const received = new Received();
    client.subscribe(ORDERS, received.callback, 1);
    await eventually(() => expect(received.types.at(-1)).toBe('end'));
    expect(received.errorCode).toBe('service.auth.error');
    await subscribed(ORDERS);
  });
});
