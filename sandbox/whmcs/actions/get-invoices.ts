import { page, PhpList, type Action } from '../action';
import { money } from '../pricing';

/** GetInvoices by client and status, the oldest first unless `order` is desc. */
export const getInvoices: Action = ({ store, params }) => {
  const userid = params.int('userid');
  const status = params.text('status').toLowerCase();
  const direction = params.text('order').toLowerCase() === 'desc' ? -1 : 1;
  const matching = [...store.invoices.values()]
    .filter((invoice) => userid === 0 || invoice.clientId === userid)
    .filter((invoice) => status === '' || invoice.status.toLowerCase() === status)
    .sort((a, b) => direction * (a.id - b.id));
  const { items, ...counts } = page(params, matching);
  const rows = items.map((invoice) => {
    const client = store.clients.get(invoice.clientId);
    const currency = store.currencyOf(client);
    return {
      id: invoice.id,
      userid: invoice.clientId,
      firstname: client?.firstname ?? '',
      lastname: client?.lastname ?? '',
      companyname: client?.companyname ?? '',
      invoicenum: '',
      date: invoice.date,
      duedate: invoice.duedate,
      datepaid: '0000-00-00 00:00:00',
      subtotal: invoice.total,
      credit: '0.00',
      tax: '0.00',
      tax2: '0.00',
      total: money(Number(invoice.total)),
      taxrate: '0.000',
      taxrate2: '0.000',
      status: invoice.status,
      paymentmethod: invoice.paymentmethod,
      notes: '',
      currencycode: currency.code,
      currencyprefix: currency.prefix,
      currencysuffix: currency.suffix,
    };
  });
  return { ...counts, invoices: new PhpList('invoice', rows) };
};
