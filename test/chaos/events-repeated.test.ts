import type PubSubApiClient from 'salesforce-pubsub-api-client';
import { strike } from '../../chaos/faults';
import type { Stage } from '../../chaos/faults/strike';
import { ORDERS } from '../../chaos/topics';
import { startSalesforce, type SalesforceEmulator } from '../../sandbox/salesforce';
import { connectClient, Received } from '../sandbox/salesforce/subscriber';
import { eventually } from '../support/eventually';

let salesforce: SalesforceEmulator;
let clients: PubSubApiClient[];
let over: AbortController;
beforeEach(async () => {
  over = new AbortController();
  salesforce = await startSalesforce({ times: { keepaliveMs: 100 } });
  clients = [await connectClient(salesforce), await connectClient(salesforce)];
});
afterEach(async () => {
  over.abort(new Error('over'));
  salesforce.faults.clear();
  await salesforce.close();
  for (const client of clients) client.close();
});

it('events come again to the next stream, where the one that was to have them ended before', async () => {
  const [client, next] = clients;
  const received = new Received();
  client?.subscribe(ORDERS, received.callback, 10);
  await eventually(() => expect(salesforce.pubsub.stats().openStreams[ORDERS]).toBe(1));
  salesforce.faults.events.gap('Order', 'GAP_UPDATE', ['801000000000001AAA']);
  await eventually(() => expect(received.events).toHaveLength(1));
  const [replayId = 0] = received.events.map((event) => event.replayId);

  salesforce.faults.silence();
  const stage = { world: { salesforce, provisioning: ORDERS }, signal: over.signal } as unknown as Stage;
  const struck = strike({ kind: 'events-repeated', count: 1 }, stage);
  salesforce.faults.cutStreams();
  await eventually(() => expect(salesforce.pubsub.stats().openStreams[ORDERS]).toBe(0));
  salesforce.faults.unsilence();
  const anew = new Received();
  next?.subscribeFromReplayId(ORDERS, anew.callback, 10, replayId);
  await eventually(() => expect(anew.events).toHaveLength(1));
  expect((await struck).evidence()).toBe('1 events came again');
});
