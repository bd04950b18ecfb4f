import { randomUUID } from 'node:crypto';
import { CDC_AUDIT_FIELDS, type Field, type SalesforceSchema, type SObjectType } from '../schema/schema';
import {
  DEFAULT_API_VERSION,
  type ChangeType,
  type Commit,
  type FieldValue,
  type RecordChange,
  type Row,
} from '../store/types';

/** Symbols of the header's enum, in the order of Salesforce's Avro schema. */
export const CHANGE_TYPES = [
  'CREATE',
  'UPDATE',
  'DELETE',
  'UNDELETE',
  'GAP_CREATE',
  'GAP_UPDATE',
  'GAP_DELETE',
  'GAP_UNDELETE',
  'GAP_OVERFLOW',
] as const;

export type EventChangeType = (typeof CHANGE_TYPES)[number];

/**
 * A change event before it is encoded: fields by name instead of bitmaps (Change Data Capture Developer Guide,
 * "ChangeEventHeader Fields").
 */
export interface ChangeEvent {
  object: string;
  changeType: EventChangeType;
  recordIds: string[];
  /** `com/salesforce/api/<api>/<version>;client=<name>`; empty where no API was used. */
  changeOrigin: string;
  /** One for all events of a transaction. */
  transactionKey: string;
  /** Position within the transaction, from 1. */
  sequenceNumber: number;
  /** Epoch ms. */
  commitTimestamp: number;
  commitNumber: bigint;
  commitUser: string;
  /** Names of fields; components of an address as `BillingAddress.City`. Only an UPDATE has any. */
  changedFields: string[];
  nulledFields: string[];
  diffFields: string[];
  /** Values by API name; address components under their own names (`BillingCity`). */
  values: Readonly<Record<string, FieldValue>>;
  /** The records after the change, in the order of `recordIds`, for enriched channels. Empty for gap events. */
  rows: readonly Row[];
}

/** Fields of an object that its change events carry: no Id, no calculated fields, no SystemModstamp. */
export function eventFields(type: SObjectType): Field[] {
  return type.fields.filter((field) => field.cdc);
}

/** The name in `changedFields` of a field, which for a component of an address is `<Compound>.<Component>`. */
export function changedFieldName(type: SObjectType, field: Field): string {
  for (const compound of type.fields) {
    for (const [component, apiName] of Object.entries(compound.components ?? {})) {
      if (apiName === field.name) return `${compound.name}.${component}`;
    }
  }
  return field.name;
}

function changeOrigin({ meta }: Commit): string {
  if (meta.changeOrigin !== undefined) return meta.changeOrigin;
  // Without a client name the platform still prints an empty one.
  return `com/salesforce/api/rest/${meta.apiVersion ?? DEFAULT_API_VERSION};client=${meta.clientName ?? ''}`;
}

type Content = Pick<ChangeEvent, 'changedFields' | 'nulledFields' | 'diffFields' | 'values'>;

const noContent: Content = { changedFields: [], nulledFields: [], diffFields: [], values: {} };

function wholeRecord(type: SObjectType, change: RecordChange): Content {
  const values: Record<string, FieldValue> = {};
  for (const field of eventFields(type)) {
    const value = change.after[field.name] ?? null;
    if (value !== null) values[field.name] = value;
  }
  if (change.type === 'CREATE' && type.createEventLacksAuditFields) {
    for (const name of CDC_AUDIT_FIELDS) Reflect.deleteProperty(values, name);
  }
  return { ...noContent, values };
}

function changedOnly(type: SObjectType, { before, after }: RecordChange): Content {
  const changed = eventFields(type).filter((field) => {
    // LastModifiedDate is in every update, also when two fall into the same second.
    return field.name === 'LastModifiedDate' || (before?.[field.name] ?? null) !== (after[field.name] ?? null);
  });
  const nulled = changed.filter((field) => (after[field.name] ?? null) === null);
  return {
    changedFields: changed.map((field) => changedFieldName(type, field)),
    nulledFields: nulled.map((field) => changedFieldName(type, field)),
    diffFields: [],
    values: Object.fromEntries(
      changed.filter((field) => !nulled.includes(field)).map((field) => [field.name, after[field.name] ?? null]),
    ),
  };
}

const contentOf: Record<ChangeType, (type: SObjectType, change: RecordChange) => Content> = {
  CREATE: wholeRecord,
  UNDELETE: wholeRecord,
  UPDATE: changedOnly,
  DELETE: () => noContent,
};

/**
 * The change events of a commit, for the objects that are selected for Change Data Capture. The same change to many
 * records of one object is one event with many record ids (Change Data Capture Developer Guide, "Merged Change
 * Events"); several writes to one record were already folded into one change by the transaction.
 */
export function changeEventsOf(schema: SalesforceSchema, commit: Commit): ChangeEvent[] {
  const merged = new Map<string, { change: RecordChange; content: Content; rows: Row[] }>();
  for (const change of commit.changes) {
    const type = schema.object(change.object);
    if (!type?.cdc) continue;
    const content = contentOf[change.type](type, change);
    const sameness = JSON.stringify([change.object, change.type, content]);
    const twin = merged.get(sameness);
    if (twin) twin.rows.push(change.after);
    else merged.set(sameness, { change, content, rows: [change.after] });
  }
  const transactionKey = randomUUID();
  return [...merged.values()].map(({ change, content, rows }, index) => ({
    object: change.object,
    changeType: change.type,
    recordIds: rows.map((row) => row.Id),
    changeOrigin: changeOrigin(commit),
    transactionKey,
    sequenceNumber: index + 1,
    commitTimestamp: commit.timestamp,
    commitNumber: commit.commitNumber,
    commitUser: commit.meta.userId,
    ...content,
    rows,
  }));
}
