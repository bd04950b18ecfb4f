import { PhpList, type Answer } from './action';
import { VERSION } from './actions/whmcs-details';

/**
 * How a list of an answer is printed. Real installations differ by version and by action, so a client must take all:
 * - `documented`: `{"order": [...]}` as in the reference
 * - `single`: a list of one is the element itself, as XML turned into JSON has it
 * - `numericKeys`: an object with keys "0", "1", ..., as PHP prints an array with a gap
 * - `emptyObject`, `emptyString`: an empty list is `{}` or `""` in place of the wrapper
 * - `mixed`: each list in another shape, in turn
 */
export const LIST_SHAPES = ['documented', 'single', 'numericKeys', 'emptyObject', 'emptyString', 'mixed'] as const;
export type ListShape = (typeof LIST_SHAPES)[number];

/** How an answer is printed. `numbers`: PHP prints most database columns as strings. */
export interface Print {
  listShape: () => Exclude<ListShape, 'mixed'>;
  numbers: 'strings' | 'numbers';
}

/** What goes over the wire. */
export interface WireAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Resolves lists and numbers into what JSON or XML will show. */
export function shape(value: unknown, print: Print): unknown {
  if (value instanceof PhpList) return shapeList(value, print);
  if (typeof value === 'number') return print.numbers === 'strings' ? String(value) : value;
  if (Array.isArray(value)) return value.map((item) => shape(item, print));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, shape(item, print)]));
}

function shapeList(list: PhpList, print: Print): unknown {
  const items = list.items.map((item) => shape(item, print));
  const how = print.listShape();
  if (items.length === 0 && how === 'emptyObject') return {};
  if (items.length === 0 && how === 'emptyString') return '';
  if (items.length === 1 && how === 'single') return { [list.itemName]: items[0] };
  if (items.length > 0 && how === 'numericKeys') return { [list.itemName]: Object.fromEntries(items.entries()) };
  return { [list.itemName]: items };
}

/** The answer as JSON if `responsetype=json` was asked for, else as XML. */
export function encode(action: string, fields: Answer, responsetype: string, status: number): WireAnswer {
  return responsetype.toLowerCase() === 'json'
    ? { status, headers: { 'content-type': 'application/json' }, body: phpJson(fields) }
    : { status, headers: { 'content-type': 'application/xml' }, body: xml(action, fields) };
}

/** json_encode with PHP's defaults: slashes and everything beyond ASCII are escaped. */
export function phpJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('/', '\\/')
    .replace(/[\u007f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function xml(action: string, fields: Answer): string {
  const body = Object.entries({ action: action.toLowerCase(), ...fields }).map(([name, value]) => element(name, value));
  return `<?xml version="1.0" encoding="utf-8"?>\n<whmcsapi version="${VERSION.version}">\n${body.join('')}</whmcsapi>`;
}

function element(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => element(name, item)).join('');
  const tag = /^\d/.test(name) ? `item${name}` : name.replace(/[^\w.-]/g, '_');
  if (typeof value === 'object' && value !== null) {
    const inner = Object.entries(value).map(([key, item]) => element(key, item));
    return `<${tag}>\n${inner.join('')}</${tag}>\n`;
  }
  const text = value === true ? '1' : typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  return `<${tag}>${escapeXml(text)}</${tag}>\n`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** A page that is no answer of the API: maintenance, a PHP fatal error, a proxy in front of WHMCS. */
export function html(status: number, title: string, text: string, headers: Record<string, string> = {}): WireAnswer {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8', ...headers },
    body: `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1><p>${text}</p></body></html>\n`,
  };
}

export const MAINTENANCE = 'We are currently performing maintenance and will be back shortly.';
