import type { WorkerOptions } from '@temporalio/worker';

/** A Temporal server: with the settings that the product asks for, with eager activities alone, or with none. */
export type Server = 'ours' | 'eager only' | 'as it comes';

/** A way to run the bare workflow. What is left out is as the product has it. */
export interface Variant {
  name: string;
  /** `ours` where left out. */
  server?: Server;
  activities?: 'remote' | 'local';
  /** Asks for the first workflow task with the answer to the start, which takes a client in the worker's own process. */
  eagerStart?: boolean;
  worker?: Partial<WorkerOptions>;
}

/** As the product runs its orders. */
export const CHOSEN: Variant = { name: 'as chosen' };

/** What else was thought of. */
export const OTHERS: readonly Variant[] = [
  { name: 'a server as it comes', server: 'as it comes' },
  { name: 'a server that hands out activities at once, and is else as it comes', server: 'eager only' },
  { name: 'eager start too', eagerStart: true },
  { name: 'local activities', activities: 'local' },
  { name: '2 pollers of each kind', worker: { maxConcurrentWorkflowTaskPolls: 2, maxConcurrentActivityTaskPolls: 2 } },
  {
    name: '40 pollers of each kind',
    worker: { maxConcurrentWorkflowTaskPolls: 40, maxConcurrentActivityTaskPolls: 40 },
  },
  {
    name: 'pollers that scale by themselves',
    worker: {
      workflowTaskPollerBehavior: { type: 'autoscaling' },
      activityTaskPollerBehavior: { type: 'autoscaling' },
    },
  },
  { name: 'no cache of runs', worker: { maxCachedWorkflows: 0 } },
  { name: 'two threads for workflow code', worker: { workflowThreadPoolSize: 2 } },
  { name: 'a V8 context for each run', worker: { reuseV8Context: false } },
];
