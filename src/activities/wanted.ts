import { guard } from '../domain/guard';
import { ProvisioningFailure } from '../domain/failure';
import type { OrderId, SalesforceOrder } from '../domain/order';
import type { SalesforceOrders } from '../salesforce/contract';

export interface WantedDeps {
  salesforce: Pick<SalesforceOrders, 'read'>;
  policy: { provisionStatuses: readonly string[]; stuckAfterMs: number };
}

/**
 * The order as it is now, for a run that has claimed it.
 * @throws ProvisioningFailure `ORDER_WITHDRAWN` where the guards say no by now: it was cancelled, deleted, or provisioned otherwise.
 */
export async function readWanted(orderId: OrderId, { salesforce, policy }: WantedDeps): Promise<SalesforceOrder> {
  const order = await salesforce.read(orderId);
  const verdict = guard(order, { ...policy, trigger: 'manual', claimedByThisRun: true, now: Date.now() });
  if (verdict.go && order !== undefined) return order;
  const reason = verdict.go ? '' : ` ${verdict.reason}`;
  throw new ProvisioningFailure({ code: 'ORDER_WITHDRAWN', message: `Order ${orderId}:${reason}` });
}
