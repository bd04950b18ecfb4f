import { parseQuery, type Query } from '@jetstreamapp/soql-parser-js';
import { malformedQuery, RestError } from '../errors';
import { aggregateRows, isAggregate } from './aggregate';
import { idsOf, rowTest } from './filter';
import { noSuchObject } from './path';
import { recordPrinter, type PrintedRecord, type SelectContext } from './select';
import { sorted } from './sort';
import type { SoqlRow } from './source';

/** `COUNT()` answers with a number and no records; everything else with records. */
export type QueryOutcome = { count: number } | { records: PrintedRecord[] };

/** The longest statement (SOQL and SOSL Reference, "SOQL Statement Character Limit"). */
const LONGEST = 100_000;
const LARGEST_OFFSET = 2000;

function parse(soql: string): Query {
  if (soql.trim() === '') throw malformedQuery("unexpected token: '<EOF>'");
  if (soql.length > LONGEST) {
    throw new RestError(400, 'QUERY_TOO_COMPLICATED', `SOQL statements cannot be longer than ${LONGEST} characters.`);
  }
  try {
    return parseQuery(soql);
  } catch (error) {
    // The parser lists every token it would have taken; the first line and what it found are enough for a person.
    const said = error instanceof Error ? error.message : String(error);
    const found = /but found(?: -->|:) '([\s\S]*?)'(?: <--)?\s*$/.exec(said)?.[1];
    throw malformedQuery(found === undefined ? said.split('\n')[0]! : `unexpected token: '${found || '<EOF>'}'`);
  }
}

/**
 * Runs a SOQL statement. Names and messages of errors are Salesforce's.
 * @throws RestError MALFORMED_QUERY, INVALID_TYPE, INVALID_FIELD, INVALID_QUERY_FILTER_OPERATOR,
 * NUMBER_OUTSIDE_VALID_RANGE, or SANDBOX_UNSUPPORTED for what the sandbox leaves out.
 */
export function runSoql(context: SelectContext, soql: string): QueryOutcome {
  const query = parse(soql);
  const { source, includeDeleted } = context;
  const object = source.object(query.sObject ?? '');
  if (object === undefined) throw noSuchObject(query.sObject ?? '');
  const offset = query.offset ?? 0;
  if (offset > LARGEST_OFFSET) {
    throw new RestError(400, 'NUMBER_OUTSIDE_VALID_RANGE', `Maximum SOQL offset allowed is ${LARGEST_OFFSET}`);
  }
  const end = query.limit === undefined ? undefined : offset + query.limit;

  const test = rowTest(source, object, query);
  const ids = idsOf(query, source.now());
  const candidates: readonly SoqlRow[] =
    ids === undefined
      ? source.rows(object.name, { includeDeleted })
      : ids
          .map((id) => source.row(object.name, id))
          .filter((row) => row !== undefined)
          .filter((row) => includeDeleted || row['IsDeleted'] !== true);
  const matching = () => candidates.filter(test);

  const [first] = query.fields ?? [];
  const countOnly =
    query.fields?.length === 1 &&
    first?.type === 'FieldFunctionExpression' &&
    first.functionName.toUpperCase() === 'COUNT' &&
    first.parameters.length === 0;
  if (countOnly) return { count: matching().slice(offset, end).length };
  if (isAggregate(query)) return { records: aggregateRows(source, object, query, matching()).slice(offset, end) };

  const print = recordPrinter(context, object, query);
  const sort = sorted(source, object, query);
  return { records: sort(matching()).slice(offset, end).map(print) };
}
