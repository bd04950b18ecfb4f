import type { FieldType, QueryBase, Subquery } from '@jetstreamapp/soql-parser-js';
import { malformedQuery, RestError, unsupported } from '../errors';
import { rowTest } from './filter';
import { noSuchColumn, parentStep } from './path';
import { sorted } from './sort';
import { valueOf, type SoqlObject, type SoqlRow, type SoqlSource } from './source';

/** A record as the REST API prints it; child rows of a subquery are `ChildRows` until they are paged. */
export interface PrintedRecord {
  attributes: { type: string; url?: string };
  [field: string]: unknown;
}

/** The rows of one child subquery under one parent. */
export class ChildRows {
  constructor(readonly records: readonly PrintedRecord[]) {}
}

export interface SelectContext {
  source: SoqlSource;
  /** What each record's URL begins with: `/services/data/v62.0/sobjects`. */
  recordUrls: string;
  includeDeleted: boolean;
}

type Printer = (row: SoqlRow, into: Record<string, unknown>) => void;

/** How rows of `object` are printed for a field list. @throws RestError INVALID_FIELD and the like. */
export function recordPrinter(
  context: SelectContext,
  object: SoqlObject,
  query: QueryBase,
): (row: SoqlRow) => PrintedRecord {
  const printers = (query.fields ?? []).flatMap((field) => printersOf(context, object, field, query));
  const attributes = attributesOf(context, object);
  return (row) => {
    const record: PrintedRecord = { attributes: attributes(row) };
    for (const print of printers) print(row, record);
    return record;
  };
}

function attributesOf(context: SelectContext, object: SoqlObject) {
  return (row: SoqlRow) => ({
    type: object.name,
    url: `${context.recordUrls}/${object.name}/${String(row['Id'])}`,
  });
}

function printersOf(context: SelectContext, object: SoqlObject, field: FieldType, query: QueryBase): Printer[] {
  switch (field.type) {
    case 'Field':
      return [plainField(object, field.field)];
    case 'FieldRelationship':
      return [parentField(context, object, [...field.relationships, field.field], query.sObjectAlias)];
    case 'FieldSubquery':
      return [childRows(context, object, field.subquery)];
    case 'FieldFunctionExpression':
      if (field.functionName.toUpperCase() === 'FIELDS') return allFields(object, field.parameters[0], query);
      throw unsupported(`the function ${field.functionName} in SELECT`);
    case 'FieldTypeof':
      throw unsupported('TYPEOF');
  }
}

function plainField(object: SoqlObject, name: string): Printer {
  const field = object.field(name);
  if (field === undefined) throw noSuchColumn(name, object.name);
  return (row, into) => {
    into[field.name] = valueOf(field, row);
  };
}

/** `Account.Owner.Name`: nested records, shared by every field that goes the same way; null where a parent is missing. */
function parentField(context: SelectContext, object: SoqlObject, names: string[], alias: string | undefined): Printer {
  const first = names[0]!.toLowerCase();
  if (first === alias?.toLowerCase() || first === object.name.toLowerCase()) names.shift();
  if (names.length === 1) return plainField(object, names[0]!);
  const step = parentStep(context.source, object, names[0]!);
  const rest =
    names.length === 2
      ? plainField(step.object, names[1]!)
      : parentField(context, step.object, names.slice(1), undefined);
  const attributes = attributesOf(context, step.object);
  return (row, into) => {
    const parent = step.row(row);
    if (parent === undefined) {
      into[step.relationshipName] = null;
      return;
    }
    const record = (into[step.relationshipName] ??= { attributes: attributes(parent) }) as Record<string, unknown>;
    rest(parent, record);
  };
}

/** A child subquery. The children are grouped by parent once, so that the cost is that of reading them, not of a join. */
function childRows(context: SelectContext, object: SoqlObject, subquery: Subquery): Printer {
  const { source } = context;
  const child = object.child(subquery.relationshipName);
  const type = child && source.object(child.object);
  if (child === undefined || type === undefined) {
    throw new RestError(
      400,
      'INVALID_TYPE',
      `Didn't understand relationship '${subquery.relationshipName}' in FROM part of query call. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`,
    );
  }
  if (subquery.fields?.some((f) => f.type === 'FieldSubquery')) throw unsupported('subqueries below the second level');
  if (subquery.groupBy !== undefined) throw malformedQuery('GROUP BY is not allowed in a subquery');
  const print = recordPrinter(context, type, subquery);
  const test = rowTest(source, type, subquery);
  const sort = sorted(source, type, subquery);
  let byParent: Map<unknown, SoqlRow[]> | undefined;
  return (row, into) => {
    byParent ??= grouped(source.rows(type.name, { includeDeleted: context.includeDeleted }).filter(test), child.field);
    const offset = subquery.offset ?? 0;
    const end = subquery.limit === undefined ? undefined : offset + subquery.limit;
    const rows = sort(byParent.get(row['Id']) ?? []).slice(offset, end);
    into[child.relationshipName] = rows.length === 0 ? null : new ChildRows(rows.map(print));
  };
}

function grouped(rows: readonly SoqlRow[], field: string): Map<unknown, SoqlRow[]> {
  const groups = new Map<unknown, SoqlRow[]>();
  for (const row of rows) {
    const group = groups.get(row[field]);
    if (group === undefined) groups.set(row[field], [row]);
    else group.push(row);
  }
  return groups;
}

/** FIELDS(ALL | STANDARD | CUSTOM); the first and the last only with LIMIT 200 at most, as in the vendor's API. */
function allFields(object: SoqlObject, which: unknown, query: QueryBase): Printer[] {
  const group = (typeof which === 'string' ? which : '').toUpperCase();
  if (group !== 'STANDARD' && !(query.limit !== undefined && query.limit <= 200)) {
    throw malformedQuery(`The SOQL FIELDS function must have a LIMIT of at most 200`);
  }
  const wanted = object.fields.filter(({ name }) => group === 'ALL' || name.endsWith('__c') === (group === 'CUSTOM'));
  return wanted.map((field) => plainField(object, field.name));
}
