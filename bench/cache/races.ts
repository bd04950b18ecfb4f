import { setTimeout as sleep } from 'node:timers/promises';
import { startRedis } from '../../sandbox/servers/redis';
import { Resources } from '../../src/processes/resources';
import { orderId, Truth } from '../../test/cache/support/truth';
import type { StaleAnswers } from '../report';
import { CONTESTANT_NAMES, enter, type Contestant } from './contestants';

interface Race {
  name: string;
  /** @returns what readers were given who came after the invalidation had resolved */
  run(truth: Truth, n: number, reader: Contestant, other: Contestant): Promise<(string | undefined)[]>;
}

const RACES: Race[] = [
  {
    name: 'none: both had the old value cached',
    run: async (truth, n, reader, other) => {
      truth.put(n, { status: 'Draft' });
      await status(reader, n);
      await status(other, n);
      truth.put(n, { status: 'Approved' });
      await other.invalidate(orderId(n));
      return [await status(reader, n), await status(other, n)];
    },
  },
  {
    name: 'a late fill',
    run: async (truth, n, reader, other) => {
      await staleReadInFlight(truth, n, reader, other);
      return [await status(reader, n), await status(other, n)];
    },
  },
  {
    name: 'a reader while the old read is in flight',
    run: async (truth, n, reader, other) => {
      let late: Promise<string | undefined> = Promise.resolve(undefined);
      await staleReadInFlight(truth, n, reader, other, async () => {
        late = status(reader, n);
        // It either reads the truth itself or has joined the old read, of which nothing can be seen.
        for (let looks = 0; looks < 25 && truth.gate.waiting < 2; looks++) await sleep(2);
      });
      return [await late];
    },
  },
];

/** Directed races of each contestant: a slow read has seen the old value, the order changes, the event is acted upon. */
export async function staleAnswers(races: number): Promise<StaleAnswers[]> {
  const results: StaleAnswers[] = [];
  for (const cache of CONTESTANT_NAMES) {
    for (const race of RACES) {
      results.push({ cache, race: race.name, races, stale: await count(cache, race, races) });
    }
  }
  return results;
}

async function count(cache: string, race: Race, races: number): Promise<number> {
  const resources = new Resources();
  try {
    const redis = await startRedis();
    resources.push('Redis', () => redis.stop());
    const truth = new Truth();
    const [reader, other] = [await enter(cache, redis.url, truth), await enter(cache, redis.url, truth)];
    resources.push('reader', () => reader.close());
    resources.push('other process', () => other.close());
    let stale = 0;
    for (let n = 1; n <= races; n++) {
      const seen = await race.run(truth, n, reader, other);
      if (seen.some((each) => each !== 'Approved')) stale++;
    }
    return stale;
  } finally {
    await resources.release();
  }
}

async function staleReadInFlight(
  truth: Truth,
  n: number,
  reader: Contestant,
  other: Contestant,
  meanwhile?: () => Promise<void>,
): Promise<void> {
  truth.put(n, { status: 'Draft' });
  truth.gate.hold();
  const inFlight = reader.read(orderId(n));
  const deadline = Date.now() + 10_000;
  while (truth.gate.waiting === 0) {
    if (Date.now() > deadline) throw new Error('The first reader has not come to the source in 10 s');
    await sleep(1);
  }
  truth.put(n, { status: 'Approved' });
  await other.invalidate(orderId(n));
  await meanwhile?.();
  truth.gate.open();
  await inFlight;
}

async function status(contestant: Contestant, n: number): Promise<string | undefined> {
  return (await contestant.read(orderId(n)))?.status;
}
