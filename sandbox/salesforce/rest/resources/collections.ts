import { normaliseId } from '../../store/ids';
import type { Transaction } from '../../store/types';
import { objectBody, type ApiAnswer, type ApiCall, type ApiDeps, type Resource } from '../api';
import { RestError } from '../errors';
import { recordPrinter } from '../soql/select';
import { storeSource } from '../soql/store-source';
import { noSuchColumn } from '../soql/path';
import { createRecord, deleteRecord, fieldsOf, refusal, updateRecord, type SaveResult } from './save';

/** REST API Developer Guide, "sObject Collections": at most 200 records, in at most 10 runs of one type. */
const MOST_RECORDS = 200;
const MOST_CHUNKS = 10;

/** One record of a collection: what to do, and the id it then has in a refusal. */
interface Step {
  id?: string;
  run: (tx: Transaction) => SaveResult;
}

class RolledBack extends Error {
  constructor(readonly results: SaveResult[]) {
    super('rolled back');
  }
}

const ROLLED_BACK = {
  statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK',
  message: 'Record rolled back because not all records were valid and the request was using AllOrNone header',
  fields: [],
};

/**
 * Runs the steps in one transaction. With `allOrNone` one refusal undoes all, and the others say so; without it each
 * record stands for itself. The HTTP status is 200 either way: the body tells.
 */
function runSteps(call: ApiCall, steps: readonly Step[], allOrNone: boolean): ApiAnswer {
  try {
    const results = call.write((tx) => {
      const outcomes = steps.map((step) => {
        try {
          return step.run(tx);
        } catch (error) {
          return refusal(error, step.id);
        }
      });
      if (allOrNone && outcomes.some(({ success }) => !success)) throw new RolledBack(outcomes);
      return outcomes;
    });
    return { status: 200, body: results };
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
    const results = error.results.map((result, i): SaveResult => {
      if (!result.success) return result;
      const id = steps[i]?.id;
      return { ...(id === undefined ? {} : { id }), success: false, errors: [ROLLED_BACK] };
    });
    return { status: 200, body: results, rolledBack: true };
  }
}

interface TypedRecord {
  type: string;
  fields: Record<string, unknown>;
}

function typedRecords(body: unknown): { records: TypedRecord[]; allOrNone: boolean } {
  const { records, allOrNone } = objectBody(body);
  if (!Array.isArray(records) || records.length === 0) {
    throw new RestError(400, 'INVALID_INPUT', 'The records field is required and must hold at least one record');
  }
  checkCount(records.length);
  const typed = records.map((record: unknown): TypedRecord => {
    const fields = objectBody(record);
    const attributes = fields['attributes'] as { type?: unknown } | undefined;
    if (typeof attributes?.type !== 'string') {
      throw new RestError(400, 'INVALID_INPUT', 'Include a type in the attributes of each record');
    }
    return { type: attributes.type, fields };
  });
  const chunks = typed.filter(({ type }, i) => type !== typed[i - 1]?.type).length;
  if (chunks > MOST_CHUNKS) {
    throw new RestError(
      400,
      'LIMIT_EXCEEDED',
      `Cannot have more than ${MOST_CHUNKS} chunks in a single operation. Please rearrange the data to reduce chunking.`,
    );
  }
  return { records: typed, allOrNone: allOrNone === true };
}

function checkCount(count: number): void {
  if (count > MOST_RECORDS) {
    throw new RestError(
      400,
      'EXCEEDED_ID_LIMIT',
      `record limit reached. cannot submit more than ${MOST_RECORDS} records into this call`,
    );
  }
}

function withoutId(fields: Record<string, unknown>) {
  return Object.fromEntries(Object.entries(fieldsOf(fields)).filter(([name]) => name.toLowerCase() !== 'id'));
}

function idIn(fields: Record<string, unknown>): string {
  const id = fields['Id'] ?? fields['id'];
  if (typeof id !== 'string') throw new RestError(400, 'MISSING_ARGUMENT', 'Id not specified in an update call');
  return id;
}

function updateSteps(deps: ApiDeps, records: readonly TypedRecord[]): Step[] {
  return records.map(({ type, fields }) => {
    const given = fields['Id'] ?? fields['id'];
    const id = typeof given === 'string' ? (normaliseId(given) ?? given) : undefined;
    return {
      ...(id === undefined ? {} : { id }),
      run: (tx) => {
        const wanted = idIn(fields);
        updateRecord(deps, tx, type, wanted, withoutId(fields));
        return { id: normaliseId(wanted) ?? wanted, success: true, errors: [] };
      },
    };
  });
}

function deleteSteps(deps: ApiDeps, ids: readonly string[]): Step[] {
  checkCount(ids.length);
  return ids.map((id) => ({
    id,
    run: (tx) => {
      const type = deps.store.schema.objectOfId(id);
      if (type === undefined) throw new RestError(400, 'MALFORMED_ID', `bad id ${id}`, ['Id']);
      deleteRecord(deps, tx, type.name, id);
      return { id: normaliseId(id) ?? id, success: true, errors: [] };
    },
  }));
}

/** Records by id, null where there is none. */
function retrieve(call: ApiCall, deps: ApiDeps, name: string, ids: string[], fields: string[]): ApiAnswer {
  const source = storeSource(deps.store, deps.clock, deps.permissions);
  const object = source.object(name);
  if (object === undefined) throw new RestError(404, 'NOT_FOUND', 'The requested resource does not exist');
  for (const field of fields) if (object.field(field) === undefined) throw noSuchColumn(field, object.name);
  const context = { source, recordUrls: `/services/data/v${call.apiVersion}/sobjects`, includeDeleted: false };
  const print = recordPrinter(context, object, { fields: fields.map((field) => ({ type: 'Field', field })) });
  const rows = ids.map((id) => deps.store.get(object.name, id));
  return { status: 200, body: rows.map((row) => (row === undefined ? null : print(row))) };
}

const strings = (value: unknown): string[] => (Array.isArray(value) ? value.filter((v) => typeof v === 'string') : []);
const commaList = (text: string | null): string[] => (text ?? '').split(',').filter((part) => part !== '');

export const collectionResources: Resource[] = [
  {
    method: 'POST',
    path: /^\/composite\/sobjects$/,
    handle: (call, deps) => {
      const { records, allOrNone } = typedRecords(call.body);
      const steps = records.map(({ type, fields }): Step => ({
        run: (tx) => createRecord(call, deps, tx, type, fieldsOf(fields)),
      }));
      return runSteps(call, steps, allOrNone);
    },
  },
  {
    method: 'PATCH',
    path: /^\/composite\/sobjects$/,
    handle: (call, deps) => {
      const { records, allOrNone } = typedRecords(call.body);
      return runSteps(call, updateSteps(deps, records), allOrNone);
    },
  },
  {
    method: 'DELETE',
    path: /^\/composite\/sobjects$/,
    handle: (call, deps) =>
      runSteps(call, deleteSteps(deps, commaList(call.query.get('ids'))), call.query.get('allOrNone') === 'true'),
  },
  {
    method: 'GET',
    path: /^\/composite\/sobjects\/(\w+)$/,
    handle: (call, deps, name) =>
      retrieve(call, deps, name, commaList(call.query.get('ids')), commaList(call.query.get('fields'))),
  },
  {
    method: 'POST',
    path: /^\/composite\/sobjects\/(\w+)$/,
    handle: (call, deps, name) => {
      const { ids, fields } = objectBody(call.body);
      return retrieve(call, deps, name, strings(ids), strings(fields));
    },
  },
];
