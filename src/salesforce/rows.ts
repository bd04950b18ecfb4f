import { billingCycle } from '../domain/billing-cycle';
import { cancelTimeOf } from '../domain/cancel-message';
import { isFailureCode } from '../domain/failure';
import type { SalesforceOrder } from '../domain/order';
import { idOrUndefined, parseAccountId, parseOrderId, parseOrderItemId } from '../domain/record-id';
import type { OrderMark } from './contract';
import type { SalesforceFields } from './fields';

/** A record as a query gives it. Fields of a parent are nested under the relationship's name, null where there is no parent. */
export type Row = Readonly<Record<string, unknown>>;

/** A page of a query: records, and where the next page is. A child subquery has the same shape, or is null without children. */
export interface Page {
  records: Row[];
  done: boolean;
  nextRecordsUrl: string | undefined;
}

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Undefined where `value` is no page: an answer of another kind. */
export function readPage(value: unknown): Page | undefined {
  if (!isRow(value) || !Array.isArray(value['records'])) return undefined;
  const next = value['nextRecordsUrl'];
  return {
    records: (value['records'] as unknown[]).filter(isRow),
    done: value['done'] !== false,
    nextRecordsUrl: typeof next === 'string' ? next : undefined,
  };
}

/** A text, numbers written out (an org may keep an id in a number field); null for anything empty. */
export function text(value: unknown): string | null {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/**
 * An id of WHMCS; null for anything else, as for none. A field of the account that holds a name or an address by mistake must not
 * reach Temporal's history: the order then fails as one whose account is not linked.
 */
function digits(value: unknown): string | null {
  const id = text(value);
  return id !== null && /^\d{1,18}$/.test(id) ? id : null;
}

/**
 * Stands for a text that is not of the kind its field is for, and must not reach Temporal's history either. The field counts as set
 * all the same: an order whose WHMCS order id is a remark is not provisioned, and an item is not sold by the cycle of those without.
 */
export const UNREADABLE = '(unreadable)';

function digitsOrUnreadable(value: unknown): string | null {
  return digits(value) ?? (text(value) === null ? null : UNREADABLE);
}

/** As AddOrder takes it. */
function cycle(value: unknown): string | null {
  const name = text(value);
  return name === null ? null : (billingCycle(name) ?? UNREADABLE);
}

/** A number, or null. */
export function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** A field of a parent record; undefined where there is no parent. */
export function parent(row: Row, relationship: string, field: string): unknown {
  const record = row[relationship];
  return isRow(record) ? record[field] : undefined;
}

/** Salesforce writes `2026-11-23T10:00:00.000+0000`, which not every parser takes. */
function epochMs(value: unknown): number {
  const ms = typeof value === 'string' ? Date.parse(value.replace(/([+-]\d\d)(\d\d)$/, '$1:$2')) : Number.NaN;
  return Number.isFinite(ms) ? ms : 0;
}

/** What {@link readOrderRow} needs of an Order. */
export function orderColumns(fields: SalesforceFields): string[] {
  const { activationStatus, activationErrorCode, activationErrorMessage, whmcsOrderId, currency } = fields.order;
  const failure = [activationErrorCode, activationErrorMessage];
  const own = ['Id', 'AccountId', 'Status', activationStatus, ...failure, whmcsOrderId, 'SystemModstamp'];
  return [...own, ...(currency === null ? [] : [currency]), `Account.${fields.account.whmcsClientId}`];
}

/** What {@link readOrderRow} needs of its items. */
export function itemColumns(fields: SalesforceFields): string[] {
  return ['Id', 'Quantity', 'UnitPrice', fields.orderItem.billingCycle, `Product2.${fields.product.whmcsProductId}`];
}

/** What the product itself has written of the order in a row. */
export function readOrderMark(row: Row, fields: SalesforceFields): OrderMark {
  const { activationStatus, activationErrorCode, whmcsOrderId } = fields.order;
  const code = row[activationErrorCode];
  return {
    activationStatus: text(row[activationStatus]),
    ...(isFailureCode(code) ? { failedWith: code } : {}),
    whmcsOrderId: digitsOrUnreadable(row[whmcsOrderId]),
  };
}

/** The order in a row and its items in theirs. @throws ProvisioningFailure `INVALID_ID` where an id is none. */
export function readOrderRow(row: Row, items: readonly Row[], fields: SalesforceFields): SalesforceOrder {
  const { activationErrorCode, activationErrorMessage, currency } = fields.order;
  const isCancelled = row[activationErrorCode] === 'CANCELLED';
  const cancelledAt = isCancelled ? cancelTimeOf(row[activationErrorMessage]) : undefined;
  return {
    id: parseOrderId(row['Id']),
    accountId: idOrUndefined(parseAccountId, row['AccountId']) ?? null,
    status: text(row['Status']) ?? '',
    ...readOrderMark(row, fields),
    ...(cancelledAt === undefined ? {} : { cancelledAt }),
    whmcsClientId: digits(parent(row, 'Account', fields.account.whmcsClientId)),
    currency: currency === null ? null : text(row[currency]),
    systemModstamp: epochMs(row['SystemModstamp']),
    items: items.map((item) => ({
      id: parseOrderItemId(item['Id']),
      quantity: number(item['Quantity']) ?? 0,
      unitPrice: number(item['UnitPrice']),
      billingCycle: cycle(item[fields.orderItem.billingCycle]),
      whmcsProductId: digitsOrUnreadable(parent(item, 'Product2', fields.product.whmcsProductId)),
    })),
  };
}
