import type PubSubApiClient from 'salesforce-pubsub-api-client';
import { startSalesforce, type SalesforceEmulator } from '../../../sandbox/salesforce';
import { makeCredentials, type Credentials } from '../../../sandbox/salesforce/credentials';
import { seedAccounts, seedCatalog, seedDraftOrder, setOrderStatus } from '../../../sandbox/salesforce/seed';
import { eventually } from '../../support/eventually';
import { connectClient, Received } from './subscriber';

const ORDERS = '/data/OrderChangeEvent';

let credentials: Credentials;
let sf: SalesforceEmulator;
let client: PubSubApiClient;
let orderIds: string[];

beforeAll(async () => {
  credentials = await makeCredentials();
});

beforeEach(async () => {
  sf = await startSalesforce({ credentials, times: { keepaliveMs: 100 } });
  const by = { userId: sf.salesUserId };
  const catalog = seedCatalog(sf.store, by);
  const [accountId] = seedAccounts(sf.store, by, 1) as [string];
  orderIds = Array.from({ length: 3 }, () => seedDraftOrder(sf.store, by, catalog, { accountId }).orderId);
  client = await connectClient(sf);
});

afterEach(async () => {
  sf.faults.clear();
  await sf.close();
  client.close();
});

const approve = (...ids: string[]) => setOrderStatus(sf.store, { userId: sf.salesUserId }, ids, 'Approved');

async function subscribed(count = 100): Promise<Received> {
  const received = new Received();
  const before = sf.pubsub.stats().streamsOpened[ORDERS] ?? 0;
  client.subscribe(ORDERS, received.callback, count);
  await eventually(() => expect(sf.pubsub.stats().streamsOpened[ORDERS]).toBe(before + 1));
  return received;
}

const ids = (received: Received) => received.headers.map(({ recordIds }) => recordIds[0]);

describe('events that no write makes', () => {
  it.each(['GAP_CREATE', 'GAP_UPDATE', 'GAP_DELETE', 'GAP_UNDELETE'] as const)(
    '%s has ids and no fields',
    async (type) => {
      const received = await subscribed();
      sf.faults.events.gap('Order', type, [orderIds[0]!, orderIds[1]!]);
      await eventually(() => expect(received.events).toHaveLength(1));
      const { ChangeEventHeader: header, ...fields } = received.events[0]!.payload;
      expect(header).toMatchObject({ changeType: type, recordIds: [orderIds[0], orderIds[1]], changedFields: [] });
      expect(Object.values(fields).every((value) => value === null)).toBe(true);
    },
  );

  it('an overflow has the dummy id, a wildcard the prefix', async () => {
    const received = await subscribed();
    sf.faults.events.overflow('Order');
    sf.faults.events.wildcard('Order');
    await eventually(() => expect(ids(received)).toEqual(['000000000000000AAA', '801*']));
    expect(received.headers[0]!.changeType).toBe('GAP_OVERFLOW');
  });

  it('broken ones come, are not decoded, and do not hold up the next', async () => {
    const received = await subscribed();
    sf.faults.events.truncated(ORDERS);
    sf.faults.events.unknownSchema(ORDERS);
    sf.faults.events.withoutHeader(ORDERS);
    sf.faults.events.withoutRecordIds('Order');
    sf.faults.events.change({ object: 'Order', changeType: 'MERGED', recordIds: ["801' OR '1'='1"] });
    approve(orderIds[0]!);
    await eventually(() => expect(received.types.filter((type) => type !== 'grpcKeepAlive')).toHaveLength(6));
    expect(received.errors.map(({ cause }) => cause?.message)).toEqual([
      expect.stringMatching(/truncated/),
      expect.stringMatching(/schema/),
    ]);
    expect(received.events[0]!.payload).toEqual({ Status: 'Approved' });
    expect(received.headers[1]!.recordIds).toEqual([]);
    expect(received.headers[2]).toMatchObject({ changeType: 'MERGED', recordIds: ["801' OR '1'='1"] });
    expect(received.headers[3]!.recordIds).toEqual([orderIds[0]]);
  });

  it('raw ones carry what they are given', async () => {
    const topic = '/event/Order_Fulfilment_Requested__e';
    const received = new Received();
    client.subscribeFromEarliestEvent(topic, received.callback, 10);
    const none = { RequestedBy__c: null, Priority__c: null, CorrelationId__c: null };
    sf.faults.events.raw(topic, { CreatedDate: 1, CreatedById: '', OrderId__c: null, ...none });
    await eventually(() => expect(received.events).toHaveLength(1));
    expect(received.events[0]!.payload).toMatchObject({ OrderId__c: null });
    expect(() => sf.faults.events.raw(topic, { nonsense: true })).toThrow();
    expect(() => sf.faults.events.raw('/event/None__e', {})).toThrow('There is no topic');
  });
});

