import { Context } from '@temporalio/activity';
import type { SalesforceOrders } from '../salesforce/contract';
import type { OrderWorkflows } from '../temporal/orders';
import type { ReconcileActivities } from './contract';

export interface SweepDeps {
  salesforce: SalesforceOrders;
  workflows: OrderWorkflows;
  policy: { provisionStatuses: readonly string[]; stuckAfterMs: number };
}

/** Requests every order that ought to be provisioned and is not. Repeating it is harmless: each request is keyed by its order. */
export function sweepActivities({ salesforce, workflows, policy }: SweepDeps): ReconcileActivities {
  return {
    async sweepOrders() {
      let requested = 0;
      const query = { statuses: policy.provisionStatuses, stuckBefore: Date.now() - policy.stuckAfterMs };
      for await (const page of salesforce.unprovisioned(query)) {
        for (const orderId of page) {
          await workflows.request(orderId, { trigger: 'reconcile' });
          requested += 1;
          Context.current().heartbeat({ requested });
        }
      }
      return { requested };
    },
  };
}
