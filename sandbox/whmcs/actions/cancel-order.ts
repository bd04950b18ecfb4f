import type { Action } from '../action';
import { endOrder, findPendingOrder } from './order-status';

/** CancelOrder works on Pending orders only. */
export const cancelOrder: Action = (context) => {
  endOrder(context, findPendingOrder(context), 'Cancelled');
  return {};
};
