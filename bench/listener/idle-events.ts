import { interleaved, ratios } from '../cache/rounds';
import { spread } from '../spread';
import { ProcessorTime, type Who } from './processor-time';
import type { IdleEvents, Memory } from './report';
import type { ListenerWorld } from './world';

const GOAL = 0.9;

export interface IdleEventsSize {
  rounds: number;
  eventsPerTurn: number;
  /** So many events are watched for what they leave in memory, or as many as pass within the time, ms. */
  memory: { events: number; limitMs: number; sampleEvery: number };
}

/** How the listener fares with events that start nothing, against a bare subscription with an empty callback. */
export async function idleEvents(world: ListenerWorld, size: IdleEventsSize): Promise<IdleEvents> {
  const { rounds, eventsPerTurn } = size;
  const before = await world.decided();
  let published = 0;
  const batch = { events: eventsPerTurn, approvesEvery: 0, firstOrder: 0 };
  const processorTime = new ProcessorTime(world);
  const rates = await interleaved<Who>(['listener', 'bare'], rounds, async (who) => {
    if (who === 'listener') published += eventsPerTurn;
    const turn = () => (who === 'listener' ? world.listen(batch) : world.read(batch));
    return eventsPerTurn / (await processorTime.during(who, turn));
  });
  const memory = await grow(world, size.memory);
  published += memory.events;
  return {
    rounds,
    eventsPerTurn,
    published,
    decided: (await world.decided()) - before,
    ratio: spread(ratios(rates, 'listener', 'bare')),
    goal: GOAL,
    processorTime: processorTime.ratio(),
    memory,
  };
}

async function grow(world: ListenerWorld, { events, limitMs, sampleEvery }: IdleEventsSize['memory']): Promise<Memory> {
  const resident: number[] = [];
  const heap: number[] = [];
  const end = performance.now() + limitMs;
  let passed = 0;
  // A quarter is a sample at least.
  while (resident.length < 4 || (passed < events && performance.now() < end)) {
    await world.listen({ events: sampleEvery, approvesEvery: 0, firstOrder: 0 });
    passed += sampleEvery;
    const held = await world.held();
    resident.push(held.resident);
    heap.push(held.heap);
  }
  return { events: passed, samples: resident.length, resident: lastOverFirst(resident), heap: lastOverFirst(heap) };
}

/** The mean of the last quarter over that of the first. */
function lastOverFirst(samples: readonly number[]): number {
  const quarter = Math.floor(samples.length / 4);
  const mean = (some: readonly number[]): number => some.reduce((sum, each) => sum + each, 0) / some.length;
  return mean(samples.slice(-quarter)) / mean(samples.slice(0, quarter));
}
