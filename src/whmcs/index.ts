import { createWhmcsClient, type WhmcsClientOptions } from './client';
import type { WhmcsOrders } from './contract';
import { createWhmcsOrders } from './orders';
import { createWhmcsProbe, type WhmcsProbe } from './probe';
import { createWhmcsProducts } from './products';

export type { CallOutcome } from './client';
export type { AcceptedOrder, OrderRef, WhmcsOrder, WhmcsOrders } from './contract';
export type { MarkedOrder, WhmcsProbe } from './probe';

export interface WhmcsOptions extends WhmcsClientOptions {
  /** `WHMCS_PAYMENT_METHOD`. */
  paymentMethod: string;
  /** `WHMCS_MARKER_FIELD`. */
  markerField: string;
}

export interface Whmcs {
  orders: WhmcsOrders;
  probe: WhmcsProbe;
}

/** WHMCS: what the activities use, and what a doctor asks. Nothing is sent until one of them is called. */
export function createWhmcs(options: WhmcsOptions): Whmcs {
  const { paymentMethod, markerField } = options;
  const client = createWhmcsClient(options);
  const products = createWhmcsProducts(client, markerField);
  return {
    orders: createWhmcsOrders({ client, products, paymentMethod, markerField }),
    probe: createWhmcsProbe(client, products),
  };
}
