import { setTimeout as sleep } from 'node:timers/promises';
import { addedForNothing, doubled } from './books';
import type { Plan } from './plan';
import type { Readers } from './readers';
import { strangers } from './runs';
import type { Workload } from './workload';
import type { World } from './world';

const LOOK_EVERY_MS = 500;

/**
 * Whatever is wrong already and can never become right again: a customer who was charged twice, a stale answer that was given, a
 * run that is no order's.
 */
export async function beyondRepair(
  { world, workload, readers }: { world: World; workload: Workload; readers: Readers },
  plan: Plan,
): Promise<string[]> {
  return [
    ...doubled(world, workload.orders),
    ...addedForNothing(world, plan),
    ...readers.wrong(),
    // What cannot be looked at now may be looked at later.
    ...(await world.inTemporal((client) => strangers(workload, client)).catch(() => [])),
  ];
}

/** Resolves with the first of these that fits, as soon as it is there; never, where the signal comes first. */
export function untilBeyondRepair(look: () => Promise<string[]>, fits: RegExp, signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const watch = async (): Promise<void> => {
      while (!signal.aborted) {
        const found = (await look()).find((problem) => fits.test(problem));
        if (found !== undefined) resolve(found);
        await sleep(LOOK_EVERY_MS, undefined, { signal });
      }
    };
    watch().catch(() => undefined);
  });
}
