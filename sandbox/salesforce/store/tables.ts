import type { Field, SalesforceSchema } from '../schema/schema';
import { IdSequence } from './ids';
import type { FieldValue, Row } from './types';

/** The committed rows, with the counters that are never rolled back (ids, autonumbers), as on the platform. */
export class Tables {
  readonly ids: IdSequence;
  readonly #rows = new Map<string, Map<string, Row>>();
  readonly #numbers = new Map<string, number>();
  /** Ids of rows by `<Object>.<field>` and value, for references and unique fields. */
  readonly #index = new Map<string, Map<FieldValue, Set<string>>>();
  /** Record id to all records that went into the recycle bin with it. */
  readonly #deletions = new Map<string, readonly string[]>();

  constructor(
    readonly schema: SalesforceSchema,
    firstRecord = 0n,
  ) {
    this.ids = new IdSequence(undefined, firstRecord);
    for (const type of schema.objects) {
      for (const field of type.fields.filter(({ unique, type: kind }) => unique || kind === 'reference')) {
        this.#index.set(`${type.name}.${field.name}`, new Map());
      }
    }
  }

  get(object: string, id: string): Row | undefined {
    return this.#rows.get(object)?.get(id);
  }

  /** In order of creation, deleted ones included. */
  rows(object: string): Row[] {
    return [...(this.#rows.get(object)?.values() ?? [])];
  }

  put(object: string, row: Row): void {
    let table = this.#rows.get(object);
    if (!table) this.#rows.set(object, (table = new Map<string, Row>()));
    const before = table.get(row.Id);
    table.set(row.Id, row);
    for (const field of this.schema.object(object)?.fields ?? []) {
      const index = this.#index.get(`${object}.${field.name}`);
      const [old, now] = [before?.[field.name] ?? null, row[field.name] ?? null];
      if (!index || (before && old === now)) continue;
      index.get(old)?.delete(row.Id);
      const ids = index.get(now);
      if (ids) ids.add(row.Id);
      else index.set(now, new Set([row.Id]));
    }
  }

  /** Rows whose reference or unique field has this value, deleted ones included. */
  having(object: string, field: string, value: FieldValue): Row[] {
    const ids = this.#index.get(`${object}.${field}`)?.get(value) ?? [];
    return [...ids].flatMap((id) => this.get(object, id) ?? []);
  }

  /** The next value of an autonumber, as its format says: `{00000000}` gives `00000100`. */
  nextNumber(object: string, field: Field): string {
    const key = `${object}.${field.name}`;
    const next = (this.#numbers.get(key) ?? 99) + 1;
    this.#numbers.set(key, next);
    return (field.format ?? '{0}').replace(/\{(0+)\}/, (_, zeros: string) => String(next).padStart(zeros.length, '0'));
  }

  rememberDeletion(ids: readonly string[]): void {
    const [first] = ids;
    if (first !== undefined) this.#deletions.set(first, ids);
  }

  deletedWith(id: string): readonly string[] {
    return this.#deletions.get(id) ?? [id];
  }
}
