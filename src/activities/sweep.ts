import { Context } from '@temporalio/activity';
import { ProvisioningFailure, type FailureCode } from '../domain/failure';
import type { OrderId } from '../domain/order';
import { isOrphan } from '../domain/orphan';
import type { SalesforceOrders } from '../salesforce/contract';
import { cameTo } from '../temporal/heartbeat';
import type { OrderWorkflows } from '../temporal/orders';
import type { MarkedPendingOrder, WhmcsOrders } from '../whmcs/contract';
import { unlessCancelled } from './attempt';
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

/** Attempts after which a sweep goes on without orders none of which can be requested. */
const PATIENCE = 5;

/** Orders that a sweep names which it could not request; its log names all. */
const MOST_NAMED = 100;

/** How far a sweep of the orders has come: what its next attempt goes on from. */
interface Swept {
  requested: number;
  notRequested: OrderId[];
  /** The last order of those that were dealt with; orders come by ascending id. */
  after?: OrderId | undefined;
}

/** What no event tells of. Repeating a sweep is harmless: each request is keyed by its order, each cancellation by its WHMCS order. */
export function sweepActivities({ salesforce, whmcs, workflows, policy }: SweepDeps): ReconcileActivities {
  /** @returns whether it was cancelled */
  async function cancelIfOrphan(pending: MarkedPendingOrder): Promise<boolean> {
    if (await workflows.isOpen(pending.orderId)) return false;
    const order = await salesforce.read(pending.orderId);
    if (!isOrphan(order, pending.whmcsOrderId, policy)) return false;
    // Once more: a run that opened while the record was read may have found this very order, and be about to accept it.
    if (await workflows.isOpen(pending.orderId)) return false;
    await whmcs.cancelOrphan(pending);
    return true;
  }

  /** @returns those whose run could not be begun. @throws where that is so of all: it is Temporal's trouble, unless it stays so */
  async function request(orderIds: readonly OrderId[], afterLoss: boolean): Promise<OrderId[]> {
    const body = { trigger: 'reconcile', ...(afterLoss ? { afterLoss } : {}) } as const;
    const asked = orderIds.map((orderId) => workflows.request(orderId, body));
    const ends = await Promise.allSettled(asked);
    const failed = orderIds.filter((_, at) => ends[at]?.status === 'rejected');
    const { info, log } = Context.current();
    if (failed.length === orderIds.length && info.attempt < PATIENCE) await Promise.all(asked);
    for (const orderId of failed) log.warn(`No run could be begun for order ${orderId}; the next sweep tries again`);
    return failed;
  }

  return {
    async sweepOrders({ failedSince }) {
      const swept = (Context.current().info.heartbeatDetails as Swept | undefined) ?? {
        requested: 0,
        notRequested: [],
      };
      const goOn = unlessCancelled();
      const stuckBefore = Date.now() - policy.stuckAfterMs;
      const query = { statuses: policy.provisionStatuses, stuckBefore, failedSince, after: swept.after };
      for await (const page of salesforce.unprovisioned(query)) {
        for (let at = 0; at < page.length; at += AT_ONCE) {
          goOn();
          const some = page.slice(at, at + AT_ONCE);
          const failed = await request(some, failedSince !== undefined);
          swept.requested += some.length - failed.length;
          swept.notRequested = [...swept.notRequested, ...failed].slice(0, MOST_NAMED);
          swept.after = some.at(-1);
          cameTo(swept);
        }
      }
      const { requested, notRequested } = swept;
      return notRequested.length === 0 ? { requested } : { requested, notRequested };
    },

    async sweepOrphans() {
      const goOn = unlessCancelled();
      const sinceDate = new Date(Date.now() - ORPHANS_OF_DAYS * DAY_MS).toISOString().slice(0, 10);
      const cancelled: string[] = [];
      const failed: { whmcsOrderId: string; code: FailureCode }[] = [];
      for (const pending of await whmcs.markedPending(sinceDate)) {
        const { whmcsOrderId } = pending;
        goOn();
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
