import type { SalesforceOrder } from '../domain/order';
import { acceptOrder } from './acceptance';
import { guardedBy, type WhmcsClient } from './client';
import type { OrderRef, WhmcsOrders } from './contract';
import { id, idList, text } from './decode';
import { allSellable, formOfLines, planLines, requireSellable, type Line } from './lines';
import { markWhereMissing } from './marking';
import {
  cancelOrder,
  fail,
  isBilled,
  readCandidates,
  requireFound,
  requireKnownStates,
  requireOneActive,
  type Candidate,
} from './order-state';
import { readMarkedPending } from './pending';
import type { WhmcsProducts } from './products';
import { holdsExactly, isOnTerms } from './services';

export interface WhmcsOrdersDependencies {
  client: WhmcsClient;
  products: WhmcsProducts;
  /** `WHMCS_PAYMENT_METHOD`. */
  paymentMethod: string;
  /** `WHMCS_MARKER_FIELD`. */
  markerField: string;
}

/**
 * Orders in WHMCS.
 *
 * AddOrder is not idempotent: a lost answer is ambiguous (`failures.ts`), and whoever is told so waits and calls `find` before
 * `add`. Every other action may be repeated: reads change nothing; AcceptOrder and CancelOrder work on Pending orders only,
 * and a second one is told so, whereupon the order's state is read; ModuleCreate is sent only for services still Pending.
 *
 * What the customer is sent: WHMCS's invoice and welcome e-mails as WHMCS is configured, but no order confirmation (`noemail`):
 * the order was confirmed where it was placed, and an AddOrder that has to be repeated would confirm it again.
 */
