/**
 * What the SOQL evaluator needs to know of the data. Object and field names are looked up without regard to case, as
 * SOQL does; the names returned are the true ones.
 */
export interface SoqlSource {
  object(name: string): SoqlObject | undefined;
  rows(object: string, options: { includeDeleted: boolean }): readonly SoqlRow[];
  /** A row by its id, deleted ones too. */
  row(object: string, id: string): SoqlRow | undefined;
  /** Epoch ms, for date literals. */
  now(): number;
}

/** Values as the REST API prints them; see the store's types. */
export type SoqlRow = Readonly<Record<string, unknown>>;

export interface SoqlObject {
  name: string;
  field(name: string): SoqlField | undefined;
  /** All fields, in the order of the schema. */
  fields: readonly SoqlField[];
  /** `OrderItems` -> OrderItem.OrderId. */
  child(relationshipName: string): { relationshipName: string; object: string; field: string } | undefined;
}

/** What a literal may be compared with: the families of SOQL's type checks. */
export type SoqlKind = 'id' | 'text' | 'number' | 'boolean' | 'date' | 'datetime' | 'opaque';

export interface SoqlField {
  name: string;
  kind: SoqlKind;
  /** Of a reference: `Account` for AccountId, `Parent__r` for Parent__c. */
  relationshipName: string | undefined;
  /** Of a reference: the object pointed to (the first, where there are several). */
  referenceTo: string | undefined;
  /** False for long text and compounds: they can be selected, not filtered or sorted. */
  filterable: boolean;
  /** Of a compound: name in the answer to the field that holds it (`city` to `BillingCity`). */
  components: Readonly<Record<string, string>> | undefined;
}

/** The value of a field in a row of its own object. A compound is an object, or null where every component is. */
export function valueOf(field: SoqlField, row: SoqlRow): unknown {
  if (field.components === undefined) return row[field.name] ?? null;
  const parts = Object.entries(field.components).map(([name, component]) => [name, row[component] ?? null] as const);
  return parts.every(([, value]) => value === null) ? null : Object.fromEntries(parts);
}
