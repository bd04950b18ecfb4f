import type { Action } from '../action';
import { acceptOrder } from './accept-order';
import { addClient } from './add-client';
import { addOrder } from './add-order';
import { cancelOrder } from './cancel-order';
import { deleteOrder } from './delete-order';
import { fraudOrder } from './fraud-order';
import { getAdminDetails } from './get-admin-details';
import { getClients } from './get-clients';
import { getClientsDetails } from './get-clients-details';
import { getClientsProducts } from './get-clients-products';
import { getCurrencies } from './get-currencies';
import { getInvoice } from './get-invoice';
import { getInvoices } from './get-invoices';
import { getOrders } from './get-orders';
import { getPaymentMethods } from './get-payment-methods';
import { getProducts } from './get-products';
import { getStats } from './get-stats';
import { moduleCreate } from './module-create';
import { moduleTerminate } from './module-terminate';
import { pendingOrder } from './pending-order';
import { updateClientProduct } from './update-client-product';
import { whmcsDetails } from './whmcs-details';

/** Every action by its documented name. */
export const ACTIONS: Readonly<Record<string, Action>> = {
  AcceptOrder: acceptOrder,
  AddClient: addClient,
  AddOrder: addOrder,
  CancelOrder: cancelOrder,
  DeleteOrder: deleteOrder,
  FraudOrder: fraudOrder,
  GetAdminDetails: getAdminDetails,
  GetClients: getClients,
  GetClientsDetails: getClientsDetails,
  GetClientsProducts: getClientsProducts,
  GetCurrencies: getCurrencies,
  GetInvoice: getInvoice,
  GetInvoices: getInvoices,
  GetOrders: getOrders,
  GetPaymentMethods: getPaymentMethods,
  GetProducts: getProducts,
  GetStats: getStats,
  ModuleCreate: moduleCreate,
  ModuleTerminate: moduleTerminate,
  PendingOrder: pendingOrder,
  UpdateClientProduct: updateClientProduct,
  WhmcsDetails: whmcsDetails,
};

const BY_LOWER_NAME = new Map(
  Object.entries(ACTIONS).map(([name, action]) => [name.toLowerCase(), { name, action }] as const),
);

/** Finds an action; WHMCS does not mind the case of its name. */
export function findAction(name: string): { name: string; action: Action } | undefined {
  return BY_LOWER_NAME.get(name.toLowerCase());
}
