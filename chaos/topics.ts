/** The channels that the processes listen to, by the object they tell of: the defaults of `SF_*_CDC_CHANNEL`. */
export const TOPICS = {
  Order: '/data/OrderChangeEvent',
  OrderItem: '/data/OrderItemChangeEvent',
  Product2: '/data/Product2ChangeEvent',
  PricebookEntry: '/data/PricebookEntryChangeEvent',
} as const;
export const ORDERS = TOPICS.Order;

/** The platform event that asks for provisioning in dual mode. */
export const REQUEST_EVENT = 'Order_Fulfilment_Requested__e';
export const REQUESTS = `/event/${REQUEST_EVENT}`;

/** `cdc`: an order's change event provisions it. `dual`: it only invalidates, and a platform event provisions. */
export const MODES = ['cdc', 'dual'] as const;
export type Mode = (typeof MODES)[number];

export function listenedTopics(mode: Mode): string[] {
  return [...Object.values(TOPICS), ...(mode === 'dual' ? [REQUESTS] : [])];
}

/** The topic whose events provision orders. */
export function provisioningTopic(mode: Mode): string {
  return mode === 'dual' ? REQUESTS : ORDERS;
}
