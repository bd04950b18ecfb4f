import { ProvisioningFailure, type FailureCode } from '../domain/failure';
import { safeText } from '../domain/safe-text';

/**
 * The one place that says what a failure of Salesforce means.
 *
 * Nothing here is ambiguous: reads change nothing, and each write of ours sets fields to given values, so that doing it twice is
 * doing it once. What decides is therefore only whether trying again can help.
 */

interface Row {
  pattern: RegExp;
  code: FailureCode;
}

/** The record was there, and is no longer. */
const DELETED = /^(ENTITY_IS_DELETED|NOT_FOUND|INVALID_CROSS_REFERENCE_KEY)$/;

/** By Salesforce's `errorCode` or `statusCode` (SOAP API Developer Guide, "StatusCode"). The first row that matches wins. */
const CODES: readonly Row[] = [
  { pattern: /^(INVALID_SESSION_ID|INVALID_AUTH_HEADER)$/, code: 'SF_SESSION_EXPIRED' },
  { pattern: /^(REQUEST_LIMIT_EXCEEDED|TOO_MANY_REQUESTS)$/, code: 'SF_RATE_LIMITED' },
  { pattern: /^UNABLE_TO_LOCK_ROW$/, code: 'SF_ROW_LOCKED' },
  {
    pattern: /^(SERVER_UNAVAILABLE|UNKNOWN_EXCEPTION|QUERY_TIMEOUT|INVALID_QUERY_LOCATOR|GACK)$/,
    code: 'SF_SERVER_ERROR',
  },
  { pattern: /^(INVALID_FIELD|INVALID_FIELD_FOR_INSERT_UPDATE|INVALID_TYPE)$/, code: 'SF_FIELD_MISSING' },
  {
    pattern:
      /^(INSUFFICIENT_ACCESS|API_DISABLED|API_CURRENTLY_DISABLED|FUNCTIONALITY_NOT_ENABLED|FORBIDDEN|OPERATION_NOT_ALLOWED)/,
    code: 'SF_NO_PERMISSION',
  },
  { pattern: DELETED, code: 'SF_ORDER_DELETED' },
  { pattern: /(_VALIDATION_EXCEPTION|_PICKLIST|_INTEGRITY_EXCEPTION|_ACTIVATE_ENTITY)$/, code: 'SF_VALIDATION' },
  {
    pattern:
      /^(REQUIRED_FIELD_MISSING|STRING_TOO_LONG|NUMBER_OUTSIDE_VALID_RANGE|ENTITY_IS_LOCKED|DUPLICATE_VALUE|DUPLICATES_DETECTED|INVALID_STATUS|FAILED_ACTIVATION)$/,
    code: 'SF_VALIDATION',
  },
];

/** An error as the REST API words it, alone or as one of a save result. */
export interface VendorError {
  code: string;
  message: string;
  fields: string[];
}

export const isDeleted = ({ code }: VendorError): boolean => DELETED.test(code);

/** What is known of the response; undefined where none came. */
export interface ResponseFacts {
  status: number;
  /** The header `Retry-After`, as it came. */
  retryAfter: string | undefined;
  /** Whether it answers a read: a query names no record, so what was not found is its own address (a retired version, another instance). */
  isRead?: boolean;
}

const CONCURRENCY_DELAY_MS = 10_000;
const DAILY_LIMIT_DELAY_MS = 5 * 60_000;
const LONGEST_DELAY_MS = 60 * 60_000;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isCode = (value: unknown): value is string => typeof value === 'string' && /^[A-Z][A-Z0-9_]{2,79}$/.test(value);

/** The errors in a body: `[{errorCode, message, fields}]`, one such object, or a save result's `{statusCode, …}`. */
export function vendorErrors(body: unknown): VendorError[] {
  return (Array.isArray(body) ? (body as unknown[]) : [body]).filter(isObject).flatMap((error) => {
    const code = error['errorCode'] ?? error['statusCode'];
    if (!isCode(code)) return [];
    const fields = Array.isArray(error['fields']) ? (error['fields'] as unknown[]) : [];
    const message = typeof error['message'] === 'string' ? error['message'] : '';
    return [{ code, message, fields: fields.filter((f) => typeof f === 'string' && /^\w{1,80}$/.test(f)) as string[] }];
  });
}

/**
 * Salesforce's own refusal, put into the catalogue.
 * @param about what was being done, with ids only, e.g. `read order 801…`.
 */
