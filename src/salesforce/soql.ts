import type { RecordId } from '../domain/record-id';

/**
 * SOQL is put together here only. Values are written as literals by these functions; ids are of types that only their parsers
 * make, and field names have been checked (`fields.ts`).
 */

/** Characters with an escape of their own (SOQL and SOSL Reference, "Quoted String Escape Sequences"). */
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};

/** A string literal. Control characters without an escape are dropped: no value of ours has them. */
export function literal(value: string): string {
  return `'${value.replace(/[\\'"\n\r\t\b\f]/g, (c) => ESCAPES[c] ?? '').replace(/[\u0000-\u001f\u007f]/g, '')}'`;
}

export const idLiteral = (id: RecordId): string => `'${id}'`;

/** A list for IN. @throws RangeError for an empty one, which SOQL has no word for. */
export function inList(values: readonly string[]): string {
  if (values.length === 0) throw new RangeError('a SOQL list needs a value');
  return `(${values.map(literal).join(', ')})`;
}

/** A dateTime literal, which has no quotes. `ms` is epoch ms. */
export const dateTime = (ms: number): string => new Date(ms).toISOString();
