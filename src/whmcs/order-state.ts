import { ProvisioningFailure, type FailureCode } from '../domain/failure';
import type { WhmcsClient } from './client';
import type { OrderRef } from './contract';
import { id, list, text } from './decode';
import { markedOrders, readServices, type Service } from './services';

/** An order with the marker, and what GetOrders says of it. Undefined status: WHMCS has services of it, but not the order. */
export interface Candidate {
  whmcsOrderId: string;
  services: Service[];
  status: string | undefined;
}

/** Orders in these states are over, and may be followed by a new one. */
const OVER = new Set(['Cancelled', 'Fraud', 'Terminated']);

export const isOver = (status: string): boolean => OVER.has(status);

/** Throws a failure of the catalogue. */
export function fail(code: FailureCode, message: string): never {
  throw new ProvisioningFailure({ code, message });
}

export const isRefusedAs = (error: unknown, code: FailureCode): boolean =>
  error instanceof ProvisioningFailure && error.code === code;

/** The status of an order by GetOrders; undefined where WHMCS has no such order. Shops may add statuses of their own. */
export async function readStatus(
  client: WhmcsClient,
  whmcsOrderId: string,
  about: string,
): Promise<string | undefined> {
  const answer = await client.call('GetOrders', { id: whmcsOrderId }, about);
  const found = list(answer['orders'], 'order').find((order) => id(order['id']) === whmcsOrderId);
  return found && text(found['status']);
}

/** Every order that bears the marker and is not over, lowest id first: all pages, and one more call for each order found. */
export async function readCandidates(client: WhmcsClient, order: OrderRef): Promise<Candidate[]> {
  const about = `for order ${order.id}`;
  const marked = markedOrders(await readServices(client, order.whmcsClientId, about), order.id);
  const candidates: Candidate[] = [];
  for (const { whmcsOrderId, services } of marked) {
    candidates.push({ whmcsOrderId, services, status: await readStatus(client, whmcsOrderId, about) });
  }
  return candidates.filter(({ status }) => status === undefined || !isOver(status));
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
    fail('WHMCS_MARKED_ORDER_UNFIT', `WHMCS order ${whmcsOrderId} bears the marker of order ${order.id} and ${what}`);
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
