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
  /** `at`: epoch ms. */
  cancel: { reason: string; at: number } | null;
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

/**
 * An empty or odd body is a person's: the Web UI sends what is typed.
 * @param isUnderWay whether the run has begun: what the routine sweep finds is then this run's own order, and nothing new
 */
export function onRequest(inbox: Inbox, body: ProvisioningRequest | undefined, isUnderWay: boolean): void {
  const trigger = TRIGGERS.find((known) => known === body?.trigger) ?? 'manual';
  if (isUnderWay && trigger === 'reconcile' && body?.afterLoss !== true) return;
  const approvedAt = body?.approvedAt;
  put(inbox, Number.isFinite(approvedAt) && approvedAt !== undefined ? { trigger, approvedAt } : { trigger });
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
