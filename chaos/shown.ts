import type { FieldValue, Row, Store } from '../sandbox/salesforce/store/types';

/**
 * What the portal can be asked for, and what of the answer is compared with Salesforce: as a text, so that two are the same
 * exactly when they are equal. Names of products within an order are left out: an order is not read anew for a product's sake.
 */
export type Thing = { order: string } | { listOf: string } | 'catalog';

export function pathOf(thing: Thing): string {
  if (thing === 'catalog') return '/catalog';
  return 'order' in thing ? `/orders/${thing.order}` : `/accounts/${thing.listOf}/orders`;
}

export function nameOfThing(thing: Thing): string {
  if (thing === 'catalog') return 'the catalog';
  return 'order' in thing ? `order ${thing.order}` : `the list of account ${thing.listOf}`;
}

type Compared = (FieldValue | undefined | Compared)[];

/** By the id in front, so that the order in which they are shown does not matter. */
function text(parts: Compared[]): string {
  return JSON.stringify([...parts].sort((a, b) => String(a[0]).localeCompare(String(b[0]), 'en')));
}

/** As Salesforce holds it now. */
export function held(store: Store, thing: Thing): string {
  if (thing === 'catalog') return text(store.rows('PricebookEntry').map((entry) => heldPrice(store, entry)));
  const isMeant = (order: Row): boolean =>
    'order' in thing ? order.Id === thing.order : order['AccountId'] === thing.listOf;
  return text(
    store
      .rows('Order')
      .filter(isMeant)
      .map((order) => heldOrder(store, order)),
  );
}

function heldPrice(store: Store, entry: Row): Compared {
  return [entry.Id, entry['UnitPrice'], store.get('Product2', String(entry['Product2Id']))?.['Name']];
}

function heldOrder(store: Store, order: Row): Compared {
  const items = store
    .rows('OrderItem')
    .filter((item) => item['OrderId'] === order.Id)
    .map((item) => [item.Id, item['Quantity'], item['UnitPrice'], item['WHMCS_Service_ID__c']]);
  return [order.Id, order['Status'], order['Activation_Status__c'], order['WHMCS_Order_ID__c'], text(items)];
}

interface ToldOrder {
  id: string;
  status: string;
  activationStatus: string | null;
  whmcsOrderId: string | null;
  items: { id: string; quantity: number; unitPrice: number | null; whmcsServiceId: string | null }[];
}
interface ToldCatalog {
  products: { name: string; prices: { id: string; unitPrice: number }[] }[];
}

/** As the portal tells it. @param body its JSON @throws TypeError where that has another shape */
export function told(thing: Thing, body: unknown): string {
  if (thing === 'catalog') {
    const { products } = body as ToldCatalog;
    return text(products.flatMap(({ name, prices }) => prices.map(({ id, unitPrice }) => [id, unitPrice, name])));
  }
  return text((('order' in thing ? [body] : body) as ToldOrder[]).map(toldOrder));
}

function toldOrder({ id, status, activationStatus, whmcsOrderId, items }: ToldOrder): Compared {
  const shown = items.map((item) => [item.id, item.quantity, item.unitPrice, item.whmcsServiceId]);
  return [id, status, activationStatus, whmcsOrderId, text(shown)];
}
