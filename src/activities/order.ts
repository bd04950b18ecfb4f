import { Context } from '@temporalio/activity';
import { guard, isBilledUnmarked } from '../domain/guard';
import { ProvisioningFailure } from '../domain/failure';
import { ACTIVATION, parseOrderId, type OrderId } from '../domain/order';
import { soldTwiceMessage } from '../domain/sold-twice';
import type { OrderMark, SalesforceOrders } from '../salesforce/contract';
import { unlessFrozen } from './attempt';
import type { Policy, ProvisioningActivities } from './contract';

export interface OrderDeps {
  salesforce: SalesforceOrders;
  policy: Policy & {
    /** `PROVISION_STATUSES`. */
    provisionStatuses: readonly string[];
    /** `STUCK_AFTER`, ms. */
    stuckAfterMs: number;
  };
}

type OrderActivities = Pick<ProvisioningActivities, 'claimOrder' | 'isStillWanted' | 'writeBack' | 'markFailed'>;

/** Heartbeat details of a claim: no attempt up to this one has sent its write. */
interface NothingWritten {
  nothingWrittenUpTo: number;
}

/**
 * Said only where an attempt fails, so that the usual path costs no heartbeat (each that reaches Temporal is billed). The SDK
 * delivers the last details of an attempt that fails, throttled or not.
 */
function noteNothingWritten(): void {
  const { info } = Context.current();
  const details: NothingWritten = { nothingWrittenUpTo: info.attempt };
  Context.current().heartbeat(details);
}

/**
 * Whether an earlier attempt may have marked the order Activating. One that died with its worker has said nothing, and may
 * have: its mark is then taken for our own, and WHMCS is looked at before anything is added.
 */
function mayHaveWrittenBefore(): boolean {
  const { info } = Context.current();
  const told = info.heartbeatDetails as NothingWritten | undefined;
  return info.attempt > 1 && told?.nothingWrittenUpTo !== info.attempt - 1;
}

/** What somebody finished, or decided, whom a run that could not read the order knows nothing of. */
function mayNotBeMarked(mark: OrderMark): boolean {
  const { activationStatus, whmcsOrderId, failedWith } = mark;
  if (whmcsOrderId !== null || activationStatus === ACTIVATION.activated) return true;
  return failedWith === 'CANCELLED' || isBilledUnmarked(mark);
}

/** Effects on the order in Salesforce. */
export function orderActivities({ salesforce, policy }: OrderDeps): OrderActivities {
  const { whmcsTimeoutMs, quietPeriodMs, reprovisionWaitMs, provisionStatuses, stuckAfterMs } = policy;
  const waits: Policy = { whmcsTimeoutMs, quietPeriodMs, reprovisionWaitMs };

  /** What a person wrote there is not written over. @throws ProvisioningFailure `WHMCS_DUPLICATE_ACTIVE` */
  async function requireUnclaimed(orderId: OrderId, whmcsOrderId: string): Promise<void> {
    const named = (await salesforce.read(orderId))?.whmcsOrderId ?? whmcsOrderId;
    if (named === whmcsOrderId) return;
    const message = soldTwiceMessage(orderId, whmcsOrderId, named);
    throw new ProvisioningFailure({ code: 'WHMCS_DUPLICATE_ACTIVE', message });
  }

  return {
    async claimOrder(input) {
      const orderId = parseOrderId(input.orderId);
      const claimedByThisRun = input.claimedByThisRun || mayHaveWrittenBefore();
      const readAt = Date.now();
      const order = await salesforce.read(orderId).catch((error: unknown) => {
        if (!claimedByThisRun) noteNothingWritten();
        throw error;
      });
      const verdict = guard(order, {
        provisionStatuses,
        stuckAfterMs,
        trigger: input.trigger,
        approvedAt: input.approvedAt,
        claimedByThisRun,
        now: Date.now(),
      });
      if (!verdict.go || order === undefined) {
        return {
          outcome: 'skipped',
          ...(verdict.go ? { code: 'NOT_FOUND', reason: '' } : { code: verdict.code, reason: verdict.reason }),
          accountId: order?.accountId ?? null,
          whmcsOrderId: order?.whmcsOrderId ?? null,
          ...(order === undefined ? {} : { changedAt: order.systemModstamp }),
        };
      }
      if (order.activationStatus !== ACTIVATION.activating) {
        // The code outlives the claim: should this run be terminated, nothing else keeps the next one from selling the order again.
        const keepError = isBilledUnmarked(order);
        const beforeSend = unlessFrozen(readAt, claimedByThisRun ? undefined : noteNothingWritten);
        await salesforce.markActivating(orderId, { keepError, beforeSend });
      }
      const runId = Context.current().info.workflowExecution?.runId ?? '';
      return { outcome: 'claimed', order, readAt, untouched: verdict.untouched, runId, policy: waits };
    },

    async isStillWanted(input) {
      const order = await salesforce.read(parseOrderId(input.orderId));
      if (order === undefined) {
        return { wanted: false, exists: false, reason: 'The order was deleted in Salesforce', whmcsOrderId: null };
      }
      const { status, whmcsOrderId, systemModstamp: changedAt } = order;
      const wanted = provisionStatuses.includes(status);
      const reason = wanted ? '' : `The order's status in Salesforce is ${status}`;
      return { wanted, exists: true, reason, whmcsOrderId, changedAt };
    },

    async writeBack({ orderId, whmcsOrderId, services }) {
      const beforeSend = unlessFrozen(Date.now());
      // A first attempt follows on AcceptOrder, and costs no reading. While it is repeated somebody may sell the order by hand.
      if (Context.current().info.attempt > 1) await requireUnclaimed(orderId, whmcsOrderId);
      await salesforce.writeBack(orderId, { whmcsOrderId, services }, { beforeSend });
    },

    async markFailed({ orderId, unread, ...error }) {
      const beforeSend = unlessFrozen(Date.now());
      if (unread === true) {
        const mark = await salesforce.readMark(orderId);
        if (mark !== undefined && mayNotBeMarked(mark)) return waits;
      }
      await salesforce.markFailed(orderId, error, { beforeSend });
      return waits;
    },
  };
}
