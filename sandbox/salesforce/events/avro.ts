import { createHash } from 'node:crypto';
import { Type, types as avroTypes, type Schema } from 'avsc';
import type { Field, FieldType, PlatformEvent, SObjectType } from '../schema/schema';
import type { EventField } from './bitmap';
import { CHANGE_TYPES, eventFields } from './change-event';

/**
 * Avro schemas as GetSchema gives them out: record `<Object>ChangeEvent` in namespace `com.sforce.eventbus`, the
 * header first, then each field as a union with null, compound addresses as a nested record that is defined once.
 * Order and types of the header were read from a recorded payload (pub-sub-api-node-client issue 27); dates and
 * datetimes are longs (epoch ms).
 */

const NAMESPACE = 'com.sforce.eventbus';

/** Commit numbers are past 2^53, so longs are bigints wherever a number would lose digits. */
const LongType = avroTypes.LongType.__with({
  fromBuffer(buffer: Buffer): number | bigint {
    const value = buffer.readBigInt64LE();
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  },
  toBuffer(value: number | bigint): Buffer {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(BigInt(value));
    return buffer;
  },
  fromJSON: (value: number | bigint) => value,
  toJSON: (value: number | bigint) => Number(value),
  isValid: (value: unknown) => typeof value === 'bigint' || Number.isSafeInteger(value),
  compare: (a: number | bigint, b: number | bigint) => (a === b ? 0 : a < b ? -1 : 1),
});

/** An event schema, its id, and the type that encodes and decodes it. */
export interface EventSchema {
  /** Fingerprint, 22 characters, e.g. `i6_JU3VTbNhRZYbMVlV-xQ`. */
  id: string;
  json: string;
  type: Type;
  /** The record's fields in order, for bitmaps. */
  fields: readonly EventField[];
}

const avroOf: Record<Exclude<FieldType, 'address'>, { type: string; doc: string }> = {
  id: { type: 'string', doc: 'Data:EntityId' },
  string: { type: 'string', doc: 'Data:Text' },
  textarea: { type: 'string', doc: 'Data:StringPlusClob' },
  picklist: { type: 'string', doc: 'Data:DynamicEnum' },
  reference: { type: 'string', doc: 'ForeignKey:EntityId' },
  currency: { type: 'double', doc: 'Data:Currency' },
  double: { type: 'double', doc: 'Data:Double' },
  percent: { type: 'double', doc: 'Data:Percent' },
  int: { type: 'int', doc: 'Data:Integer' },
  boolean: { type: 'boolean', doc: 'Data:Boolean' },
  date: { type: 'long', doc: 'Data:DateOnly' },
  datetime: { type: 'long', doc: 'Data:DateTime' },
  email: { type: 'string', doc: 'Data:Email' },
  phone: { type: 'string', doc: 'Data:Phone' },
  url: { type: 'string', doc: 'Data:Url' },
  autonumber: { type: 'string', doc: 'Data:AutoNumber' },
};

const auditDocs: Record<string, string> = {
  CreatedDate: 'CreatedDate:DateTime',
  CreatedById: 'CreatedBy:EntityId',
  LastModifiedDate: 'LastModifiedDate:DateTime',
  LastModifiedById: 'LastModifiedBy:EntityId',
};

/** The Avro primitive of a field. */
export function avroPrimitive(field: Field): string {
  return field.type === 'address' ? 'string' : avroOf[field.type].type;
}

function nullable(name: string, type: unknown, doc: string): unknown {
  return { name, type: ['null', ...(Array.isArray(type) ? (type as unknown[]) : [type])], doc, default: null };
}

function textArray(name: string): unknown {
  return { name, type: { type: 'array', items: 'string' } };
}

const header = {
  name: 'ChangeEventHeader',
  type: {
    type: 'record',
    name: 'ChangeEventHeader',
    fields: [
      { name: 'entityName', type: 'string' },
      textArray('recordIds'),
      { name: 'changeType', type: { type: 'enum', name: 'ChangeType', symbols: CHANGE_TYPES } },
      { name: 'changeOrigin', type: 'string' },
      { name: 'transactionKey', type: 'string' },
      { name: 'sequenceNumber', type: 'int' },
      { name: 'commitTimestamp', type: 'long' },
      { name: 'commitNumber', type: 'long' },
      { name: 'commitUser', type: 'string' },
      textArray('nulledFields'),
      textArray('diffFields'),
      textArray('changedFields'),
    ],
  },
};

const personName = {
  type: 'record',
  name: 'Switchable_PersonName',
  fields: ['Salutation', 'FirstName', 'LastName'].map((name) => nullable(name, 'string', 'Data:Text')),
};

function finish(schema: unknown, fields: readonly EventField[]): EventSchema {
  const json = JSON.stringify(schema);
  return {
    id: createHash('md5').update(json).digest('base64url'),
    json,
    type: Type.forSchema(schema as Schema, { wrapUnions: true, registry: { long: LongType } }),
    fields,
  };
}

/** Name of the event of an object: `Order` gives `OrderChangeEvent`, `Visit__c` gives `Visit__ChangeEvent`. */
export function changeEventName(object: string): string {
  return `${object.replace(/__c$/, '__')}ChangeEvent`;
}

/** The schema of an object's change events. */
export function changeEventSchema(type: SObjectType): EventSchema {
  const components = new Set(type.fields.flatMap((field) => Object.values(field.components ?? {})));
  const eventFieldList: EventField[] = [{ name: 'ChangeEventHeader', components: [] }];
  const avroFields: unknown[] = [header];
  let addressDefined = false;
  for (const field of eventFields(type).filter((candidate) => !components.has(candidate.name))) {
    eventFieldList.push({ name: field.name, components: Object.keys(field.components ?? {}) });
    if (field.type === 'address') {
      const address = {
        type: 'record',
        name: 'Address',
        fields: Object.entries(field.components ?? {}).map(([name, apiName]) =>
          nullable(name, avroPrimitive(type.field(apiName)!), avroOf[nonAddress(type.field(apiName)!)].doc),
        ),
      };
      avroFields.push(nullable(field.name, addressDefined ? 'Address' : address, 'Data:Address'));
      addressDefined = true;
    } else if (field.switchableName) {
      avroFields.push(nullable(field.name, ['string', personName], 'Data:Switchable_PersonName'));
    } else {
      const { type: primitive, doc } = avroOf[field.type];
      avroFields.push(nullable(field.name, primitive, auditDocs[field.name] ?? doc));
    }
  }
  const schema = { name: changeEventName(type.name), namespace: NAMESPACE, type: 'record', fields: avroFields };
  return finish(schema, eventFieldList);
}

function nonAddress(field: Field): Exclude<FieldType, 'address'> {
  if (field.type === 'address') throw new Error(`${field.name} is an address within an address`);
  return field.type;
}

/** The schema of a platform event: CreatedDate and CreatedById are always there, its own fields are nullable. */
export function platformEventSchema(event: PlatformEvent): EventSchema {
  const own = event.fields.map((field) => {
    const { type, doc } = avroOf[nonAddress(field)];
    return nullable(field.name, type, doc);
  });
  const schema = {
    type: 'record',
    name: event.name,
    namespace: NAMESPACE,
    fields: [
      { name: 'CreatedDate', type: 'long', doc: auditDocs['CreatedDate'] },
      { name: 'CreatedById', type: 'string', doc: auditDocs['CreatedById'] },
      ...own,
    ],
  };
  const names = ['CreatedDate', 'CreatedById', ...event.fields.map((field) => field.name)];
  return finish(
    schema,
    names.map((name) => ({ name, components: [] })),
  );
}
