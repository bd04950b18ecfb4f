import { interleaved, ratios } from '../cache/rounds';
import { spread } from '../spread';
import { fastestLoop, type LoopTrial } from './fastest-loop';
import type { Who } from './processor-time';
import type { Backlog } from './report';
import type { ListenerWorld } from './world';

/** One event of so many approves an order. */
const APPROVES_EVERY = 20;

export interface BacklogSize {
  rounds: number;
  events: number;
  trial: LoopTrial;
}

/**
 * A backlog after an outage of the stream, which the org holds back until then: how long the listener takes until its checkpoint is at
 * the end, against the bare client that reads it and starts the runs in a loop, with the number of calls at once that is the best.
 */
export async function backlog(world: ListenerWorld, size: BacklogSize): Promise<Backlog> {
  const { rounds, events, trial } = size;
  const approvals = Math.floor(events / APPROVES_EVERY);
  const { concurrency } = await fastestLoop(world, trial);
  const decidedBefore = await world.decided();
  const startedBefore = await world.started('cdc');
  // Whoever comes later finds more runs on the server, so each round is in another order; none warms up.
  const rates = await interleaved<Who>(
    ['listener', 'bare'],
    rounds,
    async (who) => {
      const batch = { events, approvesEvery: APPROVES_EVERY, firstOrder: world.take(approvals) };
      return events / (await (who === 'listener' ? world.listen(batch) : world.read(batch, concurrency)));
    },
    { warmUp: false },
  );
  return {
    ...{ rounds, events, approvals },
    decided: (await world.decided()) - decidedBefore,
    started: await world.startedSince('cdc', startedBefore, rounds * approvals),
    concurrency,
    ratio: spread(ratios(rates, 'listener', 'bare')),
  };
}
