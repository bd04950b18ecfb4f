import { BusinessError, type Action } from '../action';
import { serviceWithModule } from './module-service';

/** ModuleCreate sets a service up by hand; the error is the server's own. */
export const moduleCreate: Action = (context) => {
  const service = serviceWithModule(context);
  const failure = context.moduleCreate(service);
  if (failure !== null) throw new BusinessError(failure);
  context.store.setServiceStatus(service, 'Active');
  return {};
};
