import { ProvisioningFailure } from '../domain/failure';
import type { WhmcsClient } from './client';
import type { OrderRef } from './contract';
import { list, text } from './decode';
import { readStatus } from './order-state';
import type { WhmcsProducts } from './products';
import { markedOrders, readServices } from './services';

/** What a doctor asks WHMCS. Nothing of it changes anything there. */
export interface WhmcsProbe {
  /** Credentials and IP address, by the cheapest read. @throws ProvisioningFailure of the catalogue. */
  connection(): Promise<void>;
  /** Whether the API role allows each action that we send. */
  permissions(): Promise<{ action: string; allowed: boolean }[]>;
  /** All products, each with whether it has the marker field. */
  products(): Promise<{ whmcsProductId: string; hasMarkerField: boolean }[]>;
  /** System names of the payment methods, as WHMCS_PAYMENT_METHOD takes them. */
  paymentMethods(): Promise<string[]>;
  /** Every order with the marker that has a live service, lowest id first; reads only. Undefined status: WHMCS has no such order. */
  marked(order: OrderRef): Promise<MarkedOrder[]>;
  /** The status of an order, e.g. `Active`; undefined where WHMCS has no such order. */
  status(whmcsOrderId: string): Promise<string | undefined>;
}

export interface MarkedOrder {
  whmcsOrderId: string;
  status: string | undefined;
  services: { id: string; status: string }[];
}

/** Every action that we send, with parameters that name no record: WHMCS looks at the role first, and then finds nothing to act on. */
const ACTIONS = {
  AddOrder: { clientid: 0 },
  AcceptOrder: { orderid: 0 },
  CancelOrder: { orderid: 0 },
  ModuleCreate: { serviceid: 0 },
  UpdateClientProduct: { serviceid: 0 },
  GetClientsProducts: { limitnum: 1 },
  GetClientsDetails: { clientid: 0 },
  GetOrders: { limitnum: 1 },
  GetProducts: { pid: 0, gid: 0 },
  GetPaymentMethods: {},
} as const;

/** The probe of `orders doctor`. */
export function createWhmcsProbe(client: WhmcsClient, products: WhmcsProducts): WhmcsProbe {
  const about = 'for a check of the set-up';
  return {
    async connection() {
      await client.call('GetPaymentMethods', {}, about);
    },
    async permissions() {
      const verdicts: { action: string; allowed: boolean }[] = [];
      for (const [action, params] of Object.entries(ACTIONS)) {
        try {
          await client.call(action, params, about);
          verdicts.push({ action, allowed: true });
        } catch (error) {
          if (!(error instanceof ProvisioningFailure)) throw error;
          if (error.code !== 'WHMCS_CREDENTIALS_REFUSED' && error.kind !== 'permanent') throw error;
          verdicts.push({ action, allowed: error.code !== 'WHMCS_CREDENTIALS_REFUSED' });
        }
      }
      return verdicts;
    },
    async products() {
      const all = await products.all();
      return all.map(({ id, markerFieldId }) => ({ whmcsProductId: id, hasMarkerField: markerFieldId !== undefined }));
    },
    async paymentMethods() {
      const answer = await client.call('GetPaymentMethods', {}, about);
      return list(answer['paymentmethods'], 'paymentmethod')
        .map((method) => text(method['module']))
        .filter((name) => name !== '');
    },
    async marked(order) {
      const services = await readServices(client, order.whmcsClientId, `for order ${order.id}`);
      const found: MarkedOrder[] = [];
      for (const marked of markedOrders(services, order.id)) {
        const status = await readStatus(client, marked.whmcsOrderId, `for order ${order.id}`);
        const states = marked.services.map(({ id, status: state }) => ({ id, status: state }));
        found.push({ whmcsOrderId: marked.whmcsOrderId, status, services: states });
      }
      return found;
    },
    status: (whmcsOrderId) => readStatus(client, whmcsOrderId, `for WHMCS order ${whmcsOrderId}`),
  };
}
