import { CacheUnavailableError } from '../cache';
import { ProvisioningFailure } from '../domain/failure';
import type { AccountId, OrderId } from '../domain/order';
import type { ProvisioningActivities } from './contract';

/** The part of the caches that an order's run needs. Rejects where the invalidation could not be done. */
export interface OrderCacheInvalidation {
  invalidateOrder(orderId: OrderId, accountId?: AccountId): Promise<void>;
}

export function cacheActivities({
  caches,
}: {
  caches: OrderCacheInvalidation;
}): Pick<ProvisioningActivities, 'invalidateCaches'> {
  return {
    async invalidateCaches({ orderId, accountId }) {
      try {
        await (accountId === null
          ? caches.invalidateOrder(orderId)
          : caches.invalidateOrder(orderId, accountId as AccountId));
      } catch (error) {
        if (!(error instanceof CacheUnavailableError)) throw error;
        throw new ProvisioningFailure({
          code: 'REDIS_UNAVAILABLE',
          message: `Order ${orderId}: its cached views cannot be invalidated. ${error.message}`,
          cause: error,
        });
      }
    },
  };
}
