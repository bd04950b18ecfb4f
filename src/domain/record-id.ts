import { ProvisioningFailure } from './failure';

/**
 * Salesforce record ids.
 *
 * A record id is 15 case-sensitive characters, or the same with a 3-character suffix that encodes the case of
 * the first 15, so that it survives systems that ignore case (Salesforce Object Reference, "ID Field Type").
 * The first three characters are the key prefix of the object: 801 is Order, 802 OrderItem, 001 Account.
 */

declare const brand: unique symbol;

/** An 18-character Salesforce record id of any object, its suffix checked. Made only by {@link parseRecordId}. */
export type RecordId = string & { readonly [brand]: 'RecordId' };
/** An 18-character id of an Order. Made only by {@link parseOrderId}. */
export type OrderId = RecordId & { readonly object: 'Order' };
/** An 18-character id of an Account. Made only by {@link parseAccountId}. */
export type AccountId = RecordId & { readonly object: 'Account' };
/** An 18-character id of an OrderItem. Made only by {@link parseOrderItemId}. */
export type OrderItemId = RecordId & { readonly object: 'OrderItem' };

const SHAPE = /^[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?$/;
const SUFFIX_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';

/** The 3-character suffix of a 15-character id: one character per five, a bit per upper-case letter. */
export function idSuffix(id15: string): string {
  let suffix = '';
  for (let chunk = 0; chunk < 3; chunk++) {
    let bits = 0;
    for (let i = 0; i < 5; i++) {
      const c = id15.charAt(chunk * 5 + i);
      if (c >= 'A' && c <= 'Z') bits |= 1 << i;
    }
    suffix += SUFFIX_ALPHABET.charAt(bits);
  }
  return suffix;
}

function tryParse(text: unknown): RecordId | undefined {
  if (typeof text !== 'string' || !SHAPE.test(text)) return undefined;
  const id15 = text.slice(0, 15);
  const suffix = idSuffix(id15);
  // A wrong suffix means that some system on the way lost the case: another record may bear that id.
  if (text.length === 18 && text.slice(15).toUpperCase() !== suffix) return undefined;
  return (id15 + suffix) as RecordId;
}

/** `text` as it may be shown in a message: short, printable, quoted. */
function shown(text: unknown): string {
  if (typeof text !== 'string') return `a ${typeof text}`;
  const printable = text.replace(/[^\x20-\x7e]/g, '?');
  return `"${printable.length > 24 ? `${printable.slice(0, 24)}…` : printable}"`;
}

/** @throws ProvisioningFailure `INVALID_ID` when `text` is not an id of 15 or 18 characters with a true suffix. */
export function parseRecordId(text: unknown): RecordId {
  const id = tryParse(text);
  if (id === undefined) {
    throw new ProvisioningFailure({ code: 'INVALID_ID', message: `${shown(text)} is not a Salesforce record id` });
  }
  return id;
}

function parserOf(object: string, prefix: string): (text: unknown) => RecordId {
  return (text) => {
    const id = tryParse(text);
    if (id === undefined || !id.startsWith(prefix)) {
      throw new ProvisioningFailure({
        code: 'INVALID_ID',
        message: `${shown(text)} is not the id of a Salesforce ${object} (15 or 18 letters and digits that begin with ${prefix})`,
      });
    }
    return id;
  };
}

/** Widens to 18 characters. @throws ProvisioningFailure `INVALID_ID` when `text` is not the id of an Order. */
export const parseOrderId = parserOf('Order', '801') as (text: unknown) => OrderId;
/** Widens to 18 characters. @throws ProvisioningFailure `INVALID_ID` when `text` is not the id of an OrderItem. */
export const parseOrderItemId = parserOf('OrderItem', '802') as (text: unknown) => OrderItemId;
/** Widens to 18 characters. @throws ProvisioningFailure `INVALID_ID` when `text` is not the id of an Account. */
export const parseAccountId = parserOf('Account', '001') as (text: unknown) => AccountId;

/** The parsed id, or undefined where `parse` refuses it. */
export function idOrUndefined<T>(parse: (text: unknown) => T, text: unknown): T | undefined {
  // Most updates have no account: an exception for each would be a good part of what an event costs.
  if (typeof text !== 'string') return undefined;
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
