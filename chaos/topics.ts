/** The channels that the processes listen to, by the object they tell of: the defaults of `SF_*_CDC_CHANNEL`. */
export const TOPICS = {
  Order: '/data/OrderChangeEvent',
  OrderItem: '/data/OrderItemChangeEvent',
  Product2: '/data/Product2ChangeEvent',
  PricebookEntry: '/data/PricebookEntryChangeEvent',
} as const;
export const ORDERS = TOPICS.Order;
