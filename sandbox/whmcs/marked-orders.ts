import type { Invoice, Order, Service } from './entities';
import { MARKER_FIELD_NAME } from './seed';
import type { Store } from './store';

/** Questions that a checker asks of the store: which orders name an order of Salesforce, and are there too many? */

/** What the marker field of a service says; empty where it has none. */
export function markerInField(store: Store, service: Service): string {
  return store.customFieldsOf(service).find(({ field }) => field.name === MARKER_FIELD_NAME)?.value ?? '';
}

/** By the Salesforce order that the marker of one of their services names. `markerOf`: where a marker is looked for. */
export function ordersByMarker(
  store: Store,
  markerOf: (service: Service) => string = (service) => markerInField(store, service),
): Map<string, Order[]> {
  const found = new Map<string, Order[]>();
  for (const service of store.services.values()) {
    const order = store.orders.get(service.orderId);
    const [orderId] = markerOf(service).split(':');
    if (order === undefined || !orderId) continue;
    const orders = found.get(orderId) ?? [];
    if (!orders.includes(order)) orders.push(order);
    found.set(orderId, orders);
  }
  return found;
}

/** The invoice of an order, if it has one. */
export function invoiceOf(store: Store, order: Order): Invoice | undefined {
  return store.invoices.get(order.invoiceId);
}
