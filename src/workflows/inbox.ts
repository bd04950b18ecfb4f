import type { CancelRequest, ProvisioningRequest } from './contract';
import { TRIGGERS, type Trigger } from '../domain/order';

/** A request as the run keeps it. Who asked stays in the signal; what the log needs of it is carried by `carried.ts`. */
export interface PendingRequest {
  trigger: Trigger;
  /** Epoch ms of the latest approval that was seen to ask, where one was. */
  approvedAt?: number;
}

/**
 * What signals have brought and the run has not acted on yet.
 *
 * Handlers only put things in here, so they never overlap with a transition; the run takes them out at the places
 * where it can act. Requests collapse into one: each means "look at the order again", and one look serves them all.
 * A person's request outranks an event's, since it may take up what an event may not.
 */
export interface Inbox {
  request: PendingRequest | null;
  /** `at`: epoch ms; an approval from before it is answered by it. */
  cancel: { reason: string; at: number } | null;
  /** Epoch ms of the latest approval that any request told of, acted on or not. */
  approvedAt?: number;
  /** An event said that the order was cancelled or deleted; the order is read before that is believed. */
  changed: boolean;
}

export const emptyInbox = (): Inbox => ({ request: null, cancel: null, changed: false });

const MAX_TEXT = 200;
/** Free text that a person or an event supplied, bounded: it is kept in history. */
const bounded = (text: unknown): string | undefined =>
  typeof text === 'string' && text !== '' ? text.slice(0, MAX_TEXT) : undefined;

function put(inbox: Inbox, request: PendingRequest): void {
  const trigger = inbox.request?.trigger === 'manual' ? 'manual' : request.trigger;
  const approvals = [inbox.request?.approvedAt, request.approvedAt].filter((at) => at !== undefined);
  inbox.request = approvals.length === 0 ? { trigger } : { trigger, approvedAt: Math.max(...approvals) };
}

export interface Moment {
  /** Whether the run has begun: what the routine sweep finds is then this run's own order, and nothing new. */
  isUnderWay: boolean;
  /** The run's clock, epoch ms. It stands while signals that came together are handed over. */
  now: number;
}

/** An empty or odd body is a person's: the Web UI sends what is typed. */
export function onRequest(inbox: Inbox, body: ProvisioningRequest | undefined, { isUnderWay, now }: Moment): void {
  const trigger = TRIGGERS.find((known) => known === body?.trigger) ?? 'manual';
  if (isUnderWay && trigger === 'reconcile' && body?.afterLoss !== true) return;
  const approvedAt = body?.approvedAt;
  if (approvedAt === undefined || !Number.isFinite(approvedAt)) {
    put(inbox, { trigger });
    return;
  }
  cancelBefore(inbox, approvedAt, now);
  inbox.approvedAt = Math.max(approvedAt, inbox.approvedAt ?? approvedAt);
  put(inbox, { trigger, approvedAt });
}

/**
 * Signals that waited for a worker are handed over together, so that the time of the cancel among them is not known: the run's clock
 * says when it was taken in. What is known is their order. An approval that came after the cancel, and is newer than the one that the
 * run knew, was made after it; one that is no newer has come again.
 */
function cancelBefore({ cancel, approvedAt: known }: Inbox, approvedAt: number, now: number): void {
  if (cancel?.at !== now || known === undefined || approvedAt <= known) return;
  cancel.at = Math.min(cancel.at, approvedAt - 1);
}

export function onReprovision(inbox: Inbox): void {
  put(inbox, { trigger: 'manual' });
}

export function onCancel(inbox: Inbox, body: CancelRequest | undefined, at: number): void {
  // Requests that came before it are answered by it; a later one begins anew.
  inbox.request = null;
  inbox.cancel = { reason: bounded(body?.reason) ?? 'no reason given', at };
}

export function onOrderChanged(inbox: Inbox): void {
  inbox.changed = true;
}

export function hasRequest(inbox: Inbox): boolean {
  return inbox.request !== null;
}

/** Whether a signal asks the run to stop, or to look whether it should. */
export function hasReasonToStop(inbox: Inbox): boolean {
  return inbox.cancel !== null || inbox.changed;
}

/** The request to act on now; leaves none behind. */
export function takeRequest(inbox: Inbox): PendingRequest | null {
  const request = inbox.request;
  inbox.request = null;
  return request;
}
