import { toSalesforceDateTime } from '../clock';
import type { Field, SObjectType } from '../schema/schema';
import { complete, type Fields } from './derive';
import { SalesforceError } from './errors';
import { normaliseId } from './ids';
import type { Tables } from './tables';
import type { FieldInput, FieldValue, RecordChange, Row, Transaction, TransactionMeta } from './types';
import { toStored } from './values';

/** What a transaction did to one record so far. */
interface Touched {
  object: string;
  before: Row | undefined;
  after: Row;
  /** False while only calculated fields changed: such a record makes no change event. */
  written: boolean;
}

/** A transaction in progress: reads through to the tables, keeps its writes to itself until it is committed. */
export class OpenTransaction implements Transaction {
  readonly #touched = new Map<string, Touched>();

  constructor(
    private readonly tables: Tables,
    private readonly meta: TransactionMeta,
    private readonly now: number,
    /** Called before each write; throws to refuse it (a row lock). */
    private readonly beforeWrite: (object: string, id: string | undefined) => void,
  ) {}

  create(object: string, input: FieldInput): string {
    const type = this.#type(object);
    const given = this.#checked(type, input, 'createable');
    const fields: Fields = {};
    for (const field of type.fields) {
      if (field.type === 'address') continue;
      fields[field.name] = given[field.name] ?? field.default ?? (field.type === 'boolean' ? false : null);
    }
    if (type.field('OwnerId')) fields['OwnerId'] ??= this.meta.userId;
    this.#requireFields(type, fields);
    this.#checkReferences(type, given);
    this.#checkUnique(type, given, undefined);
    complete(type, fields, (parent, id) => this.#live(parent, id));
    this.beforeWrite(type.name, undefined);
    for (const field of type.fields) {
      if (field.type === 'autonumber') fields[field.name] = this.tables.nextNumber(type.name, field);
    }
    const id = this.tables.ids.next(type.keyPrefix);
    const stamp = this.#stamp();
    const row: Row = {
      ...fields,
      Id: id,
      IsDeleted: false,
      CreatedDate: stamp,
      CreatedById: this.meta.userId,
      LastModifiedDate: stamp,
      LastModifiedById: this.meta.userId,
      SystemModstamp: stamp,
    };
    this.#touched.set(id, { object: type.name, before: undefined, after: row, written: true });
    this.#recalculate(type, row);
    return id;
  }

  update(object: string, id: string, input: FieldInput): void {
    const type = this.#type(object);
    const row = this.#existing(type, id);
    if (row.IsDeleted) throw new SalesforceError('ENTITY_IS_DELETED', 'entity is deleted');
    const given = this.#checked(type, input, 'updateable');
    this.#requireFields(type, { ...row, ...given });
    this.#checkReferences(type, given);
    this.#checkUnique(type, given, row.Id);
    const fields: Fields = { ...row, ...given };
    complete(type, fields, (parent, parentId) => this.#live(parent, parentId));
    this.beforeWrite(type.name, row.Id);
    this.#write(type, row, fields);
  }

  delete(object: string, id: string): void {
    const type = this.#type(object);
    const row = this.#existing(type, id);
    if (row.IsDeleted) throw new SalesforceError('ENTITY_IS_DELETED', 'entity is deleted');
    const doomed = this.#cascade(type, row);
    for (const [child, childRow] of doomed) this.beforeWrite(child.name, childRow.Id);
    this.tables.rememberDeletion(doomed.map(([, doomedRow]) => doomedRow.Id));
    for (const [child, childRow] of doomed) this.#write(child, childRow, { ...childRow, IsDeleted: true });
  }

  undelete(object: string, id: string): void {
    const type = this.#type(object);
    const row = this.#existing(type, id);
    if (!row.IsDeleted) {
      throw new SalesforceError('UNDELETE_FAILED', 'Entity is not in the recycle bin');
    }
    for (const member of this.tables.deletedWith(row.Id)) {
      const memberType = this.tables.schema.objectOfId(member);
      const memberRow = memberType && this.get(memberType.name, member);
      if (memberType && memberRow?.IsDeleted) this.#write(memberType, memberRow, { ...memberRow, IsDeleted: false });
    }
  }

  get(object: string, id: string): Row | undefined {
    const type = this.tables.schema.object(object);
    const wanted = normaliseId(id);
    if (!type || wanted === undefined) return undefined;
    return this.#touched.get(wanted)?.after ?? this.tables.get(type.name, wanted);
  }

  /** The rows to store, and the changes to tell of. */
  result(): { rows: { object: string; row: Row }[]; changes: RecordChange[] } {
    const changes: RecordChange[] = [];
    const rows: { object: string; row: Row }[] = [];
    for (const [id, { object, before, after, written }] of this.#touched) {
      rows.push({ object, row: after });
      if (!written) continue;
      const wasLive = before !== undefined && !before.IsDeleted;
      const isLive = !after.IsDeleted;
      // Created and deleted in one transaction: nobody ever saw it.
      if (!wasLive && !isLive) continue;
      const type = wasLive ? (isLive ? 'UPDATE' : 'DELETE') : before === undefined ? 'CREATE' : 'UNDELETE';
      changes.push({ object, id, type, before, after });
    }
    return { rows, changes };
  }

  #write(type: SObjectType, row: Row, fields: Fields): void {
    const stamp = this.#stamp();
    const touched = this.#touched.get(row.Id);
    const after: Row = {
      ...fields,
      Id: row.Id,
      IsDeleted: fields['IsDeleted'] === true,
      LastModifiedDate: stamp,
      LastModifiedById: this.meta.userId,
      SystemModstamp: stamp,
    };
    const before = touched ? touched.before : row;
    this.#touched.set(row.Id, { object: type.name, before, after, written: true });
    this.#recalculate(type, after);
  }

  /** Times of records are whole seconds. */
  #stamp(): string {
    return toSalesforceDateTime(Math.floor(this.now / 1000) * 1000);
  }

