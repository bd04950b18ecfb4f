import { join } from 'node:path';
import { Queue } from 'bullmq';
import { startSalesforce } from '../../sandbox/salesforce';
import { startWhmcs } from '../../sandbox/whmcs';
import { Resources } from '../../src/processes/resources';
import { eventually } from '../../test/support/eventually';
import { Forked } from '../forked';
import { Shop, whmcsWith } from '../orders/shop';
import type { Contestant, Limits } from './contestant';
import { QUEUE, TOPIC } from './job';
import type { Checkpoint, PeerListenerRequest } from './listener-process';
import type { LosableRedis } from './redis';
import { addressesOf, type VendorAddresses } from './vendors';
import type { PeerWorkerRequest } from './worker-process';

/**
 * What people build instead: a subscription that puts each approval into a queue (BullMQ), and a worker that makes the vendor calls of
 * a job, with retries.
 */
export class Peer implements Contestant {
  readonly name = 'BullMQ';
  /** How the next listener begins. */
  checkpoint: Checkpoint = 'client';
  private listener: Forked<PeerListenerRequest, string> | undefined;
  private worker: Forked<PeerWorkerRequest, string> | undefined;

  private constructor(
    readonly shop: Shop,
    private readonly redis: LosableRedis,
    private readonly queue: Queue,
    private readonly resources: Resources,
  ) {}

  /** @param customers orders that its shop can have */
  static async start(customers: number, redis: LosableRedis): Promise<Peer> {
    const resources = new Resources();
    const salesforce = await startSalesforce();
    resources.push('Salesforce', () => salesforce.close());
    const whmcs = await startWhmcs({ seed: whmcsWith(customers) });
    resources.push('WHMCS', () => whmcs.close());
    const queue = new Queue(QUEUE, { connection: { url: redis.url, maxRetriesPerRequest: null } });
    queue.on('error', () => undefined);
    resources.push('queue', () => queue.close());
    return new Peer(new Shop(salesforce, whmcs), redis, queue, resources);
  }

  async startWorker({ whmcsTimeoutMs, lockMs }: Limits): Promise<void> {
    const worker = await Forked.start<PeerWorkerRequest, string>(join(__dirname, 'worker-process.ts'));
    this.resources.push('worker', () => worker.kill());
    this.worker = worker;
    await worker.ask({ vendors: this.vendors, redisUrl: this.redis.url, whmcsTimeoutMs, lockMs });
  }

  async startListener(): Promise<void> {
    const opened = (): number => this.shop.salesforce.pubsub.stats().streamsOpened[TOPIC] ?? 0;
    const before = opened();
    const listener = await Forked.start<PeerListenerRequest, string>(join(__dirname, 'listener-process.ts'));
    this.resources.push('listener', () => listener.kill());
    this.listener = listener;
    await listener.ask({ vendors: this.vendors, redisUrl: this.redis.url, checkpoint: this.checkpoint });
    await eventually(() => {
      if (opened() === before) throw new Error("The peer's listener has not subscribed");
    });
  }

  async kill(process: 'listener' | 'worker'): Promise<void> {
    await (process === 'listener' ? this.listener : this.worker)?.kill();
  }

  emptyRedis(): Promise<void> {
    return this.redis.empty();
  }

  /** Of all its orders: its faults come one after another. */
  async atRest(): Promise<boolean> {
    const counts = await this.queue.getJobCounts('wait', 'active', 'delayed', 'prioritized');
    return Object.values(counts).every((count) => count === 0);
  }

  private get vendors(): VendorAddresses {
    return addressesOf(this.shop.salesforce, this.shop.whmcs);
  }

  stop(): Promise<void> {
    return this.resources.release();
  }
}