export function classifyErrors(
  about: string,
  errors: readonly VendorError[],
  response: ResponseFacts,
): ProvisioningFailure {
  const error = errors.find(({ code }) => code !== 'ALL_OR_NONE_OPERATION_ROLLED_BACK') ?? errors[0];
  if (error === undefined) return classifyUnreadable(about, response);
  const code = codeOf(error, response);
  // A missing field is named in the text only, between quotes.
  const named =
    code === 'SF_FIELD_MISSING' ? [...error.message.matchAll(/'(\w{1,80})'/g)].map((match) => match[1] ?? '') : [];
  const fields = [...new Set([...error.fields, ...named])];
  const where = fields.length === 0 ? '' : ` (${fields.slice(0, 10).join(', ')})`;
  const text = code === 'SF_VALIDATION' ? `: ${safeText(error.message)}` : '';
  return new ProvisioningFailure({
    code,
    message: `Salesforce refused to ${about}: ${error.code}${where}${text}`,
    vendorCode: error.code,
    retryAfterMs: delayOf(code, error.message, response),
  });
}

function codeOf({ code, message }: VendorError, { status, isRead }: ResponseFacts): FailureCode {
  // A trigger that fails on a lock reports itself, and the lock in its text.
  if (message.includes('UNABLE_TO_LOCK_ROW')) return 'SF_ROW_LOCKED';
  const row = CODES.find(({ pattern }) => pattern.test(code));
  if (row?.code === 'SF_ORDER_DELETED' && isRead === true) return 'SF_REQUEST_REFUSED';
  if (row !== undefined) return row.code;
  if (status === 401) return 'SF_SESSION_EXPIRED';
  if (status === 429 || status === 420) return 'SF_RATE_LIMITED';
  if (status >= 500) return 'SF_SERVER_ERROR';
  return 'SF_REQUEST_REFUSED';
}

function delayOf(code: FailureCode, message: string, { retryAfter }: ResponseFacts): number | undefined {
  const asked = Number(retryAfter ?? Number.NaN) * 1000;
  if (asked > 0) return Math.min(asked, LONGEST_DELAY_MS);
  if (code !== 'SF_RATE_LIMITED') return undefined;
  // The daily limit is a rolling window of 24 hours and frees up little by little.
  return /concurrent/i.test(message) ? CONCURRENCY_DELAY_MS : DAILY_LIMIT_DELAY_MS;
}

/** A response that holds no answer of the API: HTML, a redirect, a cut body. */
export function classifyUnreadable(about: string, response: ResponseFacts): ProvisioningFailure {
  const { status } = response;
  const limited = status === 429 || status === 420;
  const code = status === 401 ? 'SF_SESSION_EXPIRED' : limited ? 'SF_RATE_LIMITED' : 'SF_SERVER_ERROR';
  return new ProvisioningFailure({
    code,
    message: `Salesforce answered with something that is no answer (HTTP ${status}) when asked to ${about}`,
    vendorCode: `HTTP ${status}`,
    retryAfterMs: delayOf(code, '', response),
  });
}

/** No response: the connection failed or was cut, or the time limit passed. */
export function classifyNoResponse(about: string, error: unknown): ProvisioningFailure {
  const at = isObject(error) ? error : {};
  const code = typeof at['code'] === 'string' && /^[A-Z_]{2,60}$/.test(at['code']) ? at['code'] : undefined;
  const why = at['name'] === 'TimeoutError' || at['name'] === 'AbortError' ? 'TIMEOUT' : (code ?? 'NO_RESPONSE');
  return new ProvisioningFailure({
    code: 'SF_UNREACHABLE',
    message: `Salesforce did not answer when asked to ${about}: ${why}`,
    vendorCode: why,
  });
}

/** The token endpoint's refusal (OAuth 2.0, RFC 6749 section 5.2). `error` is its code, e.g. `invalid_grant`. */
export function loginRefused(error: unknown, retryAfterMs: number | undefined): ProvisioningFailure {
  const code = typeof error === 'string' && /^[a-z_]{3,60}$/.test(error) ? error : 'refused';
  return new ProvisioningFailure({
    code: 'SF_CREDENTIALS_REFUSED',
    message: `Salesforce refuses the login: ${code}`,
    vendorCode: code,
    retryAfterMs,
  });
}
