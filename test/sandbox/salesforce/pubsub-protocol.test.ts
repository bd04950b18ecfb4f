import { dirname, join } from 'node:path';
import { readdirSync } from 'node:fs';
import { credentials as grpc, loadPackageDefinition, Metadata, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { startSalesforce, type SalesforceEmulator } from '../../../sandbox/salesforce';
import { makeCredentials, type Credentials } from '../../../sandbox/salesforce/credentials';
import { RETENTION_MS } from '../../../sandbox/salesforce/events/topic';
import { seedAccounts } from '../../../sandbox/salesforce/seed';
import { eventually } from '../../support/eventually';
import { connectClient, Received } from './subscriber';

/**
 * What the client does not show: spoken with the published proto that the client brings along, so that the emulator's
 * own is held to the real field numbers, and with the certificate checked.
 */
const EVENT = '/event/Order_Fulfilment_Requested__e';
const ACCOUNTS = '/data/AccountChangeEvent';

interface Answer {
  events?: { replayId: Buffer }[];
  latestReplayId: Buffer;
  pendingNumRequested: number;
  rpcId: string;
  commitResponse?: { commitRequestId: string; error?: { code: string; msg: string } | null } | null;
}
interface Duplex {
  write(message: object): void;
  cancel(): void;
  on(event: 'data', listener: (answer: Answer) => void): void;
  on(event: 'error', listener: (error: ServiceError) => void): void;
}
interface Api {
  Subscribe(metadata: Metadata): Duplex;
  ManagedSubscribe(metadata: Metadata): Duplex;
  GetTopic(
    request: object,
    metadata: Metadata,
    callback: (error: ServiceError | null, answer: Record<string, unknown>) => void,
  ): void;
  close(): void;
}

let credentials: Credentials;
let sf: SalesforceEmulator;
let api: Api;

beforeAll(async () => {
  credentials = await makeCredentials();
});

beforeEach(async () => {
  sf = await startSalesforce({ credentials, times: { keepaliveMs: 60_000 } });
  const dist = dirname(require.resolve('salesforce-pubsub-api-client'));
  const proto = join(
    dist,
    readdirSync(dist).find((name) => name.endsWith('.proto'))!,
  );
  const definition = loadPackageDefinition(loadSync(proto, { defaults: false, enums: String })) as never as {
    eventbus: { v1: { PubSub: new (endpoint: string, credentials: unknown) => Api } };
  };
  const trusted = grpc.createSsl(Buffer.from(sf.pubsub.certificate));
  api = new definition.eventbus.v1.PubSub(sf.pubsubEndpoint.replace('127.0.0.1', 'localhost'), trusted);
});

afterEach(async () => {
  api.close();
  await sf.close();
});

function headers(change: Record<string, string> = {}): Metadata {
  const session = sf.sessions.open({ userId: sf.integrationUserId, username: 'x' });
  const metadata = new Metadata();
  const all = { accesstoken: session.accessToken, instanceurl: sf.loginUrl, tenantid: sf.orgId, ...change };
  for (const [name, value] of Object.entries(all)) if (value !== '') metadata.set(name, value);
  return metadata;
}

function listen(stream: Duplex) {
  const answers: Answer[] = [];
  const errors: ServiceError[] = [];
  stream.on('data', (answer) => answers.push(answer));
  stream.on('error', (error) => errors.push(error));
  return { answers, errors, code: () => codeOf(errors[0]), cancel: () => stream.cancel() };
}

function codeOf(error: ServiceError | null | undefined): string {
  return String(error?.metadata.get('error-code')[0]).replace('sfdc.platform.eventbus.grpc.', '');
}

describe('Subscribe', () => {
  it('says how much credit is left, adds requests, and takes more than 100 for 100', async () => {
    const stream = api.Subscribe(headers());
    const { answers } = listen(stream);
    stream.write({ topicName: ACCOUNTS, replayPreset: 'EARLIEST', numRequested: 80 });
    stream.write({ numRequested: 80 });
    await eventually(() => expect(sf.pubsub.stats().eventsRequested[ACCOUNTS]).toBe(160));
    seedAccounts(sf.store, { userId: sf.salesUserId }, 3);
    await eventually(() => expect(answers.flatMap(({ events }) => events ?? [])).toHaveLength(3));
    const last = answers.at(-1)!;
    expect(last.pendingNumRequested).toBe(97);
    expect(last.latestReplayId).toEqual(last.events!.at(-1)!.replayId);
    expect(last.latestReplayId).toHaveLength(10);
    expect(last.rpcId).toMatch(/^[0-9a-f-]{36}$/);
    stream.cancel();
    await eventually(() => expect(sf.pubsub.stats().openStreams[ACCOUNTS]).toBe(0));
  });

  it.each([
    ['no topic', { numRequested: 1 }, 3, 'topic.validation.empty'],
    [
      'custom without replay id',
      { topicName: ACCOUNTS, replayPreset: 'CUSTOM', numRequested: 1 },
      3,
      'subscription.fetch.replayid.validation.failed',
    ],
    [
      'a short replay id',
      { topicName: ACCOUNTS, replayPreset: 'CUSTOM', replayId: Buffer.from('abc'), numRequested: 1 },
      3,
      'subscription.fetch.replayid.corrupted',
    ],
    ['nothing requested', { topicName: ACCOUNTS }, 3, 'subscription.fetch.requested.events.invalid'],
  ])('refuses %s', async (_, request, status, code) => {
    const stream = api.Subscribe(headers());
    const heard = listen(stream);
    stream.write(request);
    await eventually(() => expect(heard.errors[0]?.code).toBe(status));
    expect(heard.code()).toBe(code);
    expect(heard.errors[0]!.details).toMatch(/ rpcId: [0-9a-f-]{36}$/);
  });

  it('refuses another topic on the same stream', async () => {
    const stream = api.Subscribe(headers());
    const heard = listen(stream);
    stream.write({ topicName: ACCOUNTS, numRequested: 1 });
    stream.write({ topicName: EVENT, numRequested: 1 });
    await eventually(() => expect(heard.code()).toBe('subscription.fetch.topic.mismatch'));
    expect(sf.pubsub.stats().openStreams[ACCOUNTS]).toBe(0);
  });

  it.each([
    ['no token', { accesstoken: '' }, 'service.auth.headers.invalid'],
    ['no tenant', { tenantid: '' }, 'service.auth.headers.invalid'],
    ['a foreign token', { accesstoken: '00DQy0000001aBc!nonsense' }, 'service.auth.error'],
    ['another org', { tenantid: '00D000000000001EAA' }, 'service.auth.error'],
  ])('refuses %s', async (_, change, code) => {
    const heard = listen(api.Subscribe(headers(change)));
    await eventually(() => expect(heard.errors[0]?.code).toBe(16));
    expect(heard.code()).toBe(code);
  });
});

describe('the emulator', () => {
  it('carries replay ids that a Number cannot hold', async () => {
    const far = await startSalesforce({ credentials, firstReplayPosition: 2n ** 60n });
    const client = await connectClient(far);
    const received = new Received();
    seedAccounts(far.store, { userId: far.salesUserId }, 3);
    client.subscribeFromEarliestEvent(ACCOUNTS, received.callback, 3);
    await eventually(() => expect(received.events).toHaveLength(3));
    const truth = far.events.topics
      .get(ACCOUNTS)!
      .log.retained()
      .map(({ position }) => position);
    expect(truth.every((position) => position > 2n ** 53n)).toBe(true);
    expect(received.replayIds.map(BigInt)).not.toEqual(truth);
    await far.close();
    client.close();
  });

  it('says which port is taken, and leaves nothing running', async () => {
    const httpPort = Number(new URL(sf.loginUrl).port);
    await expect(startSalesforce({ credentials, httpPort })).rejects.toThrow(`cannot listen on port ${httpPort}`);
    const pubsubPort = Number(sf.pubsubEndpoint.split(':')[1]);
    await expect(startSalesforce({ credentials, pubsubPort })).rejects.toThrow(`cannot listen on port ${pubsubPort}`);
  });
});

describe('GetTopic', () => {
  const topicInfo = (topicName: string) =>
    new Promise<Record<string, unknown>>((resolve, reject) => {
      api.GetTopic({ topicName }, headers(), (error, answer) =>
        error ? reject(new Error(codeOf(error))) : resolve(answer),
      );
    });

  it('tells what may be done with a topic', async () => {
    expect(await topicInfo(EVENT)).toMatchObject({
      topicName: EVENT,
      tenantGuid: sf.orgId,
      canPublish: true,
      canSubscribe: true,
    });
    const changes = await topicInfo(ACCOUNTS);
    expect(changes['canPublish'] ?? false).toBe(false);
    expect(changes['schemaId']).toMatch(/^[\w-]{22}$/);
  });

  it('has no schema for a topic of several objects', async () => {
    expect((await topicInfo('/data/ChangeEvents'))['schemaId'] ?? '').toBe('');
  });

  it('does not know every topic', async () => {
    await expect(topicInfo('/event/Nope__e')).rejects.toThrow('topic.not.found');
  });
});

describe('a managed subscription', () => {
  it('resumes after what was committed, and refuses commits that make no sense', async () => {
    const orders = '/data/OrderChangeEvent';
    const gap = (id: string) => sf.faults.events.gap('Order', 'GAP_UPDATE', [id]);
    ['801000000000001AAA', '801000000000002AAA', '801000000000003AAA'].forEach(gap);
    const stream = api.ManagedSubscribe(headers());
    const heard = listen(stream);
    stream.write({ developerName: 'Order_Provisioning', numRequested: 2 });
    const replayIds = () => heard.answers.flatMap(({ events }) => events ?? []).map(({ replayId }) => replayId);
    await eventually(() => expect(replayIds()).toHaveLength(2));
    const [first, second] = replayIds() as [Buffer, Buffer];
    const notYet = sf.events.topics.get(orders)!.log.tip;
    const undelivered = Buffer.alloc(8);
    undelivered.writeBigUInt64BE(notYet);
    const commit = (commitRequestId: string, replayId?: Buffer) =>
      stream.write({ commitReplayIdRequest: { commitRequestId, ...(replayId && { replayId }) } });
    commit('second', second);
    commit('older', first);
    commit('undelivered', undelivered);
    commit('nonsense', Buffer.from('x'));
    commit('missing');
    await eventually(() => expect(heard.answers.filter(({ commitResponse }) => commitResponse)).toHaveLength(5));
    const outcomes = heard.answers.flatMap(({ commitResponse: c }) =>
      c ? [[c.commitRequestId, c.error?.code ?? 'ok']] : [],
    );
    expect(outcomes).toEqual([
      ['second', 'ok'],
      ['older', 'COMMIT'],
      ['undelivered', 'COMMIT'],
      ['nonsense', 'COMMIT'],
      ['missing', 'COMMIT'],
    ]);

    const twin = listen(api.ManagedSubscribe(headers()));
    const blocked = api.ManagedSubscribe(headers());
    const refused = listen(blocked);
    blocked.write({ developerName: 'Order_Provisioning', numRequested: 1 });
    await eventually(() => expect(refused.code()).toBe('managed.subscription.already.active'));
    twin.cancel();

    stream.cancel();
    await eventually(() => expect(sf.pubsub.stats().openStreams[orders]).toBe(0));
    const again = api.ManagedSubscribe(headers());
    const resumed = listen(again);
    again.write({ developerName: 'Order_Provisioning', numRequested: 10 });
    await eventually(() => expect(resumed.answers.flatMap(({ events }) => events ?? [])).toHaveLength(1));
    again.cancel();
  });

  it('works through the client, by name, with the tooling query of REST; an expired commit falls back to earliest', async () => {
    const client = await connectClient(sf);
    const received = new Received();
    sf.faults.events.gap('Order', 'GAP_UPDATE', ['801000000000001AAA']);
    await client.subscribeWithManagedSubscription('Order_Provisioning', received.callback as never, 10);
    await eventually(() => expect(received.events).toHaveLength(1));
    const { Id } = sf.pubsub.managed.list()[0]!;
    client.commitReplayId(Id, received.replayIds[0]!);
    await eventually(() =>
      expect(sf.pubsub.managed.committed('Order_Provisioning')).toBe(String(received.replayIds[0])),
    );
    sf.faults.cutStreams();
    await eventually(() => expect(received.types.at(-1)).toBe('end'));
    client.close();

    sf.clock.advance(RETENTION_MS + 1);
    sf.faults.events.gap('Order', 'GAP_UPDATE', ['801000000000002AAA']);
    const later = await connectClient(sf);
    const resumed = new Received();
    await later.subscribeWithManagedSubscription('Order_Provisioning', resumed.callback as never, 10);
    await eventually(() => expect(resumed.headers.map(({ recordIds }) => recordIds)).toEqual([['801000000000002AAA']]));
    sf.faults.cutStreams();
    await eventually(() => expect(resumed.types.at(-1)).toBe('end'));
    later.close();
  });
});

describe('publishing', () => {
  it('gives a platform event to its subscribers, with a replay id for the publisher', async () => {
    const client = await connectClient(sf);
    const received = new Received();
    client.subscribe(EVENT, received.callback, 10);
    await eventually(() => expect(sf.pubsub.stats().openStreams[EVENT]).toBe(1));
    const fields = {
      OrderId__c: { string: '801000000000001AAA' },
      RequestedBy__c: null,
      Priority__c: { string: 'High' },
      CorrelationId__c: null,
    };
    const payload = { CreatedDate: 1, CreatedById: sf.salesUserId, ...fields };
    const result = await client.publish(EVENT, payload, 'my-key');
    expect(result).toMatchObject({ correlationKey: 'my-key' });
    sf.events.publishPlatformEvent(
      'Order_Fulfilment_Requested__e',
      { OrderId__c: '801000000000002AAA' },
      sf.salesUserId,
    );
    await eventually(() => expect(received.events).toHaveLength(2));
    expect(received.events[0]!.payload).toMatchObject({
      OrderId__c: '801000000000001AAA',
      Priority__c: 'High',
      RequestedBy__c: null,
    });
    expect(received.replayIds[0]).toBe(result.replayId);
    expect(received.events[1]!.payload).toMatchObject({
      OrderId__c: '801000000000002AAA',
      CreatedById: sf.salesUserId,
    });

    const answers: unknown[] = [];
    const batch = [payload, payload].map((each) => ({ payload: each }));
    await client.publishBatch(EVENT, batch as never, ((_: unknown, type: string) => answers.push(type)) as never);
    await eventually(() => expect(received.events).toHaveLength(4));
    expect(answers).toContain('publishResponse');
    sf.faults.cutStreams();
    await eventually(() => expect(received.types.at(-1)).toBe('end'));
    client.close();
  });

  it('is refused on a topic of changes', async () => {
    const client = await connectClient(sf);
    await expect(client.publish(ACCOUNTS, {})).rejects.toThrow('Failed to publish');
    client.close();
  });

  it('by REST demands the required fields', () => {
    const publish = (fields: object) =>
      sf.events.publishPlatformEvent('Order_Fulfilment_Requested__e', fields as never, sf.salesUserId);
    expect(() => publish({})).toThrow('OrderId__c');
    expect(() => publish({ OrderId__c: 'x', Nope__c: 1 })).toThrow('Nope__c');
  });
});
