import { Resources } from '../../src/processes/resources';
import type { Contestant, Limits } from './contestant';
import { faultRows } from './fault-rounds';
import { LIMITS } from './faults';
import { Ours } from './ours';
import { Peer } from './peer';
import { CONDITIONS, peerRates } from './rates';
import { LosableRedis } from './redis';
import type { PeerReport } from './report';

/** Orders of all faults for one contestant, and some. */
const ORDERS_OF_FAULTS = 600;
/** As the product and BullMQ have them unless told otherwise. */
const USUAL: Limits = { whmcsTimeoutMs: 30_000, lockMs: 30_000 };

/** The product beside a queue: orders in a second where nothing fails, and what comes of orders where something does. */
export async function besideAQueue(quick: boolean, build: string): Promise<PeerReport> {
  const [rounds, orders] = quick ? [1, 10] : [3, 20];
  const customers = CONDITIONS * (rounds + 1) * orders + ORDERS_OF_FAULTS;
  const resources = new Resources();
  try {
    // A Redis for each, so that one can lose its own.
    const redis = async (): Promise<LosableRedis> => {
      const started = await LosableRedis.start();
      resources.push('process', () => started.stop());
      return started;
    };
    const ours = await Ours.start(customers, await redis(), build);
    resources.push('our product', () => ours.stop());
    const peer = await Peer.start(customers, await redis());
    resources.push('peer', () => peer.stop());
    const both: [Contestant, Contestant] = [ours, peer];
    // A few orders at a time keep to the short limits too.
    const limits = quick ? LIMITS : USUAL;
    await Promise.all(both.map((each) => Promise.all([each.startWorker(limits), each.startListener()])));
    const rates = await peerRates(both, rounds, orders);
    if (limits !== LIMITS) {
      await Promise.all(both.map((each) => each.kill('worker')));
      await Promise.all(both.map((each) => each.startWorker(LIMITS)));
    }
    return { rates, faults: await faultRows(ours, peer, quick) };
  } finally {
    await resources.release();
  }
}
