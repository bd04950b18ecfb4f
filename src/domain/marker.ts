/**
 * The marker ties a WHMCS service to a Salesforce order item. It is the value of a hidden product custom field,
 * sent with AddOrder and read back by GetClientsProducts: AddOrder has no idempotency key and no notes parameter.
 */
export interface Marker {
  orderId: string;
  orderItemId: string;
}

export function formatMarker({ orderId, orderItemId }: Marker): string {
  return `${orderId}:${orderItemId}`;
}

const SHAPE = /^\s*(801[0-9A-Za-z]{15}):(802[0-9A-Za-z]{15})\s*$/;

/** The marker in a custom field's value, or in a line of a service's notes, or undefined where it holds something else. */
export function parseMarker(value: unknown): Marker | undefined {
  const match = typeof value === 'string' ? SHAPE.exec(value) : null;
  return match?.[1] !== undefined && match[2] !== undefined ? { orderId: match[1], orderItemId: match[2] } : undefined;
}
