import type { QueryBase } from '@jetstreamapp/soql-parser-js';
import { RestError, unsupported } from '../errors';
import { comparable } from './compare';
import { fieldPath } from './path';
import type { SoqlObject, SoqlRow, SoqlSource } from './source';

type Comparator = (a: SoqlRow, b: SoqlRow) => number;

/**
 * The order that ORDER BY asks for; rows that compare equal keep the order in which they were created.
 * Nulls come first unless the query says otherwise (SOQL and SOSL Reference, "ORDER BY").
 * @throws RestError for a field that is not there or cannot be sorted.
 */
export function sorted(
  source: SoqlSource,
  object: SoqlObject,
  query: QueryBase,
): (rows: readonly SoqlRow[]) => SoqlRow[] {
  const clauses = query.orderBy === undefined ? [] : Array.isArray(query.orderBy) ? query.orderBy : [query.orderBy];
  const comparators = clauses.map((clause): Comparator => {
    if (!('field' in clause)) throw unsupported('functions in ORDER BY');
    const path = fieldPath(source, object, clause.field, query.sObjectAlias);
    if (!path.field.filterable) {
      throw new RestError(400, 'INVALID_FIELD', `field '${path.field.name}' can not be sorted in a query call`);
    }
    const direction = clause.order === 'DESC' ? -1 : 1;
    const nulls = clause.nulls === 'LAST' ? 1 : -1;
    return (a, b) => {
      const [x, y] = [comparable(path.field, path.read(a)), comparable(path.field, path.read(b))];
      if (x === null || y === null) return x === y ? 0 : x === null ? nulls : -nulls;
      return x === y ? 0 : (x < y ? -1 : 1) * direction;
    };
  });
  if (comparators.length === 0) return (rows) => [...rows];
  return (rows) =>
    [...rows].sort((a, b) => {
      for (const compare of comparators) {
        const order = compare(a, b);
        if (order !== 0) return order;
      }
      return 0;
    });
}
