import { interleaved, ratios } from '../cache/rounds';
import { spread } from '../spread';
import { fastestLoop, type LoopTrial } from './fastest-loop';
import { ProcessorTime, type Who } from './processor-time';
import type { Starts } from './report';
import type { ListenerWorld } from './world';

const GOAL = 0.9;

export interface StartsSize {
  /** Even: whoever comes later finds more runs on the server, and each is first in half of them. */
  rounds: number;
  startsPerTurn: number;
  trial: LoopTrial;
}

/** How many runs the listener starts from events, against the best loop that calls the Temporal client. No worker runs. */
export async function starts(world: ListenerWorld, { rounds, startsPerTurn, trial }: StartsSize): Promise<Starts> {
  const before = { listener: await world.started('cdc'), loops: await world.started('manual') };
  const { concurrency, tried, asked: inTrial } = await fastestLoop(world, trial);
  const asked = { listener: 0, loops: inTrial };
  const listen = (approvals: number): Promise<number> => {
    asked.listener += approvals;
    return world.listen({ events: approvals, approvesEvery: 1, firstOrder: world.take(approvals) });
  };
  // As warm as the loops are by their trial: a process takes half of the processor time for a start once it has made a thousand.
  await listen(inTrial);
  const processorTime = new ProcessorTime(world);
  const turns: Record<Who, () => Promise<number>> = {
    listener: () => listen(startsPerTurn),
    bare: () => {
      asked.loops += startsPerTurn;
      return world.loop(startsPerTurn, concurrency);
    },
  };
  const rates = await interleaved<Who>(
    ['listener', 'bare'],
    rounds,
    async (who) => startsPerTurn / (await processorTime.during(who, turns[who])),
  );
  return {
    ...{ rounds, startsPerTurn, asked, tried, concurrency },
    started: {
      listener: await world.startedSince('cdc', before.listener, asked.listener),
      loops: await world.startedSince('manual', before.loops, asked.loops),
    },
    ratio: spread(ratios(rates, 'listener', 'bare')),
    goal: GOAL,
    processorTime: processorTime.ratio(),
  };
}
