import { z } from 'zod';
import type { Emulator } from '../control';
import { PUBSUB_FAILURE_CODES } from '../pubsub/failure';
import { LoginError } from '../rest/logins';
import { restFaultSchema } from '../rest/faults';
import { ControlError, withBody, type ControlRoute } from './route';

const times = z.int().positive().optional();
const topic = z.string();
const code = z.enum(PUBSUB_FAILURE_CODES);
const ids = z.array(z.string()).min(1);

/** Faults of logins and of the Pub/Sub API, and events that no write would make. */
const streamFault = [
  z.strictObject({
    kind: z.literal('refuseLogins'),
    count: times,
    error: z.string().default('invalid_grant'),
    description: z.string().default('authentication failure'),
  }),
  z.strictObject({ kind: z.literal('cutStreams'), topic: topic.optional(), code: code.optional() }),
  z.strictObject({ kind: z.literal('silence'), topic: topic.default('*') }),
  z.strictObject({ kind: z.literal('unsilence'), topic: topic.default('*') }),
  z.strictObject({ kind: z.literal('halfOpen'), on: z.boolean().default(true) }),
  z.strictObject({ kind: z.literal('hold'), topic }),
  z.strictObject({ kind: z.literal('release'), topic }),
  z.strictObject({ kind: z.literal('delay'), topic, ms: z.int().nonnegative() }),
  z.strictObject({ kind: z.literal('disorder'), topic, events: z.int().min(2).default(2) }),
  z.strictObject({ kind: z.literal('repeatLast'), topic, events: z.int().positive().default(1) }),
  z.strictObject({ kind: z.literal('refuseSessions'), count: times }),
  z.strictObject({ kind: z.literal('failSchema'), topic: topic.optional(), count: times, code: code.optional() }),
  z.strictObject({ kind: z.literal('forbidTopic'), topic }),
  z.strictObject({
    kind: z.literal('gap'),
    object: z.string(),
    changeType: z.enum(['GAP_CREATE', 'GAP_UPDATE', 'GAP_DELETE', 'GAP_UNDELETE']).default('GAP_UPDATE'),
    recordIds: ids,
  }),
  z.strictObject({ kind: z.literal('overflow'), object: z.string() }),
  z.strictObject({ kind: z.literal('wildcard'), object: z.string(), changedFields: z.array(z.string()).default([]) }),
  z.strictObject({ kind: z.literal('truncatedEvent'), topic, recordIds: ids.optional() }),
  z.strictObject({ kind: z.literal('unknownSchemaEvent'), topic, recordIds: ids.optional() }),
  z.strictObject({ kind: z.literal('headlessEvent'), topic }),
  z.strictObject({ kind: z.literal('eventWithoutRecordIds'), object: z.string() }),
] as const;

const streamFaultSchema = z.discriminatedUnion('kind', streamFault);
const faultSchema = z.discriminatedUnion('kind', [...restFaultSchema.options, ...streamFault]);

type StreamFault = z.output<typeof streamFaultSchema>;
type AnyFault = z.output<typeof faultSchema>;

/** Every kind, for the self-description and for messages. */
export const FAULT_KINDS = faultSchema.options.map((option) => option.shape.kind.value);

const isStreamFault = (fault: AnyFault): fault is StreamFault => streamFaultSchema.safeParse(fault).success;

function switchOn(emulator: Emulator, fault: StreamFault): void {
  const { faults, rest, events } = emulator;
  if ('topic' in fault && fault.topic !== undefined && fault.topic !== '*' && !events.topics.has(fault.topic)) {
    throw new ControlError(404, `There is no topic ${fault.topic}; known are ${[...events.topics.keys()].join(', ')}`);
  }
  if ('object' in fault && events.schemaOf(fault.object) === undefined) {
    throw new ControlError(404, `${fault.object} is not selected for change data capture`);
  }
  switch (fault.kind) {
    case 'refuseLogins': {
      rest.logins.refuse(fault.count ?? Infinity, new LoginError(fault.error, fault.description));
      return;
    }
    case 'cutStreams': {
      faults.cutStreams(given({ topic: fault.topic, code: fault.code }));
      return;
    }
    case 'silence': {
      faults.silence(fault.topic);
      return;
    }
    case 'unsilence': {
      faults.unsilence(fault.topic);
      return;
    }
    case 'halfOpen': {
      faults.halfOpen(fault.on);
      return;
    }
    case 'hold': {
      faults.hold(fault.topic);
      return;
    }
    case 'release': {
      faults.release(fault.topic);
      return;
    }
    case 'delay': {
      faults.delay(fault.topic, fault.ms);
      return;
    }
    case 'disorder': {
      faults.disorder(fault.topic, fault.events);
      return;
    }
    case 'repeatLast': {
      faults.repeatLast(fault.topic, fault.events);
      return;
    }
    case 'refuseSessions': {
      faults.refuseSessions(fault.count);
      return;
    }
    case 'failSchema': {
      faults.failSchema(given({ topic: fault.topic, times: fault.count, code: fault.code }));
      return;
    }
    case 'forbidTopic': {
      faults.forbid(fault.topic);
      return;
    }
    case 'gap': {
      faults.events.gap(fault.object, fault.changeType, fault.recordIds);
      return;
    }
    case 'overflow': {
      faults.events.overflow(fault.object);
      return;
    }
    case 'wildcard': {
      faults.events.wildcard(fault.object, fault.changedFields);
      return;
    }
    case 'truncatedEvent':
      faults.events.truncated(fault.topic, fault.recordIds);
      return;
    case 'unknownSchemaEvent':
      faults.events.unknownSchema(fault.topic, fault.recordIds);
      return;
    case 'headlessEvent':
      faults.events.withoutHeader(fault.topic);
      return;
    case 'eventWithoutRecordIds': {
      faults.events.withoutRecordIds(fault.object);
      return;
    }
  }
}

/** Without the keys that are undefined. */
function given<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** Switches for faults of every sort. */
export function faultRoutes(emulator: Emulator): ControlRoute[] {
  const { rest, faults } = emulator;
  /** Faults of streams and logins have no list of their own: what was asked for since the last clearing. */
  let requested: StreamFault[] = [];
  const all = () => ({ kinds: FAULT_KINDS, rest: rest.faults.active, streamsAndLogins: requested });

  return [
    { method: 'GET', path: '/faults', does: 'faults that are switched on, and every kind there is', handle: all },
    withBody({
      method: 'POST',
      path: '/faults',
      does: `switches a fault on; REST faults take method, path (a regular expression), object, count, skip. Kinds: ${FAULT_KINDS.join(', ')}`,
      exampleBody: { kind: 'rowLock', object: 'Order', count: 2 },
      body: faultSchema,
      handle: (_call, fault) => {
        if (!isStreamFault(fault)) return rest.faults.add(fault);
        switchOn(emulator, fault);
        requested.push(fault);
        return fault;
      },
    }),
    {
      method: 'DELETE',
      path: '/faults',
      does: 'switches every fault off',
      handle: () => {
        rest.faults.clear();
        rest.logins.refuse(0);
        faults.clear();
        requested = [];
        return all();
      },
    },
    {
      method: 'DELETE',
      path: '/faults/:id',
      does: 'switches one REST fault off',
      examplePath: '/faults/1',
      handle: ({ params }) => {
        const id = Number(params['id']);
        if (!rest.faults.active.some((active) => active.id === id)) {
          throw new ControlError(404, `There is no fault ${params['id'] ?? ''} (GET /control/faults lists them)`);
        }
        rest.faults.clear(id);
        return all();
      },
    },
  ];
}
