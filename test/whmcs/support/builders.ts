import {
  parseAccountId,
  parseOrderId,
  parseOrderItemId,
  type OrderItem,
  type SalesforceOrder,
} from '../../../src/domain/order';
import { ProvisioningFailure } from '../../../src/domain/failure';
import { createWhmcs, type Whmcs, type WhmcsOptions } from '../../../src/whmcs';
import { startWhmcs, type WhmcsEmulator, type WhmcsOptions as EmulatorOptions } from '../../../sandbox/whmcs/server';

export const ORDER_ID = parseOrderId('801000000000001');
export const ITEM_IDS = ['802000000000001', '802000000000002', '802000000000003'].map(parseOrderItemId);

/** An item of WHMCS product 1, once, monthly, at WHMCS's price. */
export function item(given: Partial<OrderItem> = {}): OrderItem {
  return {
    id: ITEM_IDS[0]!,
    quantity: 1,
    unitPrice: null,
    billingCycle: 'monthly',
    whmcsProductId: '1',
    ...given,
  };
}

/** An approved order of WHMCS client 1 with one item. */
export function order(given: Partial<SalesforceOrder> = {}): SalesforceOrder {
  return {
    id: ORDER_ID,
    accountId: parseAccountId('001000000000001'),
    status: 'Approved',
    activationStatus: 'Activating',
    whmcsOrderId: null,
    whmcsClientId: '1',
    currency: null,
    systemModstamp: 0,
    items: [item()],
    ...given,
  };
}

/** A running emulator and the product's WHMCS against it. */
export interface Bench {
  emulator: WhmcsEmulator;
  whmcs: Whmcs;
  /** Another one with settings of its own, and an empty memory. */
  connect(given?: Partial<WhmcsOptions>): Whmcs;
  close(): Promise<void>;
}

export async function bench(given: EmulatorOptions = {}): Promise<Bench> {
  const emulator = await startWhmcs(given);
  const connect = (changes: Partial<WhmcsOptions> = {}) =>
    createWhmcs({
      apiUrl: emulator.apiUrl,
      ...emulator.credentials,
      paymentMethod: 'mailin',
      markerField: 'Salesforce Order',
      timeoutMs: 10_000,
      ...changes,
    });
  return { emulator, connect, whmcs: connect(), close: emulator.close };
}

/** What a promise fails with; itself a failure where it does not fail, or fails with anything outside the catalogue. */
export async function failureOf(work: Promise<unknown>): Promise<ProvisioningFailure> {
  const result = await work.then(
    (value: unknown) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('error' in result && result.error instanceof ProvisioningFailure) return result.error;
  throw new Error(
    `expected a ProvisioningFailure, not ${JSON.stringify(result)} ${'error' in result ? String(result.error) : ''}`,
  );
}
