import { BusinessError, type Action } from '../action';
import { findOrder } from './order-status';

/** DeleteOrder removes a Cancelled or Fraud order with its services and its invoice. */
export const deleteOrder: Action = (context) => {
  const order = findOrder(context, 'Order ID not found');
  if (order.status !== 'Cancelled' && order.status !== 'Fraud') {
    throw new BusinessError('The order status must be in Cancelled or Fraud to be deleted');
  }
  context.store.deleteOrder(order);
  return {};
};
