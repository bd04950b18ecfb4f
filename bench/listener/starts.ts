import { interleaved, ratios } from '../cache/rounds';
import { spread } from '../spread';
import { fastestLoop, type LoopTrial } from './fastest-loop';
import type { Starts } from './report';
import type { ListenerWorld } from './world';

const GOAL = 0.9;

export interface StartsSize {
  /** Even: whoever comes later finds more runs on the server, and each is first in half of them. */
  rounds: number;
  startsPerTurn: number;
  trial: LoopTrial;
}

const LISTENER = 'listener';
const LOOP = 'loop';

/** How many runs the listener starts from events, against the best loop that calls the Temporal client. No worker runs. */
export async function starts(world: ListenerWorld, { rounds, startsPerTurn, trial }: StartsSize): Promise<Starts> {
  const before = { listener: await world.started('cdc'), loops: await world.started('manual') };
  const { concurrency, tried, asked: inTrial } = await fastestLoop(world, trial);
  const asked = { listener: 0, loops: inTrial };
  const rates = await interleaved([LISTENER, LOOP], rounds, async (name) => {
    asked[name === LISTENER ? 'listener' : 'loops'] += startsPerTurn;
    const ms = await (name === LISTENER
      ? world.listen({ events: startsPerTurn, approvesEvery: 1, firstOrder: world.take(startsPerTurn) })
      : world.loop(startsPerTurn, concurrency));
    return startsPerTurn / ms;
  });
  return {
    ...{ rounds, startsPerTurn, asked, tried, concurrency },
    started: {
      listener: await world.startedSince('cdc', before.listener, asked.listener),
      loops: await world.startedSince('manual', before.loops, asked.loops),
    },
    ratio: spread(ratios(rates, LISTENER, LOOP)),
    goal: GOAL,
  };
}
