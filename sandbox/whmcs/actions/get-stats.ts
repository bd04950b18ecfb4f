import type { Action } from '../action';

/** GetStats: the counts of orders; money is not tracked and stays at zero. */
export const getStats: Action = ({ store }) => {
  const orders = [...store.orders.values()];
  const today = orders.filter((order) => order.date.startsWith(store.today()));
  const count = (status: string) => today.filter((order) => order.status === status).length;
  return {
    income_today: '$0.00 USD',
    income_thismonth: '$0.00 USD',
    income_thisyear: '$0.00 USD',
    income_alltime: '$0.00 USD',
    orders_pending: orders.filter((order) => order.status === 'Pending').length,
    orders_today_cancelled: count('Cancelled'),
    orders_today_pending: count('Pending'),
    orders_today_fraud: count('Fraud'),
    orders_today_active: count('Active'),
    orders_today_total: today.length,
  };
};
