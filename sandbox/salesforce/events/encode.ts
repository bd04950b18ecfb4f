import { fromSalesforceDateTime } from '../clock';
import type { Field, PlatformEvent, SObjectType } from '../schema/schema';
import type { FieldValue } from '../store/types';
import { avroPrimitive, type EventSchema } from './avro';
import { toBitmaps } from './bitmap';
import { eventFields, type ChangeEvent } from './change-event';

type Wrapped = Record<string, unknown> | null;

/** A stored value as a branch of the field's union. */
function wrapped(field: Field, value: FieldValue | undefined): Wrapped {
  if (value === null || value === undefined) return null;
  const isTime = field.type === 'date' || field.type === 'datetime';
  return { [avroPrimitive(field)]: isTime ? fromSalesforceDateTime(String(value)) : value };
}

/** The Avro record of a change event, unions wrapped, before it is made bytes. */
export function changeEventRecord(
  type: SObjectType,
  schema: EventSchema,
  event: ChangeEvent,
  values: Readonly<Record<string, FieldValue>> = event.values,
): Record<string, unknown> {
  const record: Record<string, unknown> = {
    ChangeEventHeader: {
      entityName: event.object,
      recordIds: event.recordIds,
      changeType: event.changeType,
      changeOrigin: event.changeOrigin,
      transactionKey: event.transactionKey,
      sequenceNumber: event.sequenceNumber,
      commitTimestamp: event.commitTimestamp,
      commitNumber: event.commitNumber,
      commitUser: event.commitUser,
      nulledFields: toBitmaps(schema.fields, event.nulledFields),
      diffFields: toBitmaps(schema.fields, event.diffFields),
      changedFields: toBitmaps(schema.fields, event.changedFields),
    },
  };
  for (const field of eventFields(type)) {
    if (field.type === 'address') {
      const parts = Object.entries(field.components ?? {}).map(([component, apiName]): [string, Wrapped] => [
        component,
        wrapped(type.field(apiName)!, values[apiName]),
      ]);
      const some = parts.some(([, part]) => part !== null);
      record[field.name] = some ? { 'com.sforce.eventbus.Address': Object.fromEntries(parts) } : null;
    } else {
      record[field.name] = wrapped(field, values[field.name]);
    }
  }
  return record;
}

/**
 * The Avro bytes of a platform event.
 * @throws Error when a value does not fit its field
 */
export function encodePlatformEvent(
  event: PlatformEvent,
  schema: EventSchema,
  fields: Readonly<Record<string, FieldValue>>,
  created: { by: string; at: number },
): Buffer {
  const record: Record<string, unknown> = { CreatedDate: created.at, CreatedById: created.by };
  for (const field of event.fields) record[field.name] = wrapped(field, fields[field.name]);
  return schema.type.toBuffer(record);
}
