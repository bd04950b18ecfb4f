import { fromSalesforceDateTime } from '../../clock';
import { RestError } from '../errors';
import { normaliseId } from '../../store/ids';
import type { Literal } from './literal';
import type { SoqlField } from './source';

type Test = (value: unknown) => boolean;

/** A value in the form in which values of its field are compared and sorted. */
export function comparable(field: SoqlField, value: unknown): string | number | boolean | null {
  if (value === null || value === undefined || value === '') return null;
  switch (field.kind) {
    case 'id':
      return typeof value === 'string' ? (normaliseId(value) ?? value) : JSON.stringify(value);
    case 'text':
    case 'opaque':
      return typeof value === 'string' ? value.toLowerCase() : JSON.stringify(value);
    case 'number':
      return Number(value);
    case 'boolean':
      return value === true;
    case 'date':
    case 'datetime':
      return typeof value === 'string' ? fromSalesforceDateTime(value) : null;
  }
}

const TYPE_NAME = {
  id: 'reference',
  text: 'string',
  number: 'double',
  boolean: 'boolean',
  date: 'date',
  datetime: 'dateTime',
  opaque: 'string',
};

function wrongType(field: SoqlField): RestError {
  const quoted = field.kind === 'text' || field.kind === 'id' || field.kind === 'opaque';
  return new RestError(
    400,
    'INVALID_FIELD',
    `value of filter criterion for field '${field.name}' must be of type ${TYPE_NAME[field.kind]} and should ${quoted ? '' : 'not '}be enclosed in quotes`,
  );
}

const badOperator = (message: string) => new RestError(400, 'INVALID_QUERY_FILTER_OPERATOR', message);

/** The literal in comparable form: one value, or a range of time [from, to). */
function operand(field: SoqlField, literal: Literal): string | number | boolean | null | { from: number; to: number } {
  if (literal.is === 'null') return null;
  switch (field.kind) {
    case 'id': {
      if (literal.is !== 'text') throw wrongType(field);
      const id = normaliseId(literal.value);
      if (id === undefined) throw badOperator(`invalid ID field: ${literal.value}`);
      return id;
    }
    case 'text':
    case 'opaque':
      if (literal.is !== 'text') throw wrongType(field);
      return literal.value.toLowerCase();
    case 'number':
      if (literal.is !== 'number') throw wrongType(field);
      return literal.value;
    case 'boolean':
      if (literal.is !== 'boolean') throw wrongType(field);
      return literal.value;
    case 'date':
      if (literal.is === 'date') return literal.from;
      if (literal.is === 'range') return { from: literal.from, to: literal.to };
      throw wrongType(field);
    case 'datetime':
      if (literal.is === 'datetime') return literal.at;
      if (literal.is === 'range') return { from: literal.from, to: literal.to };
      throw wrongType(field);
  }
}

/** LIKE: `%` is any run of characters, `_` any one; a backslash takes away the meaning. Case is ignored. */
function likeTest(field: SoqlField, literal: Literal): Test {
  if (field.kind !== 'text')
    throw badOperator(
      field.kind === 'id' ? 'invalid operator on id field' : `invalid operator on field '${field.name}'`,
    );
  if (literal.is === 'null') return (value) => comparable(field, value) === null;
  if (literal.is !== 'text') throw wrongType(field);
  const source = literal.value.replace(
    /\\([\s\S])|([%_])|([.*+?^${}()|[\]\\/-])/g,
    (_all, escaped?: string, wild?: string, special?: string) => {
      if (escaped !== undefined) return escaped.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
      if (wild !== undefined) return wild === '%' ? '[^]*' : '[^]';
      return `\\${special!}`;
    },
  );
  const pattern = new RegExp(`^${source}$`, 'iu');
  return (value) => typeof value === 'string' && pattern.test(value);
}

/** Whether values of `field` match one comparison. @throws RestError for a literal or operator the field cannot take. */
export function comparisonTest(field: SoqlField, operator: string, literals: readonly Literal[]): Test {
  if (!field.filterable) {
    throw new RestError(400, 'INVALID_FIELD', `field '${field.name}' can not be filtered in a query call`);
  }
  const first: Literal = literals[0] ?? { is: 'null' };
  switch (operator.toUpperCase()) {
    case 'LIKE': {
      const tests = literals.map((literal) => likeTest(field, literal));
      return (value) => tests.some((test) => test(value));
    }
    case 'IN':
    case 'NOT IN': {
      const among = equalsAny(field, literals);
      return operator.toUpperCase() === 'IN' ? among : (value) => !among(value);
    }
    case '=':
      return equalsAny(field, [first]);
    case '!=':
    case '<>': {
      const equal = equalsAny(field, [first]);
      return (value) => !equal(value);
    }
    case '<':
    case '<=':
    case '>':
    case '>=':
      return orderTest(field, operator, first);
    default:
      throw badOperator(`invalid operator on field '${field.name}': ${operator}`);
  }
}

function equalsAny(field: SoqlField, literals: readonly Literal[]): Test {
  const values = new Set<unknown>();
  const ranges: { from: number; to: number }[] = [];
  for (const literal of literals) {
    const value = operand(field, literal);
    if (typeof value === 'object' && value !== null) ranges.push(value);
    // A checkbox is never null: compared with null it counts as false.
    else values.add(field.kind === 'boolean' && value === null ? false : value);
  }
  return (raw) => {
    const value = comparable(field, raw);
    if (values.has(field.kind === 'boolean' && value === null ? false : value)) return true;
    return typeof value === 'number' && ranges.some((range) => value >= range.from && value < range.to);
  };
}

function orderTest(field: SoqlField, operator: string, literal: Literal): Test {
  if (field.kind === 'boolean') throw badOperator(`invalid operator on boolean field`);
  const bound = operand(field, literal);
  if (bound === null) return () => false;
  const range = typeof bound === 'object' ? bound : undefined;
  const low = range?.from ?? (bound as string | number);
  return (raw) => {
    const value = comparable(field, raw);
    if (value === null) return false;
    switch (operator) {
      case '<':
        return value < low;
      case '>=':
        return value >= low;
      case '>':
        return range === undefined ? value > low : (value as number) >= range.to;
      default:
        return range === undefined ? value <= low : (value as number) < range.to;
    }
  };
}
