import { isChangeType, type DomainEvent } from '../domain/event';

/** What a topic carries. */
export type TopicKind = 'change-events' | 'fulfilment-requests';

/** API names of the fields of the platform event. */
export interface FulfilmentFields {
  orderId: string;
  requestedBy: string;
  priority: string;
  correlationId: string;
}

export type Decoded =
  | {
      kind: 'event';
      event: DomainEvent;
      /** What happened to what, in words that may be logged and counted: `Order UPDATE`. */
      label: string;
      /** Epoch ms of the commit in Salesforce, where the event says. */
      committedAt: number | undefined;
    }
  /** Sound, and nothing to us: a channel may carry objects that are not listened to. */
  | { kind: 'foreign'; reason: string; label: string }
  | { kind: 'senseless'; reason: string };

const KINDS: Readonly<Record<string, 'order' | 'order-item' | 'catalog'>> = {
  Order: 'order',
  OrderItem: 'order-item',
  Product2: 'catalog',
  PricebookEntry: 'catalog',
};

const API_NAME = /^\w{1,80}$/;

/** A decoded payload as a domain event. Never throws: what makes no sense is a reason for a dead letter. */
export function decodeEvent(payload: Record<string, unknown>, kind: TopicKind, fields: FulfilmentFields): Decoded {
  return kind === 'change-events' ? decodeChange(payload) : decodeRequest(payload, fields);
}

function decodeChange(payload: Record<string, unknown>): Decoded {
  const { ChangeEventHeader: header } = payload;
  if (typeof header !== 'object' || header === null) return bad('the event has no ChangeEventHeader');
  const { entityName, changeType, recordIds, changedFields, changeOrigin, commitTimestamp } = header as Record<
    string,
    unknown
  >;
  const kind = typeof entityName === 'string' && Object.hasOwn(KINDS, entityName) ? KINDS[entityName] : undefined;
  if (kind === undefined) {
    if (typeof entityName !== 'string' || !API_NAME.test(entityName)) return bad('the event does not name its object');
    return { kind: 'foreign', reason: 'the event is of an object that is not listened to', label: entityName };
  }
  if (!isChangeType(changeType)) return bad('the event has a change type that is not known');
  return {
    kind: 'event',
    event: {
      kind,
      change: changeType,
      recordIds: stringsOf(recordIds),
      changedFields: stringsOf(changedFields),
      fields: payload,
      changeOrigin: typeof changeOrigin === 'string' ? changeOrigin : '',
    },
    label: `${String(entityName)} ${changeType}`,
    committedAt: millisOf(commitTimestamp),
  };
}

function decodeRequest(payload: Record<string, unknown>, fields: FulfilmentFields): Decoded {
  return {
    kind: 'event',
    event: {
      kind: 'fulfilment-requested',
      orderId: payload[fields.orderId],
      requestedBy: payload[fields.requestedBy],
      priority: payload[fields.priority],
      correlationId: payload[fields.correlationId],
    },
    label: 'fulfilment request',
    committedAt: millisOf(payload['CreatedDate']),
  };
}

const bad = (reason: string): Decoded => ({ kind: 'senseless', reason });

function stringsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** Epoch ms; a bigint where the client found the long too large for a number. */
function millisOf(value: unknown): number | undefined {
  const number = typeof value === 'bigint' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number > 0 ? number : undefined;
}
