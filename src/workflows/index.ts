export { provisionOrder } from './provision-order';
export { reconcileOrders } from './reconcile-orders';
