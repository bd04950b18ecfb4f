import { idOrUndefined, idSuffix, parseOrderId, type OrderId } from '../domain/order';
import { CliFailure, EXIT } from './failure';

/** Key prefixes of records that people take for orders (Salesforce Help, "Standard Field Record ID Prefix Decoder"). */
const OBJECTS: Readonly<Record<string, string>> = {
  '001': 'an Account',
  '003': 'a Contact',
  '006': 'an Opportunity',
  '00D': 'an org',
  '00Q': 'a Lead',
  '01s': 'a price book',
  '01t': 'a product',
  '01u': 'a PricebookEntry',
  '0Q0': 'a Quote',
  '500': 'a Case',
  '800': 'a Contract',
  '802': 'an OrderItem; give the order that holds it',
};

const SUFFIX_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';

/**
 * The 18-character id whose letters have lost their upper or lower case somewhere: the last three characters say what each of the
 * first 15 was. Undefined where they cannot have been made from such an id.
 */
export function restoreCase(text: string): OrderId | undefined {
  if (!/^[0-9A-Za-z]{18}$/.test(text)) return undefined;
  const suffix = text.slice(15).toUpperCase();
  let restored = '';
  for (let at = 0; at < 15; at++) {
    const bits = SUFFIX_ALPHABET.indexOf(suffix.charAt(Math.floor(at / 5)));
    const isUpper = (bits & (1 << (at % 5))) !== 0;
    restored += isUpper ? text.charAt(at).toUpperCase() : text.charAt(at).toLowerCase();
  }
  return idSuffix(restored) === suffix ? idOrUndefined(parseOrderId, restored + suffix) : undefined;
}

/** The id in what a person pastes: the id itself, the record's address in Salesforce, or a workflow id of ours. */
function bare(text: string): string {
  const trimmed = text.trim();
  const inAddress = /^https?:\/\/[^/]+\/(?:.*\/)?(801[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?)(?:[/?#]|$)/.exec(trimmed)?.[1];
  return inAddress ?? trimmed.replace(/^provision-order-/, '');
}

/**
 * The order that a person names. 15-character ids are widened.
 * @throws CliFailure `INVALID_ID` (exit code 2) that says what is wrong with it and, where that is certain, which id was meant.
 */
export function readOrderId(text: string): OrderId {
  const id = bare(text);
  const known = idOrUndefined(parseOrderId, id);
  if (known !== undefined) return known;
  throw new CliFailure({ code: 'INVALID_ID', exitCode: EXIT.usage, ...explain(id) });
}

function explain(id: string): { message: string; advice: string } {
  const shown = `"${id.length > 24 ? `${id.slice(0, 24)}…` : id}"`.replace(/[^\x20-\x7e…]/g, '?');
  const address = 'Copy the id from the order’s address in Salesforce, or from `orders list`.';
  if (!/^[0-9A-Za-z]+$/.test(id) || /^\d{1,12}$/.test(id)) {
    return { message: `${shown} is not a Salesforce record id`, advice: `${address} An order number will not do.` };
  }
  const restored = restoreCase(id);
  if (restored !== undefined) {
    return {
      message: `${shown} has lost the upper and lower case of its letters, by which ids differ`,
      advice: `Did you mean ${restored}?`,
    };
  }
  if (id.length !== 15 && id.length !== 18) {
    return { message: `${shown} has ${id.length} characters; an order’s id has 15 or 18`, advice: address };
  }
  const other = OBJECTS[id.slice(0, 3)];
  if (other !== undefined) return { message: `${shown} is the id of ${other}, not of an order`, advice: address };
  if (!id.startsWith('801')) {
    return { message: `${shown} is not the id of an order, which begins with 801`, advice: address };
  }
  return { message: `${shown} is mistyped: its last three characters do not fit the first 15`, advice: address };
}
