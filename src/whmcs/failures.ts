import { ProvisioningFailure, type FailureCode } from '../domain/failure';
import { safeText } from '../domain/safe-text';

/**
 * The one place that says what a failure of WHMCS means: retryable, permanent or ambiguous.
 *
 * What decides is whether the request may have been carried out. AddOrder has no idempotency key, so wherever that is not
 * certain the failure is ambiguous. All other actions that we send can be repeated (see `orders.ts`), and are retryable.
 */

/** Repeating this one makes a second order. */
const NOT_REPEATABLE = new Set(['AddOrder']);
/** These run a provisioning module, which may still be at work when the answer is lost: not repeated before the quiet period. */
const RUNS_MODULES = new Set(['AcceptOrder', 'ModuleCreate']);

export const CREDENTIALS_RETRY_MS = 5 * 60_000;
export const DEFAULT_QUIET_PERIOD_MS = 90_000;
const DEFAULT_RATE_DELAY_MS = 30_000;
const LONGEST_DELAY_MS = 60 * 60_000;

interface Row {
  pattern: RegExp;
  code: FailureCode;
  /** Words that a server module uses as well, of its own server: see {@link isOfModule}. */
  ofModules?: true;
}

/**
 * WHMCS has no error codes, only texts (developers.whmcs.com, "Error Responses" of each action). The first row that matches wins.
 * The texts about credentials come with HTTP 403, on some servers with 200.
 */
const TEXTS: readonly Row[] = [
  {
    pattern: /authentication failed|invalid ip|invalid or missing credentials|invalid access key/i,
    code: 'WHMCS_CREDENTIALS_REFUSED',
    ofModules: true,
  },
  {
    pattern: /invalid permissions|(api )?action .*not allowed|access denied|administrator account disabled/i,
    code: 'WHMCS_CREDENTIALS_REFUSED',
    ofModules: true,
  },
  { pattern: /too many requests|rate limit/i, code: 'WHMCS_RATE_LIMITED', ofModules: true },
  {
    pattern: /maintenance|too many connections|lock wait timeout|deadlock|server has gone away/i,
    code: 'WHMCS_MAINTENANCE',
    ofModules: true,
  },
  { pattern: /status not pending|order id not found/i, code: 'WHMCS_ORDER_NOT_PENDING' },
  { pattern: /client (id )?not found|client status is closed/i, code: 'WHMCS_CLIENT_NOT_FOUND' },
  { pattern: /invalid payment method/i, code: 'WHMCS_PAYMENT_METHOD_INVALID' },
  { pattern: /product (id )?not found/i, code: 'WHMCS_PRODUCT_NOT_FOUND' },
];

/** What is known of a response besides its body. */
export interface ResponseFacts {
  status: number;
  /** The header `Retry-After`, as it came. */
  retryAfter: string | null;
}

/** What the caller was about, e.g. `for order 801…`: ids only. */
export interface CallFacts {
  action: string;
  about: string;
  quietPeriodMs: number;
}

/** The delay that `Retry-After` asks for (seconds, or an HTTP date), at most an hour. */
export function retryAfterMs(header: string | null, now = Date.now()): number | undefined {
  if (header === null) return undefined;
  const ms = /^\s*\d{1,9}\s*$/.test(header)
    ? Number(header) * 1000
    : /^[A-Za-z]{3,9},/.test(header)
      ? Date.parse(header) - now
      : 0;
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, LONGEST_DELAY_MS) : undefined;
}

/**
 * Whether the text may be a server module's: "Access denied" is then said by the customer's server to WHMCS, and would hide that a
 * service was not set up. Where it is WHMCS that refuses us, the look that follows such an error (`acceptance.ts`) is refused as well.
 */
function isOfModule(call: CallFacts, response: ResponseFacts): boolean {
  return RUNS_MODULES.has(call.action) && response.status === 200;
}

/** WHMCS answered `result: "error"`. The body is judged before the status. */
export function classifyRefusal(call: CallFacts, message: string, response: ResponseFacts): ProvisioningFailure {
  const rows = isOfModule(call, response) ? TEXTS.filter((row) => row.ofModules !== true) : TEXTS;
  const known = rows.find((row) => row.pattern.test(message));
  if (known === undefined && response.status >= 500) return classifyUnreadable(call, 'an error', response);
  const code =
    known?.code ??
    (response.status === 403 || response.status === 401 ? 'WHMCS_CREDENTIALS_REFUSED' : statusCode(response.status));
  // A database that failed midway may have kept what was written before.
  if (code === 'WHMCS_MAINTENANCE') return classifyUnreadable(call, 'an error', response);
  return new ProvisioningFailure({
    code,
    message: `WHMCS refuses ${call.action} ${call.about}: ${safeText(message) || 'no message'} (HTTP ${response.status})`,
    vendorCode: `HTTP ${response.status}`,
    retryAfterMs: delayOf(code, response),
  });
}

