import { Context } from '@temporalio/activity';
import { guard } from '../domain/guard';
import { ACTIVATION, parseOrderId } from '../domain/order';
import type { SalesforceOrders } from '../salesforce/contract';
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

/** Effects on the order in Salesforce. */
export function orderActivities({ salesforce, policy }: OrderDeps): OrderActivities {
  const { whmcsTimeoutMs, quietPeriodMs, reprovisionWaitMs, provisionStatuses, stuckAfterMs } = policy;
  const waits: Policy = { whmcsTimeoutMs, quietPeriodMs, reprovisionWaitMs };
  return {
    async claimOrder(input) {
      const orderId = parseOrderId(input.orderId);
      const order = await salesforce.read(orderId);
      const verdict = guard(order, {
        provisionStatuses,
        stuckAfterMs,
        trigger: input.trigger,
        // An earlier attempt of this activity may have written and not lived to say so.
        claimedByThisRun: input.claimedByThisRun || Context.current().info.attempt > 1,
        now: Date.now(),
      });
      if (!verdict.go || order === undefined) {
        return {
          outcome: 'skipped',
          ...(verdict.go ? { code: 'NOT_FOUND', reason: '' } : { code: verdict.code, reason: verdict.reason }),
          accountId: order?.accountId ?? null,
          whmcsOrderId: order?.whmcsOrderId ?? null,
        };
      }
      if (order.activationStatus !== ACTIVATION.activating) await salesforce.markActivating(orderId);
      return { outcome: 'claimed', order, untouched: verdict.untouched, policy: waits };
    },

    async isStillWanted(input) {
      const order = await salesforce.read(parseOrderId(input.orderId));
      if (order === undefined) return { wanted: false, exists: false, reason: 'The order was deleted in Salesforce' };
      if (provisionStatuses.includes(order.status)) return { wanted: true, exists: true, reason: '' };
      return { wanted: false, exists: true, reason: `The order's status in Salesforce is ${order.status}` };
    },

    async writeBack({ orderId, whmcsOrderId, services }) {
      await salesforce.writeBack(orderId, { whmcsOrderId, services });
    },

    async markFailed({ orderId, code, message }) {
      await salesforce.markFailed(orderId, { code, message });
      return waits;
    },
  };
}
