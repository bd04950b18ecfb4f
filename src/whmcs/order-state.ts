import { ProvisioningFailure, type FailureCode } from '../domain/failure';
import type { WhmcsClient } from './client';
import type { OrderRef } from './contract';
import { id, list, number, text } from './decode';
import { bearsMarker, isLive, markedOrders, readServices, type Service } from './services';

/** An order made for a Salesforce order, and what GetOrders says of it. Undefined status: WHMCS has services of it, but not the order. */
export interface Candidate {
  whmcsOrderId: string;
  services: Service[];
  status: string | undefined;
  /** The client whose order it is: another than the account's, where somebody has changed that since. */
  whmcsClientId: string;
  /** Whether GetOrders says that it has no invoice. */
  hasNoInvoice: boolean;
}

type OrderState = Pick<Candidate, 'status' | 'hasNoInvoice'> & { whmcsClientId: string | undefined };

/** Orders in these states are over, and may be followed by a new one. */
const OVER = new Set(['Cancelled', 'Fraud', 'Terminated']);

export const isOver = (status: string): boolean => OVER.has(status);

/** Throws a failure of the catalogue. */
export function fail(code: FailureCode, message: string): never {
  throw new ProvisioningFailure({ code, message });
}

export const isRefusedAs = (error: unknown, code: FailureCode): boolean =>
  error instanceof ProvisioningFailure && error.code === code;

/** What GetOrders says of an order; undefined where WHMCS has no such order. Shops may add statuses of their own. */
async function readOrder(client: WhmcsClient, whmcsOrderId: string, about: string): Promise<OrderState | undefined> {
  const answer = await client.call('GetOrders', { id: whmcsOrderId }, about);
  const found = list(answer['orders'], 'order').find((order) => id(order['id']) === whmcsOrderId);
  if (found === undefined) return undefined;
  const hasNoInvoice = number(found['invoiceid']) === 0;
  return { status: text(found['status']), whmcsClientId: id(found['userid']), hasNoInvoice };
}

/** The status of an order; undefined where WHMCS has no such order. */
export async function readStatus(
  client: WhmcsClient,
  whmcsOrderId: string,
  about: string,
): Promise<string | undefined> {
  return (await readOrder(client, whmcsOrderId, about))?.status;
}

/**
 * Every order that was made for a Salesforce order and is not over, lowest id first: those with the marker (all pages, and one more
 * call for each order found), and the `known` one.
 */
export async function readCandidates(
  client: WhmcsClient,
  order: OrderRef,
  known?: string | null,
): Promise<Candidate[]> {
  const about = `for order ${order.id}`;
  const all = await readServices(client, order.whmcsClientId, about);
  const candidates: Candidate[] = [];
  for (const { whmcsOrderId, services } of markedOrders(all, order.id)) {
    const { status, hasNoInvoice = false } = (await readOrder(client, whmcsOrderId, about)) ?? {};
    candidates.push({ whmcsOrderId, services, status, whmcsClientId: order.whmcsClientId, hasNoInvoice });
  }
  if (known != null && !candidates.some(({ whmcsOrderId }) => whmcsOrderId === known)) {
    candidates.push(...(await readKnown(client, order, known, all)));
  }
  return candidates.filter(({ status }) => status === undefined || !isOver(status));
}

/**
 * An order that the marker does not lead to: its services were sold without (the field was made anew, and has another id), lost it
 * since, or are another client's. None where nothing of it lives.
 */
async function readKnown(
  client: WhmcsClient,
  order: OrderRef,
  known: string,
  services: readonly Service[],
): Promise<Candidate[]> {
  const about = `for order ${order.id}`;
  const found = await readOrder(client, known, about);
  const whmcsClientId = found?.whmcsClientId ?? order.whmcsClientId;
  const all = whmcsClientId === order.whmcsClientId ? services : await readServices(client, whmcsClientId, about);
  const own = all.filter((service) => service.whmcsOrderId === known);
  if (!own.some(isLive)) return [];
  const { status, hasNoInvoice = false } = found ?? {};
  return [{ whmcsOrderId: known, services: own, status, whmcsClientId, hasNoInvoice }];
}

/**
 * Whether the order's invoice is there, where it ought to have one. AddOrder makes it last: one that died before that leaves services
 * that nobody would ever pay for. An order that costs nothing has none.
 */
export function isBilled({ services, hasNoInvoice }: Candidate): boolean {
  return !hasNoInvoice || services.every(({ firstPayment = 0 }) => firstPayment <= 0);
}

/** Fails where an Active order is none that may be adopted: it would be lost to the next look-up, or is another client's. */
export function requireFound(order: OrderRef, { whmcsOrderId, services, whmcsClientId }: Candidate): void {
  if (!services.some((service) => bearsMarker(service, order.id))) failUnmarked(order, whmcsOrderId);
  if (whmcsClientId === order.whmcsClientId) return;
  const what = `is active for order ${order.id}, but belongs to client ${whmcsClientId}, not to ${order.whmcsClientId}`;
  fail('WHMCS_MARKED_ORDER_UNFIT', `WHMCS order ${whmcsOrderId} ${what}`);
}

/** An Active order without the marker: billed, and invisible to every later look-up that does not know its id. */
export function failUnmarked(order: OrderRef, whmcsOrderId: string): never {
  fail(
    'WHMCS_ORDER_UNMARKED',
    `WHMCS order ${whmcsOrderId} is active for order ${order.id}, but no service of it bears the marker`,
  );
}

/**
 * Cancels a Pending order that nobody is to have; one that is over already is content.
 * @throws ProvisioningFailure `WHMCS_AMBIGUOUS` where it was accepted meanwhile: look again.
 */
export async function cancelOrder(client: WhmcsClient, whmcsOrderId: string, order: OrderRef): Promise<void> {
  try {
    await client.call('CancelOrder', { orderid: whmcsOrderId }, `for WHMCS order ${whmcsOrderId} of order ${order.id}`);
  } catch (error) {
    if (!isRefusedAs(error, 'WHMCS_ORDER_NOT_PENDING')) throw error;
    const status = await readStatus(client, whmcsOrderId, `for order ${order.id}`);
    if (status === undefined || isOver(status)) return;
    fail(
      'WHMCS_AMBIGUOUS',
      `WHMCS order ${whmcsOrderId} of order ${order.id} was accepted while it was being cancelled`,
    );
  }
}

/** Fails where a candidate is in a state of the shop's own making: somebody may be at work on that order. */
export function requireKnownStates(order: OrderRef, candidates: readonly Candidate[]): void {
  for (const { whmcsOrderId, status } of candidates) {
    if (status === 'Pending' || status === 'Active') continue;
    const what = status === undefined ? 'is deleted, but has live services' : 'is neither Pending nor Active';
    fail('WHMCS_MARKED_ORDER_UNFIT', `WHMCS order ${whmcsOrderId} was made for order ${order.id} and ${what}`);
  }
}

/** @throws ProvisioningFailure `WHMCS_DUPLICATE_ACTIVE`, which names them, where there are two or more. */
export function requireOneActive(order: OrderRef, active: readonly { whmcsOrderId: string }[]): void {
  if (active.length < 2) return;
  const ids = active.map((candidate) => candidate.whmcsOrderId).join(' and ');
  fail(
    'WHMCS_DUPLICATE_ACTIVE',
    `WHMCS orders ${ids} of client ${order.whmcsClientId} are both active for order ${order.id}`,
  );
}
