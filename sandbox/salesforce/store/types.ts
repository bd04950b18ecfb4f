import type { SalesforceSchema } from '../schema/schema';

/**
 * What the store holds and promises; REST, SOQL and the event bus are built on this alone.
 *
 * Values are held as the REST API prints them: datetimes `2026-11-23T22:41:38.000+0000`, dates `2026-11-23`,
 * numbers as numbers, references as 18-character ids. Compound fields (addresses) are held as their components
 * (`BillingStreet`, …), never under the compound's own name.
 */
export type FieldValue = string | number | boolean | null;

/** A record. Every field of the object is present; what was never set is null. */
export interface Row {
  readonly Id: string;
  readonly IsDeleted: boolean;
  readonly [field: string]: FieldValue;
}

/** Fields as a caller gives them, not checked yet. Names are matched without regard to case, as Salesforce does. */
export type FieldInput = Readonly<Record<string, unknown>>;

/** Who writes, and through what: it comes back in the change event's `commitUser` and `changeOrigin`. */
export interface TransactionMeta {
  /** 18-character id of the user. */
  userId: string;
  /** `client=` of the `Sforce-Call-Options` header. */
  clientName?: string;
  /** Version of the API in use, e.g. `62.0`. Default {@link DEFAULT_API_VERSION}. */
  apiVersion?: string;
  /** The whole change origin, where it is not the REST API (e.g. `com/salesforce/api/soap/62.0;client=SfdcInternalAPI/`). */
  changeOrigin?: string;
}

export const DEFAULT_API_VERSION = '62.0';

/**
 * One transaction. Each call checks everything before it changes anything, so that a caller may catch the
 * SalesforceError of one record and go on with the next (`allOrNone: false`). An error that leaves the callback
 * rolls all back.
 */
export interface Transaction {
  /** @returns the new 18-character id. @throws SalesforceError */
  create(object: string, fields: FieldInput): string;
  /** @throws SalesforceError */
  update(object: string, id: string, fields: FieldInput): void;
  /** Into the recycle bin, with the children that cascade. @throws SalesforceError */
  delete(object: string, id: string): void;
  /** Out of the recycle bin, with the children that went with it. @throws SalesforceError */
  undelete(object: string, id: string): void;
  /** The record as this transaction sees it; deleted ones too. */
  get(object: string, id: string): Row | undefined;
}

export type ChangeType = 'CREATE' | 'UPDATE' | 'DELETE' | 'UNDELETE';

/** What one transaction did to one record, from first to last write. */
export interface RecordChange {
  object: string;
  id: string;
  type: ChangeType;
  /** Undefined for a CREATE. */
  before: Row | undefined;
  after: Row;
}

/** A committed transaction, in the order in which records were first touched. */
export interface Commit {
  meta: TransactionMeta;
  /** Epoch ms. */
  timestamp: number;
  /** System change number: grows with each commit, and is past 2^53 in real orgs (nanoseconds in those seen). */
  commitNumber: bigint;
  changes: readonly RecordChange[];
}

export interface Store {
  readonly schema: SalesforceSchema;
  /**
   * Runs `work` and commits what it wrote; listeners are called after the commit, synchronously.
   * @throws whatever `work` throws, with nothing changed.
   */
  transaction<T>(meta: TransactionMeta, work: (tx: Transaction) => T): T;
  /** A record by its 15- or 18-character id; undefined when there is none or (unless asked for) it is deleted. */
  get(object: string, id: string, options?: { includeDeleted?: boolean }): Row | undefined;
  /** All records of an object in order of creation, without the deleted ones unless asked for. */
  rows(object: string, options?: { includeDeleted?: boolean }): Row[];
  /** Calls `listener` after each commit. @returns a function that ends it. */
  onCommit(listener: (commit: Commit) => void): () => void;
  /** Number of commits so far. */
  readonly commits: number;
}

/** A session as Salesforce issued it. */
export interface Session {
  accessToken: string;
  userId: string;
  username: string;
  orgId: string;
  /** Consumer key of the connected app; undefined for SOAP logins. */
  clientId: string | undefined;
  /** Epoch ms, by the emulator's clock; moves on with use. */
  expiresAt: number;
}

/** The org's sessions: issued by the login endpoints, checked by REST and Pub/Sub alike. */
export interface Sessions {
  /** Opens a session for a user of the org. */
  open(user: { userId: string; username: string; clientId?: string }): Session;
  /** The live session of a token, or why it is not one. Use extends it. */
  validate(accessToken: string): Session | 'unknown' | 'expired';
  /** Ends one session, as a logout or an administrator would. */
  revoke(accessToken: string): void;
  /** Ends all sessions: every client must log in again. */
  expireAll(): void;
  /** Live sessions now. */
  readonly live: number;
}
