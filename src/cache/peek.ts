import type { OrderId } from '../domain/record-id';
import type { OrderView } from '../domain/views';
import type { CacheConnection } from './connection';
import { ORDER_FIELD, orderGroup } from './groups';
import { silentObserver } from './observer';
import { EntryStore } from './store';

/** What a reader would be given for an order now, without asking Salesforce. */
export type CachedOrder =
  | { state: 'not-cached' }
  | { state: 'not-found' | 'failure' | 'oversized'; readAt: number }
  | {
      state: 'cached';
      /** Within its TTL; else served while it is refreshed. */
      fresh: boolean;
      /** When Salesforce was read for it, epoch ms by Redis's clock. */
      readAt: number;
      view: OrderView;
    };

/** Looks at an order's cached view for those who check it. Fills nothing and waits for nobody. @throws CacheUnavailableError */
export async function peekOrder(connection: CacheConnection, orderId: OrderId): Promise<CachedOrder> {
  const store = new EntryStore(connection, silentObserver);
  const { entry, fresh } = await store.look({
    cache: 'order',
    group: orderGroup(orderId),
    field: ORDER_FIELD,
    scope: 'order',
    read: () => Promise.resolve(undefined),
    records: () => [],
  });
  if (entry === undefined) return { state: 'not-cached' };
  const { kind, readAt } = entry;
  if (kind !== 'value') return { state: kind, readAt };
  return { state: 'cached', fresh, readAt, view: entry.payload as OrderView };
}
