/**
 * The error catalogue: every way in which provisioning can fail, what kind of failure it is, and what a person does next.
 *
 * Kinds, which decide what happens by themselves:
 * - `retryable`: nothing happened, the same call may succeed later. Retried with backoff.
 * - `ambiguous`: the call may have happened. Never repeated blindly: wait out the quiet period, then look.
 * - `permanent`: repeating changes nothing until a person acts. The order is marked Failed and waits.
 */
export type FailureKind = 'retryable' | 'ambiguous' | 'permanent';

interface CatalogueEntry {
  kind: FailureKind;
  /** What a person does next, in one or two sentences. */
  advice: string;
}

const REPROVISION = 'then re-provision the order';

export const FAILURES = {
  INVALID_ID: { kind: 'permanent', advice: 'Copy the id from the record’s address in Salesforce.' },
  // Salesforce
  SF_UNREACHABLE: {
    kind: 'retryable',
    advice:
      'Nothing to do for a short outage. If it lasts, check SF_LOGIN_URL, the network and the Salesforce status page.',
  },
  SF_SERVER_ERROR: {
    kind: 'retryable',
    advice: 'Salesforce answered with an error of its own; it is retried. If it lasts, see the Salesforce status page.',
  },
  SF_SESSION_EXPIRED: {
    kind: 'retryable',
    advice: 'A new login is made by itself. If it lasts, check the connected app’s session policy.',
  },
  SF_CREDENTIALS_REFUSED: {
    kind: 'retryable',
    advice:
      'Salesforce refuses the login. Check SF_CLIENT_ID and its secret or key, and that the connected app is approved for the user. Orders wait; none is failed.',
  },
  SF_RATE_LIMITED: {
    kind: 'retryable',
    advice: 'The org’s API limit is used up; calls are retried later. See Setup, Company Information, API Requests.',
  },
  SF_ROW_LOCKED: { kind: 'retryable', advice: 'Another transaction holds the record; it is retried by itself.' },
  SF_VALIDATION: {
    kind: 'permanent',
    advice: `A validation rule, trigger or picklist in Salesforce refuses the write-back. Correct the rule or the order, ${REPROVISION}.`,
  },
  SF_FIELD_MISSING: {
    kind: 'permanent',
    advice: `A field is missing or not visible to the integration user. Deploy the fields and assign the permission set (or set SF_FIELDS_FILE), ${REPROVISION}.`,
  },
  SF_NO_PERMISSION: {
    kind: 'permanent',
    advice: `The integration user may not read or write the record. Assign the permission set, ${REPROVISION}.`,
  },
  SF_REQUEST_REFUSED: {
    kind: 'permanent',
    advice: `Salesforce refuses the request as it is. Read its code and message, correct the order, ${REPROVISION}.`,
  },
  SF_ORDER_DELETED: {
    kind: 'permanent',
    advice: 'The order no longer exists in Salesforce. Restore it from the recycle bin if that was a mistake.',
  },
  // The order itself
  ACCOUNT_NOT_LINKED: { kind: 'permanent', advice: `Put the WHMCS client id on the order’s account, ${REPROVISION}.` },
  PRODUCT_NOT_LINKED: {
    kind: 'permanent',
    advice: `Put the WHMCS product id on the product of each item named, ${REPROVISION}.`,
  },
  ORDER_WITHOUT_ITEMS: { kind: 'permanent', advice: `Add a product to the order, ${REPROVISION}.` },
  QUANTITY_INVALID: {
    kind: 'permanent',
    advice: `WHMCS sells whole units only. Correct the quantity of the item named, ${REPROVISION}.`,
  },
  BILLING_CYCLE_INVALID: {
    kind: 'permanent',
    advice: `Set the item’s billing cycle to one that WHMCS knows, ${REPROVISION}.`,
  },
  CURRENCY_MISMATCH: {
    kind: 'permanent',
    advice: `The order’s currency is not the WHMCS client’s. Correct one of them, ${REPROVISION}.`,
  },
  // WHMCS
  WHMCS_UNREACHABLE: {
    kind: 'retryable',
    advice: 'Nothing to do for a short outage. If it lasts, check WHMCS_API_URL, the network and the WHMCS host.',
  },
  WHMCS_MAINTENANCE: {
    kind: 'retryable',
    advice:
      'WHMCS answers with a page instead of data (maintenance or a PHP error). It is retried; if it lasts, see the WHMCS host’s error log.',
  },
  WHMCS_RATE_LIMITED: {
    kind: 'retryable',
    advice: 'WHMCS or its web server limits our calls; they are retried after the delay it names.',
  },
  WHMCS_CREDENTIALS_REFUSED: {
    kind: 'retryable',
    advice:
      'WHMCS refuses the credentials, the IP address or the API role. Correct WHMCS_API_IDENTIFIER / WHMCS_API_SECRET, the IP allow-list or the role. Orders wait; none is failed.',
  },
  WHMCS_AMBIGUOUS: {
    kind: 'ambiguous',
    advice: 'The answer of WHMCS was lost; after the quiet period the order is looked up before anything is repeated.',
  },
  WHMCS_CLIENT_NOT_FOUND: {
    kind: 'permanent',
    advice: `The account’s WHMCS client id names no client. Correct it on the account, ${REPROVISION}.`,
  },
  WHMCS_PRODUCT_NOT_FOUND: {
    kind: 'permanent',
    advice: `The product’s WHMCS product id names no product. Correct it on the product, ${REPROVISION}.`,
  },
  WHMCS_MARKER_FIELD_MISSING: {
    kind: 'permanent',
    advice: `Add the text custom field named by WHMCS_MARKER_FIELD to the WHMCS product named, with Admin Only and Show on Order Form ticked, ${REPROVISION}. Without it an order could be billed twice.`,
  },
  WHMCS_PAYMENT_METHOD_INVALID: {
    kind: 'permanent',
    advice: `Set WHMCS_PAYMENT_METHOD to a payment method that WHMCS has, restart the worker, ${REPROVISION}.`,
  },
  WHMCS_REFUSED: {
    kind: 'permanent',
    advice: `WHMCS refuses the request as it is. Read its message, correct the cause, ${REPROVISION}.`,
  },
  WHMCS_ORDER_NOT_PENDING: {
    kind: 'permanent',
    advice: `The WHMCS order was cancelled or marked as fraud there. Decide in WHMCS what is right, ${REPROVISION}.`,
  },
  WHMCS_SERVICE_NOT_ACTIVE: {
    kind: 'permanent',
    advice: `The WHMCS order is accepted but a service is not active: its module failed. Repair the cause in WHMCS (module queue), ${REPROVISION}.`,
  },
  WHMCS_DUPLICATE_ACTIVE: {
    kind: 'permanent',
    advice:
      'Two active WHMCS orders bear this order’s marker. Terminate one of them in WHMCS by hand, then re-provision the order.',
  },
  WHMCS_MARKED_ORDER_UNFIT: {
    kind: 'permanent',
    advice: `An active WHMCS order bears this order’s marker but not its items. Compare both by hand, ${REPROVISION}.`,
  },
  WHMCS_ORDER_UNMARKED: {
    kind: 'permanent',
    advice: `A billed WHMCS order lacks the marker. Terminate it in WHMCS, or put <order id>:<item id> into the marker field or the admin notes of its services, ${REPROVISION}.`,
  },
  ORDER_EDITED: {
    kind: 'permanent',
    advice:
      'The order was edited after it was added to WHMCS and before it was accepted; what was added is cancelled there. Re-provision the order to sell it as it is now.',
  },
  ORDER_WITHDRAWN: {
    kind: 'permanent',
    advice:
      'The order was withdrawn in Salesforce before it was accepted in WHMCS; what was added is cancelled there. Approve it again if that was a mistake.',
  },
  // The path itself
  CALL_LIMIT_REACHED: {
    kind: 'retryable',
    advice:
      'Our own limit of calls (SF_MAX_… or WHMCS_MAX_…) let none through in time; nothing was sent, and it is retried. If it lasts, raise the limit or wait for the backlog.',
  },
  CANCELLED: { kind: 'permanent', advice: 'Cancelled on request. Re-provision the order if that was a mistake.' },
  RETRIES_EXHAUSTED: {
    kind: 'permanent',
    advice: `The outage named lasted longer than the retries. Repair it, ${REPROVISION}.`,
  },
  REDIS_UNAVAILABLE: {
    kind: 'retryable',
    advice:
      'Redis cannot be used, so caches cannot be invalidated; it is retried. If it lasts, check REDIS_URL, that Redis runs, and the rights of its user.',
  },
  INTERNAL: {
    kind: 'retryable',
    advice:
      'This is a defect of order-provisioning. Report it with the order id and the message; it is retried meanwhile.',
  },
} as const satisfies Record<string, CatalogueEntry>;

export type FailureCode = keyof typeof FAILURES;

export interface FailureDetails {
  code: FailureCode;
  /** What happened, to which record. Ids and statuses only: this text reaches Temporal's history, logs and Salesforce. */
  message: string;
  /** The vendor's own error code, e.g. `UNABLE_TO_LOCK_ROW`. */
  vendorCode?: string | undefined;
  /** The wait that the vendor asked for before another try. */
  retryAfterMs?: number | undefined;
  cause?: unknown;
}

/** An error of the catalogue. Vendors throw it; activities translate it for Temporal. */
export class ProvisioningFailure extends Error {
  override readonly name = 'ProvisioningFailure';
  readonly code: FailureCode;
  readonly kind: FailureKind;
  readonly advice: string;
  readonly vendorCode: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(details: FailureDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    const entry = FAILURES[details.code];
    this.code = details.code;
    this.kind = entry.kind;
    this.advice = entry.advice;
    this.vendorCode = details.vendorCode;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** Whether `code` is one of the catalogue. */
export function isFailureCode(code: unknown): code is FailureCode {
  return typeof code === 'string' && Object.hasOwn(FAILURES, code);
}
