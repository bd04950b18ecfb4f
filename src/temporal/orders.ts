import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { SearchAttributePair } from '@temporalio/common';
import type { OrderId, Trigger } from '../domain/order';
import {
  orderChanged,
  PROVISION_ORDER,
  provisioningRequested,
  provisionWorkflowId,
  RECONCILE_ORDERS,
  searchAttributes,
  type OrderChange,
  type ProvisioningRequest,
  type ProvisionOrderInput,
} from '../workflows/contract';
import { runStateOf } from './run-state';

/** What the rest of the product asks of Temporal. Each call is durable once it resolves, and repeating it is harmless. */
export interface OrderWorkflows {
  /** Starts the order's run, or signals the one that lives. */
  request(
    orderId: OrderId,
    request: ProvisioningRequest & Pick<Required<ProvisioningRequest>, 'trigger'>,
  ): Promise<void>;
  /** Tells a living run that the order was cancelled or deleted; starts nothing. Resolves false where none lives. */
  tell(orderId: OrderId, change: Required<OrderChange>['change']): Promise<boolean>;
  /** Whether a run of the order is open. */
  isOpen(orderId: OrderId): Promise<boolean>;
  /**
   * Starts one sweep over the orders that ought to be provisioned. `key` names its cause, so that a repeat is the same sweep.
   * `failedSince` (epoch ms): where events were lost since then, failed orders that may have been approved anew are meant as well.
   */
  sweep(key: string, reason: string, failedSince?: number): Promise<void>;
}

const BEGUN_BY: Record<Trigger, string> = {
  cdc: 'a change event from Salesforce told of the approval',
  'platform-event': 'a platform event from Salesforce asked for it',
  reconcile: 'a sweep found it approved and not provisioned',
  manual: 'a person asked for it',
};

/** How a run of `orderId` is begun, whoever begins it. */
export function provisioningRun(orderId: OrderId, trigger: Trigger, taskQueue: string) {
  const input: ProvisionOrderInput = { orderId };
  return {
    workflowId: provisionWorkflowId(orderId),
    taskQueue,
    args: [input] as [ProvisionOrderInput],
    // A closed run may be followed by another: guards make that safe, a retention of closed runs does not.
    workflowIdReusePolicy: 'ALLOW_DUPLICATE' as const,
    workflowIdConflictPolicy: 'USE_EXISTING' as const,
    // Given at the start these attributes cost no action.
    typedSearchAttributes: [
      { key: searchAttributes.orderId, value: orderId },
      { key: searchAttributes.phase, value: 'Loading' },
      { key: searchAttributes.phaseAt, value: new Date() },
      { key: searchAttributes.trigger, value: trigger },
    ] satisfies SearchAttributePair[],
    staticSummary: `Provision Salesforce order ${orderId} in WHMCS`,
    staticDetails: `Begun by \`${trigger}\`: ${BEGUN_BY[trigger]}.`,
  };
}

/** A call that is not answered within this time is given up, so that whoever made it can say so and try again. */
const CALL_LIMIT_MS = 30_000;

export function createOrderWorkflows(client: Client, taskQueue: string): OrderWorkflows {
  const timely = <T>(call: () => Promise<T>): Promise<T> =>
    client.connection.withDeadline(Date.now() + CALL_LIMIT_MS, call);
  return {
    async request(orderId, request) {
      const run = {
        ...provisioningRun(orderId, request.trigger, taskQueue),
        signal: provisioningRequested,
        signalArgs: [request] as [ProvisioningRequest],
        ...(request.priority === undefined ? {} : { priority: { priorityKey: request.priority } }),
      };
      try {
        await timely(() => client.workflow.signalWithStart(PROVISION_ORDER, run));
      } catch (error) {
        // Somebody else's start came between the server's look and its own start: now there is a run to signal.
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        await timely(() => client.workflow.signalWithStart(PROVISION_ORDER, run));
      }
    },
    async tell(orderId, change) {
      try {
        await timely(() => client.workflow.getHandle(provisionWorkflowId(orderId)).signal(orderChanged, { change }));
        return true;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    },
    async isOpen(orderId) {
      try {
        const run = await timely(() => client.workflow.getHandle(provisionWorkflowId(orderId)).describe());
        return runStateOf(run) === 'running';
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    },
    async sweep(key, reason, failedSince) {
      await timely(() =>
        client.workflow.start(RECONCILE_ORDERS, {
          workflowId: `${RECONCILE_ORDERS}-${key}`,
          taskQueue,
          args: [{ reason, ...(failedSince === undefined ? {} : { failedSince }) }],
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          workflowIdConflictPolicy: 'USE_EXISTING',
          staticSummary: `Sweep: ${reason}`,
        }),
      );
    },
  };
}
