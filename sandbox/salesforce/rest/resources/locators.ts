import { RestError } from '../errors';
import { ChildRows, type PrintedRecord } from '../soql/select';

/** A page of a query's answer. */
export interface QueryPage {
  totalSize: number;
  done: boolean;
  nextRecordsUrl?: string;
  records: PrintedRecord[];
}

export const LARGEST_BATCH = 2000;
export const SMALLEST_BATCH = 200;
/** Most child rows that come with their parent: 499, or one less than a smaller batch size, as seen in answers of real orgs. */
const LARGEST_CHILD_PAGE = 499;
/** Cursors kept at once; the oldest is closed for a new one. */
const CURSORS = 1000;

interface Cursor {
  records: readonly PrintedRecord[];
  batchSize: number;
}

/** Pages of query answers. A cursor holds the answer as it was when the query ran. */
export class QueryLocators {
  readonly #cursors = new Map<string, Cursor>();
  #serial = 0;

  /** The first page. `base` is `/services/data/v62.0/query`. */
  firstPage(records: readonly PrintedRecord[], batchSize: number, base: string): QueryPage {
    return this.#page({ records, batchSize }, 0, batchSize, base, undefined);
  }

  /** The page at a locator such as `01gQy000000001AAA-2000`. @throws RestError INVALID_QUERY_LOCATOR */
  nextPage(locator: string, base: string): QueryPage {
    const [id, from] = locator.split('-');
    const cursor = this.#cursors.get(id ?? '');
    if (cursor === undefined || !/^\d+$/.test(from ?? '')) {
      throw new RestError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
    }
    return this.#page(cursor, Number(from), cursor.batchSize, base, id);
  }

  #page(cursor: Cursor, from: number, size: number, base: string, id: string | undefined): QueryPage {
    const { records, batchSize } = cursor;
    const page: PrintedRecord[] = [];
    // Child rows count towards the size of a page, so that a page of parents with many children is short.
    let counted = 0;
    for (let at = from; at < records.length && (page.length === 0 || counted < size); at++) {
      const record = records[at]!;
      page.push(this.#withChildren(record, batchSize, base));
      counted +=
        1 + Object.values(record).reduce<number>((n, v) => n + (v instanceof ChildRows ? v.records.length : 0), 0);
    }
    const end = from + page.length;
    const done = end >= records.length;
    const next = done ? {} : { nextRecordsUrl: `${base}/${id ?? this.#open(cursor)}-${end}` };
    return { totalSize: records.length, done, ...next, records: page };
  }

  #withChildren(record: PrintedRecord, batchSize: number, base: string): PrintedRecord {
    if (!Object.values(record).some((value) => value instanceof ChildRows)) return record;
    const childPage = Math.min(LARGEST_CHILD_PAGE, batchSize - 1);
    const entries = Object.entries(record).map(([name, value]): [string, unknown] =>
      value instanceof ChildRows
        ? [name, this.#page({ records: value.records, batchSize }, 0, childPage, base, undefined)]
        : [name, value],
    );
    return Object.fromEntries(entries) as PrintedRecord;
  }

  #open(cursor: Cursor): string {
    const id = `01gQy0${String(++this.#serial).padStart(9, '0')}IAC`;
    this.#cursors.set(id, cursor);
    const [oldest] = this.#cursors.keys();
    if (this.#cursors.size > CURSORS && oldest !== undefined) this.#cursors.delete(oldest);
    return id;
  }
}
