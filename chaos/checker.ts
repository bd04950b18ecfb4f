import type { Client } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { Invoice, Order } from '../sandbox/whmcs/entities';
import { ordersByFieldValue } from '../sandbox/whmcs/marked-orders';
import { MARKER_FIELD_NAME } from '../sandbox/whmcs/seed';
import type { Plan } from './plan';
import type { Readers } from './readers';
import { ORDERS, type WorkOrder, type Workload } from './workload';
import type { World } from './world';

/**
 * Judges by what an outsider can see: WHMCS's books, Salesforce's records, Redis, the portal's answers and Temporal's visibility.
 * It imports nothing of the product; the names it spells are the contract's.
 */

export interface Verdict {
  /** Everything that is not as promised, one line each; empty: sound. */
  problems: string[];
  /** Approved orders without an active WHMCS order. */
  lost: number;
  /** Orders with more than one active WHMCS order, or with one that nobody approved. */
  doubled: number;
  stale: number;
}

/** Whether there is nothing left to wait for: every approved order is settled, no run works, and the stream is read to its end. */
export async function isQuiet({ world, workload }: { world: World; workload: Workload }): Promise<boolean> {
  const { store } = world.salesforce;
  const statuses = workload.approved.map((id) => store.get('Order', id)?.['Activation_Status__c']);
  if (!statuses.every((status) => status === 'Activated' || status === 'Failed')) return false;
  if ([...world.whmcs.store.orders.values()].some(({ status }) => status === 'Pending')) return false;
  if (doubledStreams(world).length > 0) return false;
  try {
    if (await world.inTemporal(async (temporal) => (await openRuns(temporal)).some(isWorking))) return false;
    return !(await world.inRedis((redis) => behind(world, redis)));
  } catch {
    // What cannot be looked at is not quiet.
    return false;
  }
}

export async function check(world: World, workload: Workload, readers: Readers, plan: Plan): Promise<Verdict> {
  const marked = ordersByFieldValue(world.whmcs.store, MARKER_FIELD_NAME, {
    key: (value) => value.split(':')[0] ?? value,
  });
  const findings = workload.orders.map((order) => judge(world, order, marked.get(order.id) ?? []));
  const stale = [...readers.stale(), ...(await staleNow(world, workload, readers))];
  const temporal = await world
    .inTemporal((client) => runProblems(world, workload, client))
    .catch((error: unknown) => [`Temporal could not be asked: ${String(error)}`]);
  const known = new Set(workload.orders.map(({ id }) => id));
  const streams = doubledStreams(world);
  const strangers = [...marked.keys()]
    .filter((id) => !known.has(id))
    .map((id) => `WHMCS has an order for ${id}, which is none`);
  const pending = [...world.whmcs.store.orders.values()].filter(({ status }) => status === 'Pending');
  return {
    problems: [
      ...findings.flatMap(({ problems }) => problems),
      ...strangers,
      ...superfluous(marked, plan),
      ...pending.map(({ id }) => `WHMCS order ${id} was left Pending`),
      ...stale,
      ...temporal,
      ...streams.map(([topic, open]) => `${open} streams are open on ${topic}: each delivery counts against the org`),
      ...(readers.served === 0 ? ['the portal answered nobody'] : []),
    ],
    lost: findings.filter(({ isLost }) => isLost).length,
    doubled: findings.filter(({ isDoubled }) => isDoubled).length,
    stale: stale.length,
  };
}

/** Topics that more than one listener reads. */
function doubledStreams({ salesforce }: World): [string, number][] {
  return Object.entries(salesforce.pubsub.stats().openStreams).filter(([, open]) => open > 1);
}

interface Finding {
  problems: string[];
  isLost: boolean;
  isDoubled: boolean;
}

/**
 * Orders that were added and cancelled again: harmless, and a mail to the customer each. Only an AddOrder that made half an order, or
 * one that commits after its quiet period, makes a second one necessary.
 */
function superfluous(marked: Map<string, Order[]>, { faults }: Plan): string[] {
  const added = [...marked.values()].reduce((sum, orders) => sum + orders.length - 1, 0);
  const needed = faults.reduce((sum, { fault }) => {
    if (fault.kind === 'zombie-worker') return sum + 1;
    return fault.kind === 'whmcs' && fault.fault === 'partialAdd' ? sum + fault.count : sum;
  }, 0);
  return added > needed ? [`${added - needed} orders were added to WHMCS that nobody needed`] : [];
}

