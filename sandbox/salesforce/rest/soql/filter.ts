import type { QueryBase } from '@jetstreamapp/soql-parser-js';
import { malformedQuery, unsupported } from '../errors';
import { comparable, comparisonTest } from './compare';
import { conditionTree, isSemiJoin, type Comparison, type ConditionTree } from './condition';
import { literalOf, type Literal } from './literal';
import { fieldPath, noSuchObject, type FieldPath } from './path';
import { normaliseId } from '../../store/ids';
import type { SoqlObject, SoqlRow, SoqlSource } from './source';

export type RowTest = (row: SoqlRow) => boolean;

/** The rows that a WHERE clause lets through. @throws RestError where the clause is not one Salesforce would run. */
export function rowTest(source: SoqlSource, object: SoqlObject, query: QueryBase): RowTest {
  if (query.where === undefined) return () => true;
  return compile(conditionTree(query.where), (comparison) =>
    compareRow(source, object, comparison, query.sObjectAlias),
  );
}

function compile(tree: ConditionTree, leaf: (comparison: Comparison) => RowTest): RowTest {
  if (tree.is === 'compare') return leaf(tree.condition);
  if (tree.is === 'not') {
    const inner = compile(tree.of, leaf);
    return (row) => !inner(row);
  }
  const parts = tree.of.map((part) => compile(part, leaf));
  return tree.is === 'and' ? (row) => parts.every((part) => part(row)) : (row) => parts.some((part) => part(row));
}

function literalsOf(comparison: Comparison, now: number): Literal[] {
  if (isSemiJoin(comparison)) return [];
  const list = 'value' in comparison ? comparison.value : '';
  const raws: readonly string[] = Array.isArray(list) ? list : [list];
  const types = comparison.literalType;
  const like = comparison.operator.toUpperCase() === 'LIKE';
  return raws.map((raw, i) => literalOf(raw, Array.isArray(types) ? types[i] : types, now, like));
}

function compareRow(source: SoqlSource, object: SoqlObject, comparison: Comparison, alias?: string): RowTest {
  if (!('field' in comparison)) throw unsupported(`functions in WHERE (${comparison.fn.rawValue ?? ''})`);
  const path = fieldPath(source, object, comparison.field, alias);
  if (isSemiJoin(comparison)) return semiJoin(source, path, comparison);
  const test = comparisonTest(path.field, comparison.operator, literalsOf(comparison, source.now()));
  return (row) => test(path.read(row));
}

/** `Id IN (SELECT OrderId FROM OrderItem ...)`. A null among the inner values matches nothing. */
function semiJoin(
  source: SoqlSource,
  outer: FieldPath,
  comparison: Comparison & { valueQuery: QueryBase & { sObject?: string } },
): RowTest {
  const { valueQuery, operator } = comparison;
  const inner = source.object(valueQuery.sObject ?? '');
  if (inner === undefined) throw noSuchObject(valueQuery.sObject ?? '');
  const [selected] = valueQuery.fields ?? [];
  if (selected === undefined || !('field' in selected) || valueQuery.fields?.length !== 1) {
    throw malformedQuery('semi join sub-selects must have exactly one field');
  }
  const name = 'relationships' in selected ? [...selected.relationships, selected.field].join('.') : selected.field;
  const path = fieldPath(source, inner, name, valueQuery.sObjectAlias);
  const test = rowTest(source, inner, valueQuery);
  const values = new Set<unknown>();
  for (const row of source.rows(inner.name, { includeDeleted: false })) {
    if (test(row)) values.add(comparable(path.field, path.read(row)));
  }
  values.delete(null);
  const wanted = operator.toUpperCase() === 'IN';
  return (row) => values.has(comparable(outer.field, outer.read(row))) === wanted;
}

/**
 * The ids that a query can only match, where its WHERE is `Id = ...` or `Id IN ...`, perhaps AND more: such a query
 * reads those rows instead of the whole object.
 */
export function idsOf(query: QueryBase, now: number): string[] | undefined {
  if (query.where === undefined) return undefined;
  const tree = conditionTree(query.where);
  const leaves = tree.is === 'and' ? tree.of : [tree];
  for (const leaf of leaves) {
    if (leaf.is !== 'compare') continue;
    const { condition } = leaf;
    const byId = 'field' in condition && condition.field.toLowerCase() === 'id' && !isSemiJoin(condition);
    if (!byId || (condition.operator !== '=' && condition.operator.toUpperCase() !== 'IN')) continue;
    const ids = literalsOf(condition, now).map((literal) =>
      literal.is === 'text' ? normaliseId(literal.value) : undefined,
    );
    return [...new Set(ids.filter((id) => id !== undefined))];
  }
  return undefined;
}
