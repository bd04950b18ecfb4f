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
}

const NAMED_PRIORITIES = new Map([
  ['high', 1],
  ['normal', 3],
  ['low', 5],
]);
/** Long enough for a user name or a UUID, short enough for Temporal's history. */
const MAX_TEXT = 120;

/** Undefined where the event names no valid order. A priority or a text that makes no sense is left out, never a reason to refuse. */
export function requestOf(event: FulfilmentRequestedEvent): FulfilmentRequest | undefined {
  const orderId = idOrUndefined(parseOrderId, event.orderId);
  if (orderId === undefined) return undefined;
  const requestedBy = slugOf(event.requestedBy);
  const priority = priorityOf(event.priority);
  const correlationId = textOf(event.correlationId);
  return {
    orderIds: [orderId],
    trigger: 'platform-event',
    ...(requestedBy === undefined ? {} : { requestedBy }),
    ...(priority === undefined ? {} : { priority }),
    ...(correlationId === undefined ? {} : { correlationId }),
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

/** The id of a record or of a system. A name or an e-mail address is left out: the signal is kept in Temporal's history. */
const SLUG = /^[A-Za-z0-9][A-Za-z0-9._:-]*$/;

function slugOf(value: unknown): string | undefined {
  const text = textOf(value);
  return text !== undefined && SLUG.test(text) ? text : undefined;
}

function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  // Control characters could forge log lines and break the Web UI's Markdown.
  const text = value.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
  return text === '' ? undefined : text.slice(0, MAX_TEXT);
}
