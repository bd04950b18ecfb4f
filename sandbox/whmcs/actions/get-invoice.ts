import { BusinessError, PhpList, type Action } from '../action';

/** GetInvoice: one invoice with its items. Without payments `transactions` is "", not a list. */
export const getInvoice: Action = ({ store, params }) => {
  const invoice = store.invoices.get(params.int('invoiceid'));
  if (invoice === undefined) throw new BusinessError('Invoice ID Not Found');
  return {
    invoiceid: invoice.id,
    invoicenum: '',
    userid: invoice.clientId,
    date: invoice.date,
    duedate: invoice.duedate,
    datepaid: '0000-00-00 00:00:00',
    lastcaptureattempt: '0000-00-00 00:00:00',
    subtotal: invoice.total,
    credit: '0.00',
    tax: '0.00',
    tax2: '0.00',
    total: invoice.total,
    balance: invoice.status === 'Unpaid' ? invoice.total : '0.00',
    taxrate: '0.000',
    taxrate2: '0.000',
    status: invoice.status,
    paymentmethod: invoice.paymentmethod,
    notes: '',
    ccgateway: false,
    items: new PhpList(
      'item',
      invoice.items.map((item) => ({ type: 'Hosting', ...item, taxed: 0 })),
    ),
    transactions: '',
  };
};
