import { fail, ok, warn, type Finding } from './check';
import { DEPLOY_EVENT } from './deploy';

/** Of `salesforce/`: publishes the event of dual mode when an order is approved. */
export const PUBLISHING_FLOW = 'Order_Fulfilment_Request_on_Approval';

/**
 * Whether anything asks for orders in dual mode: a production org takes the flow inactive, and each approval then waits for the sweep.
 * @param active undefined where the org has no such flow, as where Apex publishes. Pure.
 */
export function publishingFlow(active: boolean | undefined): Finding {
  if (active === true) return ok(`${PUBLISHING_FLOW} is active`);
  if (active === false)
    return fail(
      `${PUBLISHING_FLOW} is not active: nobody asks for an order when it is approved, and each waits for the sweep`,
      'Activate it in Setup, Flows; or delete it, where Apex or a flow of your own publishes the event.',
    );
  return warn(
    `${PUBLISHING_FLOW} is not in the org; something else has to publish the event`,
    `${DEPLOY_EVENT} and activate the flow in Setup, Flows; where Apex or a flow of your own publishes, leave it so.`,
  );
}
