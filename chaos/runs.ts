import type { Client } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { Workload } from './workload';
import type { World } from './world';

interface Run {
  workflowId: string;
  phase: string;
  status: string;
}

/**
 * Whether any run is at work: a sweep, or an order's that is not closed and not waiting for a person. One that waits may have
 * something to do still: an attempt to tell Salesforce died with its worker, and the next one comes when its heartbeat is missed.
 */
export async function isAnyAtWork(client: Client): Promise<boolean> {
  const sweeps = await client.workflow.count(`WorkflowType = 'reconcileOrders' AND ExecutionStatus = 'Running'`);
  if (sweeps.count > 0) return true;
  for (const { workflowId, phase } of await openRuns(client)) {
    if (phase !== 'AwaitingReprovision') return true;
    const { raw } = await client.workflow.getHandle(workflowId).describe();
    if ((raw.pendingActivities ?? []).length > 0) return true;
  }
  return false;
}

/** Each open or failed run is one that a person must see, and says so; each is the run of an order. No sweep failed: none is tried again. */
export async function runProblems({ salesforce }: World, workload: Workload, client: Client): Promise<string[]> {
  const unclosed = (await openRuns(client)).flatMap(({ workflowId, phase }) => {
    const record = salesforce.store.get('Order', workflowId.replace('provision-order-', ''));
    if (phase !== 'AwaitingReprovision') return [`${workflowId} is still open, in phase ${phase}`];
    const isTold =
      record?.['Activation_Status__c'] === 'Failed' && typeof record['Activation_Error_Message__c'] === 'string';
    return isTold ? [] : [`${workflowId} waits for a person, and Salesforce does not say why`];
  });
  const isFailed = `ExecutionStatus IN ('Failed', 'Terminated', 'TimedOut', 'Canceled')`;
  const failed = [...(await runs(client, isFailed)), ...(await runs(client, isFailed, 'reconcileOrders'))];
  return [
    ...unclosed,
    ...(await strangers(workload, client)),
    ...failed.map(({ workflowId, status }) => `${workflowId} ended as ${status}`),
  ];
}

/** Runs, open or closed, that are not the one run that an order may have. */
export async function strangers(workload: Workload, client: Client): Promise<string[]> {
  const all = await runs(client);
  const expected = new Set(workload.orders.map(({ id }) => `provision-order-${id}`));
  return all.flatMap(({ workflowId }) => (expected.has(workflowId) ? [] : [`${workflowId} is the run of no order`]));
}

async function openRuns(client: Client): Promise<Run[]> {
  return runs(client, `ExecutionStatus = 'Running'`);
}

async function runs(client: Client, condition?: string, type = 'provisionOrder'): Promise<Run[]> {
  const query = [`WorkflowType = '${type}'`, ...(condition === undefined ? [] : [condition])].join(' AND ');
  const phase = defineSearchAttributeKey('ProvisioningPhase', 'KEYWORD');
  const found: Run[] = [];
  for await (const { workflowId, typedSearchAttributes, status } of client.workflow.list({ query })) {
    found.push({ workflowId, phase: typedSearchAttributes.get(phase) ?? '', status: status.name });
  }
  return found;
}