function statusCode(status: number): FailureCode {
  return status === 429 ? 'WHMCS_RATE_LIMITED' : 'WHMCS_REFUSED';
}

function delayOf(code: FailureCode, response: ResponseFacts): number | undefined {
  const asked = retryAfterMs(response.retryAfter);
  if (code === 'WHMCS_CREDENTIALS_REFUSED') return Math.max(asked ?? 0, CREDENTIALS_RETRY_MS);
  return code === 'WHMCS_RATE_LIMITED' ? (asked ?? DEFAULT_RATE_DELAY_MS) : asked;
}

/** The response holds no answer of WHMCS: HTML, a cut or empty body, a redirect, an answer without what it must have. */
export function classifyUnreadable(call: CallFacts, what: string, response: ResponseFacts): ProvisioningFailure {
  const message = `WHMCS answered ${call.action} ${call.about} with ${what} (HTTP ${response.status})`;
  const vendorCode = `HTTP ${response.status}`;
  // A web server's own refusals come before any PHP has run.
  if (response.status === 403 || response.status === 401) {
    return new ProvisioningFailure({
      code: 'WHMCS_CREDENTIALS_REFUSED',
      message,
      vendorCode,
      retryAfterMs: CREDENTIALS_RETRY_MS,
    });
  }
  if (response.status === 429) {
    return new ProvisioningFailure({
      code: 'WHMCS_RATE_LIMITED',
      message,
      vendorCode,
      retryAfterMs: delayOf('WHMCS_RATE_LIMITED', response),
    });
  }
  const wrongAddress = response.status === 404 || (response.status >= 300 && response.status < 400);
  return uncertain(call, wrongAddress ? 'WHMCS_UNREACHABLE' : 'WHMCS_MAINTENANCE', {
    message: wrongAddress ? `${message}: WHMCS_API_URL may be wrong` : message,
    vendorCode,
    retryAfterMs: retryAfterMs(response.retryAfter),
  });
}

/** Failures of the connection before a byte of the request could go out. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_SSL_WRONG_VERSION_NUMBER',
]);
const CERTIFICATE = /^(?:CERT_|ERR_TLS_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_)/;

interface SystemError {
  code: string;
  syscall: string | undefined;
}

/** The system's error below fetch's `TypeError: fetch failed`; for several addresses, that of the last. */
function systemError(error: unknown): SystemError {
  const at = (value: unknown, key: string): unknown =>
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  for (let cause = error, depth = 0; cause !== undefined && depth < 4; cause = at(cause, 'cause'), depth++) {
    const code = at(cause, 'code');
    const syscall = at(cause, 'syscall');
    if (typeof code === 'string') return { code, syscall: typeof syscall === 'string' ? syscall : undefined };
    const name = at(cause, 'name');
    if (name === 'TimeoutError' || name === 'AbortError') return { code: name, syscall: undefined };
  }
  return { code: 'UNKNOWN', syscall: undefined };
}

/** No answer came: the connection failed or was cut, or the time limit passed. */
export function classifyNoAnswer(call: CallFacts, error: unknown): ProvisioningFailure {
  const { code, syscall } = systemError(error);
  if (NOT_SENT.has(code) || CERTIFICATE.test(code) || syscall === 'connect' || syscall === 'getaddrinfo') {
    return new ProvisioningFailure({
      code: 'WHMCS_UNREACHABLE',
      message: `WHMCS could not be reached, and ${call.action} ${call.about} was not sent: ${code}`,
      vendorCode: code,
    });
  }
  const lost = code === 'TimeoutError' ? 'did not answer in time' : 'cut the connection before it answered';
  return uncertain(call, 'WHMCS_UNREACHABLE', {
    message: `WHMCS ${lost}: ${call.action} ${call.about} (${code})`,
    vendorCode: code,
  });
}

/** A failure after which the request may have been carried out. */
function uncertain(
  call: CallFacts,
  code: FailureCode,
  details: { message: string; vendorCode: string; retryAfterMs?: number | undefined },
): ProvisioningFailure {
  if (NOT_REPEATABLE.has(call.action)) return new ProvisioningFailure({ ...details, code: 'WHMCS_AMBIGUOUS' });
  const wait = RUNS_MODULES.has(call.action)
    ? Math.max(call.quietPeriodMs, details.retryAfterMs ?? 0)
    : details.retryAfterMs;
  return new ProvisioningFailure({ ...details, code, retryAfterMs: wait });
}
