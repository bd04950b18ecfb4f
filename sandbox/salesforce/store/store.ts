import type { Clock } from '../clock';
import type { SalesforceSchema } from '../schema/schema';
import { normaliseId } from './ids';
import { Tables } from './tables';
import { OpenTransaction } from './transaction';
import type { Commit, Row, Store, Transaction, TransactionMeta } from './types';

export interface StoreOptions {
  schema: SalesforceSchema;
  clock: Clock;
  /** Where record ids begin, so that two orgs have no id in common. Default 0. */
  firstRecord?: bigint;
  /** Called before each write with the record's id (undefined for a create); throws SalesforceError to refuse it. */
  beforeWrite?: (object: string, id: string | undefined) => void;
}

/** The org's records, in memory. Transactions are synchronous, so they are serial. */
export class MemoryStore implements Store {
  readonly schema: SalesforceSchema;
  readonly #tables: Tables;
  readonly #clock: Clock;
  readonly #beforeWrite: NonNullable<StoreOptions['beforeWrite']>;
  readonly #listeners = new Set<(commit: Commit) => void>();
  #commits = 0;
  #busy = false;

  constructor(options: StoreOptions) {
    this.schema = options.schema;
    this.#tables = new Tables(options.schema, options.firstRecord);
    this.#clock = options.clock;
    this.#beforeWrite = options.beforeWrite ?? (() => undefined);
  }

  get commits(): number {
    return this.#commits;
  }

  transaction<T>(meta: TransactionMeta, work: (tx: Transaction) => T): T {
    if (this.#busy) throw new Error('Store.transaction was called inside a transaction');
    this.#busy = true;
    const timestamp = this.#clock.now();
    const tx = new OpenTransaction(this.#tables, meta, timestamp, this.#beforeWrite);
    let value: T;
    try {
      value = work(tx);
    } finally {
      this.#busy = false;
    }
    const { rows, changes } = tx.result();
    for (const { object, row } of rows) this.#tables.put(object, row);
    if (changes.length > 0) {
      this.#commits++;
      const commitNumber = BigInt(timestamp) * 1_000_000n + BigInt(this.#commits);
      const commit: Commit = { meta, timestamp, commitNumber, changes };
      for (const listener of [...this.#listeners]) listener(commit);
    }
    return value;
  }

  get(object: string, id: string, options: { includeDeleted?: boolean } = {}): Row | undefined {
    const type = this.schema.object(object);
    const wanted = normaliseId(id);
    if (!type || wanted === undefined) return undefined;
    const row = this.#tables.get(type.name, wanted);
    return row?.IsDeleted && !options.includeDeleted ? undefined : row;
  }

  rows(object: string, options: { includeDeleted?: boolean } = {}): Row[] {
    const type = this.schema.object(object);
    const rows = type ? this.#tables.rows(type.name) : [];
    return options.includeDeleted ? rows : rows.filter((row) => !row.IsDeleted);
  }

  onCommit(listener: (commit: Commit) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
