import { Worker, type Job } from 'bullmq';
import { Redis } from 'ioredis';
import { ACTIVATION, parseOrderId } from '../../src/domain/order';
import { answerRequests } from '../forked';
import { ATTEMPTS, cacheKeys, CONCURRENCY, QUEUE, type ProvisionJob } from './job';
import { connectVendors, type VendorAddresses, type Vendors } from './vendors';

/** The peer's worker. It takes jobs as soon as it is open. */
export interface PeerWorkerRequest {
  vendors: VendorAddresses;
  redisUrl: string;
  whmcsTimeoutMs: number;
  /** How long a job may show no sign of life before another worker takes it; BullMQ's default is 30,000. */
  lockMs: number;
}

/**
 * An order as a queue provisions it: look whether it is due, mark it, add, accept, write back, invalidate. A retry begins again
 * from the top: nothing in a queue remembers how far the attempt before came.
 */
async function provision({ salesforce, whmcs, whmcsClient }: Vendors, redis: Redis, text: string): Promise<void> {
  const orderId = parseOrderId(text);
  const order = await salesforce.read(orderId);
  if (order?.status !== 'Approved' || order.whmcsOrderId !== null) return;
  if (order.activationStatus === ACTIVATION.activated) return;
  await salesforce.markActivating(orderId);
  const { whmcsOrderId } = await whmcs.add(order);
  await whmcsClient.call('AcceptOrder', { orderid: whmcsOrderId }, `for order ${orderId}`);
  await salesforce.writeBack(orderId, { whmcsOrderId, services: [] });
  await redis.del(...cacheKeys(orderId, order.accountId));
}

function open({ vendors: addresses, redisUrl, whmcsTimeoutMs, lockMs }: PeerWorkerRequest): Promise<string> {
  const vendors = connectVendors(addresses, whmcsTimeoutMs);
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  const work = ({ data }: Job<ProvisionJob>): Promise<void> => provision(vendors, redis, data.orderId);
  const worker = new Worker<ProvisionJob>(QUEUE, work, {
    connection: { url: redisUrl, maxRetriesPerRequest: null },
    concurrency: CONCURRENCY,
    lockDuration: lockMs,
    stalledInterval: lockMs / 2,
  });
  worker.on('error', () => undefined);
  worker.on('failed', (job, { message }) => {
    if (job === undefined || job.attemptsMade < ATTEMPTS) return;
    // The last attempt: somebody is to see it. Where Salesforce is what failed, nobody does.
    const orderId = parseOrderId(job.data.orderId);
    vendors.salesforce.markFailed(orderId, { code: 'QUEUE_GAVE_UP', message, advice: '' }).catch(() => undefined);
  });
  return worker.waitUntilReady().then(() => 'open');
}

answerRequests(open);
