import type { Action } from '../action';
import { findOrder } from './order-status';

/** PendingOrder sets an order and all its services back to Pending, whatever they were. */
export const pendingOrder: Action = (context) => {
  const order = findOrder(context, 'Order ID Not Found');
  context.store.setOrderStatus(order, 'Pending');
  for (const service of context.store.servicesOf(order)) context.store.setServiceStatus(service, 'Pending');
  return {};
};
