import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import { parseOrderId, type OrderId } from '../domain/order';
import { provisionWorkflowId, type ProvisionOrderInput } from './contract';

/**
 * The order that a new run is for. A person may begin one from the Web UI, and mistype what nothing else would.
 * @throws ApplicationFailure that ends the run: an id that is none, or a run beside the one that the order has or may get,
 * which could sell it while the other waits
 */
export function orderOf(input: Partial<ProvisionOrderInput> | string | null | undefined): OrderId {
  const { workflowId } = workflowInfo();
  const orderId = parsed(named(input) ?? /^provision-order-(\w+)$/.exec(workflowId)?.[1]);
  if (workflowId === provisionWorkflowId(orderId)) return orderId;
  throw ApplicationFailure.nonRetryable(
    `Order ${orderId} has one workflow, ${provisionWorkflowId(orderId)}: signal that one, or start it by this id`,
    'WRONG_WORKFLOW_ID',
  );
}

/** The workflow's id says it all: who starts a run by hand need not say it twice. */
function named(input: Partial<ProvisionOrderInput> | string | null | undefined): unknown {
  return typeof input === 'string' ? input : input?.orderId;
}

function parsed(orderId: unknown): OrderId {
  try {
    return parseOrderId(orderId);
  } catch {
    throw ApplicationFailure.nonRetryable(
      'Neither the input nor the workflow’s id names an order of Salesforce: {"orderId": "801…"} is wanted, with its 15 or 18 characters',
      'INVALID_ID',
    );
  }
}
