import { Context } from '@temporalio/activity';
import { ProvisioningFailure, type FailureCode } from '../domain/failure';
import { isOrphan } from '../domain/orphan';
import type { SalesforceOrders } from '../salesforce/contract';
import type { OrderWorkflows } from '../temporal/orders';
import type { MarkedPendingOrder, WhmcsOrders } from '../whmcs/contract';
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

/** Requests on their way to Temporal at once. */
const AT_ONCE = 20;

/** What no event tells of. Repeating a sweep is harmless: each request is keyed by its order, each cancellation by its WHMCS order. */
export function sweepActivities({ salesforce, whmcs, workflows, policy }: SweepDeps): ReconcileActivities {
  /** @returns whether it was cancelled */
  async function cancelIfOrphan(pending: MarkedPendingOrder): Promise<boolean> {
    // First the run, then the record: a run that opens in between finds what is Pending, or adds anew.
    if (await workflows.isOpen(pending.orderId)) return false;
    const order = await salesforce.read(pending.orderId);
    if (!isOrphan(order, pending.whmcsOrderId, policy)) return false;
    await whmcs.cancelOrphan(pending);
    return true;
  }

  return {
    async sweepOrders({ failedSince }) {
      let requested = 0;
      const stuckBefore = Date.now() - policy.stuckAfterMs;
      const query = { statuses: policy.provisionStatuses, stuckBefore, failedSince };
      for await (const page of salesforce.unprovisioned(query)) {
        for (let at = 0; at < page.length; at += AT_ONCE) {
          const some = page.slice(at, at + AT_ONCE);
          await Promise.all(some.map((orderId) => workflows.request(orderId, { trigger: 'reconcile' })));
          requested += some.length;
          Context.current().heartbeat({ requested });
        }
      }
      return { requested };
    },

    async sweepOrphans() {
      const sinceDate = new Date(Date.now() - ORPHANS_OF_DAYS * DAY_MS).toISOString().slice(0, 10);
      const cancelled: string[] = [];
      const failed: { whmcsOrderId: string; code: FailureCode }[] = [];
      for (const pending of await whmcs.markedPending(sinceDate)) {
        const { whmcsOrderId } = pending;
        try {
          if (await cancelIfOrphan(pending)) cancelled.push(whmcsOrderId);
        } catch (error) {
          // One bad order must not keep the others waiting, now and at every sweep to come. An outage is not its fault.
          if (!(error instanceof ProvisioningFailure) || error.kind === 'retryable') throw error;
          failed.push({ whmcsOrderId, code: error.code });
        }
      }
      return { cancelled, failed };
    },
  };
}
