import { serialize } from 'php-serialize';
import { billingCycle, DEFAULT_BILLING_CYCLE, type BillingCycle } from '../domain/billing-cycle';
import { ProvisioningFailure, type FailureCode } from '../domain/failure';
import { formatMarker } from '../domain/marker';
import type { OrderItem, SalesforceOrder } from '../domain/order';
import type { Params } from './client';
import type { WhmcsProduct } from './products';

/** One product line of AddOrder, which becomes one service. */
export interface Line {
  whmcsProductId: string;
  billingCycle: BillingCycle;
  /** Per unit; null for WHMCS's own price. */
  price: number | null;
  marker: string;
}

/**
 * PHP reads at most 1,000 form fields (`max_input_vars`) and drops the rest with a warning only, so a longer order would be
 * sold in part. A line has up to four fields.
 */
export const MOST_LINES = 200;

function refuse(code: FailureCode, message: string): never {
  throw new ProvisioningFailure({ code, message });
}

/** Refuses with all items that `wrong` finds fault with, by id. */
function refuseItems(
  code: FailureCode,
  order: SalesforceOrder,
  problem: string,
  wrong: (item: OrderItem) => boolean,
): void {
  const ids = order.items.filter(wrong).map((item) => item.id);
  if (ids.length > 0)
    refuse(code, `Order ${order.id}: ${problem}: item ${ids.slice(0, 20).join(', ')}${ids.length > 20 ? ', …' : ''}`);
}

/**
 * The lines of an order: n for an item of quantity n.
 *
 * Not `qty`: what WHMCS makes of it depends on the product's "Allow Multiple Quantities" (one service, n services, or one service that
 * counts n), so that neither the number of services nor their markers could be checked. n lines are n services under any setting,
 * each with its marker, its own state and its own module.
 * @throws ProvisioningFailure that names every item at fault.
 */
export function planLines(order: SalesforceOrder): Line[] {
  if (order.items.length === 0) refuse('ORDER_WITHOUT_ITEMS', `Order ${order.id} has no items`);
  refuseItems(
    'PRODUCT_NOT_LINKED',
    order,
    'the product has no WHMCS product id',
    (item) => item.whmcsProductId === null,
  );
  refuseItems(
    'PRODUCT_NOT_LINKED',
    order,
    'the WHMCS product id is not a number',
    (item) => !/^0*[1-9]\d{0,9}$/.test(item.whmcsProductId ?? ''),
  );
  refuseItems(
    'QUANTITY_INVALID',
    order,
    'the quantity is not a whole number above zero',
    (item) => !Number.isSafeInteger(item.quantity) || item.quantity < 1,
  );
  refuseItems(
    'BILLING_CYCLE_INVALID',
    order,
    'WHMCS knows no such billing cycle',
    (item) => cycleOf(item) === undefined,
  );
  refuseItems(
    'WHMCS_REFUSED',
    order,
    'the unit price is below zero',
    (item) => item.unitPrice !== null && !(item.unitPrice >= 0),
  );
  const count = order.items.reduce((sum, item) => sum + item.quantity, 0);
  if (count > MOST_LINES) {
    refuse(
      'QUANTITY_INVALID',
      `Order ${order.id} has ${count} units; one WHMCS order takes at most ${MOST_LINES}, so it must be split`,
    );
  }
  return order.items.flatMap((item) =>
    Array.from({ length: item.quantity }, () => ({
      whmcsProductId: (item.whmcsProductId ?? '').replace(/^0+/, ''),
      billingCycle: cycleOf(item) ?? DEFAULT_BILLING_CYCLE,
      price: item.unitPrice,
      marker: formatMarker({ orderId: order.id, orderItemId: item.id }),
    })),
  );
}

function cycleOf(item: OrderItem): BillingCycle | undefined {
  return item.billingCycle === null || item.billingCycle.trim() === ''
    ? DEFAULT_BILLING_CYCLE
    : billingCycle(item.billingCycle);
}

/**
 * Whether WHMCS would sell the product by that cycle; undefined where that depends on the client's currency and none is given. It must be
 * known before: WHMCS leaves a product without a price out of the order, and replaces a cycle without one, and says nothing.
 */
export function sellable(product: WhmcsProduct, cycle: BillingCycle, currency?: string): boolean | undefined {
  if (product.payType !== 'recurring' || product.pricedCycles.size === 0) return true;
  if (currency !== undefined) return product.pricedCycles.get(currency)?.has(cycle) ?? false;
  const verdicts = new Set([...product.pricedCycles.values()].map((cycles) => cycles.has(cycle)));
  return verdicts.size > 1 ? undefined : verdicts.has(true);
}

/** Whether every line can be sold and found again, as far as the products tell. */
export function allSellable(lines: readonly Line[], products: ReadonlyMap<string, WhmcsProduct>): boolean {
  return lines.every(({ whmcsProductId, billingCycle: cycle }) => {
    const product = products.get(whmcsProductId);
    return product?.markerFieldId !== undefined && sellable(product, cycle) !== false;
  });
}

/**
 * @param currencyOf asked only where it decides whether a product is on sale.
 * @throws ProvisioningFailure where a line's product does not exist, lacks the marker field, or is not sold by that cycle.
 */
export async function requireSellable(
  order: SalesforceOrder,
  lines: readonly Line[],
  products: ReadonlyMap<string, WhmcsProduct>,
  { markerField, currencyOf }: { markerField: string; currencyOf: () => Promise<string> },
): Promise<void> {
  for (const { whmcsProductId, billingCycle: cycle } of lines) {
    const product = products.get(whmcsProductId);
    if (product === undefined)
      refuse('WHMCS_PRODUCT_NOT_FOUND', `Order ${order.id}: WHMCS has no product ${whmcsProductId}`);
    if (product.markerFieldId === undefined) {
      const hint = 'with "Admin Only" and "Show on Order Form" ticked (the API lists no field without the latter)';
      refuse(
        'WHMCS_MARKER_FIELD_MISSING',
        `Order ${order.id}: WHMCS product ${whmcsProductId} has no custom field "${markerField}" ${hint}`,
      );
    }
    if (!(sellable(product, cycle) ?? sellable(product, cycle, await currencyOf()))) {
      refuse(
        'BILLING_CYCLE_INVALID',
        `Order ${order.id}: WHMCS product ${whmcsProductId} has no price for ${cycle} in the client’s currency`,
      );
    }
  }
}

/** `customfields` of a line: base64 of PHP's serialized array of field id -> value, whose lengths count bytes. */
export function encodeCustomFields(fieldId: string, value: string): string {
  return Buffer.from(serialize({ [Number(fieldId)]: value }), 'utf8').toString('base64');
}

/** The lines as AddOrder's arrays; all have the same places. A price of null leaves its place empty. */
export function formOfLines(lines: readonly Line[], products: ReadonlyMap<string, WhmcsProduct>): Params {
  return {
    pid: lines.map((line) => line.whmcsProductId),
    billingcycle: lines.map((line) => line.billingCycle),
    priceoverride: lines.map((line) => (line.price === null ? undefined : line.price.toFixed(2))),
    customfields: lines.map((line) =>
      encodeCustomFields(products.get(line.whmcsProductId)?.markerFieldId ?? '0', line.marker),
    ),
  };
}
