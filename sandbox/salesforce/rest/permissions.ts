import { RestError } from './errors';

const key = (object: string, field: string) => `${object}.${field}`.toLowerCase();

/** Field-level security of the API user: what it may not read is as if it did not exist; what it may not write is refused. */
export class Permissions {
  readonly #unreadable = new Set<string>();
  readonly #unwritable = new Set<string>();

  /** Restricts a field; `none` hides it, `read` makes it read-only, `write` lifts the restriction. */
  restrict(object: string, field: string, access: 'none' | 'read' | 'write'): void {
    this.#unreadable.delete(key(object, field));
    this.#unwritable.delete(key(object, field));
    if (access === 'none') this.#unreadable.add(key(object, field));
    if (access !== 'write') this.#unwritable.add(key(object, field));
  }

  /** Lifts every restriction. */
  clear(): void {
    this.#unreadable.clear();
    this.#unwritable.clear();
  }

  readable(object: string, field: string): boolean {
    return !this.#unreadable.has(key(object, field));
  }

  writable(object: string, field: string): boolean {
    return !this.#unwritable.has(key(object, field));
  }

  /**
   * @throws RestError INVALID_FIELD for a hidden field (the API says that there is no such column), and
   * INVALID_FIELD_FOR_INSERT_UPDATE for one that is visible and read-only.
   */
  checkWrite(object: string, fields: Iterable<string>): void {
    for (const field of fields) {
      if (!this.readable(object, field)) {
        throw new RestError(400, 'INVALID_FIELD', `No such column '${field}' on sobject of type ${object}`);
      }
      if (!this.writable(object, field)) {
        throw new RestError(
          400,
          'INVALID_FIELD_FOR_INSERT_UPDATE',
          `Unable to create/update fields: ${field}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`,
          [field],
        );
      }
    }
  }
}
