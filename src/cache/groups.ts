import type { AccountId, OrderId } from '../domain/record-id';

/** The groups. What is invalidated together is in one of them; keys.ts has their keys. */
export const orderGroup = (orderId: OrderId): string => `order:${orderId}`;
export const accountGroup = (accountId: AccountId): string => `account:${accountId}`;
export const CATALOG_GROUP = 'catalog';

/**
 * What is in them. The number is the version of the view's shape: raise it with every change of the view that older
 * code could not read or newer code could not do without. Two versions live side by side in a group during a
 * deployment, and an invalidation by either removes both.
 */
export const ORDER_FIELD = 'order@1';
export const ACCOUNT_ORDERS_FIELD = 'orders@1';
export const CATALOG_FIELD = 'catalog@1';
