import { SalesforceError } from '../../store/errors';
import type { FieldInput, Transaction } from '../../store/types';
import type { ApiDeps, ApiCall } from '../api';
import { RestError } from '../errors';

/** One record's outcome in the shape of collections and creates. `id` stands only where there is one. */
export interface SaveResult {
  id?: string;
  success: boolean;
  created?: boolean;
  errors: { statusCode: string; message: string; fields: readonly string[] }[];
}

/** Fields of a body without `attributes`, which is no field. */
export function fieldsOf(body: Record<string, unknown>): FieldInput {
  return Object.fromEntries(Object.entries(body).filter(([name]) => name !== 'attributes'));
}

const isPlatformEvent = (object: string) => /__e$/i.test(object);

/**
 * Creates a record, or publishes an event where `object` is a platform event; its result says so, as in the API.
 * @throws SalesforceError, RestError
 */
export function createRecord(
  call: ApiCall,
  deps: ApiDeps,
  tx: Transaction,
  object: string,
  fields: FieldInput,
): SaveResult {
  if (isPlatformEvent(object)) {
    deps.faults.checkSave(object, undefined);
    const uuid = deps.publish(object, fields, call.meta);
    return {
      id: 'e00xx0000000001AAA',
      success: true,
      errors: [{ statusCode: 'OPERATION_ENQUEUED', message: uuid, fields: [] }],
    };
  }
  deps.permissions.checkWrite(object, Object.keys(fields));
  deps.faults.checkSave(object, undefined);
  return { id: tx.create(object, fields), success: true, errors: [] };
}

/** @throws SalesforceError, RestError */
export function updateRecord(deps: ApiDeps, tx: Transaction, object: string, id: string, fields: FieldInput): void {
  deps.permissions.checkWrite(object, Object.keys(fields));
  deps.faults.checkSave(object, tx.get(object, id)?.Id);
  tx.update(object, id, fields);
}

/** @throws SalesforceError, RestError */
export function deleteRecord(deps: ApiDeps, tx: Transaction, object: string, id: string): void {
  deps.faults.checkSave(object, tx.get(object, id)?.Id);
  tx.delete(object, id);
}

/** A refusal as one record's outcome; an error of our own is thrown again. */
export function refusal(error: unknown, id?: string): SaveResult {
  if (!(error instanceof SalesforceError) && !(error instanceof RestError)) throw error;
  const { errorCode, message, fields } = error;
  return {
    ...(id === undefined ? {} : { id }),
    success: false,
    errors: [{ statusCode: errorCode, message, fields: fields ?? [] }],
  };
}
