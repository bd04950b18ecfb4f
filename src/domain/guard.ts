import { ACTIVATION, type SalesforceOrder, type Trigger } from './order';

/**
 * Guards: rules that say an order must not be provisioned now. They judge the order as read from Salesforce,
 * never the event, whose unchanged fields are null and which may be late or repeated.
 */

export type SkipCode =
  | 'NOT_FOUND'
  | 'STATUS'
  | 'ALREADY_PROVISIONED'
  | 'ALREADY_ACTIVATED'
  | 'BILLED_UNMARKED'
  | 'CANCELLED'
  | 'ACTIVATING_ELSEWHERE'
  | 'ACTIVATING_RECENTLY';

export type GuardVerdict =
  | {
      go: true;
      /** Nobody has touched the order before: the only case in which AddOrder may go out without a look-up. */
      untouched: boolean;
    }
  | { go: false; code: SkipCode; /** For a person. */ reason: string };

export interface GuardContext {
  /** `PROVISION_STATUSES`. */
  provisionStatuses: readonly string[];
  trigger: Trigger;
  /** Epoch ms of the commit of the approval that was seen to ask, where one was. */
  approvedAt?: number | undefined;
  /** Whether this run itself may have set `Activating`. */
  claimedByThisRun: boolean;
  /** `STUCK_AFTER` in ms: how old an orphaned `Activating` must be before `reconcile` takes it up. */
  stuckAfterMs: number;
  /** Epoch ms. */
  now: number;
}

const skip = (code: SkipCode, reason: string): GuardVerdict => ({ go: false, code, reason });

/** The verdict on an order as read; `undefined` is an order that Salesforce does not have. First rule that applies wins. */
export function guard(order: SalesforceOrder | undefined, context: GuardContext): GuardVerdict {
  if (order === undefined) return skip('NOT_FOUND', 'The order does not exist in Salesforce.');
  if (!context.provisionStatuses.includes(order.status)) {
    return skip('STATUS', `The order's status is ${order.status}, not ${context.provisionStatuses.join(' or ')}.`);
  }
  if (order.whmcsOrderId !== null) {
    return skip('ALREADY_PROVISIONED', `The order is already provisioned as WHMCS order ${order.whmcsOrderId}.`);
  }
  if (order.activationStatus === ACTIVATION.activated) {
    return skip('ALREADY_ACTIVATED', 'The order is already marked Activated in Salesforce.');
  }
  if (isCancelled(order) && context.trigger !== 'manual' && !isApprovedSince(order, context.approvedAt)) {
    return skip(
      'CANCELLED',
      'The order was cancelled, and no approval was seen since. Set its status anew, or re-provision it by hand, where it is wanted after all.',
    );
  }
  // Only the run that failed so knows that WHMCS order by its id; no look-up of another would find it.
  if (isBilledUnmarked(order) && !context.claimedByThisRun && context.trigger !== 'manual') {
    return skip(
      'BILLED_UNMARKED',
      'WHMCS bills this order without its marker: see the error on the order. Once that is repaired in WHMCS, re-provision it by hand.',
    );
  }
  if (order.activationStatus !== ACTIVATION.activating || context.claimedByThisRun) {
    return { go: true, untouched: order.activationStatus === null && !context.claimedByThisRun };
  }
  return guardOrphan(order, context);
}

/** Whether a guard that said no found the order at its end already. */
export function isProvisioned(code: SkipCode): boolean {
  return code === 'ALREADY_PROVISIONED' || code === 'ALREADY_ACTIVATED';
}

/** Whether WHMCS bills the order without its marker, and nobody is known to have settled that. */
export function isBilledUnmarked({ failedWith }: Pick<SalesforceOrder, 'failedWith'>): boolean {
  return failedWith === 'WHMCS_ORDER_UNMARKED';
}

function isCancelled({ activationStatus, failedWith }: SalesforceOrder): boolean {
  return activationStatus === ACTIVATION.failed && failedWith === 'CANCELLED';
}

/** Events come again, after a lost checkpoint those of three days: an approval that is older than the cancel is answered by it. */
function isApprovedSince({ cancelledAt }: SalesforceOrder, approvedAt: number | undefined): boolean {
  return approvedAt !== undefined && (cancelledAt === undefined || approvedAt > cancelledAt);
}

/** `Activating` that no living run has set: terminated, Temporal's store lost, or another system at work. */
function guardOrphan(order: SalesforceOrder, { trigger, now, stuckAfterMs }: GuardContext): GuardVerdict {
  switch (trigger) {
    case 'manual':
      return { go: true, untouched: false };
    case 'reconcile':
      return now - order.systemModstamp >= stuckAfterMs
        ? { go: true, untouched: false }
        : skip(
            'ACTIVATING_RECENTLY',
            'The order has been Activating for a short time only; a later sweep takes it up.',
          );
    case 'cdc':
    case 'platform-event':
      return skip(
        'ACTIVATING_ELSEWHERE',
        'The order is Activating, but not by this run. The sweep takes it up when it stays so, or re-provision it by hand.',
      );
  }
}
