import type { Clock } from '../clock';
import { SalesforceError } from '../store/errors';
import type { FieldInput, Session, Store, Transaction, TransactionMeta } from '../store/types';
import { RestError } from './errors';
import type { RestFaults } from './faults';
import type { Permissions } from './permissions';
import type { QueryLocators } from './resources/locators';

/** What the resources of the REST API work on. */
export interface ApiDeps {
  store: Store;
  clock: Clock;
  faults: RestFaults;
  permissions: Permissions;
  locators: QueryLocators;
  usage: ApiUsage;
  /** Flows of the org by developer name: whether a version of it is active. */
  flows: Map<string, boolean>;
  /** Publishes a platform event. @returns the event's uuid. @throws SalesforceError for fields it has not. */
  publish: (event: string, fields: FieldInput, meta: TransactionMeta) => string;
  managedSubscriptions: () => ManagedSubscription[];
}

/** A managed event subscription as the Tooling API shows it. */
export interface ManagedSubscription {
  /** 18x... */
  id: string;
  developerName: string;
  label: string;
  topicName: string;
  defaultReplay: string;
  errorRecoveryReplay: string;
  state: string;
}

/** Calls of the last 24 hours against the org's allocation. */
export interface ApiUsage {
  used: number;
  allocation: number;
  /** Events delivered to subscribers, which have an allocation of their own. */
  delivered: { used: () => number; allocation: number };
}

/** One call of a resource: an HTTP request, or a part of a composite one. */
export interface ApiCall {
  method: string;
  /** After `/services/data/vXX.X`, decoded, without a trailing slash; '' for the version itself. */
  path: string;
  query: URLSearchParams;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
  body: unknown;
  /** `62.0` */
  apiVersion: string;
  session: Session;
  /** Where the client reached us, e.g. `http://127.0.0.1:8080`. */
  origin: string;
  meta: TransactionMeta;
  /** Runs in a transaction of its own, or in the one that a composite request has open. */
  write: <T>(work: (tx: Transaction) => T) => T;
}

export interface ApiAnswer {
  status: number;
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  /** The call undid its writes though its status is a success: an enclosing transaction must be undone with it. */
  rolledBack?: boolean;
}

/** A resource: a method, a path whose groups are parameters, and what it does. */
export interface Resource {
  method: string;
  path: RegExp;
  handle: (call: ApiCall, deps: ApiDeps, ...parameters: string[]) => ApiAnswer;
}

/** Errors that mean that the record is not there. */
const STATUS_OF_CODE: Record<string, number> = { NOT_FOUND: 404, ENTITY_IS_DELETED: 404 };

/** A refusal of the store as an HTTP answer; anything else is passed on as it is. */
export function asRestError(error: unknown): unknown {
  if (!(error instanceof SalesforceError)) return error;
  return new RestError(STATUS_OF_CODE[error.errorCode] ?? 400, error.errorCode, error.message, error.fields);
}

/** The body as an object. @throws RestError JSON_PARSER_ERROR */
export function objectBody(body: unknown): Record<string, unknown> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  throw new RestError(
    400,
    'JSON_PARSER_ERROR',
    'The HTTP entity body is required, but this request has no entity body.',
  );
}
