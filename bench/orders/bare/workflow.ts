import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';

/** As many as the usual path of an order has. */
export const ACTIVITIES = 5;
/** The one that stands for the write-back: with it the order is done for whoever waits for it. */
export const WRITE_BACK = 4;

export interface NoOps {
  /** Does nothing, as the n-th activity of a run (from 1). */
  noOp(n: number): Promise<void>;
}

const remote = proxyActivities<NoOps>({ startToCloseTimeout: '1 minute' });
const local = proxyLocalActivities<NoOps>({ startToCloseTimeout: '1 minute' });

/** The least that an order's run can be: its activities, one after another, without anything in them. */
export async function bare(kind: 'remote' | 'local'): Promise<void> {
  const { noOp } = kind === 'remote' ? remote : local;
  for (let n = 1; n <= ACTIVITIES; n++) await noOp(n);
}
