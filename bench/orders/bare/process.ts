import { Context } from '@temporalio/activity';
import { Client } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkflowBundle,
} from '@temporalio/worker';
import { heartbeats } from '../../../src/temporal/heartbeat';
import { WORKER_TUNING } from '../../../src/temporal/worker';
import { answerRequests } from '../../forked';
import { atATime } from '../at-a-time';
import type { Variant } from './variants';
import { WRITE_BACK, type bare, type NoOps } from './workflow';

/** A process that runs bare workflows: the worker, and the client that starts them. */
export type BareRequest =
  | { open: Variant; address: string }
  /** `runs` of them, `limit` at a time. Answered with what each took from its start to its write-back, ms. */
  | { run: string; runs: number; limit: number };

type Start = (workflowId: string) => Promise<unknown>;

Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'OFF', forward: {} } } });

const starts = new Map<string, Start>();
const waiting = new Map<string, () => void>();
let bundled: Promise<WorkflowBundle> | undefined;
let count = 0;

const activities: NoOps = {
  noOp(n) {
    const { workflowId = '' } = Context.current().info.workflowExecution ?? {};
    if (n === WRITE_BACK) waiting.get(workflowId)?.();
    return Promise.resolve();
  },
};

async function open(variant: Variant, address: string): Promise<void> {
  const { name, eagerStart = false, activities: kind = 'remote', worker: given } = variant;
  bundled ??= bundleWorkflowCode({ workflowsPath: require.resolve('./workflow'), logger: new DefaultLogger('ERROR') });
  const taskQueue = `bare-${process.pid}-${starts.size}`;
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    ...WORKER_TUNING,
    ...given,
    interceptors: { activity: [heartbeats] },
    connection,
    taskQueue,
    activities,
    workflowBundle: await bundled,
  });
  // It ends with the process.
  void worker.run();
  const client = new Client({ connection });
  starts.set(name, (workflowId) =>
    client.workflow.start<typeof bare>('bare', {
      workflowId,
      taskQueue,
      args: [kind],
      ...(eagerStart ? { requestEagerStart: true } : {}),
    }),
  );
}

async function timed(start: Start): Promise<number> {
  const workflowId = `bare-${process.pid}-${++count}`;
  const done = new Promise<void>((resolve) => waiting.set(workflowId, resolve));
  const begun = performance.now();
  await Promise.all([start(workflowId), done]);
  waiting.delete(workflowId);
  return performance.now() - begun;
}

answerRequests(async (request: BareRequest): Promise<number[]> => {
  if ('open' in request) {
    await open(request.open, request.address);
    return [];
  }
  const start = starts.get(request.run);
  if (start === undefined) throw new Error(`${request.run} was not opened`);
  return atATime(request.limit, Array<Start>(request.runs).fill(start), timed);
});
