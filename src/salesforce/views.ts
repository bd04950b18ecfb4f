import type { AccountId, OrderId } from '../domain/record-id';
import { idOrUndefined, parseAccountId, parseOrderId, parseOrderItemId, parseRecordId } from '../domain/record-id';
import type { OrderView } from '../domain/views';
import type { SalesforceFields } from './fields';
import { children, queryAll } from './query';
import { number, parent, text, type Row } from './rows';
import type { SalesforceSession } from './session';
import { idLiteral } from './soql';

/** Orders as a customer sees them, for the caches. Each call reads Salesforce itself. */
export interface OrderViews {
  readOrder(orderId: OrderId): Promise<OrderView | undefined>;
  /** Newest first. */
  readAccountOrders(accountId: AccountId): Promise<OrderView[]>;
}

/** What a view needs of an Order. */
export function orderViewColumns(fields: SalesforceFields): string[] {
  const { activationStatus, whmcsOrderId, currency } = fields.order;
  const names = ['Id', 'OrderNumber', 'AccountId', 'Status', activationStatus, whmcsOrderId];
  return [...names, 'EffectiveDate', 'TotalAmount', ...(currency === null ? [] : [currency])];
}

/** What a view needs of its items. */
export function itemViewColumns({ orderItem: { billingCycle, whmcsServiceId } }: SalesforceFields): string[] {
  return ['Id', 'Product2Id', 'Product2.Name', 'Quantity', 'UnitPrice', billingCycle, whmcsServiceId];
}

/** Reads views in one query each, and further pages where there are any. */
export function createOrderViews(session: SalesforceSession, fields: SalesforceFields): OrderViews {
  const { activationStatus, whmcsOrderId, currency } = fields.order;
  const { billingCycle, whmcsServiceId } = fields.orderItem;
  const items = `(SELECT ${itemViewColumns(fields).join(', ')} FROM OrderItems ORDER BY Id)`;
  const columns = [...orderViewColumns(fields), items];

  async function read(where: string, about: string): Promise<OrderView[]> {
    const rows = await queryAll(session, `SELECT ${columns.join(', ')} FROM Order WHERE ${where}`, about);
    const views: OrderView[] = [];
    // One after the other: nearly always there is no further page to read.
    for (const row of rows) views.push(view(row, await children(session, row, 'OrderItems', about)));
    return views;
  }

  function view(row: Row, items: readonly Row[]): OrderView {
    return {
      id: parseOrderId(row['Id']),
      orderNumber: text(row['OrderNumber']),
      accountId: idOrUndefined(parseAccountId, row['AccountId']) ?? null,
      status: text(row['Status']) ?? '',
      activationStatus: text(row[activationStatus]),
      whmcsOrderId: text(row[whmcsOrderId]),
      effectiveDate: text(row['EffectiveDate']),
      totalAmount: number(row['TotalAmount']),
      currency: currency === null ? null : text(row[currency]),
      items: items.map((line) => ({
        id: parseOrderItemId(line['Id']),
        productId: idOrUndefined(parseRecordId, line['Product2Id']) ?? null,
        productName: text(parent(line, 'Product2', 'Name')),
        quantity: number(line['Quantity']) ?? 0,
        unitPrice: number(line['UnitPrice']),
        billingCycle: text(line[billingCycle]),
        whmcsServiceId: text(line[whmcsServiceId]),
      })),
    };
  }

  return {
    readOrder: async (orderId) => (await read(`Id = ${idLiteral(orderId)}`, `read order ${orderId}`))[0],
    readAccountOrders: (accountId) =>
      read(
        `AccountId = ${idLiteral(accountId)} ORDER BY CreatedDate DESC, Id DESC`,
        `read the orders of account ${accountId}`,
      ),
  };
}
