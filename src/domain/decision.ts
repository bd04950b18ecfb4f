import { recordIdsOf } from './event-record-ids';
import type { CatalogChangeEvent, ChangeType, DomainEvent, OrderChangeEvent, OrderItemChangeEvent } from './event';
import { requestOf, type FulfilmentRequest } from './fulfilment-request';
import {
  idOrUndefined,
  parseAccountId,
  parseOrderId,
  parseOrderItemId,
  type AccountId,
  type OrderId,
  type OrderItemId,
} from './record-id';
import { CUSTOMER_FACING_ORDER_FIELDS } from './views';

/**
 * What an event means: a pure function of event and configuration. The table of docs/listener.md, "What an event
 * means", in code. It never judges whether an order may be provisioned: guards do, on the order as read.
 */

/** `PROVISION_STATUSES`: the order statuses that ask for provisioning. */
export const DEFAULT_PROVISION_STATUSES: readonly string[] = ['Approved', 'Reactivate'];
/** `CUSTOMER_FACING_ORDER_FIELDS`: the fields of which the portal's view of an order is made. */
export const DEFAULT_CUSTOMER_FACING_ORDER_FIELDS: readonly string[] = CUSTOMER_FACING_ORDER_FIELDS;
/** Sent by us as `client` in `Sforce-Call-Options`; comes back in `changeOrigin` of the events of our own writes. */
export const CLIENT_NAME = 'order-provisioning';
/** The order status that ends a run. */
export const CANCELLED_STATUS = 'Cancelled';

export interface DecisionConfig {
  provisionStatuses: readonly string[];
  customerFacingFields: readonly string[];
  /** CDC only invalidates and the platform event provisions. */
  dualMode: boolean;
}

export type ProvisioningDecision =
  | { kind: 'none'; reason: string }
  /** `gap`: the event told no values, so that no approval was seen. */
  | ({ kind: 'request'; trigger: 'cdc' | 'platform-event'; gap?: true } & Omit<FulfilmentRequest, 'trigger'>)
  | ({ kind: 'tell' } & Told)
  /** `tell`: of the orders that the event names beside those that it does not; a sweep finds no order that has ended. */
  | { kind: 'sweep'; reason: string; tell?: Told };

/** The end of orders, of which a running workflow is told. */
export interface Told {
  orderIds: OrderId[];
  change: 'cancelled' | 'deleted';
}

export type CacheDecision =
  | { kind: 'none'; reason: string }
  /** `gap`: the event told no values, so which account's list is touched is not known. */
  | { kind: 'orders'; orders: { orderId: OrderId; accountId?: AccountId }[]; gap: boolean }
  | { kind: 'orders-of-items'; itemIds: OrderItemId[]; orderId?: OrderId; gap: boolean }
  | { kind: 'catalog' }
  | { kind: 'all' };

export interface Decision {
  provisioning: ProvisioningDecision;
  caches: CacheDecision;
  /** Why the event is kept for a person, where it is: the good part of it is acted upon all the same. */
  deadLetter?: string;
}

const none = (reason: string): { kind: 'none'; reason: string } => ({ kind: 'none', reason });
const deadLetter = (reason: string): Decision => ({
  provisioning: none(reason),
  caches: none(reason),
  deadLetter: reason,
});
const SWEEP_ALL = (reason: string) =>
  ({ provisioning: { kind: 'sweep', reason }, caches: { kind: 'all' } }) satisfies Decision;

/** What `event` means. Never throws: an event that makes no sense is a dead letter. */
export function decide(event: DomainEvent, config: DecisionConfig): Decision {
  switch (event.kind) {
    case 'order':
    case 'order-item':
      if (!isNoOverflow(event)) return SWEEP_ALL('Salesforce dropped change events (GAP_OVERFLOW)');
      return event.kind === 'order' ? decideOrder(event, config) : decideOrderItem(event);
    case 'catalog':
      return decideCatalog(event);
    case 'fulfilment-requested': {
      const request = requestOf(event);
      if (request === undefined) return deadLetter('the platform event names no valid order id');
      return { provisioning: { kind: 'request', ...request }, caches: none('a request changes no record') };
    }
  }
}

/** A change of a record: an overflow says only that events are missing. */
type NoOverflow<Event extends { change: ChangeType }> = Event & { change: Exclude<ChangeType, 'GAP_OVERFLOW'> };

function isNoOverflow<Event extends { change: ChangeType }>(event: Event): event is NoOverflow<Event> {
  return event.change !== 'GAP_OVERFLOW';
}

function decideOrder(event: NoOverflow<OrderChangeEvent>, config: DecisionConfig): Decision {
  const { ids, wildcard, rejected } = recordIdsOf(event, parseOrderId);
  if (wildcard) {
    const { provisioning, caches } = SWEEP_ALL('a merged event names its orders by a wildcard');
    const named = ids.length === 0 ? undefined : provisioningOf(event, ids, config);
    if (named?.kind !== 'tell') return { provisioning, caches };
    const { orderIds, change } = named;
    return { provisioning: { ...provisioning, tell: { orderIds, change } }, caches };
  }
  if (ids.length === 0) return deadLetter(rejected ?? 'the event has no record id');
  return {
    provisioning: provisioningOf(event, ids, config),
    caches: orderCachesOf(event, ids, config),
    ...(rejected === undefined ? {} : { deadLetter: rejected }),
  };
}