  #type(object: string): SObjectType {
    const type = this.tables.schema.object(object);
    if (!type) throw new SalesforceError('INVALID_TYPE', `sObject type '${object}' is not supported.`);
    return type;
  }

  #existing(type: SObjectType, id: string): Row {
    const wanted = normaliseId(id);
    if (wanted === undefined) throw new SalesforceError('MALFORMED_ID', `bad id ${id}`, ['Id']);
    const row = this.get(type.name, wanted);
    if (!row) throw new SalesforceError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id');
    return row;
  }

  #live(object: string, id: FieldValue): Row | undefined {
    const row = typeof id === 'string' ? this.get(object, id) : undefined;
    return row?.IsDeleted ? undefined : row;
  }

  #checked(type: SObjectType, input: FieldInput, right: 'createable' | 'updateable'): Fields {
    const fields: Fields = {};
    const refused: string[] = [];
    for (const [name, value] of Object.entries(input)) {
      const field = type.field(name);
      if (!field) {
        throw new SalesforceError('INVALID_FIELD', `No such column '${name}' on sobject of type ${type.name}`);
      }
      if (!field[right]) refused.push(field.name);
      else fields[field.name] = toStored(field, value);
    }
    if (refused.length > 0) {
      throw new SalesforceError(
        'INVALID_FIELD_FOR_INSERT_UPDATE',
        `Unable to create/update fields: ${refused.join(', ')}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`,
        refused,
      );
    }
    return fields;
  }

  #requireFields(type: SObjectType, fields: Fields): void {
    const missing = type.fields.filter((field) => field.required && (fields[field.name] ?? null) === null);
    if (missing.length === 0) return;
    const names = missing.map((field) => field.name);
    throw new SalesforceError('REQUIRED_FIELD_MISSING', `Required fields are missing: [${names.join(', ')}]`, names);
  }

  #checkReferences(type: SObjectType, given: Fields): void {
    for (const [name, id] of Object.entries(given)) {
      const field = type.field(name);
      if (field?.type !== 'reference' || typeof id !== 'string') continue;
      const target = this.tables.schema.objectOfId(id);
      if (!target || !field.referenceTo?.includes(target.name)) {
        throw new SalesforceError('FIELD_INTEGRITY_EXCEPTION', `${name}: id value of incorrect type: ${id}`, [name]);
      }
      const row = this.get(target.name, id);
      if (!row) throw new SalesforceError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', [name]);
      if (row.IsDeleted) throw new SalesforceError('ENTITY_IS_DELETED', 'entity is deleted', [name]);
    }
  }

  #checkUnique(type: SObjectType, given: Fields, self: string | undefined): void {
    for (const field of type.fields.filter(
      (candidate) => candidate.unique && (given[candidate.name] ?? null) !== null,
    )) {
      const twin = this.#having(type, field.name, given[field.name] ?? null).find((row) => row.Id !== self);
      if (!twin) continue;
      throw new SalesforceError(
        'DUPLICATE_VALUE',
        `duplicate value found: ${field.name} duplicates value on record with id: ${twin.Id}`,
        [field.name],
      );
    }
  }

  /** Live rows with this value in a reference or unique field, as this transaction sees them. */
  #having(type: SObjectType, field: string, value: FieldValue): Row[] {
    const rows = new Map(this.tables.having(type.name, field, value).map((row) => [row.Id, row]));
    for (const [id, touched] of this.#touched) if (touched.object === type.name) rows.set(id, touched.after);
    return [...rows.values()].filter((row) => !row.IsDeleted && row[field] === value);
  }

  #cascade(type: SObjectType, row: Row): [SObjectType, Row][] {
    const doomed: [SObjectType, Row][] = [[type, row]];
    for (const { object, field, cascadeDelete } of type.children) {
      const childType = this.#type(object);
      const restricts = childType.field(field)?.required === true && !cascadeDelete;
      if (!cascadeDelete && !restricts) continue;
      for (const child of this.#having(childType, field, row.Id)) {
        if (restricts) {
          throw new SalesforceError(
            'DELETE_FAILED',
            `Your attempt to delete ${String(row['Name'] ?? row.Id)} could not be completed because it is associated with the following ${childType.labelPlural ?? object}: ${child.Id}`,
          );
        }
        doomed.push(...this.#cascade(childType, child));
      }
    }
    return doomed;
  }

  /** Brings the sums up to date on the parents of a row that changed. */
  #recalculate(childType: SObjectType, child: Row): void {
    for (const parentType of this.tables.schema.objects) {
      for (const field of parentType.fields.filter((candidate) => candidate.sum?.object === childType.name)) {
        this.#sum(parentType, field, childType, child);
      }
    }
  }

  #sum(parentType: SObjectType, field: Field, childType: SObjectType, child: Row): void {
    const { reference, field: summed } = field.sum!;
    const parent = this.#live(parentType.name, child[reference] ?? null);
    if (!parent) return;
    const total = this.#having(childType, reference, parent.Id).reduce(
      (sum, row) => sum + (typeof row[summed] === 'number' ? row[summed] : 0),
      0,
    );
    const after = { ...parent, [field.name]: Math.round(total * 100) / 100 };
    const touched = this.#touched.get(parent.Id);
    if (touched) touched.after = after;
    else this.#touched.set(parent.Id, { object: parentType.name, before: parent, after, written: false });
  }
}
