import { Server, ServerCredentials, type sendUnaryData } from '@grpc/grpc-js';
import { NativeConnection, type Worker, type WorkflowBundleOption } from '@temporalio/worker';
import type { Activities } from '../../src/activities';
import { loadWorkerConfig } from '../../src/config';
import { bundleWorkflows, createWorker } from '../../src/temporal/worker';
import { quietRuntime } from '../support/quiet-runtime';

/** The variables of a worker's size as the SDK takes them. No task is worked on: the server is one that says yes and no more. */

let server: Server;
let connection: NativeConnection;
let bundle: WorkflowBundleOption;

const raw = (buffer: Buffer) => buffer;
const serialization = {
  requestSerialize: raw,
  requestDeserialize: raw,
  responseSerialize: raw,
  responseDeserialize: raw,
};
const METHODS = ['GetSystemInfo', 'DescribeNamespace'];

beforeAll(async () => {
  quietRuntime();
  bundle = await bundleWorkflows();
  server = new Server();
  const yes = (_call: unknown, answer: sendUnaryData<Buffer>) => answer(null, Buffer.alloc(0));
  const service = METHODS.map((name) => {
    const path = `/temporal.api.workflowservice.v1.WorkflowService/${name}`;
    return [name, { path, requestStream: false, responseStream: false, ...serialization }] as const;
  });
  server.addService(Object.fromEntries(service), Object.fromEntries(METHODS.map((name) => [name, yes])));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  connection = await NativeConnection.connect({ address: `127.0.0.1:${port}` });
});
afterAll(async () => {
  await connection.close();
  server.forceShutdown();
});

const REQUIRED = {
  SF_LOGIN_URL: 'https://example.my.salesforce.com',
  SF_CLIENT_ID: 'id',
  SF_CLIENT_SECRET: 'secret',
  WHMCS_API_URL: 'https://billing.example.com/includes/api.php',
  WHMCS_API_IDENTIFIER: 'identifier',
  WHMCS_API_SECRET: 'secret',
};

async function sizeOf(environment: Record<string, string>) {
  const worker: Worker = await createWorker({
    connection,
    namespace: 'default',
    taskQueue: 'orders',
    activities: {} as Activities,
    workflowBundle: bundle,
    size: loadWorkerConfig({ ...REQUIRED, ...environment }).size,
  });
  const {
    tuner,
    activityTaskPollerBehavior: activities,
    workflowTaskPollerBehavior: tasks,
  } = worker.options as never as {
    tuner: Record<'activityTaskSlotSupplier' | 'workflowTaskSlotSupplier', { numSlots: number }>;
  } & Record<'activityTaskPollerBehavior' | 'workflowTaskPollerBehavior', { maximum: number }>;
  const running = worker.run();
  worker.shutdown();
  await running;
  return [
    tuner.activityTaskSlotSupplier.numSlots,
    activities.maximum,
    tuner.workflowTaskSlotSupplier.numSlots,
    tasks.maximum,
  ];
}

test.each([
  ['as it comes', {}, [50, 10, 40, 10]],
  ['of a small worker', { WORKER_MAX_ACTIVITIES: '7', WORKER_MAX_WORKFLOW_TASKS: '9' }, [7, 7, 9, 9]],
  ['with pollers', { WORKER_ACTIVITY_POLLERS: '3', WORKER_WORKFLOW_TASK_POLLERS: '4' }, [50, 3, 40, 4]],
])('activities and their polls, workflow tasks and theirs: %s', async (_title, environment, size) => {
  expect(await sizeOf(environment)).toEqual(size);
});
