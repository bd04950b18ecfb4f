/**
 * WHMCS's odd answers, read once and for all.
 *
 * PHP decides how an answer looks: numbers come as strings, an empty list as `{}` or `""`, a list of one as the object
 * itself, an array with holes as an object with numeric keys, and a warning may be printed before the JSON.
 */

export type Fields = Record<string, unknown>;

/** An answer that WHMCS itself has given. */
export interface Answer extends Fields {
  result: 'success' | 'error';
}

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const isAnswer = (value: unknown): value is Answer =>
  isObject(value) && (value['result'] === 'success' || value['result'] === 'error');

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** PHP's notices are few and come before or after the JSON; more places than this to begin at are not WHMCS's answer. */
const STARTS = 20;

/**
 * The answer in a response body, or undefined where there is none: a page of HTML, a cut body, an empty one.
 * Text that PHP printed before or after the JSON (`<br /><b>Warning</b>: …`, a BOM) is passed over.
 */
export function decodeBody(text: string): Answer | undefined {
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  const whole = parse(trimmed);
  if (isAnswer(whole)) return whole;
  // A page may well have JSON in its scripts, and none of it is WHMCS's answer.
  if (whole !== undefined || /^<(?:!doctype|html)/i.test(trimmed)) return undefined;
  const end = trimmed.lastIndexOf('}') + 1;
  let tries = 0;
  for (const { index } of trimmed.matchAll(/\{\s*"/g)) {
    if (index >= end || ++tries > STARTS) return undefined;
    const found = parse(trimmed.slice(index, end));
    if (isAnswer(found)) return found;
  }
  return undefined;
}

/**
 * The items of a list such as `products.product`: an array, one object, an object with numeric keys, `{}`, `[]`, `""`, or nothing.
 * `container` is the value of the outer key, `item` the name of the inner one.
 */
export function list(container: unknown, item: string): Fields[] {
  if (!isObject(container)) return [];
  const inner = Array.isArray(container) ? container : Object.hasOwn(container, item) ? container[item] : container;
  if (!isObject(inner)) return [];
  if (Array.isArray(inner)) return inner.filter(isObject);
  const keys = Object.keys(inner);
  if (keys.length === 0) return [];
  if (keys.every((key) => /^\d+$/.test(key))) return Object.values(inner).filter(isObject);
  return [inner];
}

/** A text; numbers are written out, anything else is "". */
export function text(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : '';
}

/** An id as its decimal text, or undefined: WHMCS writes 0 and "" for none. */
export function id(value: unknown): string | undefined {
  const digits = text(value);
  return /^0*[1-9]\d{0,17}$/.test(digits) ? digits.replace(/^0+/, '') : undefined;
}

/** A number, which may come as a string; undefined for anything else. */
export function number(value: unknown): number | undefined {
  const digits = text(value);
  return /^-?\d+(?:\.\d+)?$/.test(digits) ? Number(digits) : undefined;
}

/** The ids in a comma list such as `serviceids`, or undefined where the answer has no such list. */
export function idList(value: unknown): string[] | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  return String(value)
    .split(',')
    .map(id)
    .filter((entry) => entry !== undefined);
}

/** Ascending order of ids, which may have more digits than a number holds. */
export function byId(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
