/**
 * Events as the listener hands them to {@link decide}: decoded, named, not yet judged. Record ids are still plain
 * strings, because what comes over the wire may be anything.
 */

/** `ChangeEventHeader.changeType` (Change Data Capture Developer Guide, "Change Event Header Fields" and "Gap Events"). */
export const CHANGE_TYPES = [
  'CREATE',
  'UPDATE',
  'DELETE',
  'UNDELETE',
  'GAP_CREATE',
  'GAP_UPDATE',
  'GAP_DELETE',
  'GAP_UNDELETE',
  'GAP_OVERFLOW',
] as const;
export type ChangeType = (typeof CHANGE_TYPES)[number];

export function isChangeType(value: unknown): value is ChangeType {
  return (CHANGE_TYPES as readonly unknown[]).includes(value);
}

interface Change {
  change: ChangeType;
  /** One in the usual case; merged events carry many, and one of them may be a wildcard such as `801*`. */
  recordIds: readonly string[];
  /** API names. Empty in a CREATE (every non-null field is new), a DELETE, an UNDELETE and a gap event. */
  changedFields: readonly string[];
  /** Every field of the record. A null means something only if the field is listed in `changedFields`. */
  fields: Readonly<Record<string, unknown>>;
  /** E.g. `com/salesforce/api/rest/62.0;client=order-provisioning`. */
  changeOrigin: string;
}

export type OrderChangeEvent = Change & { kind: 'order' };
export type OrderItemChangeEvent = Change & { kind: 'order-item' };
/** A change of a Product2 or a PricebookEntry. */
export type CatalogChangeEvent = Change & { kind: 'catalog' };

/** `Order_Fulfilment_Requested__e`: someone asks for an order by name (dual mode). Values as they came. */
export interface FulfilmentRequestedEvent {
  kind: 'fulfilment-requested';
  orderId: unknown;
  requestedBy: unknown;
  priority: unknown;
  correlationId: unknown;
}

export type DomainEvent = OrderChangeEvent | OrderItemChangeEvent | CatalogChangeEvent | FulfilmentRequestedEvent;
