import { setTimeout as sleep } from 'node:timers/promises';
import type { RestFaultInput } from '../../sandbox/salesforce/rest/faults';
import type { World } from '../world';
import { ORDERS, type Workload } from '../workload';
import type { Of, Strikes } from './strike';

type Kind = 'kill-listener' | 'kill-workers-in-salesforce';

const LOOK_EVERY_MS = 20;
/** Within the time limit of a command, and much longer than a look at Temporal. */
const SLOW_MS = 600;

/** Kills at a point that no barrier of the emulators has a name for: it is brought about, awaited, and then used. */
export const killFaults: Strikes<Kind> = {
  'kill-listener': async ({ when }, { world, workload, progress, signal }) => {
    const { slots, links, salesforce } = world;
    // Without Temporal nothing is started; with a slow Redis the checkpoint is still under way when the run is there.
    const link = links[when === 'before-start' ? 'temporal-listener' : 'redis-listener'];
    const delivered = (): number => salesforce.pubsub.stats().eventsDelivered[ORDERS] ?? 0;
    const [approved, before] = [workload.approved.length, delivered()];
    const isInHand = (): Promise<boolean> =>
      when === 'before-start' ? Promise.resolve(delivered() > before) : hasRunSince(world, workload, approved);
    await (when === 'before-start' ? link.stall() : link.slow(SLOW_MS));
    try {
      await progress.reached('approved', approved + 1, signal);
      while (!(await isInHand())) await sleep(LOOK_EVERY_MS, undefined, { signal });
      const victims = await slots.those('leader');
      await Promise.all(victims.map((slot) => slots.kill(slot)));
      victims.forEach((slot) => slots.start(slot));
    } finally {
      await link.heal();
    }
    return {};
  },

  'kill-workers-in-salesforce': async (fault, { world: { slots, salesforce }, signal }) => {
    const active = salesforce.rest.faults.add(interruption(fault));
    while (active.struck === 0) await sleep(LOOK_EVERY_MS, undefined, { signal });
    const victims = await slots.those('workers');
    await Promise.all(victims.map((slot) => slots.kill(slot)));
    victims.forEach((slot) => slots.start(slot));
    return {};
  },
};

/** Whether one of the orders approved since has its run. */
async function hasRunSince(world: World, workload: Workload, since: number): Promise<boolean> {
  for (const id of workload.approved.slice(since)) if (await world.hasRun(id)) return true;
  return false;
}

function interruption({ call, point }: Of<'kill-workers-in-salesforce'>): RestFaultInput {
  const which = {
    read: { method: 'GET', path: '/query' },
    claim: { method: 'PATCH', path: '/sobjects/Order/' },
    'write-back': { method: 'PATCH', path: '/composite/' },
  } as const;
  // A read changes nothing: before and after are the same to it, but for the answer.
  return { kind: point === 'before-commit' ? 'hang' : 'commitThenLose', ...which[call], count: 1 };
}
