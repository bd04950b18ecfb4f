import type { FieldValue, Row } from '../sandbox/salesforce/store/types';
import type { Invoice, Order, Service } from '../sandbox/whmcs/entities';
import { markerInField, ordersByMarker } from '../sandbox/whmcs/marked-orders';
import type { Plan } from './plan';
import type { WorkOrder } from './workload';
import type { World } from './world';

/** What WHMCS's books and Salesforce's records say of each other. */
export interface BooksVerdict {
  problems: string[];
  /** Approved orders without an active WHMCS order. */
  lost: number;
  /** Orders with more than one active WHMCS order, or with one that nobody approved. */
  doubled: number;
}

export function judgeBooks(world: World, orders: readonly WorkOrder[], plan: Plan): BooksVerdict {
  const marked = markedOrders(world);
  const findings = orders.map((order) => judge(world, order, marked.get(order.id) ?? []));
  const known = new Set(orders.map(({ id }) => id));
  const strangers = [...marked.keys()].filter((id) => !known.has(id));
  return {
    problems: [
      ...findings.flatMap(({ problems }) => problems),
      ...strangers.map((id) => `WHMCS has an order for ${id}, which is none`),
      ...unmarked(world, marked).map(({ id }) => `WHMCS order ${id} names no order of Salesforce`),
      ...addedForNothing(world, plan),
      ...pending(world).map(({ id }) => `WHMCS order ${id} was left Pending`),
    ],
    lost: findings.filter(({ isLost }) => isLost).length,
    doubled: findings.filter(({ isDoubled }) => isDoubled).length,
  };
}

/** By the Salesforce order that their marker names. */
function markedOrders(world: World): Map<string, Order[]> {
  return ordersByMarker(world.whmcs.store, (service) => markerOf(world, service));
}

/** Its field, or where that was lost a line of its admin notes; empty where it has none. */
function markerOf({ whmcs: { store } }: World, service: Service): string {
  const inNotes = service.notes.split('\n').find((line) => /^801\w{15}:\w{18}$/.test(line));
  return markerInField(store, service) || (inNotes ?? '');
}

/** The seed makes no orders: what carries no marker was sold by us as well, and no look-up will ever find it. */
function unmarked({ whmcs }: World, marked: ReadonlyMap<string, readonly Order[]>): Order[] {
  const known = new Set([...marked.values()].flat());
  return [...whmcs.store.orders.values()].filter((order) => !known.has(order));
}

/** Salesforce orders that have more than one active WHMCS order, one line each: an active one cannot be taken back. */
export function doubled(world: World, orders: readonly WorkOrder[]): string[] {
  const marked = markedOrders(world);
  return orders.flatMap(({ id }) => {
    const active = (marked.get(id) ?? []).filter(({ status }) => status === 'Active');
    return active.length > 1 ? [activeInsteadOfOne(id, active)] : [];
  });
}

function activeInsteadOfOne(id: string, active: readonly Order[]): string {
  return `order ${id}: ${active.length} active WHMCS orders instead of one`;
}

/** WHMCS orders that are neither accepted nor cancelled. */
export function pending({ whmcs }: World): Order[] {
  return [...whmcs.store.orders.values()].filter(({ status }) => status === 'Pending');
}

interface Finding {
  problems: string[];
  isLost: boolean;
  isDoubled: boolean;
}

/**
 * Orders that were added and cancelled again: harmless, and a mail to the customer each. Only an AddOrder that made half an order, or
 * one that commits after its quiet period, makes a second one necessary; and somebody who edits an order after it was added.
 */
export function addedForNothing(world: World, { faults, orders }: Plan): string[] {
  const added = [...markedOrders(world).values()].reduce((sum, orders) => sum + orders.length - 1, 0);
  // The others are edited before they are approved.
  const edited = orders.filter(({ role, edit }) => role === 'created-approved' && edit === 'item').length;
  const needed = faults.reduce((sum, { fault }) => {
    if (fault.kind === 'zombie-worker') return sum + 1;
    if (fault.kind === 'kill-workers-in-rare-call') return fault.call === 'CancelOrder' ? sum + 1 : sum;
    return fault.kind === 'whmcs' && fault.fault === 'partialAdd' ? sum + fault.count : sum;
  }, edited);
  return added > needed ? [`${added - needed} orders were added to WHMCS that nobody needed`] : [];
}

