import { ProvisioningFailure } from '../domain/failure';
import type { OrderItemId, SalesforceOrder } from '../domain/order';
import type { WhmcsClient } from './client';
import type { AcceptedOrder, OrderRef } from './contract';
import { linesOf, markWhereMissing } from './marking';
import { cancelOrder, fail, failUnmarked, isOver, isRefusedAs, readStatus, requireOneActive } from './order-state';
import { bearsMarker, isWorking, markedOrders, readServices, type Service } from './services';

/** What `acceptOrder` asks for where the services bear no marker. */
export interface Unmarked {
  /** Told before they are marked. */
  onMarkerMissing: () => void;
  readOrder: () => Promise<SalesforceOrder | undefined>;
}

/**
 * AcceptOrder, the commit point, and the proof that it has done what it should.
 *
 * An order can be Active in WHMCS with services that are not: their module failed. A second AcceptOrder is then refused, and only
 * ModuleCreate helps. So each service is looked at, and an order counts as accepted when all of them are at work.
 *
 * The marker is looked for here and not before AcceptOrder, which would be one call more for every order. An unmarked one is marked
 * (`marking.ts`); where that cannot be it fails, and whoever knows its id is not led to add another (`readCandidates`).
 */
export async function acceptOrder(
  client: WhmcsClient,
  order: OrderRef,
  whmcsOrderId: string,
  { onMarkerMissing, readOrder }: Unmarked,
): Promise<AcceptedOrder> {
  await commit(client, order, whmcsOrderId);
  let all = await readServices(client, order.whmcsClientId, `for order ${order.id}`);
  const own = all.filter((service) => service.whmcsOrderId === whmcsOrderId);
  const isMarked = (service: Service): boolean => bearsMarker(service, order.id);
  if (!own.every(isMarked)) {
    onMarkerMissing();
    const sold = { whmcsOrderId, services: own, whmcsClientId: order.whmcsClientId };
    const marked = await markWhereMissing(client, order, sold, linesOf(await readOrder()));
    if (!marked.some(isMarked)) failUnmarked(order, whmcsOrderId);
    all = [...all.filter((service) => service.whmcsOrderId !== whmcsOrderId), ...marked];
  }
  const services = await activate(client, order, whmcsOrderId, all);
  await cancelDuplicates(client, order, whmcsOrderId, all);
  return { whmcsOrderId, services: byItem(order, services) };
}

/** An error from AcceptOrder may be a module's, after the order itself has become Active: the order's state decides. */
async function commit(client: WhmcsClient, order: OrderRef, whmcsOrderId: string): Promise<void> {
  const about = `for WHMCS order ${whmcsOrderId} of order ${order.id}`;
  try {
    await client.call('AcceptOrder', { orderid: whmcsOrderId }, about);
  } catch (error) {
    if (!isRefusedAs(error, 'WHMCS_ORDER_NOT_PENDING') && !isRefusedAs(error, 'WHMCS_REFUSED')) throw error;
    const status = await readStatus(client, whmcsOrderId, about);
    if (status === 'Active') return; // our own earlier success, whose answer was lost
    if (status === 'Pending') throw error;
    const known = status !== undefined && isOver(status) ? `is ${status}` : 'is in a state of the shop’s own';
    const state = status === undefined ? 'does not exist' : known;
    fail('WHMCS_ORDER_NOT_PENDING', `WHMCS order ${whmcsOrderId} of order ${order.id} cannot be accepted: it ${state}`);
  }
}

/** The order's services, each proved to be at work; the module is run once for each that is still Pending. */
async function activate(
  client: WhmcsClient,
  order: OrderRef,
  whmcsOrderId: string,
  all: readonly Service[],
): Promise<Service[]> {
  let services = all.filter((service) => service.whmcsOrderId === whmcsOrderId);
  const pending = services.filter((service) => service.status === 'Pending');
  const refusals: string[] = [];
  for (const service of pending) {
    try {
      const about = `for WHMCS service ${service.id} of order ${order.id}`;
      await client.call('ModuleCreate', { serviceid: service.id }, about);
    } catch (error) {
      if (!(error instanceof ProvisioningFailure) || error.kind !== 'permanent') throw error;
      refusals.push(error.message);
    }
  }
  if (pending.length > 0) {
    const again = await readServices(client, order.whmcsClientId, `for order ${order.id}`);
    services = again.filter((service) => service.whmcsOrderId === whmcsOrderId);
  }
  const idle = services.filter((service) => !isWorking(service));
  if (idle.length > 0) {
    const which = idle.map((service) => `${service.id} (${service.status})`).join(', ');
    const what = `WHMCS order ${whmcsOrderId} of order ${order.id} is accepted, but not every service is active: ${which}`;
    fail('WHMCS_SERVICE_NOT_ACTIVE', [what, ...refusals.slice(0, 3)].join('. '));
  }
  return services;
}

/** Other orders with the marker, seen in the answer that we have anyway: inert while Pending, and to be cancelled now. */
async function cancelDuplicates(
  client: WhmcsClient,
  order: OrderRef,
  whmcsOrderId: string,
  services: readonly Service[],
): Promise<void> {
  for (const other of markedOrders(services, order.id)) {
    if (other.whmcsOrderId === whmcsOrderId) continue;
    const status = await readStatus(client, other.whmcsOrderId, `for order ${order.id}`);
    if (status === 'Pending') await cancelOrder(client, other.whmcsOrderId, order);
    else if (status === 'Active') requireOneActive(order, [{ whmcsOrderId }, other]);
  }
}

/** Service ids by order item, in the order in which WHMCS made them, which is that of the items. */
function byItem(order: OrderRef, services: readonly Service[]): AcceptedOrder['services'] {
  const ids = new Map<string, string[]>();
  for (const { id, marker } of services) {
    if (marker?.orderId !== order.id) continue;
    ids.set(marker.orderItemId, [...(ids.get(marker.orderItemId) ?? []), id]);
  }
  return [...ids].map(([orderItemId, serviceIds]) => ({ orderItemId: orderItemId as OrderItemId, serviceIds }));
}
