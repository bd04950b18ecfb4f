import { page, PhpList, type Action } from '../action';
import type { Service } from '../entities';
import type { Store } from '../store';

/** GetClientsProducts: the services of a client, the oldest first, 25 a page unless told otherwise. */
export const getClientsProducts: Action = ({ store, params }) => {
  const clientid = params.int('clientid');
  const serviceid = params.int('serviceid');
  const pid = params.int('pid');
  const domain = params.text('domain');
  const username = params.text('username2');
  const matching = [...store.services.values()]
    .filter((service) => clientid === 0 || service.clientId === clientid)
    .filter((service) => serviceid === 0 || service.id === serviceid)
    .filter((service) => pid === 0 || service.pid === pid)
    .filter((service) => domain === '' || service.domain === domain)
    .filter((service) => username === '' || service.username === username);
  const { items, ...counts } = page(params, matching);
  const echo = (name: string) => (params.has(name) ? params.text(name) : null);
  return {
    clientid: echo('clientid'),
    serviceid: echo('serviceid'),
    pid: echo('pid'),
    domain: echo('domain'),
    ...counts,
    products: new PhpList(
      'product',
      items.map((service) => present(store, service)),
    ),
  };
};

function present(store: Store, service: Service): Record<string, unknown> {
  const product = store.products.get(service.pid);
  const order = store.orders.get(service.orderId);
  return {
    id: service.id,
    qty: service.qty,
    clientid: service.clientId,
    orderid: service.orderId,
    ordernumber: order?.ordernum ?? '',
    pid: service.pid,
    regdate: service.regdate,
    name: product?.name ?? '',
    translated_name: product?.name ?? '',
    groupname: product?.groupName ?? '',
    translated_groupname: product?.groupName ?? '',
    domain: service.domain,
    dedicatedip: '',
    serverid: product?.module === '' ? 0 : 1,
    servername: '',
    serverip: '',
    serverhostname: '',
    suspensionreason: '',
    firstpaymentamount: service.firstpaymentamount,
    recurringamount: service.recurringamount,
    paymentmethod: service.paymentmethod,
    paymentmethodname:
      store.paymentMethods.find((method) => method.module === service.paymentmethod)?.displayname ?? '',
    billingcycle: service.billingcycle,
    nextduedate: service.nextduedate,
    status: service.status,
    username: service.username,
    password: '',
    subscriptionid: '',
    promoid: 0,
    overideautosuspend: '',
    overidesuspenduntil: '0000-00-00',
    ns1: '',
    ns2: '',
    assignedips: '',
    notes: service.notes,
    diskusage: 0,
    disklimit: 0,
    bwusage: 0,
    bwlimit: 0,
    lastupdate: '0000-00-00 00:00:00',
    customfields: new PhpList(
      'customfield',
      store.customFieldsOf(service).map(({ field, value }) => ({
        id: field.id,
        name: field.name,
        translated_name: field.name,
        value,
      })),
    ),
    configoptions: new PhpList('configoption', []),
  };
}