function judge(world: World, { id, role }: WorkOrder, marked: Order[]): Finding {
  const record = world.salesforce.store.get('Order', id);
  const active = marked.filter(({ status }) => status === 'Active');
  const problems: string[] = [];
  const is = (field: string, expected: unknown): void => {
    const value = record?.[field] ?? null;
    if (value !== expected)
      problems.push(`order ${id} (${role}): ${field} is ${String(value)} instead of ${String(expected)}`);
  };
  const isSold = role === 'approved' || role === 'created-approved';
  if (isSold) {
    if (active.length !== 1) problems.push(`order ${id}: ${active.length} active WHMCS orders instead of one`);
    const ids = active.map((order) => String(order.id));
    is('WHMCS_Order_ID__c', ids[0] ?? 'the one of an active order');
    is('Activation_Status__c', 'Activated');
    const due = invoicesOf(world, active).length;
    if (due !== 1) problems.push(`order ${id}: ${due} invoices instead of one`);
  } else {
    if (marked.length > 0)
      problems.push(`order ${id} (${role}): WHMCS has orders ${marked.map((order) => order.id).join(', ')}`);
    is('WHMCS_Order_ID__c', null);
    is('Activation_Status__c', role === 'unlinked' ? 'Failed' : null);
    if (role === 'unlinked') is('Activation_Error_Code__c', 'PRODUCT_NOT_LINKED');
  }
  return {
    problems,
    isLost: isSold && active.length === 0,
    isDoubled: active.length > (isSold ? 1 : 0),
  };
}

function invoicesOf({ whmcs }: World, orders: Order[]): Invoice[] {
  return orders.flatMap(({ invoiceId }) => whmcs.store.invoices.get(invoiceId) ?? []);
}

/** What the portal says now, of every order, against what Salesforce holds. */
async function staleNow(world: World, workload: Workload, readers: Readers): Promise<string[]> {
  const problems: string[] = [];
  for (const { id } of workload.orders) {
    const record = world.salesforce.store.get('Order', id);
    const answer = await readers.ask(id);
    const said = `${answer?.status ?? 'nothing'}, ${answer?.activationStatus ?? null}, ${answer?.whmcsOrderId ?? null}`;
    const [status, activation, whmcsOrder] = ['Status', 'Activation_Status__c', 'WHMCS_Order_ID__c'].map(
      (name) => record?.[name] ?? null,
    );
    const truth = `${status}, ${activation}, ${whmcsOrder}`;
    if (said !== truth) problems.push(`the portal says of order ${id}: ${said}; Salesforce: ${truth}`);
  }
  return problems;
}

interface Run {
  workflowId: string;
  phase: string;
  status: string;
}

async function openRuns(client: Client): Promise<Run[]> {
  return runs(client, `ExecutionStatus = 'Running'`);
}

async function runs(client: Client, condition: string): Promise<Run[]> {
  const query = `WorkflowType = 'provisionOrder' AND ${condition}`;
  const phase = defineSearchAttributeKey('ProvisioningPhase', 'KEYWORD');
  const found: Run[] = [];
  for await (const { workflowId, typedSearchAttributes, status } of client.workflow.list({ query })) {
    found.push({ workflowId, phase: typedSearchAttributes.get(phase) ?? '', status: status.name });
  }
  return found;
}

function isWorking({ phase }: Run): boolean {
  return phase !== 'AwaitingReprovision';
}

/** Each open or failed run is one that a person must see, and says so. */
async function runProblems({ salesforce }: World, workload: Workload, client: Client): Promise<string[]> {
  const unclosed = (await openRuns(client)).flatMap(({ workflowId, phase }) => {
    const record = salesforce.store.get('Order', workflowId.replace('provision-order-', ''));
    if (phase !== 'AwaitingReprovision') return [`${workflowId} is still open, in phase ${phase}`];
    const isTold =
      record?.['Activation_Status__c'] === 'Failed' && typeof record['Activation_Error_Message__c'] === 'string';
    return isTold ? [] : [`${workflowId} waits for a person, and Salesforce does not say why`];
  });
  const failed = await runs(client, `ExecutionStatus IN ('Failed', 'Terminated', 'TimedOut', 'Canceled')`);
  const expected = new Set(workload.orders.map(({ id }) => `provision-order-${id}`));
  const all = await runs(client, `ExecutionStatus != 'Running'`);
  const strangers = all.filter(({ workflowId }) => !expected.has(workflowId));
  return [
    ...unclosed,
    ...strangers.map(({ workflowId }) => `${workflowId} is the run of no order`),
    ...failed.map(({ workflowId, status }) => `${workflowId} ended as ${status}`),
  ];
}

/** Whether the orders' checkpoint is not yet at the end of the stream. */
async function behind(
  { salesforce }: World,
  redis: { hGet(key: string, field: string): Promise<string | null> },
): Promise<boolean> {
  const key = `order-provisioning:listener:{${salesforce.orgId}:${ORDERS}}`;
  const checkpoint = await redis.hGet(key, 'replayId');
  const last = salesforce.events.topics.get(ORDERS)?.log.retained().at(-1);
  return last !== undefined && (checkpoint === null || BigInt(checkpoint) < last.position);
}
