/**
 * `order-provisioning/cache`: read-through caches of orders and catalog that never stampede and never lie.
 * See docs/cache.md for the promises, the reasoning behind them and a NestJS example.
 */
export { CacheConnection, type CacheConnectionOptions } from './connection';
export { OrdersCache, type OrdersCacheOptions } from './orders-cache';
export { CatalogCache, type CatalogCacheOptions } from './catalog-cache';
export { CacheInvalidator } from './invalidator';
export type { CacheInvalidations, InvalidateOptions } from './invalidations';
export type { CatalogSource, OrderSource } from './sources';
export { DEFAULT_CATALOG_POLICY, DEFAULT_POLICY, type CachePolicy } from './policy';
export { peekOrder, type CachedOrder } from './peek';
export type { CacheReply, Outcome, ReadOptions } from './query';
export { CACHE_EVENTS, type CacheEvent, type CacheName, type CacheObserver, type Oversized } from './observer';
export { registerCacheMetrics } from './metrics';
export { CacheOverloadedError, CacheUnavailableError, SourceFailedError } from './failures';
export { parseAccountId, parseOrderId, parseOrderItemId } from '../domain/record-id';
export type { AccountId, OrderId, OrderItemId, RecordId } from '../domain/record-id';
export type { CatalogView, OrderItemView, OrderView, PriceView, ProductView } from '../domain/views';
