import { startSalesforce } from '../../sandbox/salesforce';
import { EventBus } from '../../sandbox/salesforce/events/bus';
import type { StoredEvent } from '../../sandbox/salesforce/events/topic';
import { EventInjector } from '../../sandbox/salesforce/faults/injector';
import { loadSchema } from '../../sandbox/salesforce/schema/schema';
import { answerRequests } from '../forked';
import { orderNumber } from './order-number';

/**
 * The Salesforce emulator in a process of its own, so that what it costs to be Salesforce is not taken for the cost of
 * whoever listens to it.
 */
export type OrgRequest =
  | { ask: 'address' }
  /** Puts events on a topic, without a word to those who listen until `release`. */
  | ({ ask: 'publish' } & Batch)
  | { ask: 'release'; topic: string };

export interface Batch {
  topic: string;
  events: number;
  /** Every so manyth event approves an order of its own; 0 for none. The others change a field that nobody cares for. */
  approvesEvery: number;
  /** Number of the first order that is approved. */
  firstOrder: number;
}

export interface OrgAddress {
  loginUrl: string;
  clientId: string;
  clientSecret: string;
  pubsubEndpoint: string;
  orgId: string;
  accessToken: string;
}

/** The replay id of the last event, as text. */
export type OrgAnswer = OrgAddress | { last: string } | 'released';

const ORDERS = '/data/OrderChangeEvent';
/** So many orders take turns in the events that start nothing. */
const IDLE_ORDERS = 1_000;

const starting = startSalesforce();
let idleEvents: readonly StoredEvent[] | undefined;

async function handle(request: OrgRequest): Promise<OrgAnswer> {
  const org = await starting;
  switch (request.ask) {
    case 'address': {
      const { loginUrl, credentials, pubsubEndpoint, orgId, sessions, integrationUserId: userId } = org;
      const { clientId, clientSecret, username } = credentials;
      const { accessToken } = sessions.open({ userId, username });
      return { loginUrl, clientId, clientSecret, pubsubEndpoint, orgId, accessToken };
    }
    case 'publish':
      org.faults.hold(request.topic);
      return { last: String((await publish(org.events, request)).position) };
    case 'release':
      org.faults.release(request.topic);
      return 'released';
  }
}

async function publish(bus: EventBus, { topic, events, approvesEvery, firstOrder }: Batch): Promise<StoredEvent> {
  const idle = (idleEvents ??= mint(IDLE_ORDERS, (n) => ({
    id: orderNumber(n),
    fields: { Description: `Note ${n}` },
  })));
  const count = approvesEvery === 0 ? 0 : Math.floor(events / approvesEvery);
  const approvals = mint(count, (n) => ({ id: orderNumber(firstOrder + n), fields: { Status: 'Approved' } }));
  let last: StoredEvent | undefined;
  for (let n = 1; n <= events; n++) {
    const approval = approvesEvery > 0 && n % approvesEvery === 0 ? approvals[n / approvesEvery - 1] : undefined;
    const { schemaId, payload } = approval ?? idle[n % idle.length]!;
    last = bus.appendRaw(topic, { schemaId, payload });
    // Streams of others must be served meanwhile.
    if (n % 5_000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  if (last === undefined) throw new Error('Nothing to publish');
  return last;
}

/** Events as Salesforce encodes them, made on a bus that nobody listens to. */
function mint(
  count: number,
  change: (n: number) => { id: string; fields: Record<string, string> },
): readonly StoredEvent[] {
  const clock = { now: () => Date.now() };
  const schema = loadSchema();
  const bus = new EventBus({ schema, clock });
  const injector = new EventInjector(bus, schema, clock);
  for (let n = 0; n < count; n++) {
    const { id, fields } = change(n);
    const changedFields = [...Object.keys(fields), 'LastModifiedDate'];
    injector.change({ object: 'Order', changeType: 'UPDATE', recordIds: [id], values: fields, changedFields });
  }
  return bus.topics.get(ORDERS)?.log.retained() ?? [];
}

answerRequests(handle);