function judge(world: World, { id, role }: WorkOrder, marked: Order[]): Finding {
  const record = world.salesforce.store.get('Order', id);
  const active = marked.filter(({ status }) => status === 'Active');
  const problems: string[] = [];
  const is = (field: string, expected: unknown): void => {
    const value = record?.[field] ?? null;
    if (value !== expected)
      problems.push(`order ${id} (${role}): ${field} is ${String(value)} instead of ${String(expected)}`);
  };
  const isSold = role === 'approved' || role === 'created-approved';
  if (isSold) {
    if (active.length !== 1) problems.push(activeInsteadOfOne(id, active));
    const ids = active.map((order) => String(order.id));
    is('WHMCS_Order_ID__c', ids[0] ?? 'the one of an active order');
    is('Activation_Status__c', 'Activated');
    // Of every order with its marker: one that was added and cancelled again must leave nothing to pay.
    const due = invoicesOf(world, marked).filter(({ status }) => status !== 'Cancelled').length;
    if (due !== 1) problems.push(`order ${id}: ${due} invoices instead of one`);
    if (active[0] !== undefined) problems.push(...wrongServices(world, id, active[0]));
  } else {
    if (marked.length > 0)
      problems.push(`order ${id} (${role}): WHMCS has orders ${marked.map((order) => order.id).join(', ')}`);
    is('WHMCS_Order_ID__c', null);
    is('Activation_Status__c', role === 'unlinked' ? 'Failed' : null);
    if (role === 'unlinked') is('Activation_Error_Code__c', 'PRODUCT_NOT_LINKED');
  }
  return {
    problems,
    isLost: isSold && active.length === 0,
    isDoubled: active.length > (isSold ? 1 : 0),
  };
}

function invoicesOf({ whmcs }: World, orders: Order[]): Invoice[] {
  return orders.flatMap(({ invoiceId }) => whmcs.store.invoices.get(invoiceId) ?? []);
}

/** Each item has as many active services of its product as its quantity says, and Salesforce names them. */
function wrongServices(world: World, orderId: string, order: Order): string[] {
  const { salesforce, whmcs } = world;
  const services = [...whmcs.store.services.values()].filter((service) => service.orderId === order.id);
  const items = salesforce.store.rows('OrderItem').filter((item) => item['OrderId'] === orderId);
  const pidOf = (item: Row): FieldValue =>
    salesforce.store.get('Product2', String(item['Product2Id']))?.['WHMCS_Product_ID__c'] ?? null;
  const problems = items.flatMap((item) => {
    const own = services.filter((service) => markerOf(world, service) === `${orderId}:${item.Id}`);
    const expected = Array.from({ length: Number(item['Quantity']) }, () => `product ${String(pidOf(item))}, Active`);
    const found = own.map(({ pid, status }) => `product ${pid}, ${status}`);
    const ids = own.map((service) => service.id).sort((a, b) => a - b);
    const named = String(item['WHMCS_Service_ID__c']);
    return [
      ...differ(`the services of item ${item.Id} of order ${orderId}`, found.join('; '), expected.join('; ')),
      ...differ(`WHMCS_Service_ID__c of item ${item.Id} of order ${orderId}`, named, ids.join(',')),
    ];
  });
  const sold = items.reduce((sum, item) => sum + Number(item['Quantity']), 0);
  return [...problems, ...differ(`the services of order ${orderId}`, String(services.length), String(sold))];
}

function differ(what: string, found: string, expected: string): string[] {
  return found === expected ? [] : [`${what}: ${found || 'none'} instead of ${expected || 'none'}`];
}
