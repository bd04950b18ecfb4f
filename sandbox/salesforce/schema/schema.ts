import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/**
 * The org's schema: objects, platform events and channels, read from JSON. `standard.json` is always there; a second
 * file is merged over it (objects by name, their fields by name), so that an object or event needs no code.
 */

const fieldSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z]\w*$/),
  label: z.string().optional(),
  type: z.enum([
    'id',
    'string',
    'textarea',
    'picklist',
    'reference',
    'currency',
    'double',
    'percent',
    'int',
    'boolean',
    'date',
    'datetime',
    'email',
    'phone',
    'url',
    /** A compound of `components`, which are fields of the object in their own right. */
    'address',
    'autonumber',
  ]),
  length: z.int().positive().optional(),
  /** Digits before and after the point, for currency, double and percent. */
  precision: z.int().positive().optional(),
  scale: z.int().nonnegative().optional(),
  /** Must be given at create (and may not be nulled) unless it has a default. */
  required: z.boolean().default(false),
  createable: z.boolean().default(true),
  updateable: z.boolean().default(true),
  unique: z.boolean().default(false),
  externalId: z.boolean().default(false),
  /** Value of a new record that does not say; booleans default to false. */
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  /** Picklist values. */
  values: z.array(z.string()).optional(),
  /** A restricted picklist refuses other values. */
  restricted: z.boolean().default(false),
  referenceTo: z.array(z.string()).optional(),
  /** Name from the child to the parent, e.g. `Account` in `Order.Account.Name`. */
  relationshipName: z.string().optional(),
  /** Name from the parent to its children, e.g. `OrderItems`. */
  childRelationshipName: z.string().optional(),
  /** Children follow their parent into the recycle bin. */
  cascadeDelete: z.boolean().default(false),
  /** Components of an address: Avro name to API name, e.g. `Street: BillingStreet`. */
  components: z.record(z.string(), z.string()).optional(),
  /** Format of an autonumber, e.g. `{00000000}`. */
  format: z.string().optional(),
  /** Calculated: product of fields of the record. */
  product: z.array(z.string()).optional(),
  /** Calculated: sum over the children that point here. */
  sum: z.strictObject({ object: z.string(), reference: z.string(), field: z.string() }).optional(),
  /** Whether change events carry the field; calculated fields, Id, IsDeleted and SystemModstamp never are. */
  cdc: z.boolean().default(true),
  /** `Name` of Account: a string for a business, a compound for a person account; the Avro type has both. */
  switchableName: z.boolean().default(false),
});

const objectSchema = z.strictObject({
  label: z.string().optional(),
  labelPlural: z.string().optional(),
  keyPrefix: z.string().regex(/^[0-9A-Za-z]{3}$/),
  /** Selected for Change Data Capture: it has a topic `/data/<Object>ChangeEvent`. */
  cdc: z.boolean().default(false),
  /** CREATE events of PricebookEntry come without the audit fields. */
  createEventLacksAuditFields: z.boolean().default(false),
  fields: z.array(fieldSchema),
});

const platformEventSchema = z.strictObject({
  label: z.string().optional(),
  keyPrefix: z
    .string()
    .regex(/^[0-9A-Za-z]{3}$/)
    .optional(),
  fields: z.array(fieldSchema),
});

const channelSchema = z.strictObject({
  /** Objects whose change events the channel carries, with the fields that are always included (enrichment). */
  members: z.array(z.strictObject({ object: z.string(), enriched: z.array(z.string()).default([]) })).min(1),
});

const managedSubscriptionSchema = z.strictObject({
  topicName: z.string(),
  label: z.string().optional(),
  defaultReplay: z.enum(['LATEST', 'EARLIEST']).default('LATEST'),
  errorRecoveryReplay: z.enum(['LATEST', 'EARLIEST']).default('LATEST'),
  state: z.enum(['RUN', 'STOP']).default('RUN'),
});

