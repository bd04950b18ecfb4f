import { interleaved, ratios } from '../cache/rounds';
import { spread } from '../spread';
import type { Starts } from './report';
import type { ListenerWorld } from './world';

const GOAL = 0.9;

export interface StartsSize {
  rounds: number;
  startsPerTurn: number;
  /** Calls at once of the loops that are tried. */
  concurrencies: readonly number[];
}

/** How many runs the listener starts from events, against loops that call the Temporal client. No worker runs. */
export async function starts(world: ListenerWorld, size: StartsSize): Promise<Starts> {
  const { rounds, startsPerTurn, concurrencies } = size;
  const before = { listener: await world.started('cdc'), loops: await world.started('manual') };
  const asked = { listener: 0, loops: 0 };
  const loopOf = new Map(concurrencies.map((concurrency) => [`loop ${concurrency}`, concurrency]));
  const rates = await interleaved(['listener', ...loopOf.keys()], rounds, async (name) => {
    const concurrency = loopOf.get(name);
    asked[concurrency === undefined ? 'listener' : 'loops'] += startsPerTurn;
    const ms = await (concurrency === undefined
      ? world.listen({ events: startsPerTurn, approvesEvery: 1, firstOrder: world.take(startsPerTurn) })
      : world.loop(startsPerTurn, concurrency));
    return startsPerTurn / ms;
  });
  const best = bestOf([...loopOf.keys()], (name) => spread(rates.map((round) => round.get(name) ?? NaN)).median);
  return {
    rounds,
    startsPerTurn,
    asked,
    started: {
      listener: await world.startedSince('cdc', before.listener, asked.listener),
      loops: await world.startedSince('manual', before.loops, asked.loops),
    },
    loops: [...loopOf].map(([name, concurrency]) => ({
      concurrency,
      best: name === best,
      ratio: spread(ratios(rates, 'listener', name)),
    })),
    goal: GOAL,
  };
}

export function bestOf<T>(candidates: readonly T[], rate: (candidate: T) => number): T | undefined {
  let best: T | undefined;
  for (const candidate of candidates) if (best === undefined || rate(candidate) > rate(best)) best = candidate;
  return best;
}
