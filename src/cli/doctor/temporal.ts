import { ScheduleNotFoundError } from '@temporalio/client';
import { ensureReconcileSchedule } from '../../temporal/schedule';
import {
  createSearchAttributes,
  mistypedSearchAttributes,
  missingSearchAttributes,
} from '../../temporal/search-attributes';
import { RECONCILE_SCHEDULE_ID } from '../../workflows/contract';
import type { Cli } from '../cli';
import { age } from '../output';
import { fail, ok, warn, type Check, type CheckGroup, type Finding } from './check';

const FIX = 'Run `orders doctor --fix`';
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
      { name: 'search attributes', run: () => attributes(cli, fix) },
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

async function attributes(cli: Cli, fix: boolean): Promise<Finding> {
  const { client } = await cli.temporal();
  const mistyped = await mistypedSearchAttributes(client);
  if (mistyped.length > 0) {
    const named = mistyped.map(({ name, type, wanted }) => `${name} is ${type}, not ${wanted}`).join(', ');
    return fail(
      `of another type: ${named}`,
      'A type cannot be changed: use a namespace of its own, or remove the attribute (temporal operator search-attribute remove) and create it anew.',
    );
  }
  const missing = await missingSearchAttributes(client);
  if (missing.length === 0) return ok('all are registered');
  if (fix) {
    await createSearchAttributes(client, missing);
    return ok(`created ${missing.join(', ')}`);
  }
  return fail(
    `missing: ${missing.join(', ')}`,
    `${FIX}; on Temporal Cloud create them in its UI or with tcld, as docs/deployment.md says.`,
  );
}

async function schedule(cli: Cli, fix: boolean): Promise<Finding> {
  const { client, taskQueue } = await cli.temporal();
  const everyMs = cli.config.policy(cli.environment).reconcileEveryMs;
  const repair = async (done: string) => {
    await ensureReconcileSchedule(client, { everyMs, taskQueue });
    return ok(done);
  };
  try {
    const { spec, state } = await client.schedule.getHandle(RECONCILE_SCHEDULE_ID).describe();
    if (state.paused) {
      return warn(
        `${RECONCILE_SCHEDULE_ID} is paused${state.note === undefined || state.note === '' ? '' : ', with a note'}`,
        `Resume it: temporal schedule toggle --unpause --schedule-id ${RECONCILE_SCHEDULE_ID}`,
      );
    }
    const every = spec.intervals?.[0]?.every;
    if (every !== undefined && every !== everyMs) {
      if (fix) return await repair(`set to every ${age(everyMs)}`);
      return warn(
        `it sweeps every ${age(every)}, RECONCILE_EVERY says ${age(everyMs)}`,
        `Restart the worker, or: ${FIX}.`,
      );
    }
    return ok(`sweeps every ${age(everyMs)}`);
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    if (fix) return repair(`created, every ${age(everyMs)}`);
    return fail(`there is no schedule ${RECONCILE_SCHEDULE_ID}`, `Start a worker, which makes it, or: ${FIX}.`);
  }
}

async function worker(cli: Cli): Promise<Finding> {
  const { operator, taskQueue } = await cli.temporal();
  const pollers = await operator.pollers();
  if (pollers > 0) return ok(`${pollers} poll ${taskQueue}`);
  return warn(
    `nobody polls ${taskQueue}: runs wait`,
    'Start a worker (npm run worker), with the same TEMPORAL_TASK_QUEUE and TEMPORAL_NAMESPACE.',
  );
}
