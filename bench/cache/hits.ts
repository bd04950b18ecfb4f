import { performance } from 'node:perf_hooks';
import { startRedis } from '../../sandbox/servers/redis';
import { orderId, Truth } from '../../test/cache/support/truth';
import { Releases } from '../releases';
import { spread, type HitRatio } from '../report';
import { CONTESTANTS, rawClient } from './contestants';

const ORDERS = 100;
const CONCURRENCIES = [1, 64];
/** DESIGN: hits per second against a raw GET. */
const GOAL = 0.85;

type Read = (n: number) => Promise<unknown>;

/** Hits of the product over raw GETs and over a cache by hand: the same payload, interleaved rounds of `roundMs` each. */
export async function hitRatios(rounds: number, roundMs: number): Promise<HitRatio[]> {
  const releases = new Releases();
  try {
    const redis = await startRedis();
    releases.push(() => redis.stop());
    const truth = new Truth();
    const raw = await rawClient(redis.url);
    releases.push(() => raw.destroy());
    const product = await CONTESTANTS.OrdersCache(redis.url, truth);
    releases.push(() => product.close());
    const byHand = await CONTESTANTS['read-through by hand'](redis.url, truth);
    releases.push(() => byHand.close());
    for (let n = 1; n <= ORDERS; n++) {
      const order = truth.put(n, { status: 'Activated' });
      await Promise.all([product.read(order.id), byHand.read(order.id), raw.set(`raw:${n}`, JSON.stringify(order))]);
    }
    const hit: Record<'product' | 'raw' | 'byHand', Read> = {
      product: (n) => product.read(orderId(n)),
      raw: (n) => raw.get(`raw:${n}`),
      byHand: (n) => byHand.read(orderId(n)),
    };
    const results: HitRatio[] = [];
    for (const concurrency of CONCURRENCIES) {
      const reads = truth.reads;
      const ratios: { raw: number[]; byHand: number[] } = { raw: [], byHand: [] };
      for (const read of Object.values(hit)) await hitsPerMs(read, concurrency, roundMs);
      for (let round = 0; round < rounds; round++) {
        const rate = { product: 0, raw: 0, byHand: 0 };
        const names = ['product', 'raw', 'byHand'] as const;
        // Whoever is first in one round is last in the next: a machine that slows down is nobody's fault.
        for (const name of round % 2 === 0 ? names : names.toReversed()) {
          rate[name] = await hitsPerMs(hit[name], concurrency, roundMs);
        }
        ratios.raw.push(rate.product / rate.raw);
        ratios.byHand.push(rate.product / rate.byHand);
      }
      const shared = { concurrency, rounds, misses: truth.reads - reads };
      results.push({ against: 'raw GET', ...shared, ratio: spread(ratios.raw), goal: GOAL });
      results.push({ against: 'read-through by hand', ...shared, ratio: spread(ratios.byHand) });
    }
    return results;
  } finally {
    await releases.run();
  }
}

async function hitsPerMs(read: Read, concurrency: number, roundMs: number): Promise<number> {
  let done = 0;
  const start = performance.now();
  const end = start + roundMs;
  await Promise.all(
    Array.from({ length: concurrency }, async (_each, index) => {
      for (let n = index; performance.now() < end; n++) {
        await read((n % ORDERS) + 1);
        done++;
      }
    }),
  );
  return done / (performance.now() - start);
}
