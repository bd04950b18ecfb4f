import { WorkflowNotFoundError, type Client, type WorkflowExecutionInfo } from '@temporalio/client';
import type { OrderId } from '../domain/order';
import {
  cancel,
  PHASES,
  PROVISION_ORDER,
  provisionWorkflowId,
  RECONCILE_ORDERS,
  reprovision,
  searchAttributes,
  statusQuery,
  type CancelRequest,
  type Phase,
  type ProvisioningStatus,
  type ReprovisionRequest,
} from '../workflows/contract';
import type { Reconciled } from '../workflows/reconcile-orders';
import { provisioningRun } from './orders';
import { runStateOf, type RunState } from './run-state';

/** A run as visibility lists it: what its search attributes say, which may lag by a moment. */
export interface Run {
  orderId: string;
  workflowId: string;
  runId: string;
  /** Where its workers poll: what TEMPORAL_TASK_QUEUE was when it was begun. */
  taskQueue: string;
  state: RunState;
  phase: Phase | null;
  trigger: string | null;
  whmcsOrderId: string | null;
  accountId: string | null;
  startedAt: Date;
  closedAt: Date | null;
}

/** The latest run of an order, with what the run itself answers. */
export interface RunStory extends Run {
  /** Null where {@link unanswered} says why, or the run ended without an answer (failed, terminated). */
  progress: ProvisioningStatus | null;
  /** Why the run's own answer could not be had; null where it was had, or there is none. */
  unanswered: Unanswered | null;
}

/** A query or a result that could not be had. */
export interface Unanswered {
  /** What the client threw. A query that no worker takes ends with gRPC code 4. */
  error: unknown;
  /** How many workers have polled the run's task queue in the last minutes; null where it is over and needs none, or they cannot be counted. */
  pollers: number | null;
}

/** What a sweep came to; empty lists where there was nothing to tell. */
export type Sweep = Required<Reconciled>;

/** What a person asks of Temporal about orders. */
export interface Operator {
  /** The latest run; undefined where Temporal knows of none. */
  latest(orderId: OrderId): Promise<Run | undefined>;
  /** The latest run and its own answer to the `status` query, or its result. */
  story(orderId: OrderId): Promise<RunStory | undefined>;
  /** What a run that was listed answers itself. */
  ask(run: Run): Promise<RunStory>;
  /** Runs by a visibility query over `provisionOrder`, newest first. */
  runs(filter: string | undefined): AsyncIterable<Run>;
  count(filter: string | undefined): Promise<number>;
  /** Signals `reprovision` to the living run, or begins a run with that signal, in one step. */
  reprovision(orderId: OrderId, request: ReprovisionRequest): Promise<{ runId: string; began: boolean }>;
  /** Signals `reprovision` to the living run only. @returns whether one lives */
  reprovisionLiving(orderId: string, request: ReprovisionRequest): Promise<boolean>;
  /** Signals `cancel` to the living run. @returns whether one lives */
  cancel(orderId: OrderId, request: CancelRequest): Promise<boolean>;
  /** Resolves with what a sweep came to, once it is done. */
  sweepResult(key: string): Promise<Sweep>;
  /** How many workers have polled the task queue for workflows in the last minutes, as Temporal counts them. */
  pollers(): Promise<number>;
}

/** A query waits for a worker; where none runs the answer would not come. */
const QUERY_LIMIT_MS = 5_000;

const isPhase = (text: unknown): text is Phase => (PHASES as readonly unknown[]).includes(text);

function readRun(info: Omit<WorkflowExecutionInfo, 'raw'>): Run {
  const { typedSearchAttributes: attributes, workflowId, runId, taskQueue, startTime, closeTime } = info;
  const phase = attributes.get(searchAttributes.phase);
  return {
    orderId: attributes.get(searchAttributes.orderId) ?? workflowId.replace(/^provision-order-/, ''),
    workflowId,
    runId,
    taskQueue,
    state: runStateOf(info),
    phase: isPhase(phase) ? phase : null,
    trigger: attributes.get(searchAttributes.trigger) ?? null,
    whmcsOrderId: attributes.get(searchAttributes.whmcsOrderId) ?? null,
    accountId: attributes.get(searchAttributes.accountId) ?? null,
    startedAt: startTime,
    closedAt: closeTime ?? null,
  };
}

const all = `WorkflowType = '${PROVISION_ORDER}'`;
const where = (filter: string | undefined): string => (filter === undefined ? all : `${all} AND (${filter})`);

/** False where the order has no living run; other errors go on. */
async function toLiving(signal: () => Promise<void>): Promise<boolean> {
  try {
    await signal();
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

export function createOperator(client: Client, taskQueue: string): Operator {
  const handleOf = (orderId: string) => client.workflow.getHandle(provisionWorkflowId(orderId as OrderId));

  async function latest(orderId: OrderId): Promise<Run | undefined> {
    try {
      return readRun(await handleOf(orderId).describe());
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  }

  /** What the run says of itself: by query while it lives, by its result once it is completed, which needs no worker. */
  function progressOf({ workflowId, runId, state }: Run): Promise<ProvisioningStatus | null> {
    const handle = client.workflow.getHandle(workflowId, runId);
    return client.connection.withDeadline(Date.now() + QUERY_LIMIT_MS, async () => {
      if (state === 'running') return handle.query(statusQuery);
      return state === 'completed' ? ((await handle.result()) as ProvisioningStatus) : null;
    });
  }

  async function answerOf(run: Run): Promise<Pick<RunStory, 'progress' | 'unanswered'>> {
    try {
      return { progress: await progressOf(run), unanswered: null };
    } catch (error) {
      const polling = run.state === 'running' ? await pollersOf(run.taskQueue).catch(() => null) : null;
      return { progress: null, unanswered: { error, pollers: polling } };
    }
  }

  async function pollersOf(name: string): Promise<number> {
    // Without a type Temporal takes it for the one of workflows.
    const { pollers } = await client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name },
    });
    return pollers.length;
  }

  const ask = async (run: Run): Promise<RunStory> => ({ ...run, ...(await answerOf(run)) });

  return {
    latest,
    ask,

    async story(orderId) {
      const run = await latest(orderId);
      return run && ask(run);
    },

    async *runs(filter) {
      for await (const info of client.workflow.list({ query: where(filter), pageSize: 200 })) yield readRun(info);
    },

    async count(filter) {
      return (await client.workflow.count(where(filter))).count;
    },

    async reprovision(orderId, request) {
      const before = await latest(orderId);
      // One step for both: between a look for a living run and a start, the run could end, or another could begin.
      const handle = await client.workflow.signalWithStart(PROVISION_ORDER, {
        ...provisioningRun(orderId, 'manual', taskQueue),
        signal: reprovision,
        signalArgs: [request],
      });
      const runId = handle.signaledRunId;
      return { runId, began: before?.runId !== runId };
    },

    reprovisionLiving: (orderId, request) => toLiving(() => handleOf(orderId).signal(reprovision, request)),
    cancel: (orderId, request) => toLiving(() => handleOf(orderId).signal(cancel, request)),

    async sweepResult(key) {
      const handle = client.workflow.getHandle(`${RECONCILE_ORDERS}-${key}`);
      const { requested, notRequested = [], cancelled = [], failed = [] } = (await handle.result()) as Reconciled;
      return { requested, notRequested, cancelled, failed };
    },

    pollers: () => pollersOf(taskQueue),
  };
}
