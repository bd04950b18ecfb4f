import type { Action } from '../action';
import { endOrder, findOrder } from './order-status';

/** FraudOrder marks an order in any status as fraudulent. */
export const fraudOrder: Action = (context) => {
  endOrder(context, findOrder(context, 'Order ID Not Found'), 'Fraud');
  return {};
};
