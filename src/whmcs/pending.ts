import { idOrUndefined, parseOrderId } from '../domain/order';
import type { WhmcsClient } from './client';
import type { MarkedPendingOrder } from './contract';
import { id, list, number, text } from './decode';
import { readServices } from './services';

const PAGE = 250;
/** A shop with more Pending orders of a few days has another trouble; the next sweep goes on with those that are left. */
const MOST_PAGES = 8;
const ABOUT = 'for the sweep of orders that nobody accepts';

/** The Pending orders of the last days that bear a marker of ours, whosever they are. One call where there is none. */
export async function readMarkedPending(client: WhmcsClient, sinceDate: string): Promise<MarkedPendingOrder[]> {
  const found: MarkedPendingOrder[] = [];
  for (const [whmcsClientId, pending] of await pendingByClient(client, sinceDate)) {
    for (const service of await readServices(client, whmcsClientId, ABOUT)) {
      const { whmcsOrderId, marker } = service;
      if (marker === undefined || !pending.delete(whmcsOrderId)) continue;
      // A marker that somebody has mistyped names no order of ours.
      const orderId = idOrUndefined(parseOrderId, marker.orderId);
      if (orderId !== undefined) found.push({ whmcsOrderId, whmcsClientId, orderId });
    }
  }
  return found;
}

/** Ids of Pending orders by client. GetOrders gives the newest first (developers.whmcs.com, GetOrders). */
async function pendingByClient(client: WhmcsClient, sinceDate: string): Promise<Map<string, Set<string>>> {
  const byClient = new Map<string, Set<string>>();
  for (let page = 0, received = 0; page < MOST_PAGES; page++) {
    const answer = await client.call('GetOrders', { status: 'Pending', limitstart: received, limitnum: PAGE }, ABOUT);
    const orders = list(answer['orders'], 'order');
    received += orders.length;
    for (const order of orders) {
      const [orderId, clientId] = [id(order['id']), id(order['userid'])];
      // Dates of WHMCS sort as they are written: YYYY-MM-DD HH:MM:SS.
      if (orderId === undefined || clientId === undefined || text(order['date']) < sinceDate) continue;
      byClient.set(clientId, (byClient.get(clientId) ?? new Set()).add(orderId));
    }
    if (orders.length === 0 || received >= (number(answer['totalresults']) ?? 0)) break;
  }
  return byClient;
}
