import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { createClient } from '../../src/listener/subscription/client';
import { answerRequests } from '../forked';
import { jobOptions, QUEUE, TOPIC, type ProvisionJob } from './job';
import { connectVendors, type VendorAddresses } from './vendors';

/** The peer's listener. It has asked for its subscription when it answers. */
export interface PeerListenerRequest {
  vendors: VendorAddresses;
  redisUrl: string;
  /** `none`: it begins with the next event. `client`: with what followed the client's `lastReplayId`, kept in Redis. */
  checkpoint: Checkpoint;
}
export type Checkpoint = 'none' | 'client';

const CHECKPOINT_KEY = 'peer:replay-id';
const NOT_USED_MS = 30_000;

interface OrderEvent {
  payload: {
    ChangeEventHeader: { changeType: string; changedFields: string[]; recordIds: string[] };
    Status?: string | null;
  };
}

/** A bare subscription: each approval becomes a job as soon as it is decoded. */
async function open({ vendors, redisUrl, checkpoint }: PeerListenerRequest): Promise<string> {
  const { session } = connectVendors(vendors, NOT_USED_MS);
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  const queue = new Queue<ProvisionJob>(QUEUE, { connection: { url: redisUrl, maxRetriesPerRequest: null } });
  queue.on('error', () => undefined);
  await queue.waitUntilReady();
  const { accessToken, instanceUrl, organizationId } = await session.login();
  const client = createClient(
    { endpoint: vendors.pubsubEndpoint, insecure: true },
    { accessToken, instanceUrl, organizationId },
  );
  await client.connect();

  const take = async ({ payload }: OrderEvent, lastReplayId: number): Promise<void> => {
    const { changeType, changedFields, recordIds } = payload.ChangeEventHeader;
    const changed = changeType === 'CREATE' || changedFields.includes('Status');
    if (changed && payload.Status === 'Approved') {
      await Promise.all(recordIds.map((orderId) => queue.add(QUEUE, { orderId }, jobOptions(orderId))));
    }
    if (checkpoint === 'client') await redis.set(CHECKPOINT_KEY, lastReplayId);
  };
  const from = checkpoint === 'client' ? await redis.get(CHECKPOINT_KEY) : null;
  const onCallback = (info: { lastReplayId: number }, kind: string, data: unknown): void => {
    if (kind === 'event') take(data as OrderEvent, info.lastReplayId).catch(() => undefined);
  };
  if (from === null) client.subscribe(TOPIC, onCallback);
  else client.subscribeFromReplayId(TOPIC, onCallback, null, Number(from));
  return 'subscribed';
}

answerRequests(open);
