import { startRedis } from '../../sandbox/servers/redis';
import type { OrderId, OrderView } from '../../src/cache';
import { Resources } from '../../src/processes/resources';
import { orderId, Truth } from '../../test/cache/support/truth';
import type { RateRatio } from '../report';
import { spread } from '../spread';
import { CONTESTANT_NAMES, CONTESTANTS, enter, PRODUCT } from './contestants';
import { RAW, RAW_UNLIMITED } from './raw';
import { interleaved, ratePerMs, ratios, type Step } from './rounds';

const ORDERS = 1_000;
const CONCURRENCIES = [1, 64];
/** Readers go round the orders in single file, this far from one another: what is measured is hits, not reads that are shared. */
const APART = Math.floor(ORDERS / Math.max(...CONCURRENCIES));
/** DESIGN: hits per second against a raw GET. */
const GOAL = 0.85;

const rawGet = (client: string): string => `a raw GET of ${client}`;
/** The clients that the product is measured against: the one that it uses. */
const RIVALS = ['node-redis', RAW_UNLIMITED];
const PEERS = CONTESTANT_NAMES.filter((name) => name !== PRODUCT);

/**
 * Hits of the product beside raw GETs of the same payload by the same client, then of all caches and clients, in interleaved turns of
 * `turnMs`. Apart, since what peers keep in memory is nothing that a process with this cache alone would pay for.
 */
export async function hitRatios(rounds: number, turnMs: number): Promise<RateRatio[]> {
  const resources = new Resources();
  try {
    const redis = await startRedis();
    resources.push('Redis', () => redis.stop());
    const world: World = { url: redis.url, resources, steps: new Map(), sources: new Map() };
    await addContestant(world, PRODUCT);
    for (const client of RIVALS) await addRawClient(world, client);
    const results = await measured(world, rounds, turnMs, (row) =>
      RIVALS.map((client) => row(PRODUCT, rawGet(client), GOAL)),
    );
    await addRawClient(world, 'ioredis');
    for (const peer of PEERS) await addContestant(world, peer);
    results.push(
      ...(await measured(world, rounds, turnMs, (row) => [
        ...PEERS.map((peer) => row(PRODUCT, peer)),
        ...PEERS.map((peer) => row(peer, rawGet(CONTESTANTS[peer]?.client ?? ''))),
      ])),
    );
    return results;
  } finally {
    await resources.release();
  }
}

interface World {
  url: string;
  resources: Resources;
  /** By name, what is measured. */
  steps: Map<string, Step>;
  /** By contestant, what it reads on a miss. */
  sources: Map<string, FilledTruth>;
}

const ids = Array.from({ length: ORDERS }, (_each, n) => orderId(n + 1));

async function addContestant({ url, resources, steps, sources }: World, name: string): Promise<void> {
  const source = filled();
  const contestant = await enter(name, url, source);
  resources.push('contestant', () => contestant.close());
  await Promise.all(ids.map((id) => contestant.read(id)));
  steps.set(name, (n) => contestant.read(ids[n % ORDERS] as OrderId));
  sources.set(name, source);
}

async function addRawClient({ url, resources, steps, sources }: World, client: string): Promise<void> {
  const raw = await RAW[client]?.(url);
  if (raw === undefined) throw new Error(`There is no client ${client}`);
  resources.push('raw client', () => raw.close());
  const keys = ids.map((id) => `order-provisioning:raw:order:${id}`);
  await Promise.all(keys.map((key, n) => raw.set(key, JSON.stringify(sources.get(PRODUCT)?.order(n + 1)))));
  steps.set(rawGet(client), (n) => raw.get(keys[n % ORDERS] as string));
}

type Row = (cache: string, against: string, goal?: number) => RateRatio;

/** The rows that `pick` wants of what is in the world now, for each number of readers. */
async function measured(
  { steps, sources }: World,
  rounds: number,
  turnMs: number,
  pick: (row: Row) => RateRatio[],
): Promise<RateRatio[]> {
  const results: RateRatio[] = [];
  for (const concurrency of CONCURRENCIES) {
    const before = new Map([...sources].map(([name, { reads }]) => [name, reads]));
    const rates = await interleaved([...steps.keys()], rounds, (name) =>
      ratePerMs(steps.get(name) as Step, concurrency, APART, turnMs),
    );
    const row: Row = (cache, against, goal) => ({
      cache,
      against,
      concurrency,
      rounds,
      misses: (sources.get(cache)?.reads ?? 0) - (before.get(cache) ?? 0),
      ratio: spread(ratios(rates, cache, against)),
      ...(goal === undefined ? {} : { goal }),
    });
    results.push(...pick(row));
  }
  return results;
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
