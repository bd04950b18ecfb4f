import { BusinessError, type Action } from '../action';
import { findPendingOrder } from './order-status';

/**
 * AcceptOrder: the order becomes Active, and each service whose product has a module is set up. `autosetup` overrides the
 * product's own setting. A module that fails leaves its service Pending under an Active order: the order cannot be
 * accepted again, only ModuleCreate helps.
 */
export const acceptOrder: Action = (context) => {
  const { store, params } = context;
  const order = findPendingOrder(context);
  store.setOrderStatus(order, 'Active');
  const failures: string[] = [];
  for (const service of store.servicesOf(order)) {
    const product = store.products.get(service.pid);
    const setUp = params.has('autosetup') ? params.flag('autosetup') : (product?.autosetup ?? '') !== '';
    const failure = setUp && (product?.module ?? '') !== '' ? context.moduleCreate(service) : null;
    if (failure === null) store.setServiceStatus(service, 'Active');
    else failures.push(failure);
  }
  if (failures.length > 0 && store.settings.acceptReportsModuleError) throw new BusinessError(failures.join('\n'));
  return {};
};
