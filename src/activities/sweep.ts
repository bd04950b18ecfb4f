import { Context } from '@temporalio/activity';
import { isOrphan } from '../domain/orphan';
import type { SalesforceOrders } from '../salesforce/contract';
import type { OrderWorkflows } from '../temporal/orders';
import type { WhmcsOrders } from '../whmcs/contract';
import type { ReconcileActivities } from './contract';

export interface SweepDeps {
  salesforce: SalesforceOrders;
  whmcs: WhmcsOrders;
  workflows: OrderWorkflows;
  policy: { provisionStatuses: readonly string[]; stuckAfterMs: number };
}

const DAY_MS = 86_400_000;
/** An orphan is made within minutes of its AddOrder. Older Pending orders are other people's. */
const ORPHANS_OF_DAYS = 3;

/** What no event tells of. Repeating a sweep is harmless: each request is keyed by its order, each cancellation by its WHMCS order. */
export function sweepActivities({ salesforce, whmcs, workflows, policy }: SweepDeps): ReconcileActivities {
  return {
    async sweepOrders({ failedSince }) {
      let requested = 0;
      const stuckBefore = Date.now() - policy.stuckAfterMs;
      const query = { statuses: policy.provisionStatuses, stuckBefore, failedSince };
      for await (const page of salesforce.unprovisioned(query)) {
        for (const orderId of page) {
          await workflows.request(orderId, { trigger: 'reconcile' });
          requested += 1;
          Context.current().heartbeat({ requested });
        }
      }
      return { requested };
    },

    async sweepOrphans() {
      const sinceDate = new Date(Date.now() - ORPHANS_OF_DAYS * DAY_MS).toISOString().slice(0, 10);
      const cancelled: string[] = [];
      for (const pending of await whmcs.markedPending(sinceDate)) {
        // First the run, then the record: a run that opens in between finds what is Pending, or adds anew.
        if (await workflows.isOpen(pending.orderId)) continue;
        const order = await salesforce.read(pending.orderId);
        if (!isOrphan(order, pending.whmcsOrderId, policy)) continue;
        await whmcs.cancelOrphan(pending);
        cancelled.push(pending.whmcsOrderId);
      }
      return { cancelled };
    },
  };
}
