import type { FieldFunctionExpression, Query } from '@jetstreamapp/soql-parser-js';
import { malformedQuery, unsupported } from '../errors';
import { comparable } from './compare';
import { fieldPath, type FieldPath } from './path';
import type { PrintedRecord } from './select';
import type { SoqlObject, SoqlRow, SoqlSource } from './source';

const FUNCTIONS = ['COUNT', 'COUNT_DISTINCT', 'MIN', 'MAX', 'SUM', 'AVG'] as const;
type AggregateFunction = (typeof FUNCTIONS)[number];

/** Whether the query's answer is AggregateResult rows rather than records. */
export const isAggregate = (query: Query): boolean =>
  query.groupBy !== undefined ||
  (query.fields ?? []).some((f) => f.type === 'FieldFunctionExpression' && f.isAggregateFn === true);

interface Column {
  name: string;
  value(rows: readonly SoqlRow[]): unknown;
}

function functionColumn(source: SoqlSource, object: SoqlObject, field: FieldFunctionExpression, name: string): Column {
  const fn = FUNCTIONS.find((known): known is AggregateFunction => known === field.functionName.toUpperCase());
  const [argument] = field.parameters;
  if (fn === undefined || (argument !== undefined && typeof argument !== 'string')) {
    throw unsupported(`the function ${field.rawValue ?? field.functionName} in SELECT`);
  }
  if (argument === undefined) throw malformedQuery('Grouped query cannot use COUNT() without a field');
  const path = fieldPath(source, object, argument);
  return { name, value: (rows) => aggregate(fn, path, rows) };
}

function aggregate(fn: AggregateFunction, path: FieldPath, rows: readonly SoqlRow[]): unknown {
  const values = rows.map((row) => path.read(row)).filter((value) => comparable(path.field, value) !== null);
  const keyed = values.map((value) => ({ value, key: comparable(path.field, value)! }));
  const total = () => values.reduce<number>((sum, value) => sum + Number(value), 0);
  switch (fn) {
    case 'COUNT':
      return values.length;
    case 'COUNT_DISTINCT':
      return new Set(keyed.map(({ key }) => key)).size;
    case 'SUM':
      return values.length === 0 ? null : total();
    case 'AVG':
      return values.length === 0 ? null : total() / values.length;
    case 'MIN':
    case 'MAX': {
      const [first, ...rest] = keyed;
      const best = rest.reduce((a, b) => ((fn === 'MIN' ? b.key < a!.key : b.key > a!.key) ? b : a), first);
      return best?.value ?? null;
    }
  }
}

/**
 * AggregateResult rows of a query with aggregate functions or GROUP BY; unnamed functions are `expr0`, `expr1`, ...
 * @throws RestError for HAVING, ROLLUP and functions of dates, which the sandbox leaves out.
 */
export function aggregateRows(
  source: SoqlSource,
  object: SoqlObject,
  query: Query,
  rows: readonly SoqlRow[],
): PrintedRecord[] {
  if (query.having !== undefined) throw unsupported('HAVING');
  if (query.orderBy !== undefined) throw unsupported('ORDER BY with GROUP BY');
  const clauses = query.groupBy === undefined ? [] : Array.isArray(query.groupBy) ? query.groupBy : [query.groupBy];
  const keys = clauses.map((clause) => {
    if (!('field' in clause)) throw unsupported('functions in GROUP BY');
    return fieldPath(source, object, clause.field, query.sObjectAlias);
  });
  let unnamed = 0;
  const columns = (query.fields ?? []).map((field): Column => {
    if (field.type === 'FieldFunctionExpression') {
      return functionColumn(source, object, field, field.alias ?? `expr${unnamed++}`);
    }
    if (field.type !== 'Field' && field.type !== 'FieldRelationship')
      throw malformedQuery('unexpected subquery in a grouped query');
    const name = field.type === 'Field' ? field.field : [...field.relationships, field.field].join('.');
    const path = fieldPath(source, object, name, query.sObjectAlias);
    if (!keys.some((key) => key.field === path.field && key.parents.join() === path.parents.join())) {
      throw malformedQuery(`Field must be grouped or aggregated: ${name}`);
    }
    return {
      name: ('alias' in field ? field.alias : undefined) ?? path.field.name,
      value: ([row]) => (row === undefined ? null : (path.read(row) ?? null)),
    };
  });
  const groups = new Map<string, SoqlRow[]>();
  if (keys.length === 0) groups.set('', [...rows]);
  else {
    for (const row of rows) {
      const key = JSON.stringify(keys.map((path) => comparable(path.field, path.read(row))));
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [row]);
      else group.push(row);
    }
  }
  return [...groups.values()].map((group) => ({
    attributes: { type: 'AggregateResult' },
    ...Object.fromEntries(columns.map((column) => [column.name, column.value(group)])),
  }));
}
