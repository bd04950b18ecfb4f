import { Worker, type Job } from 'bullmq';
import { Redis } from 'ioredis';
import { ACTIVATION, parseOrderId, type OrderItemId } from '../../src/domain/order';
import { readServices, type Service } from '../../src/whmcs/services';
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
 * An order as a queue provisions it: look whether it is due, mark it, add, accept, read its services, write back, invalidate: the calls
 * that our usual path makes. A retry begins again from the top: this peer does not note how far an attempt came. BullMQ's `updateData`
 * could, but not between AddOrder and its answer.
 */
async function provision({ salesforce, whmcs, whmcsClient }: Vendors, redis: Redis, text: string): Promise<void> {
  const orderId = parseOrderId(text);
  const order = await salesforce.read(orderId);
  if (order?.status !== 'Approved' || order.whmcsOrderId !== null) return;
  if (order.activationStatus === ACTIVATION.activated) return;
  await salesforce.markActivating(orderId);
  const { whmcsOrderId } = await whmcs.add(order);
  await whmcsClient.call('AcceptOrder', { orderid: whmcsOrderId }, `for order ${orderId}`);
  // Not `whmcs.accept`: it cancels duplicates, which is what our design is about.
  const services = await readServices(whmcsClient, order.whmcsClientId ?? '', `for order ${orderId}`);
  const own = services.filter((service) => service.whmcsOrderId === whmcsOrderId);
  await salesforce.writeBack(orderId, { whmcsOrderId, services: byItem(own) });
  await redis.del(...cacheKeys(orderId, order.accountId));
}

/** The ids of services under the item that each bears in its marker. */
function byItem(services: readonly Service[]): Parameters<Vendors['salesforce']['writeBack']>[1]['services'] {
  const items = new Map<string, string[]>();
  for (const { id, marker } of services) {
    if (marker !== undefined) items.set(marker.orderItemId, [...(items.get(marker.orderItemId) ?? []), id]);
  }
  return [...items].map(([orderItemId, serviceIds]) => ({ orderItemId: orderItemId as OrderItemId, serviceIds }));
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
