import { ScheduleNotFoundError } from '@temporalio/client';
import { ensureReconcileSchedule } from '../../temporal/schedule';
import { RECONCILE_SCHEDULE_ID } from '../../workflows/contract';
import type { Cli } from '../cli';
import { age } from '../output';
import { fail, FIX, ok, warn, type Check, type CheckGroup, type Finding } from './check';
import { examineSearchAttributes } from './search-attributes';

/** Closed runs tell what became of an order; CDC itself remembers 72 hours. */
const LEAST_RETENTION_S = 72 * 3600;

export function temporalChecks(cli: Cli, fix: boolean): CheckGroup {
  const connection: Check = {
    name: 'connection',
    async run() {
      const { client, address, namespace } = await cli.temporal();
      await client.workflowService.describeNamespace({ namespace });
      return ok(`namespace ${namespace} at ${address}`);
    },
  };
  return {
    system: 'temporal',
    gate: connection,
    checks: [
      { name: 'retention', run: () => retention(cli) },
      { name: 'search attributes', run: async () => examineSearchAttributes((await cli.temporal()).client, fix) },
      { name: 'schedule', run: () => schedule(cli, fix) },
      { name: 'worker', run: () => worker(cli) },
    ],
  };
}

async function retention(cli: Cli): Promise<Finding> {
  const { client, namespace } = await cli.temporal();
  const { config } = await client.workflowService.describeNamespace({ namespace });
  const seconds = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0);
  const finding = `closed runs are kept for ${age(seconds * 1000)}`;
  if (seconds >= LEAST_RETENTION_S) return ok(finding);
  return warn(
    finding,
    `For a longer memory: temporal operator namespace update --retention 720h ${namespace}. Nothing but the memory rests on it.`,
  );
}

async function schedule(cli: Cli, fix: boolean): Promise<Finding> {
  const { client, taskQueue } = await cli.temporal();
  const everyMs = cli.config.policy(cli.environment).reconcileEveryMs;
  const found = await client.schedule
    .getHandle(RECONCILE_SCHEDULE_ID)
    .describe()
    .then(
      ({ spec, state }) => ({ paused: state.paused, note: state.note, everyMs: spec.intervals?.[0]?.every }),
      (error: unknown) => {
        if (error instanceof ScheduleNotFoundError) return undefined;
        throw error;
      },
    );
  const isMendable = found === undefined || (!found.paused && found.everyMs !== everyMs);
  if (!fix || !isMendable) return sweeps(found, everyMs);
  await ensureReconcileSchedule(client, { everyMs, taskQueue });
  return ok(`${found === undefined ? 'created,' : 'set to'} every ${age(everyMs)}`);
}

/** The schedule as Temporal has it. Its interval is known where it has one. */
export interface FoundSchedule {
  paused: boolean;
  note?: string | undefined;
  everyMs?: number | undefined;
}

/** Whether the schedule sweeps, as often as `RECONCILE_EVERY` says. Undefined: there is none. Pure. */
export function sweeps(found: FoundSchedule | undefined, everyMs: number): Finding {
  if (found === undefined) {
    return fail(`there is no schedule ${RECONCILE_SCHEDULE_ID}`, `Start a worker, which makes it, or: ${FIX}.`);
  }
  if (found.paused) {
    return warn(
      `${RECONCILE_SCHEDULE_ID} is paused${found.note === undefined || found.note === '' ? '' : ', with a note'}`,
      `Resume it: temporal schedule toggle --unpause --schedule-id ${RECONCILE_SCHEDULE_ID}`,
    );
  }
  if (found.everyMs === everyMs) return ok(`sweeps every ${age(everyMs)}`);
  const every = found.everyMs === undefined ? 'by no interval' : `every ${age(found.everyMs)}`;
  return warn(`it sweeps ${every}, RECONCILE_EVERY says ${age(everyMs)}`, `Restart the worker, or: ${FIX}.`);
}

async function worker(cli: Cli): Promise<Finding> {
  const { operator, taskQueue } = await cli.temporal();
  return polled(await operator.pollers(), taskQueue);
}

/** Whether anybody works. Pure. */
export function polled(pollers: number, taskQueue: string): Finding {
  if (pollers > 0) return ok(`${pollers} poll ${taskQueue}`);
  return warn(
    `nobody polls ${taskQueue}: runs wait`,
    'Start a worker (npm run worker), with the same TEMPORAL_TASK_QUEUE and TEMPORAL_NAMESPACE.',
  );
}
