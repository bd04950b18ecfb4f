import type { WhmcsEmulator } from '../../sandbox/whmcs';
import { ordersByMarker } from '../../sandbox/whmcs/marked-orders';

/** WHMCS's orders that bear the Salesforce order's marker, by id and status, the lowest id first. */
export function booksOf({ store }: WhmcsEmulator, orderId: string): { id: number; status: string }[] {
  const marked = ordersByMarker(store);
  return (marked.get(orderId) ?? []).map(({ id, status }) => ({ id, status })).sort((a, b) => a.id - b.id);
}
