import { BusinessError, type Action } from '../action';
import { decodeCustomFields } from '../custom-fields';
import { SERVICE_STATUSES } from '../entities';
import { phpFloat } from '../php-form';
import { money } from '../pricing';

/** UpdateClientProduct: what an operator may correct on a service. Other parameters are accepted and have no effect here. */
export const updateClientProduct: Action = ({ store, params }) => {
  const service = store.services.get(params.int('serviceid'));
  if (service === undefined) throw new BusinessError('Service ID Not Found');
  const status = SERVICE_STATUSES.find((candidate) => candidate === params.text('status'));
  if (status !== undefined) store.setServiceStatus(service, status);
  for (const name of ['domain', 'notes', 'nextduedate', 'regdate', 'billingcycle', 'paymentmethod'] as const) {
    if (params.text(name) !== '') service[name] = params.text(name);
  }
  for (const name of ['firstpaymentamount', 'recurringamount'] as const) {
    if (params.text(name) !== '') service[name] = money(phpFloat(params.text(name)));
  }
  if (params.text('serviceusername') !== '') service.username = params.text('serviceusername');
  if (store.products.has(params.int('pid'))) service.pid = params.int('pid');
  const known = new Set(store.products.get(service.pid)?.customFields.map((field) => field.id));
  for (const [id, value] of decodeCustomFields(params.text('customfields'))) {
    if (known.has(id)) service.customFields.set(id, value);
  }
  return { serviceid: service.id };
};
