import { page, PhpList, type Action } from '../action';
import type { Order } from '../entities';
import type { Store } from '../store';

/** GetOrders, the newest first. */
export const getOrders: Action = ({ store, params }) => {
  const id = params.int('id');
  const userid = params.int('userid');
  const status = params.text('status').toLowerCase();
  const matching = [...store.orders.values()]
    .filter((order) => id === 0 || order.id === id)
    .filter((order) => userid === 0 || order.clientId === userid)
    .filter((order) => status === '' || order.status.toLowerCase() === status)
    .sort((a, b) => b.id - a.id);
  const { items, ...counts } = page(params, matching);
  return {
    ...counts,
    orders: new PhpList(
      'order',
      items.map((order) => present(store, order)),
    ),
  };
};

function present(store: Store, order: Order): Record<string, unknown> {
  const client = store.clients.get(order.clientId);
  const currency = store.currencyOf(client);
  return {
    id: order.id,
    ordernum: order.ordernum,
    userid: order.clientId,
    contactid: 0,
    requestor_id: order.clientId,
    admin_requestor_id: 1,
    date: order.date,
    nameservers: '',
    transfersecret: '',
    renewals: '',
    promocode: '',
    promotype: '',
    promovalue: '',
    orderdata: '[]',
    amount: order.amount,
    paymentmethod: order.paymentmethod,
    invoiceid: order.invoiceId,
    status: order.status,
    ipaddress: '127.0.0.1',
    fraudmodule: '',
    fraudoutput: '',
    notes: '',
    paymentmethodname: store.paymentMethods.find((method) => method.module === order.paymentmethod)?.displayname ?? '',
    paymentstatus: order.invoiceId === 0 ? 'No Invoice' : (store.invoices.get(order.invoiceId)?.status ?? ''),
    name: client === undefined ? '' : `${client.firstname} ${client.lastname}`,
    currencyprefix: currency.prefix,
    currencysuffix: currency.suffix,
    frauddata: '',
    validationdata: '',
    lineitems: new PhpList(
      'lineitem',
      store.servicesOf(order).map((service) => {
        const product = store.products.get(service.pid);
        return {
          type: 'product',
          relid: service.id,
          producttype: product?.type === 'hostingaccount' ? 'Hosting Account' : 'Other Product/Service',
          product: product === undefined ? '' : `${product.groupName} - ${product.name}`,
          domain: service.domain,
          billingcycle: service.billingcycle,
          amount: service.firstpaymentamount,
          status: service.status,
        };
      }),
    ),
  };
}
