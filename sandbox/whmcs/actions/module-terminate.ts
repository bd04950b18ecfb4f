import type { Action } from '../action';
import { serviceWithModule } from './module-service';

/** ModuleTerminate takes a service down. */
export const moduleTerminate: Action = (context) => {
  context.store.setServiceStatus(serviceWithModule(context), 'Terminated');
  return {};
};
