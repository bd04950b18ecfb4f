import { malformedQuery } from '../errors';
import { isDateLiteral, rangeOf } from './date-literal';

/** A literal of SOQL with its value. Times are epoch ms; `range` is a date literal such as TODAY, [from, to). */
export type Literal =
  | { is: 'null' }
  | { is: 'text'; value: string }
  | { is: 'number'; value: number }
  | { is: 'boolean'; value: boolean }
  | { is: 'date'; from: number; to: number }
  | { is: 'datetime'; at: number }
  | { is: 'range'; from: number; to: number };

const DAY = 86_400_000;
const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/**
 * A quoted string without its quotes and escapes (SOQL and SOSL Reference, "Quoted String Escape Sequences"). With
 * `keepWildcards` the escapes `\%` and `\_` stay, for LIKE to read.
 * @throws RestError MALFORMED_QUERY for an escape that SOQL does not know.
 */
export function unquote(quoted: string, keepWildcards = false): string {
  return quoted.slice(1, -1).replace(/\\(u[0-9A-Fa-f]{4}|[\s\S]?)/g, (whole, escape: string) => {
    if (/^u[0-9A-Fa-f]{4}$/.test(escape)) return String.fromCharCode(parseInt(escape.slice(1), 16));
    if (escape === "'" || escape === '"') return escape;
    // A literal backslash must not be mistaken for the escape of a wildcard that follows it.
    if (escape === '\\') return keepWildcards ? '\\\\' : '\\';
    if (escape === '%' || escape === '_') return keepWildcards ? whole : escape;
    const control = ESCAPES[escape.toLowerCase()];
    if (control === undefined) throw malformedQuery(`Illegal escape sequence '${whole}' in string literal`);
    return control;
  });
}

/**
 * Reads one literal as the parser gives it. An empty string is null: Salesforce stores no empty strings.
 * @throws RestError MALFORMED_QUERY for a literal that means nothing.
 */
export function literalOf(raw: string, type: string | undefined, now: number, forLike: boolean): Literal {
  switch (type) {
    case 'NULL':
      return { is: 'null' };
    case 'STRING': {
      const value = unquote(raw, forLike);
      return value === '' ? { is: 'null' } : { is: 'text', value };
    }
    case 'INTEGER':
    case 'DECIMAL':
      return { is: 'number', value: Number(raw) };
    case 'INTEGER_WITH_CURRENCY_PREFIX':
    case 'DECIMAL_WITH_CURRENCY_PREFIX':
      return { is: 'number', value: Number(raw.slice(3)) };
    case 'BOOLEAN':
      return { is: 'boolean', value: raw.toUpperCase() === 'TRUE' };
    case 'DATE': {
      const from = Date.parse(`${raw}T00:00:00Z`);
      if (Number.isNaN(from)) throw malformedQuery(`Invalid date: ${raw}`);
      return { is: 'date', from, to: from + DAY };
    }
    case 'DATETIME': {
      const at = Date.parse(raw);
      if (Number.isNaN(at)) throw malformedQuery(`Invalid datetime: ${raw}`);
      return { is: 'datetime', at };
    }
    default:
      if (isDateLiteral(raw)) return { is: 'range', ...rangeOf(raw, now) };
      throw malformedQuery(`unexpected token: '${raw}'`);
  }
}
