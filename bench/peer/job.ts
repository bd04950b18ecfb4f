import type { JobsOptions } from 'bullmq';

/** The peer's queue, and what listener and worker must agree on. */
export const QUEUE = 'provision';
export const TOPIC = '/data/OrderChangeEvent';
/** As many orders at once as a worker of ours has activities. */
export const CONCURRENCY = 50;

export interface ProvisionJob {
  orderId: string;
}

/** Retries as BullMQ's documentation recommends for calls of others: a bounded number, each after twice the wait. */
export const ATTEMPTS = 5;
const FIRST_WAIT_MS = 500;

/** A repeated event is the same job as long as the job is known. */
export function jobOptions(orderId: string): JobsOptions {
  return {
    jobId: orderId,
    attempts: ATTEMPTS,
    backoff: { type: 'exponential', delay: FIRST_WAIT_MS },
    removeOnComplete: 1_000,
  };
}

/** Keys of the portal's cache by hand: GET, else read and SET; DEL to invalidate. */
export const cacheKeys = (orderId: string, accountId: string | null): string[] => [
  `order:${orderId}`,
  `account-orders:${accountId ?? ''}`,
];
