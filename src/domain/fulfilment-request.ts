import type { FulfilmentRequestedEvent } from './event';
import { idOrUndefined, parseOrderId, type OrderId } from './record-id';

/** What an `Order_Fulfilment_Requested__e` asks for. */
export interface FulfilmentRequest {
  orderIds: OrderId[];
  trigger: 'platform-event';
  requestedBy?: string;
  /** 1 highest to 5. */
  priority?: number;
  correlationId?: string;
  /** What the event gave and is not carried along, since it is no id: named in the log, and its value nowhere. */
  leftOut?: ('requestedBy' | 'correlationId')[];
}

const NAMED_PRIORITIES = new Map([
  ['high', 1],
  ['normal', 3],
  ['low', 5],
]);
/** Long enough for two UUIDs and a prefix, short enough for Temporal's history. */
const MAX_ID = 120;
const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]*$/;

/** Undefined where the event names no valid order. A priority or an id that makes no sense is left out, never a reason to refuse. */
export function requestOf(event: FulfilmentRequestedEvent): FulfilmentRequest | undefined {
  const orderId = idOrUndefined(parseOrderId, event.orderId);
  if (orderId === undefined) return undefined;
  const requestedBy = foreignIdOf(event.requestedBy);
  const priority = priorityOf(event.priority);
  const correlationId = foreignIdOf(event.correlationId);
  const leftOut = (['requestedBy', 'correlationId'] as const).filter(
    (name) => isGiven(event[name]) && foreignIdOf(event[name]) === undefined,
  );
  return {
    orderIds: [orderId],
    trigger: 'platform-event',
    ...(requestedBy === undefined ? {} : { requestedBy }),
    ...(priority === undefined ? {} : { priority }),
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(leftOut.length === 0 ? {} : { leftOut }),
  };
}

/** 1 to 5 as a number or its text; `High`, `Normal`, `Low` are 1, 3, 5. */
export function priorityOf(value: unknown): number | undefined {
  if (typeof value === 'string') {
    const named = NAMED_PRIORITIES.get(value.trim().toLowerCase());
    return named ?? (/^[1-5]$/.test(value.trim()) ? Number(value) : undefined);
  }
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 5 ? value : undefined;
}

/**
 * The id of a record, a user or a request of another system, as it gave it. Undefined for anything else: a name with a space or
 * an e-mail address would stay in Temporal's history and in logs, and part of an id would join what does not belong together.
 */
export function foreignIdOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  return text.length <= MAX_ID && ID.test(text) ? text : undefined;
}

function isGiven(value: unknown): boolean {
  return typeof value === 'string' ? value.trim() !== '' : value !== null && value !== undefined;
}
