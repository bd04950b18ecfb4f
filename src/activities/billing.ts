import { Context } from '@temporalio/activity';
import { ProvisioningFailure } from '../domain/failure';
import type { SalesforceOrders } from '../salesforce/contract';
import type { WhmcsOrders } from '../whmcs/contract';
import type { ProvisioningActivities, WhmcsRef } from './contract';

type BillingActivities = Pick<ProvisioningActivities, 'findOrder' | 'addOrder' | 'acceptOrder' | 'cancelPendingOrders'>;

const ref = ({ orderId, whmcsClientId }: WhmcsRef) => ({ id: orderId, whmcsClientId });

export interface BillingDeps {
  whmcs: WhmcsOrders;
  salesforce: Pick<SalesforceOrders, 'read'>;
}

const attempt = (): number => Context.current().info.attempt;

/**
 * Holds the WHMCS order against the Salesforce order as it is now. A Pending one that no longer fits is cancelled by the look-up.
 * @throws ProvisioningFailure `ORDER_EDITED`
 */
async function requireUnchanged(
  { orderId, whmcsOrderId }: WhmcsRef & { whmcsOrderId: string },
  { whmcs, salesforce }: BillingDeps,
): Promise<void> {
  const order = await salesforce.read(orderId);
  // Deleted: the run is told of it by an event, and acceptance is not the place to undo it.
  if (order === undefined) return;
  const found = await whmcs.find(order, { known: whmcsOrderId });
  if (found?.whmcsOrderId === whmcsOrderId) return;
  throw new ProvisioningFailure({
    code: 'ORDER_EDITED',
    message: `Order ${orderId} was edited after it was added to WHMCS as order ${whmcsOrderId}`,
  });
}

/** Effects on the order in WHMCS. */
export function billingActivities({ whmcs, salesforce }: BillingDeps): BillingActivities {
  return {
    findOrder: async ({ order, known }) => (await whmcs.find(order, { known })) ?? null,
    addOrder: ({ order }) => whmcs.add(order),
    async acceptOrder(input) {
      // The first attempt follows AddOrder at once; a later one may come hours after it, when the order is another.
      if (attempt() > 1) await requireUnchanged(input, { whmcs, salesforce });
      return whmcs.accept(ref(input), input.whmcsOrderId);
    },
    async cancelPendingOrders(input) {
      const { cancelled, active } = await whmcs.cancelPending(ref(input), { known: input.known });
      return { cancelled, active: active?.whmcsOrderId ?? null };
    },
  };
}
