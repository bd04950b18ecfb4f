import type { Invoice, Order, OrderStatus } from './entities';
import type { Store } from './store';

/** Questions that a checker asks of the store: which orders carry a value in a custom field, and are there too many? */

/** The orders that have a service whose custom field `fieldName` is set, by value. */
export function ordersByFieldValue(
  store: Store,
  fieldName: string,
  options: { status?: OrderStatus; key?: (value: string) => string } = {},
): Map<string, Order[]> {
  const found = new Map<string, Order[]>();
  for (const service of store.services.values()) {
    const order = store.orders.get(service.orderId);
    if (order === undefined || (options.status !== undefined && order.status !== options.status)) continue;
    for (const { field, value } of store.customFieldsOf(service)) {
      if (field.name !== fieldName || value === '') continue;
      const key = options.key?.(value) ?? value;
      const orders = found.get(key) ?? [];
      if (!orders.includes(order)) orders.push(order);
      found.set(key, orders);
    }
  }
  return found;
}

/** The invoice of an order, if it has one. */
export function invoiceOf(store: Store, order: Order): Invoice | undefined {
  return store.invoices.get(order.invoiceId);
}
