import ms, { type StringValue } from 'ms';
import { z } from 'zod';
import type { Emulator } from '../control';
import { toReplayId } from '../events/replay-id';
import type { StoredEvent } from '../events/topic';
import { ControlError, withBody, type ControlRoute } from './route';

const duration = z.union([z.number(), z.string()]).transform((given, context) => {
  const value = typeof given === 'number' ? given : (ms(given as StringValue) as number | undefined);
  if (value !== undefined && Number.isFinite(value) && value >= 0) return value;
  context.addIssue({ code: 'custom', message: 'is not a duration such as "73 hours" or 90000 (ms)' });
  return z.NEVER;
});

const clockSchema = z.strictObject({ advance: duration.optional(), frozen: z.boolean().optional() });
const permissionSchema = z.strictObject({
  object: z.string(),
  field: z.string(),
  access: z.enum(['none', 'read', 'write']),
});

/** BigInts as numbers in text, which JSON has no other word for. */
const printable = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_key, v: unknown) => (typeof v === 'bigint' ? v.toString() : v)));

/** What was received, what was told, and the clock, sessions and permissions of the org. */
export function orgRoutes(emulator: Emulator): ControlRoute[] {
  const { clock, sessions, events, pubsub, rest } = emulator;

  function ledger(filter: { path?: string | undefined; method?: string | undefined }) {
    const { path = '', method } = filter;
    const entries = rest.ledger.entries.filter(
      (entry) => entry.path.includes(path) && (method === undefined || entry.method === method),
    );
    return {
      total: rest.ledger.total,
      logins: rest.logins.counts,
      apiCalls: rest.usage.used,
      pubsub: pubsub.stats(),
      entries,
    };
  }

  function printed(name: string, event: StoredEvent) {
    let payload: unknown;
    try {
      payload = printable(events.schemaById(event.schemaId)?.type.fromBuffer(event.payload));
    } catch {
      payload = undefined;
    }
    return {
      topic: name,
      replayId: toReplayId(event.position).toString('base64'),
      position: event.position.toString(),
      id: event.id,
      schemaId: event.schemaId,
      publishedAt: new Date(event.publishedAt).toISOString(),
      payload: payload ?? `cannot be decoded (${event.payload.length} bytes)`,
    };
  }

  function storedEvents(topicName: string | undefined, limit: number) {
    if (topicName !== undefined && !events.topics.has(topicName)) {
      throw new ControlError(404, `There is no topic ${topicName}; known are ${[...events.topics.keys()].join(', ')}`);
    }
    const topics = [...events.topics.values()].filter(({ name }) => topicName === undefined || name === topicName);
    return topics
      .flatMap(({ name, log }) => log.last(limit).map((event) => ({ name, event })))
      .sort((a, b) => (a.event.position < b.event.position ? -1 : 1))
      .slice(-limit)
      .map(({ name, event }) => printed(name, event));
  }

  const time = () => ({ now: new Date(clock.now()).toISOString(), aheadMs: clock.now() - Date.now() });

  return [
    {
      method: 'GET',
      path: '/ledger',
      does: 'requests received (no tokens, no values), logins, API calls, Pub/Sub counters; filter with method=, path=',
      examplePath: '/ledger?method=PATCH&path=/sobjects/Order',
      handle: ({ query }) => ledger({ path: query['path'], method: query['method'] }),
    },
    {
      method: 'DELETE',
      path: '/ledger',
      does: 'forgets the requests received so far',
      handle: () => {
        rest.ledger.clear();
        return ledger({});
      },
    },
    {
      method: 'GET',
      path: '/events',
      does: 'events kept on the bus, decoded, the latest last; topic=, limit=N (default 20)',
      examplePath: '/events?topic=/data/OrderChangeEvent&limit=5',
      handle: ({ query }) => storedEvents(query['topic'], Math.min(Number(query['limit'] ?? 20) || 20, 1000)),
    },
    withBody({
      method: 'POST',
      path: '/events/:name',
      does: 'publishes a platform event',
      examplePath: '/events/Order_Fulfilment_Requested__e',
      exampleBody: {
        OrderId__c: emulator.store.rows('Order')[0]?.Id ?? 'ORDER_ID',
        RequestedBy__c: 'me',
        Priority__c: 'High',
      },
      body: z.record(z.string(), z.unknown()),
      handle: ({ params }, fields) => events.publishPlatformEvent(params['name'] ?? '', fields, emulator.salesUserId),
    }),
    { method: 'GET', path: '/clock', does: "the emulator's time", handle: time },
    withBody({
      method: 'POST',
      path: '/clock',
      does: 'moves the clock on ("73 hours", or ms), or stops and starts it (frozen)',
      exampleBody: { advance: '73 hours' },
      body: clockSchema,
      handle: (_call, { advance, frozen }) => {
        if (frozen === true) clock.freeze();
        if (frozen === false) clock.resume();
        if (advance !== undefined) clock.advance(advance);
        return time();
      },
    }),
    {
      method: 'POST',
      path: '/sessions/expire',
      does: 'ends every session: each client must log in again',
      handle: () => {
        const ended = sessions.live;
        sessions.expireAll();
        return { ended };
      },
    },
    withBody({
      method: 'POST',
      path: '/permissions',
      does: 'restricts a field for the API user: access none hides it, read makes it read-only, write lifts the restriction',
      exampleBody: { object: 'Order', field: 'WHMCS_Order_ID__c', access: 'read' },
      body: permissionSchema,
      handle: (_call, { object, field, access }) => {
        const type = emulator.store.schema.object(object);
        const known = type?.field(field);
        if (type === undefined || known === undefined)
          throw new ControlError(404, `There is no field ${object}.${field}`);
        rest.permissions.restrict(type.name, known.name, access);
        return { object: type.name, field: known.name, access };
      },
    }),
    {
      method: 'DELETE',
      path: '/permissions',
      does: 'lifts every restriction',
      handle: () => {
        rest.permissions.clear();
        return {};
      },
    },
  ];
}
