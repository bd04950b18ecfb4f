import { Context } from '@temporalio/activity';
import { ProvisioningFailure } from '../domain/failure';
import type { WhmcsOrders } from '../whmcs/contract';
import { followsAtOnce, unlessAbandoned, unlessCancelled, unlessLate } from './attempt';
import type { Policy, ProvisioningActivities, WhmcsRef } from './contract';
import { readWanted, type WantedDeps } from './wanted';

type BillingActivities = Pick<ProvisioningActivities, 'findOrder' | 'addOrder' | 'acceptOrder' | 'cancelPendingOrders'>;

const ref = ({ orderId, whmcsClientId }: WhmcsRef) => ({ id: orderId, whmcsClientId });

export interface BillingDeps extends WantedDeps {
  whmcs: WhmcsOrders;
  policy: WantedDeps['policy'] & Pick<Policy, 'whmcsTimeoutMs'>;
}

/**
 * Holds the WHMCS order against the Salesforce order as it is now. A Pending one that no longer fits is cancelled by the look-up.
 * @throws ProvisioningFailure `ORDER_EDITED`, `ORDER_WITHDRAWN`
 */
async function requireUnchanged(
  { orderId, whmcsOrderId }: WhmcsRef & { whmcsOrderId: string },
  deps: BillingDeps,
): Promise<void> {
  const order = await readWanted(orderId, deps);
  const found = await deps.whmcs.find(order, { known: whmcsOrderId, beforeCall: unlessCancelled() });
  if (found?.whmcsOrderId === whmcsOrderId) return;
  throw new ProvisioningFailure({
    code: 'ORDER_EDITED',
    message: `Order ${orderId} was edited after it was added to WHMCS as order ${whmcsOrderId}`,
  });
}

/** A run that was reset takes over what its predecessor had scheduled, and cannot know whether that was carried out. */
function requireOwnRun(orderId: string, runId: string): void {
  if (Context.current().info.workflowExecution?.runId === runId) return;
  throw new ProvisioningFailure({
    code: 'WHMCS_AMBIGUOUS',
    message: `Order ${orderId} was to be added by run ${runId}, which was reset meanwhile`,
  });
}

/** Effects on the order in WHMCS. */
export function billingActivities(deps: BillingDeps): BillingActivities {
  const { whmcs } = deps;
  return {
    async findOrder({ orderId, known }) {
      const readAt = Date.now();
      const order = await readWanted(orderId, deps);
      const found = await whmcs.find(order, { known, beforeCall: unlessCancelled() });
      return { order, readAt, whmcsOrderId: found?.whmcsOrderId ?? null };
    },
    async addOrder({ order, readAt, runId }) {
      requireOwnRun(order.id, runId);
      const beforeCall = unlessLate(deps.policy.whmcsTimeoutMs);
      const wanted = followsAtOnce(readAt) ? order : await readWanted(order.id, deps);
      const { whmcsOrderId } = await whmcs.add(wanted, { beforeCall });
      return { whmcsOrderId, addedAt: Date.now() };
    },
    async acceptOrder(input) {
      if (!input.committed && !followsAtOnce(input.asOf)) await requireUnchanged(input, deps);
      const readOrder = () => deps.salesforce.read(input.orderId);
      return whmcs.accept(ref(input), input.whmcsOrderId, { beforeCall: unlessAbandoned(), readOrder });
    },
    async cancelPendingOrders(input) {
      const lookUp = { known: input.known, spared: input.spared, beforeCall: unlessAbandoned() };
      const { cancelled, active } = await whmcs.cancelPending(ref(input), lookUp);
      return { cancelled, active: active?.whmcsOrderId ?? null };
    },
  };
}
