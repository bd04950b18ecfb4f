import { BusinessError, type ActionContext } from '../action';
import type { Service } from '../entities';

/** The service that `serviceid` (or `accountid`, its name before 7.7) gives, which must belong to a product with a module. */
export function serviceWithModule({ store, params }: ActionContext): Service {
  const id = params.int('serviceid') || params.int('accountid');
  if (id === 0) throw new BusinessError('Service ID is required');
  const service = store.services.get(id);
  if (service === undefined) throw new BusinessError('Service ID not found');
  if ((store.products.get(service.pid)?.module ?? '') === '')
    throw new BusinessError('Service not assigned to a module');
  return service;
}
