import { startRedis } from '../../sandbox/servers/redis';
import type { OrderId } from '../../src/cache';
import { Resources } from '../../src/processes/resources';
import { Truth } from '../../test/cache/support/truth';
import type { RateRatio } from '../report';
import { spread } from '../spread';
import { CONTESTANT_NAMES, enter, PRODUCT, type Contestant } from './contestants';
import { RAW, RAW_UNLIMITED } from './raw';
import { interleaved, rateOfAll, ratios } from './rounds';

const CONCURRENCIES = [1, 64];
const RAW_UNLINK = 'a raw UNLINK of node-redis, no time limit';

/**
 * Invalidations of cached orders, each of them once in a turn, of each cache beside a raw UNLINK. A turn fills the cache first;
 * that is not measured.
 */
export async function invalidationRatios(rounds: number, orders: number): Promise<RateRatio[]> {
  const resources = new Resources();
  try {
    const redis = await startRedis();
    resources.push('Redis', () => redis.stop());
    const truth = new Truth();
    const ids = Array.from({ length: orders }, (_each, n) => truth.put(n + 1).id);
    const contestants = new Map<string, Contestant>();
    for (const name of CONTESTANT_NAMES) {
      const contestant = await enter(name, redis.url, truth);
      resources.push('contestant', () => contestant.close());
      contestants.set(name, contestant);
    }
    const raw = await rawUnlink(redis.url);
    resources.push('raw client', () => raw.close());
    contestants.set(RAW_UNLINK, raw);

    const turn = async (name: string, concurrency: number): Promise<number> => {
      const contestant = contestants.get(name) as Contestant;
      await Promise.all(ids.map((id) => contestant.read(id)));
      return rateOfAll((n) => contestant.invalidate(ids[n] as OrderId), concurrency, orders);
    };
    const results: RateRatio[] = [];
    for (const concurrency of CONCURRENCIES) {
      const measured = await interleaved([...contestants.keys()], rounds, (name) => turn(name, concurrency));
      const row = (cache: string, against: string): RateRatio => {
        const ratio = spread(ratios(measured, cache, against));
        return { cache, against, concurrency, rounds, ratio };
      };
      for (const against of [RAW_UNLINK, ...CONTESTANT_NAMES]) {
        if (against !== PRODUCT) results.push(row(PRODUCT, against));
      }
    }
    return results;
  } finally {
    await resources.release();
  }
}

async function rawUnlink(url: string): Promise<Contestant> {
  const raw = await RAW[RAW_UNLIMITED]?.(url);
  if (raw === undefined) throw new Error('There is no such client');
  const key = (id: OrderId): string => `order-provisioning:raw:order:${id}`;
  return {
    read: async (id) => {
      await raw.set(key(id), 'something');
      return undefined;
    },
    invalidate: (id) => raw.unlink(key(id)),
    close: () => raw.close(),
  };
}
