import { PhpList, type Action } from '../action';

/** GetPaymentMethods: `module` is what AddOrder takes as `paymentmethod`. */
export const getPaymentMethods: Action = ({ store }) => ({
  totalresults: store.paymentMethods.length,
  paymentmethods: new PhpList('paymentmethod', store.paymentMethods),
});
