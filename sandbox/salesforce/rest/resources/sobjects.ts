import { fromSalesforceDateTime } from '../../clock';
import type { SObjectType } from '../../schema/schema';
import { normaliseId } from '../../store/ids';
import type { Row, Transaction } from '../../store/types';
import { objectBody, type ApiAnswer, type ApiCall, type ApiDeps, type Resource } from '../api';
import { notFound, RestError } from '../errors';
import { noSuchColumn } from '../soql/path';
import { valueOf } from '../soql/source';
import { storeSource } from '../soql/store-source';
import { describeEvent, describeGlobal, describeObject } from './describe';
import { createRecord, deleteRecord, fieldsOf, updateRecord } from './save';

function objectType(deps: ApiDeps, name: string): SObjectType {
  const type = deps.store.schema.object(name);
  if (type === undefined) throw notFound();
  return type;
}

/**
 * The record at a path. @throws RestError NOT_FOUND, with the API's odd words for an id that has not the shape of one;
 * ENTITY_IS_DELETED for one in the recycle bin.
 */
function existing(tx: Pick<Transaction, 'get'>, type: SObjectType, id: string): Row {
  if (normaliseId(id) === undefined) {
    throw notFound(`Provided external ID field does not exist or is not accessible: ${id}`);
  }
  const row = tx.get(type.name, id);
  if (row === undefined) throw notFound();
  if (row.IsDeleted) throw new RestError(404, 'ENTITY_IS_DELETED', 'entity is deleted', []);
  return row;
}

function headerTime(call: ApiCall, name: string): number | undefined {
  const time = Date.parse(call.headers[name] ?? '');
  return Number.isNaN(time) ? undefined : time;
}

/** HTTP dates are whole seconds, and so are times of records. */
const modified = (row: Row) => fromSalesforceDateTime(String(row['LastModifiedDate']));

/** `If-Unmodified-Since`: the write is refused when somebody was faster. */
function checkUnmodified(call: ApiCall, row: Row): void {
  const since = headerTime(call, 'if-unmodified-since');
  if (since !== undefined && modified(row) > since) {
    throw new RestError(412, 'PRECONDITION_FAILED', 'The record was modified after the time in If-Unmodified-Since');
  }
}

function print(call: ApiCall, deps: ApiDeps, type: SObjectType, row: Row): Record<string, unknown> {
  const object = storeSource(deps.store, deps.clock, deps.permissions).object(type.name)!;
  const names = call.query
    .get('fields')
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const fields =
    names === undefined
      ? object.fields
      : [...names, ...(names.some((name) => name.toLowerCase() === 'id') ? [] : ['Id'])].map((name) => {
          const field = object.field(name);
          if (field === undefined) throw noSuchColumn(name, type.name);
          return field;
        });
  return {
    attributes: { type: type.name, url: `/services/data/v${call.apiVersion}/sobjects/${type.name}/${row.Id}` },
    ...Object.fromEntries(fields.map((field) => [field.name, valueOf(field, row)])),
  };
}

/** The row whose external id field has this value. @throws RestError NOT_FOUND for a field that is none. */
function byExternalId(deps: ApiDeps, type: SObjectType, fieldName: string, value: string): Row[] {
  const field = type.field(fieldName);
  if (field === undefined || !(field.externalId || field.name === 'Id')) {
    throw notFound(`Provided external ID field does not exist or is not accessible: ${fieldName}`);
  }
  return deps.store.rows(type.name).filter((row) => String(row[field.name] ?? '') === value);
}

function upsert(call: ApiCall, deps: ApiDeps, type: SObjectType, fieldName: string, value: string): ApiAnswer {
  const rows = byExternalId(deps, type, fieldName, value);
  if (rows.length > 1) {
    const urls = rows.map((row) => `/services/data/v${call.apiVersion}/sobjects/${type.name}/${row.Id}`);
    return { status: 300, body: urls };
  }
  const fields = fieldsOf(objectBody(call.body));
  const [row] = rows;
  if (row !== undefined) {
    call.write((tx) => updateRecord(deps, tx, type.name, row.Id, fields));
    return { status: 200, body: { id: row.Id, success: true, errors: [], created: false } };
  }
  const created = call.write((tx) => createRecord(call, deps, tx, type.name, { ...fields, [fieldName]: value }));
  return { status: 201, body: { ...created, created: true } };
}

const OBJECT = '([A-Za-z][A-Za-z0-9_]*)';
const at = (path: string) => new RegExp(`^/sobjects${path}$`);

export const sobjectResources: Resource[] = [
  {
    method: 'GET',
    path: at(''),
    handle: (call, deps) => ({ status: 200, body: describeGlobal(deps, call.apiVersion) }),
  },
  {
    method: 'GET',
    path: at(`/${OBJECT}/describe`),
    handle: (call, deps, name) => {
      const event = deps.store.schema.event(name);
      const body =
        event === undefined ? describeObject(deps, objectType(deps, name), call.apiVersion) : describeEvent(event);
      return { status: 200, body };
    },
  },
  {
    method: 'POST',
    path: at(`/${OBJECT}`),
    handle: (call, deps, name) => {
      const object = deps.store.schema.event(name)?.name ?? objectType(deps, name).name;
      const fields = fieldsOf(objectBody(call.body));
      return { status: 201, body: call.write((tx) => createRecord(call, deps, tx, object, fields)) };
    },
  },
  {
    method: 'GET',
    path: at(`/${OBJECT}/([^/]+)`),
    handle: (call, deps, name, id) => {
      const type = objectType(deps, name);
      const row = call.write((tx) => existing(tx, type, id));
      const since = headerTime(call, 'if-modified-since');
      if (since !== undefined && modified(row) <= since) return { status: 304 };
      const headers = { 'last-modified': new Date(modified(row)).toUTCString() };
      return { status: 200, headers, body: print(call, deps, type, row) };
    },
  },
  {
    method: 'PATCH',
    path: at(`/${OBJECT}/([^/]+)`),
    handle: (call, deps, name, id) => {
      const type = objectType(deps, name);
      const fields = fieldsOf(objectBody(call.body));
      call.write((tx) => {
        const row = existing(tx, type, id);
        checkUnmodified(call, row);
        updateRecord(deps, tx, type.name, row.Id, fields);
      });
      return { status: 204 };
    },
  },
  {
    method: 'DELETE',
    path: at(`/${OBJECT}/([^/]+)`),
    handle: (call, deps, name, id) => {
      const type = objectType(deps, name);
      call.write((tx) => deleteRecord(deps, tx, type.name, existing(tx, type, id).Id));
      return { status: 204 };
    },
  },
  {
    method: 'GET',
    path: at(`/${OBJECT}/${OBJECT}/([^/]+)`),
    handle: (call, deps, name, field, value) => {
      const type = objectType(deps, name);
      const [row] = byExternalId(deps, type, field, value);
      if (row === undefined) throw notFound();
      return { status: 200, body: print(call, deps, type, row) };
    },
  },
  {
    method: 'PATCH',
    path: at(`/${OBJECT}/${OBJECT}/([^/]+)`),
    handle: (call, deps, name, field, value) => upsert(call, deps, objectType(deps, name), field, value),
  },
];
