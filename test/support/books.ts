import type { WhmcsEmulator } from '../../sandbox/whmcs';
import { ordersByFieldValue } from '../../sandbox/whmcs/marked-orders';
import { MARKER_FIELD_NAME } from '../../sandbox/whmcs/seed';

/** WHMCS's orders that bear the Salesforce order's marker, by id and status, the lowest id first. */
export function booksOf({ store }: WhmcsEmulator, orderId: string): { id: number; status: string }[] {
  const marked = ordersByFieldValue(store, MARKER_FIELD_NAME, { key: (value) => value.split(':')[0] ?? value });
  return (marked.get(orderId) ?? []).map(({ id, status }) => ({ id, status })).sort((a, b) => a.id - b.id);
}