const fileSchema = z.strictObject({
  objects: z.record(z.string(), objectSchema).default({}),
  /** Platform events by API name, e.g. `Order_Fulfilment_Requested__e`. */
  events: z.record(z.string().regex(/__e$/), platformEventSchema).default({}),
  /** Custom channels by API name, e.g. `Orders__chn`. */
  channels: z.record(z.string().regex(/__chn$/), channelSchema).default({}),
  /** Managed event subscriptions by developer name. */
  managedSubscriptions: z.record(z.string(), managedSubscriptionSchema).default({}),
});

export type FieldType = Field['type'];
export type Field = z.output<typeof fieldSchema>;
export type PlatformEvent = z.output<typeof platformEventSchema> & { name: string };
export type Channel = z.output<typeof channelSchema> & { name: string };
export type ManagedSubscriptionConfig = z.output<typeof managedSubscriptionSchema>;
/** A schema file as it is written. */
export type SchemaFile = z.input<typeof fileSchema>;
type ParsedFile = z.output<typeof fileSchema>;

/** An object with its fields, audit fields included, by name without regard to case. */
export interface SObjectType extends Omit<z.output<typeof objectSchema>, 'fields'> {
  name: string;
  fields: readonly Field[];
  field(name: string): Field | undefined;
  /** Relationships from this object to its children. */
  children: readonly ChildRelationship[];
}

export interface ChildRelationship {
  /** E.g. `OrderItems`; undefined when children cannot be queried from the parent. */
  name: string | undefined;
  object: string;
  /** The child's reference field. */
  field: string;
  cascadeDelete: boolean;
}

/** Fields the server sets. They stand before an object's custom fields, as in a describe. */
const auditFields: Field[] = (
  [
    { name: 'IsDeleted', type: 'boolean', cdc: false },
    { name: 'CreatedDate', type: 'datetime' },
    { name: 'CreatedById', type: 'reference', referenceTo: ['User'], relationshipName: 'CreatedBy' },
    { name: 'LastModifiedDate', type: 'datetime' },
    { name: 'LastModifiedById', type: 'reference', referenceTo: ['User'], relationshipName: 'LastModifiedBy' },
    { name: 'SystemModstamp', type: 'datetime', cdc: false },
  ] as const
).map((field) => fieldSchema.parse({ ...field, createable: false, updateable: false }));

const idField = fieldSchema.parse({ name: 'Id', type: 'id', cdc: false, createable: false, updateable: false });

/** The four audit fields that change events carry. */
export const CDC_AUDIT_FIELDS = ['CreatedDate', 'CreatedById', 'LastModifiedDate', 'LastModifiedById'] as const;

function mergeFields(base: readonly Field[], more: readonly Field[]): Field[] {
  const merged = base.map((field) => more.find((other) => other.name === field.name) ?? field);
  return [...merged, ...more.filter((field) => !base.some((other) => other.name === field.name))];
}

function merge(base: ParsedFile, more: ParsedFile): ParsedFile {
  const mergeNamed = <T extends { fields: Field[] }>(
    a: Record<string, T>,
    b: Record<string, T>,
  ): Record<string, T> => ({
    ...a,
    ...Object.fromEntries(
      Object.entries(b).map(([name, type]) => [
        name,
        { ...type, fields: mergeFields(a[name]?.fields ?? [], type.fields) },
      ]),
    ),
  });
  return {
    objects: mergeNamed(base.objects, more.objects),
    events: mergeNamed(base.events, more.events),
    channels: { ...base.channels, ...more.channels },
    managedSubscriptions: { ...base.managedSubscriptions, ...more.managedSubscriptions },
  };
}

/** The org's schema, checked and indexed. Object and field names are looked up without regard to case. */
export class SalesforceSchema {
  readonly objects: readonly SObjectType[];
  readonly events: readonly PlatformEvent[];
  readonly channels: readonly Channel[];
  readonly managedSubscriptions: Readonly<Record<string, ManagedSubscriptionConfig>>;
  readonly #byName: ReadonlyMap<string, SObjectType>;
  readonly #byPrefix: ReadonlyMap<string, SObjectType>;

