import type { DataConverter } from '@temporalio/common';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  bundleWorkflowCode,
  Worker,
  type ActivityInterceptorsFactory,
  type NativeConnection,
  type WorkflowBundleOption,
} from '@temporalio/worker';
import type { Activities } from '../activities';
import type { Logger } from '../observability/logger';
import { activityLog } from './activity-log';
import { heartbeats } from './heartbeat';

export interface WorkerOptions {
  connection: NativeConnection;
  namespace: string;
  taskQueue: string;
  activities: Activities;
  workflowBundle: WorkflowBundleOption;
  /** Both set: the worker is a version of a deployment (Temporal's worker versioning). */
  deployment?: { name: string; buildId: string } | undefined;
  identity?: string;
  /** The client's, see `codec/`. */
  dataConverter?: DataConverter | undefined;
  /** Where each attempt of an activity is told of. */
  logger?: Logger;
  /** Around each attempt of an activity, outermost first; the log line is written within them. */
  activityInterceptors?: ActivityInterceptorsFactory[];
  /** What it takes on at once; {@link WORKER_TUNING} and the SDK's defaults unless set. */
  size?: WorkerSize;
}

export interface WorkerSize {
  maxActivities: number;
  maxWorkflowTasks: number;
  activityPollers?: number | undefined;
  workflowTaskPollers?: number | undefined;
}

/**
 * How a worker of ours is set; what is not named here is the SDK's default, by measurement (docs/decisions/0007). The bench
 * compares with workers that are set like it.
 */
export const WORKER_TUNING = {
  shutdownGraceTime: '10 seconds',
  shutdownForceTime: '14 seconds',
  maxConcurrentActivityTaskExecutions: 50,
} as const;

/** Made by the build, so that a process need not bundle at each start. */
const BUILT_BUNDLE = join(__dirname, 'workflow-bundle.js');

/** The workflow code in one piece: what the build left beside this file, else bundled now. Shared by production and tests. */
export async function workflowBundle(): Promise<WorkflowBundleOption> {
  return existsSync(BUILT_BUNDLE) ? { codePath: BUILT_BUNDLE } : bundleWorkflows();
}

/** Bundles the workflow code: some seconds of work. */
export function bundleWorkflows(): ReturnType<typeof bundleWorkflowCode> {
  const silent = (): void => undefined;
  return bundleWorkflowCode({
    workflowsPath: require.resolve('../workflows'),
    workflowInterceptorModules: [require.resolve('../workflows/carried')],
    logger: { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent },
  });
}

/** A worker for both workflows and all activities. It stops within 15 s: what runs on is retried elsewhere, look-up first. */
export function createWorker({
  deployment,
  logger,
  dataConverter,
  activityInterceptors = [],
  size,
  ...options
}: WorkerOptions): Promise<Worker> {
  return Worker.create({
    ...options,
    ...(dataConverter === undefined ? {} : { dataConverter }),
    interceptors: {
      activity: [...activityInterceptors, heartbeats, ...(logger === undefined ? [] : [activityLog(logger)])],
    },
    ...WORKER_TUNING,
    ...(size === undefined ? {} : slots(size)),
    ...(deployment === undefined
      ? {}
      : {
          workerDeploymentOptions: {
            version: { deploymentName: deployment.name, buildId: deployment.buildId },
            useWorkerVersioning: true,
            // A run that waits 30 days for a person must not keep an old build alive; replay tests keep upgrades safe.
            defaultVersioningBehavior: 'AUTO_UPGRADE',
          },
        }),
  });
}

function slots({ maxActivities, maxWorkflowTasks, activityPollers, workflowTaskPollers }: WorkerSize) {
  // By behaviour: the SDK (1.24) takes `maxConcurrent…Polls` and heeds it nowhere.
  const polls = (maximum: number) => ({ type: 'simple-maximum', maximum }) as const;
  return {
    maxConcurrentActivityTaskExecutions: maxActivities,
    maxConcurrentWorkflowTaskExecutions: maxWorkflowTasks,
    ...(activityPollers === undefined ? {} : { activityTaskPollerBehavior: polls(activityPollers) }),
    ...(workflowTaskPollers === undefined ? {} : { workflowTaskPollerBehavior: polls(workflowTaskPollers) }),
  };
}
