import { BusinessError, type ActionContext } from '../action';
import type { Order } from '../entities';

/** The order that `orderid` names, or WHMCS's error in the wording of the action. */
export function findOrder({ store, params }: ActionContext, message: string): Order {
  const order = store.orders.get(params.int('orderid'));
  if (order === undefined) throw new BusinessError(message);
  return order;
}

/** The order, if it is Pending. WHMCS does not tell a missing order from one in another status. */
export function findPendingOrder(context: ActionContext): Order {
  const message = 'Order ID not found or Status not Pending';
  const order = findOrder(context, message);
  if (order.status !== 'Pending' && !context.checked) throw new BusinessError(message);
  return order;
}

/** Ends an order and its services; an unpaid invoice goes with it. */
export function endOrder({ store }: ActionContext, order: Order, status: 'Cancelled' | 'Fraud'): void {
  store.setOrderStatus(order, status);
  for (const service of store.servicesOf(order)) store.setServiceStatus(service, status);
  const invoice = store.invoices.get(order.invoiceId);
  if (invoice?.status === 'Unpaid' && store.settings.cancelOrderCancelsInvoice) {
    store.setInvoiceStatus(invoice, 'Cancelled');
  }
}
