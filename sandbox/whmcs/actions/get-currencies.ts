import { PhpList, type Action } from '../action';

/** GetCurrencies. */
export const getCurrencies: Action = ({ store }) => ({
  totalresults: store.currencies.size,
  currencies: new PhpList(
    'currency',
    [...store.currencies.values()].map((currency) => ({ ...currency, format: 1, rate: '1.00000' })),
  ),
});
