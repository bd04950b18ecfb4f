import { ACTIVATION, type OrderId } from '../domain/order';
import { idOrUndefined, parseOrderId } from '../domain/record-id';
import type { SalesforceOrders, WriteGuard } from './contract';
import type { SalesforceFields } from './fields';
import { children, queryAll, queryPages } from './query';
import { itemColumns, orderColumns, readOrderMark, readOrderRow } from './rows';
import { guardedBy, type SalesforceSession } from './session';
import { dateTime, idLiteral, inList } from './soql';
import { MOST_RECORDS, saveTogether, type RecordUpdate } from './write';

/** Lengths of the fields that we write (salesforce/ in this repository). */
const ERROR_CODE_LENGTH = 40;
const ERROR_MESSAGE_LENGTH = 255;
const SERVICE_IDS_LENGTH = 255;

/** What is written of an Order. */
export function writtenOrderFields({ order }: SalesforceFields): string[] {
  return [order.activationStatus, order.activationErrorCode, order.activationErrorMessage, order.whmcsOrderId];
}

/** What is written of its items. */
export const writtenItemFields = ({ orderItem }: SalesforceFields): string[] => [orderItem.whmcsServiceId];

/** Orders in Salesforce. Every write sets fields to given values, so each of these may be repeated. */
export function createSalesforceOrders(session: SalesforceSession, fields: SalesforceFields): SalesforceOrders {
  const names = fields.order;
  const noError = { [names.activationErrorCode]: null, [names.activationErrorMessage]: null };

  async function update(
    orderId: OrderId,
    values: Record<string, string | null>,
    about: string,
    { beforeSend }: WriteGuard,
  ): Promise<void> {
    await guardedBy(session, beforeSend).call(
      { method: 'PATCH', path: `/sobjects/Order/${orderId}`, body: values },
      `${about} order ${orderId}`,
    );
  }

  return {
    async read(orderId) {
      const about = `read order ${orderId}`;
      const items = `(SELECT ${itemColumns(fields).join(', ')} FROM OrderItems ORDER BY Id)`;
      const columns = [...orderColumns(fields), items].join(', ');
      const [row] = await queryAll(session, `SELECT ${columns} FROM Order WHERE Id = ${idLiteral(orderId)}`, about);
      return row && readOrderRow(row, await children(session, row, 'OrderItems', about), fields);
    },

    async readMark(orderId) {
      const columns = writtenOrderFields(fields).join(', ');
      const soql = `SELECT ${columns} FROM Order WHERE Id = ${idLiteral(orderId)}`;
      const [row] = await queryAll(session, soql, `read the state of order ${orderId}`);
      return row && readOrderMark(row, fields);
    },

    markActivating(orderId, { keepError = false, ...guard } = {}) {
      const values = { [names.activationStatus]: ACTIVATION.activating, ...(keepError ? {} : noError) };
      return update(orderId, values, 'mark as Activating', guard);
    },

    markFailed: (orderId, { code, message, advice }, guard = {}) =>
      update(
        orderId,
        {
          [names.activationStatus]: ACTIVATION.failed,
          [names.activationErrorCode]: cut(code, ERROR_CODE_LENGTH),
          [names.activationErrorMessage]: withAdvice(message, advice, ERROR_MESSAGE_LENGTH),
        },
        'mark as Failed',
        guard,
      ),

    async writeBack(orderId, { whmcsOrderId, services }, { beforeSend } = {}) {
      const about = `write back order ${orderId}`;
      const guarded = guardedBy(session, beforeSend);
      const order: RecordUpdate = {
        type: 'Order',
        id: orderId,
        values: { [names.whmcsOrderId]: whmcsOrderId, [names.activationStatus]: ACTIVATION.activated, ...noError },
      };
      const items = services.map(({ orderItemId, serviceIds }): RecordUpdate => {
        const values = { [fields.orderItem.whmcsServiceId]: joinIds(serviceIds, SERVICE_IDS_LENGTH) };
        return { type: 'OrderItem', id: orderItemId, values };
      });
      // One transaction up to 199 items. Of more, the order comes last, with what is left: it says that all is done.
      const inFront = Math.max(0, Math.ceil((items.length + 1) / MOST_RECORDS) - 1) * MOST_RECORDS;
      for (let i = 0; i < inFront; i += MOST_RECORDS) {
        await saveTogether(guarded, items.slice(i, i + MOST_RECORDS), about);
      }
      await saveTogether(guarded, [...items.slice(inFront), order], about);
    },

    async *unprovisioned({ statuses, stuckBefore, failedSince, after }) {
      const status = names.activationStatus;
      // Nothing (which SOQL's != takes in), or a value of the org's own, such as a default of its picklist: nobody has begun.
      const untouched = `(${Object.values(ACTIVATION)
        .map((value) => `${status} != '${value}'`)
        .join(' AND ')})`;
      // A run for one that is billed unmarked would be refused by the guard, at every sweep.
      const notUnmarked = `${names.activationErrorCode} != 'WHMCS_ORDER_UNMARKED'`;
      const stuck = `(${status} = '${ACTIVATION.activating}' AND ${notUnmarked} AND SystemModstamp <= ${dateTime(stuckBefore)})`;
      // A cancel is such a change, and no approval.
      const notCancelled = `${names.activationErrorCode} != 'CANCELLED'`;
      const failed =
        failedSince === undefined
          ? ''
          : ` OR (${status} = '${ACTIVATION.failed}' AND ${notCancelled} AND SystemModstamp >= ${dateTime(failedSince)})`;
      const rest = after === undefined ? '' : ` AND Id > ${idLiteral(after)}`;
      const wanted = `Status IN ${inList(statuses)} AND ${names.whmcsOrderId} = null${rest}`;
      const soql = `SELECT Id FROM Order WHERE ${wanted} AND (${untouched} OR ${stuck}${failed}) ORDER BY Id`;
      for await (const rows of queryPages(session, soql, 'look for unprovisioned orders')) {
        const ids = rows.map((row) => idOrUndefined(parseOrderId, row['Id'])).filter((id) => id !== undefined);
        if (ids.length > 0) yield ids;
      }
    },
  };
}

/** `text` in at most `length` characters, without half of a surrogate pair at its end. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** What happened, and then what a person does next, which is never cut: who reads no further than Salesforce needs that most. */
export function withAdvice(message: string, advice: string, length: number): string {
  return `${cut(message.replace(/\.$/, ''), length - advice.length - 2)}. ${advice}`;
}

/** Ids joined by commas; where they do not fit, as many as do, and how many more there are: `7,8,9,+41`. */
export function joinIds(ids: readonly string[], length: number): string {
  let joined = ids.join(',');
  for (let shown = ids.length - 1; joined.length > length && shown >= 0; shown--) {
    joined = [...ids.slice(0, shown), `+${ids.length - shown}`].join(',');
  }
  return joined;
}