/**
 * Our own writes ask for nothing. They never set the status themselves, so that an end which comes with one was set by somebody
 * else in the same transaction (a flow of the org), and is told.
 */
function provisioningOf(
  event: NoOverflow<OrderChangeEvent>,
  orderIds: OrderId[],
  config: DecisionConfig,
): ProvisioningDecision {
  const asked = askedBy(event, orderIds, config);
  return asked.kind === 'request' && isOwnWrite(event) ? none('our own write-back') : asked;
}

function askedBy(
  event: NoOverflow<OrderChangeEvent>,
  orderIds: OrderId[],
  config: DecisionConfig,
): ProvisioningDecision {
  switch (event.change) {
    case 'CREATE':
    case 'UPDATE': {
      const status = isSet(event, 'Status') ? event.fields['Status'] : undefined;
      if (status === undefined || status === null) return none('the status is not among the changes');
      if (typeof status === 'string' && config.provisionStatuses.includes(status)) return request(orderIds, config);
      if (status === CANCELLED_STATUS) return { kind: 'tell', orderIds, change: 'cancelled' };
      return none('the new status does not ask for provisioning');
    }
    case 'GAP_CREATE':
    case 'GAP_UPDATE':
    case 'GAP_UNDELETE':
      return request(orderIds, config, { gap: true });
    case 'DELETE':
    case 'GAP_DELETE':
      return { kind: 'tell', orderIds, change: 'deleted' };
    case 'UNDELETE':
      return none('a restored order starts nothing');
  }
}

function request(orderIds: OrderId[], { dualMode }: DecisionConfig, seen: { gap?: true } = {}): ProvisioningDecision {
  if (dualMode) return none('in dual mode the platform event provisions');
  return { kind: 'request', orderIds, trigger: 'cdc', ...seen };
}

function orderCachesOf(event: OrderChangeEvent, orderIds: OrderId[], config: DecisionConfig): CacheDecision {
  if (event.change === 'UPDATE' && !isCustomerFacing(event, config)) return none('only internal fields changed');
  // Given whenever the event has it, changed or not: one invalidation too many is harmless, one too few is not.
  const accountId = idOrUndefined(parseAccountId, event.fields['AccountId']);
  const orders = orderIds.map((orderId) => ({ orderId, ...(accountId === undefined ? {} : { accountId }) }));
  return { kind: 'orders', orders, gap: event.change.startsWith('GAP_') };
}

function isCustomerFacing(event: OrderChangeEvent, config: DecisionConfig): boolean {
  // An update that lists nothing says nothing about what changed.
  if (event.changedFields.length === 0) return true;
  // Parts of compound fields are listed as `BillingAddress.City`.
  return event.changedFields.some((field) => config.customerFacingFields.includes(field.split('.')[0] ?? field));
}

function decideOrderItem(event: OrderItemChangeEvent): Decision {
  const { ids, wildcard, rejected } = recordIdsOf(event, parseOrderItemId);
  if (wildcard) return SWEEP_ALL('a merged event names its order items by a wildcard');
  if (ids.length === 0) return deadLetter(rejected ?? 'the event has no record id');
  const orderId = idOrUndefined(parseOrderId, event.fields['OrderId']);
  // A new item is in nobody's index yet: without its order any cached order may be the one that lacks it.
  const unknownOrder = (event.change === 'CREATE' || event.change === 'UNDELETE') && orderId === undefined;
  return {
    provisioning: none('a change of an item starts nothing'),
    caches: {
      kind: 'orders-of-items',
      itemIds: ids,
      ...(orderId === undefined ? {} : { orderId }),
      gap: event.change.startsWith('GAP_') || unknownOrder,
    },
    ...(rejected === undefined ? {} : { deadLetter: rejected }),
  };
}

/** The catalog is one entry, so that it needs no id: what names none is kept for a person and invalidates all the same. */
function decideCatalog(event: CatalogChangeEvent): Decision {
  return {
    provisioning: none('a change of the catalog starts nothing'),
    caches: { kind: 'catalog' },
    ...(event.recordIds.length === 0 ? { deadLetter: 'the event has no record id' } : {}),
  };
}

/** Whether the event gives the field a value: listed in an update; in a create every non-null field is new. */
function isSet(event: OrderChangeEvent, field: string): boolean {
  return event.change === 'CREATE' || event.changedFields.includes(field);
}

/** `changeOrigin` is `com/salesforce/api/<api>/<version>;client=<name>` for a write through an API. */
function isOwnWrite(event: OrderChangeEvent): boolean {
  return event.changeOrigin
    .split(';')
    .slice(1)
    .some((part) => part.trim() === `client=${CLIENT_NAME}`);
}