  /** @throws Error that names every dangling reference of the files. */
  constructor(file: ParsedFile) {
    const children = new Map<string, ChildRelationship[]>();
    for (const [object, type] of Object.entries(file.objects)) {
      for (const field of type.fields) {
        for (const parent of field.referenceTo ?? []) {
          const { childRelationshipName: name, cascadeDelete } = field;
          children.set(parent, [...(children.get(parent) ?? []), { name, object, field: field.name, cascadeDelete }]);
        }
      }
    }
    this.objects = Object.entries(file.objects).map(([name, type]) => {
      const custom = (field: Field): boolean => field.name.endsWith('__c');
      const fields = [
        idField,
        ...type.fields.filter((field) => !custom(field)),
        ...auditFields,
        ...type.fields.filter(custom),
      ];
      const byName = new Map(fields.map((field) => [field.name.toLowerCase(), field]));
      return {
        ...type,
        name,
        fields,
        field: (wanted: string) => byName.get(wanted.toLowerCase()),
        children: children.get(name) ?? [],
      };
    });
    this.#byName = new Map(this.objects.map((type) => [type.name.toLowerCase(), type]));
    this.#byPrefix = new Map(this.objects.map((type) => [type.keyPrefix, type]));
    this.events = Object.entries(file.events).map(([name, event]) => ({ ...event, name }));
    this.channels = Object.entries(file.channels).map(([name, channel]) => ({ ...channel, name }));
    this.managedSubscriptions = file.managedSubscriptions;
    this.#check();
  }

  /** An object by its API name. */
  object(name: string): SObjectType | undefined {
    return this.#byName.get(name.toLowerCase());
  }

  /** The object to which an id belongs, by its first three characters. */
  objectOfId(id: string): SObjectType | undefined {
    return this.#byPrefix.get(id.slice(0, 3));
  }

  /** A platform event by its API name, which ends in `__e`. */
  event(name: string): PlatformEvent | undefined {
    return this.events.find((event) => event.name.toLowerCase() === name.toLowerCase());
  }

  #check(): void {
    const faults: string[] = [];
    for (const type of this.objects) {
      for (const field of type.fields) {
        const at = `${type.name}.${field.name}`;
        for (const parent of field.referenceTo ?? []) {
          if (!this.object(parent)) faults.push(`${at} refers to ${parent}, which is not an object`);
        }
        if (field.type === 'reference' && !field.referenceTo) faults.push(`${at} is a reference without referenceTo`);
        if (field.type === 'picklist' && !field.values) faults.push(`${at} is a picklist without values`);
        for (const component of Object.values(field.components ?? {})) {
          if (!type.field(component)) faults.push(`${at} has a component ${component}, which is not a field`);
        }
      }
    }
    for (const channel of this.channels) {
      for (const { object, enriched } of channel.members) {
        const type = this.object(object);
        if (!type?.cdc) faults.push(`${channel.name} carries ${object}, which is not selected for change data capture`);
        for (const name of enriched) if (!type?.field(name)) faults.push(`${channel.name}: ${object} has no ${name}`);
      }
    }
    if (faults.length > 0) throw new Error(`The Salesforce schema is not sound: ${faults.join('; ')}`);
  }
}

function readSchemaFile(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/**
 * The standard schema with `more` (a path of a JSON file, or its content) merged over it.
 * @throws Error naming what is wrong in the file.
 */
export function loadSchema(...more: (string | SchemaFile)[]): SalesforceSchema {
  const files = [join(__dirname, 'standard.json'), ...more].map((source) => {
    const parsed = fileSchema.safeParse(typeof source === 'string' ? readSchemaFile(source) : source);
    if (!parsed.success) {
      const name = typeof source === 'string' ? source : 'the given schema';
      throw new Error(`${name} is not a Salesforce schema:\n${z.prettifyError(parsed.error)}`);
    }
    return parsed.data;
  });
  return new SalesforceSchema(files.reduce(merge));
}