describe('delivery', () => {
  it('repeats the last events with their replay ids, within the credit', async () => {
    const received = await subscribed(5);
    orderIds.forEach((id) => approve(id));
    await eventually(() => expect(received.events).toHaveLength(3));
    sf.faults.repeatLast(ORDERS, 3);
    await eventually(() => expect(received.events).toHaveLength(5));
    expect(received.replayIds.slice(3)).toEqual(received.replayIds.slice(0, 2));
    expect(received.count('lastEvent')).toBe(1);
    expect(sf.pubsub.stats()).toMatchObject({ eventsDelivered: { [ORDERS]: 5 }, eventsRepeated: { [ORDERS]: 2 } });
  });

  it('is held until released, while keepalives go on and do not pass what is held', async () => {
    const received = await subscribed();
    sf.faults.hold(ORDERS);
    approve(orderIds[0]!);
    await eventually(() => expect(received.count('grpcKeepAlive')).toBeGreaterThan(1));
    const { lastReplayId } = received;
    expect(received.events).toEqual([]);
    sf.faults.release(ORDERS);
    await eventually(() => expect(received.events).toHaveLength(1));
    expect(received.replayIds[0]).toBeGreaterThan(lastReplayId!);
  });

  it('is delayed, and comes all the same', async () => {
    const received = await subscribed();
    sf.faults.delay(ORDERS, 250);
    approve(orderIds[0]!);
    await eventually(() => expect(received.count('grpcKeepAlive')).toBeGreaterThan(0));
    expect(received.events).toEqual([]);
    await eventually(() => expect(received.events).toHaveLength(1));
  });

  it('is out of order once', async () => {
    const received = await subscribed();
    sf.faults.disorder(ORDERS, 3);
    orderIds.forEach((id) => approve(id));
    await eventually(() => expect(ids(received)).toEqual([...orderIds].reverse()));
    setOrderStatus(sf.store, { userId: sf.salesUserId }, [orderIds[0]!], 'Cancelled');
    await eventually(() => expect(received.events).toHaveLength(4));
  });
});

describe('streams', () => {
  it('are cut, well or with a failure', async () => {
    const first = await subscribed();
    sf.faults.cutStreams({ topic: '/data/AccountChangeEvent' });
    sf.faults.cutStreams({ topic: ORDERS });
    await eventually(() => expect(first.types.at(-1)).toBe('end'));
    expect(first.errors).toEqual([]);
    const second = await subscribed();
    sf.faults.cutStreams({ code: 'service.unavailable' });
    await eventually(() =>
      expect(second.types.filter((type) => type !== 'grpcKeepAlive')).toEqual(['error', 'grpcStatus', 'end']),
    );
    expect(second.errors[0]).toMatchObject({ code: 14 });
    expect(second.errorCode).toBe('service.unavailable');
    expect(sf.pubsub.stats()).toMatchObject({ openStreams: { [ORDERS]: 0 }, failures: { 'service.unavailable': 1 } });
  });

  it('fall silent, without keepalives, and speak again', async () => {
    const received = await subscribed();
    await eventually(() => expect(received.count('grpcKeepAlive')).toBe(1));
    sf.faults.silence();
    const heard = received.types.length;
    approve(orderIds[0]!);
    const other = await connectClient(sf);
    const accounts = new Received();
    // A second client's silent stream proves that time goes by at the server: latency of an RPC is real time there.
    sf.faults.latency('GetTopic', 300);
    other.subscribe('/data/AccountChangeEvent', accounts.callback, 1);
    await expect(other.publish('/data/AccountChangeEvent', {})).rejects.toThrow();
    expect(received.types).toHaveLength(heard);
    sf.faults.unsilence();
    await eventually(() => expect(received.events).toHaveLength(1));
    sf.faults.cutStreams();
    await eventually(() => expect(accounts.types.at(-1)).toBe('end'));
    other.close();
  });

  it('of a half-open server are accepted and never answered', async () => {
    sf.faults.halfOpen();
    const received = new Received();
    client.subscribe(ORDERS, received.callback, 1);
    await expect(
      Promise.race([
        client.publish('/event/Order_Fulfilment_Requested__e', {}),
        new Promise((_, no) => setTimeout(no, 300, 'silence')),
      ]),
    ).rejects.toBe('silence');
    expect(received.types).toEqual([]);
    expect(sf.pubsub.stats().openStreams).toEqual({});
  });
});

describe('schemas', () => {
  it('that cannot be had lose the client its event', async () => {
    sf.faults.failSchema({ topic: ORDERS, times: 1 });
    const received = await subscribed(10);
    approve(orderIds[0]!);
    await eventually(() => expect(received.errors).toHaveLength(1));
    approve(orderIds[1]!);
    await eventually(() => expect(ids(received)).toEqual([orderIds[1]]));
    expect(sf.pubsub.stats()).toMatchObject({ getSchemaCalls: 2, failures: { 'schema.api.unavailable': 1 } });
  });

  it('fail for one topic only', async () => {
    sf.faults.failSchema({ topic: '/data/AccountChangeEvent' });
    const received = await subscribed();
    approve(orderIds[0]!);
    await eventually(() => expect(received.events).toHaveLength(1));
  });
});

describe('after a reconnection', () => {
  it('events before the replay id can come again', async () => {
    const first = await subscribed();
    orderIds.forEach((id) => approve(id));
    await eventually(() => expect(first.events).toHaveLength(3));
    sf.faults.cutStreams();
    await eventually(() => expect(first.types.at(-1)).toBe('end'));
    sf.faults.rewindOnResume(ORDERS, 2);
    const second = new Received();
    client.subscribeFromReplayId(ORDERS, second.callback, 10, first.replayIds[2]!);
    await eventually(() => expect(second.replayIds).toEqual(first.replayIds.slice(1)));
  });
});
