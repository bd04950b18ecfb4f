import { billingCycle } from '../domain/billing-cycle';
import { ProvisioningFailure } from '../domain/failure';
import { formatMarker, parseMarker, type Marker } from '../domain/marker';
import type { OrderId } from '../domain/order';
import type { WhmcsClient } from './client';
import { byId, id, list, number, text, type Fields } from './decode';
import type { Line } from './lines';

/** A service of a client as GetClientsProducts describes it, as far as we use it. */
export interface Service {
  id: string;
  whmcsOrderId: string;
  whmcsProductId: string;
  /** `Pending`, `Active`, `Suspended`, `Terminated`, `Cancelled`, `Fraud`, `Completed`. */
  status: string;
  billingCycle: string;
  recurringAmount: number | undefined;
  /** What its order's invoice asks for it. */
  firstPayment: number | undefined;
  /** Of the custom field; else a line of the notes, see `marking.ts`. */
  marker: Marker | undefined;
  /** The admin notes, which clients do not see. */
  notes: string;
}

/** Services in these states are past: they are no longer what was sold. */
const PAST = new Set(['Cancelled', 'Terminated', 'Fraud']);
/** A one-time service may be Completed once it has been set up. */
const WORKING = new Set(['Active', 'Completed']);

export const isLive = (service: Service): boolean => !PAST.has(service.status);
export const bearsMarker = (service: Service, orderId: OrderId): boolean => service.marker?.orderId === orderId;
export const isWorking = (service: Service): boolean => WORKING.has(service.status);

const PAGE = 250;
/** 250,000 services of one client: something is wrong with the answers, not with the client. */
const MOST_PAGES = 1_000;

function readService(fields: Fields): Service | undefined {
  const serviceId = id(fields['id']);
  const whmcsOrderId = id(fields['orderid']);
  if (serviceId === undefined || whmcsOrderId === undefined) return undefined;
  const notes = text(fields['notes']);
  const values = list(fields['customfields'], 'customfield').map((field) => field['value']);
  const markers = [...values, ...notes.split(/\r?\n/)].map(parseMarker);
  return {
    id: serviceId,
    whmcsOrderId,
    whmcsProductId: id(fields['pid']) ?? '',
    status: text(fields['status']),
    billingCycle: text(fields['billingcycle']),
    recurringAmount: number(fields['recurringamount']),
    firstPayment: number(fields['firstpaymentamount']),
    marker: markers.find((marker) => marker !== undefined),
    notes,
  };
}

/**
 * All services of a client, in the order of their ids.
 *
 * A page may hold fewer than asked for, since a server may cap `limitnum`: the next begins after what came. It ends when
 * `totalresults` are there, or where a page brings nothing new (a server that ignores `limitstart` would go on for ever).
 * @throws ProvisioningFailure `WHMCS_MAINTENANCE` where fewer services came than WHMCS says it has: an order that is not seen
 * would be sold twice.
 */
export async function readServices(client: WhmcsClient, whmcsClientId: string, about: string): Promise<Service[]> {
  const rows = new Map<string, Fields>();
  let received = 0;
  let total: number | undefined;
  for (let page = 0; page < MOST_PAGES && rows.size < (total ?? Infinity); page++) {
    const params = { clientid: whmcsClientId, limitstart: received, limitnum: PAGE };
    const answer = await client.call('GetClientsProducts', params, about);
    const items = list(answer['products'], 'product');
    const before = rows.size;
    for (const fields of items) rows.set(text(fields['id']), fields);
    received += items.length;
    total = number(answer['totalresults']);
    if (rows.size === before || (total === undefined && items.length < PAGE)) break;
  }
  if (total !== undefined && rows.size < total) {
    throw new ProvisioningFailure({
      code: 'WHMCS_MAINTENANCE',
      message: `WHMCS says that client ${whmcsClientId} has ${total} services and shows ${rows.size} of them, ${about}`,
    });
  }
  const services = [...rows.values()].map(readService).filter((service) => service !== undefined);
  return services.sort((a, b) => byId(a.id, b.id));
}

/** The services of each WHMCS order that has at least one live service with the marker of `orderId`, lowest order id first. */
export function markedOrders(
  services: readonly Service[],
  orderId: OrderId,
): { whmcsOrderId: string; services: Service[] }[] {
  const marked = services.filter((service) => bearsMarker(service, orderId) && isLive(service));
  const ids = [...new Set(marked.map((service) => service.whmcsOrderId))].sort(byId);
  return ids.map((whmcsOrderId) => ({
    whmcsOrderId,
    services: services.filter((service) => service.whmcsOrderId === whmcsOrderId),
  }));
}

/** Whether the services are exactly what the lines ask for: each marker as often, of that product, and nothing else. */
export function holdsExactly(services: readonly Service[], lines: readonly Line[]): boolean {
  const key = (marker: string, productId: string) => `${marker} ${productId}`;
  const have = services.map((service) =>
    isLive(service) && service.marker ? key(formatMarker(service.marker), service.whmcsProductId) : 'other',
  );
  const want = lines.map((line) => key(line.marker, line.whmcsProductId));
  return have.sort().join('\n') === want.sort().join('\n');
}

/**
 * Whether the services are on the lines' terms. Judged for Pending orders only, where a wrong verdict costs no more than a new order
 * in place of this one: WHMCS alters terms on its own account (a free product is Free Account whatever was asked; discounts).
 */
export function isOnTerms(services: readonly Service[], lines: readonly Line[]): boolean {
  const terms = new Map(lines.map((line) => [line.marker, line]));
  return services.every((service) => {
    const line = service.marker && terms.get(formatMarker(service.marker));
    const cycle = billingCycle(service.billingCycle);
    if (line === undefined) return false;
    if (cycle === undefined || cycle === 'free' || cycle === 'onetime') return true;
    const samePrice =
      line.price === null ||
      service.recurringAmount === undefined ||
      Math.abs(line.price - service.recurringAmount) < 0.01;
    return cycle === line.billingCycle && samePrice;
  });
}
