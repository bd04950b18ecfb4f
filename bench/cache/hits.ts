import { startRedis } from '../../sandbox/servers/redis';
import type { OrderId, OrderView } from '../../src/cache';
import { Resources } from '../../src/processes/resources';
import { orderId, Truth } from '../../test/cache/support/truth';
import type { RateRatio } from '../report';
import { spread } from '../spread';
import { CONTESTANT_NAMES, CONTESTANTS, enter, PRODUCT } from './contestants';
import { RAW, RAW_UNLIMITED } from './raw';
import { interleaved, ratePerMs, ratios, type Rates, type Step } from './rounds';

const ORDERS = 1_000;
const CONCURRENCIES = [1, 64];
/** Readers go round the orders in single file, this far from one another: what is measured is hits, not reads that are shared. */
const APART = Math.floor(ORDERS / Math.max(...CONCURRENCIES));
/** DESIGN: hits per second against a raw GET. */
const GOAL = 0.85;

const rawGet = (client: string): string => `a raw GET of ${client}`;

/** Hits of each cache beside raw GETs of the same payload, in interleaved turns of `turnMs`. */
export async function hitRatios(rounds: number, turnMs: number): Promise<RateRatio[]> {
  const resources = new Resources();
  try {
    const redis = await startRedis();
    resources.push('Redis', () => redis.stop());
    const ids = Array.from({ length: ORDERS }, (_each, n) => orderId(n + 1));
    const sources = new Map(CONTESTANT_NAMES.map((name) => [name, filled()]));
    const steps = new Map<string, Step>();
    for (const [name, source] of sources) {
      const contestant = await enter(name, redis.url, source);
      resources.push('contestant', () => contestant.close());
      await Promise.all(ids.map((id) => contestant.read(id)));
      steps.set(name, (n) => contestant.read(ids[n % ORDERS] as OrderId));
    }
    for (const [client, open] of Object.entries(RAW)) {
      const raw = await open(redis.url);
      resources.push('raw client', () => raw.close());
      const keys = ids.map((id) => `order-provisioning:raw:order:${id}`);
      await Promise.all(keys.map((key, n) => raw.set(key, JSON.stringify(sources.get(PRODUCT)?.order(n + 1)))));
      steps.set(rawGet(client), (n) => raw.get(keys[n % ORDERS] as string));
    }
    const results: RateRatio[] = [];
    for (const concurrency of CONCURRENCIES) {
      const before = new Map([...sources].map(([name, { reads }]) => [name, reads]));
      const measured = await interleaved([...steps.keys()], rounds, (name) =>
        ratePerMs(steps.get(name) as Step, concurrency, APART, turnMs),
      );
      const misses = (name: string): number => (sources.get(name)?.reads ?? 0) - (before.get(name) ?? 0);
      results.push(...rows(measured, concurrency, misses));
    }
    return results;
  } finally {
    await resources.release();
  }
}

class FilledTruth extends Truth {
  order(n: number): OrderView | undefined {
    return this.orders.get(orderId(n));
  }
}

function filled(): FilledTruth {
  const truth = new FilledTruth();
  for (let n = 1; n <= ORDERS; n++) truth.put(n, { status: 'Activated' });
  return truth;
}

/** The product against raw GETs and each peer, and each peer against a raw GET of its own client. */
function rows(measured: readonly Rates[], concurrency: number, misses: (name: string) => number): RateRatio[] {
  const row = (cache: string, against: string, goal?: number): RateRatio => ({
    cache,
    against,
    concurrency,
    rounds: measured.length,
    misses: misses(cache),
    ratio: spread(ratios(measured, cache, against)),
    ...(goal === undefined ? {} : { goal }),
  });
  const peers = CONTESTANT_NAMES.filter((name) => name !== PRODUCT);
  return [
    row(PRODUCT, rawGet('node-redis'), GOAL),
    row(PRODUCT, rawGet(RAW_UNLIMITED), GOAL),
    ...peers.map((peer) => row(PRODUCT, peer)),
    ...peers.map((peer) => row(peer, rawGet(CONTESTANTS[peer]?.client ?? ''))),
  ];
}