export function createWhmcsOrders(dependencies: WhmcsOrdersDependencies): WhmcsOrders {
  const { client, products, paymentMethod, markerField } = dependencies;
  /** ISO code by client id. WHMCS does not let a client with transactions change it. */
  const currencies = new Map<string, string>();

  async function currencyOf(ref: OrderRef): Promise<string> {
    const known = currencies.get(ref.whmcsClientId);
    if (known !== undefined) return known;
    const answer = await client.call('GetClientsDetails', { clientid: ref.whmcsClientId }, `for order ${ref.id}`);
    // At the top until WHMCS drops it, under `client` since 7.0.
    const { currency_code: nested } = (answer['client'] ?? {}) as { currency_code?: unknown };
    const currency = (text(answer['currency_code']) || text(nested)).toUpperCase();
    if (!/^[A-Z]{3}$/.test(currency)) {
      fail('WHMCS_MAINTENANCE', `WHMCS did not say in which currency client ${ref.whmcsClientId} is billed`);
    }
    currencies.set(ref.whmcsClientId, currency);
    return currency;
  }

  async function requireCurrency(order: SalesforceOrder, ref: OrderRef): Promise<void> {
    if (order.currency === null) return;
    const currency = await currencyOf(ref);
    if (currency === order.currency.toUpperCase()) return;
    // Not remembered: a person may correct the client.
    currencies.delete(ref.whmcsClientId);
    const what = `Order ${order.id} is in ${order.currency}; WHMCS client ${ref.whmcsClientId} is billed in ${currency}`;
    fail('CURRENCY_MISMATCH', what);
  }

  /** WHMCS leaves out of the cart what it cannot sell, without a word. Such an order is not what was bought. */
  async function requireComplete(
    ref: OrderRef,
    whmcsOrderId: string,
    lines: readonly Line[],
    made: string[] | undefined,
  ): Promise<void> {
    if (made === undefined || made.length === lines.length) return;
    products.forget();
    await cancelOrder(client, whmcsOrderId, ref);
    const what = `WHMCS made ${made.length} services of the ${lines.length} lines of order ${ref.id}`;
    fail('WHMCS_REFUSED', `${what}; its order ${whmcsOrderId} was cancelled`);
  }

  return {
    async add(order, { beforeCall } = {}) {
      const ref = refOf(order);
      const lines = planLines(order);
      const known = await products.get((found) => allSellable(lines, found));
      await requireSellable(order, lines, known, { markerField, currencyOf: () => currencyOf(ref) });
      await requireCurrency(order, ref);
      const head = { clientid: ref.whmcsClientId, paymentmethod: paymentMethod, noemail: true };
      const form = { ...head, ...formOfLines(lines, known) };
      const answer = await guardedBy(client, beforeCall).call('AddOrder', form, `for order ${order.id}`);
      const whmcsOrderId = id(answer['orderid']);
      if (whmcsOrderId === undefined) {
        fail('WHMCS_AMBIGUOUS', `WHMCS added an order for order ${order.id} and did not say which`);
      }
      await requireComplete(ref, whmcsOrderId, lines, idList(answer['serviceids'] ?? answer['productids']));
      return { whmcsOrderId, state: 'Pending' };
    },

    async find(order, { known, beforeCall } = {}) {
      const guarded = guardedBy(client, beforeCall);
      const ref = refOf(order);
      const lines = planLines(order);
      const candidates = await readCandidates(guarded, ref, known);
      requireKnownStates(ref, candidates);
      const active = candidates.filter(({ status }) => status === 'Active');
      requireOneActive(ref, active);
      for (const candidate of active) {
        const services = await markWhereMissing(guarded, ref, candidate, lines);
        requireFound(ref, { ...candidate, services });
        if (holdsExactly(services, lines)) continue;
        const what = `is active for order ${order.id} but does not hold exactly its items`;
        fail('WHMCS_MARKED_ORDER_UNFIT', `WHMCS order ${candidate.whmcsOrderId} ${what}`);
      }
      const isFit = (candidate: Candidate): boolean =>
        candidate.whmcsClientId === ref.whmcsClientId &&
        holdsExactly(candidate.services, lines) &&
        isOnTerms(candidate.services, lines) &&
        isBilled(candidate);
      const winner = active[0] ?? candidates.find(isFit);
      for (const candidate of candidates) {
        if (candidate !== winner) await cancelOrder(guarded, candidate.whmcsOrderId, ref);
      }
      return winner && { whmcsOrderId: winner.whmcsOrderId, state: winner === active[0] ? 'Active' : 'Pending' };
    },

    accept: (order, whmcsOrderId, { beforeCall, readOrder = () => Promise.resolve(undefined) } = {}) =>
      acceptOrder(guardedBy(client, beforeCall), order, whmcsOrderId, {
        onMarkerMissing: () => {
          products.forget();
        },
        readOrder,
      }),

    async cancelPending(order, { known, spared, beforeCall } = {}) {
      const guarded = guardedBy(client, beforeCall);
      const all = await readCandidates(guarded, order, known);
      const candidates = all.filter(({ whmcsOrderId }) => whmcsOrderId !== spared);
      const cancelled: string[] = [];
      for (const { whmcsOrderId, status } of candidates) {
        if (status !== 'Pending') continue;
        await cancelOrder(guarded, whmcsOrderId, order);
        cancelled.push(whmcsOrderId);
      }
      requireKnownStates(order, candidates);
      const active = candidates.find(({ status }) => status === 'Active');
      return { cancelled, active: active && { whmcsOrderId: active.whmcsOrderId, state: 'Active' } };
    },

    markedPending: (sinceDate) => readMarkedPending(client, sinceDate),

    cancelOrphan: ({ whmcsOrderId, whmcsClientId, orderId }) =>
      cancelOrder(client, whmcsOrderId, { id: orderId, whmcsClientId }),
  };
}

/** @throws ProvisioningFailure `ACCOUNT_NOT_LINKED` where the account has no WHMCS client id, or none that is a number. */
function refOf(order: SalesforceOrder): OrderRef {
  const whmcsClientId = id(order.whmcsClientId);
  if (whmcsClientId === undefined) {
    const account = order.accountId === null ? 'no account' : `account ${order.accountId}`;
    fail(
      'ACCOUNT_NOT_LINKED',
      `Order ${order.id} has ${account}${order.accountId === null ? '' : ', which has no valid WHMCS client id'}`,
    );
  }
  return { id: order.id, whmcsClientId };
}
