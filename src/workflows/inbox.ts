import type { CancelRequest, ProvisioningRequest } from './contract';
import { TRIGGERS, type Trigger } from '../domain/order';

/** A request as the run keeps it. Who asked stays in the signal; what the log needs of it is carried by `carried.ts`. */
export interface PendingRequest {
  trigger: Trigger;
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
  cancel: { reason: string } | null;
  /** An event said that the order was cancelled or deleted; the order is read before that is believed. */
  changed: boolean;
}

export const emptyInbox = (): Inbox => ({ request: null, cancel: null, changed: false });

const MAX_TEXT = 200;
/** Free text that a person or an event supplied, bounded: it is kept in history. */
const bounded = (text: unknown): string | undefined =>
  typeof text === 'string' && text !== '' ? text.slice(0, MAX_TEXT) : undefined;

function put(inbox: Inbox, request: PendingRequest): void {
  if (inbox.request?.trigger === 'manual' && request.trigger !== 'manual') return;
  inbox.request = request;
}

/** An empty or odd body is a person's: the Web UI sends what is typed. */
export function onRequest(inbox: Inbox, body: ProvisioningRequest | undefined): void {
  const trigger = TRIGGERS.find((known) => known === body?.trigger) ?? 'manual';
  put(inbox, { trigger });
}

export function onReprovision(inbox: Inbox): void {
  put(inbox, { trigger: 'manual' });
}

export function onCancel(inbox: Inbox, body: CancelRequest | undefined): void {
  // Requests that came before it are answered by it; a later one begins anew.
  inbox.request = null;
  inbox.cancel = { reason: bounded(body?.reason) ?? 'no reason given' };
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
