import type { RestFaultInput } from '../../sandbox/salesforce/rest/faults';
import type { Slots, Victim } from '../slots';
import type { World } from '../world';
import { THAT_FAILS, THAT_SELLS, type Workload } from '../workload';
import { namesOf } from './processes';
import { WORKERS_CALLS } from './requests';
import { seen, until, type Of, type Strikes } from './strike';

type Kind = 'kill-listener' | 'kill-workers-in-salesforce';

/** Within the time limit of a command, and much longer than a look at Temporal. */
const SLOW_MS = 600;

/** Kills at a point that no barrier of the emulators has a name for: it is brought about, awaited, and then used. */
export const killFaults: Strikes<Kind> = {
  'kill-listener': async ({ when }, { world, workload, signal }) => {
    const { slots, links, salesforce, provisioning } = world;
    // Without Temporal nothing is started; with a slow Redis the checkpoint is still under way when the run is there.
    const link = links[when === 'before-start' ? 'temporal-listener' : 'redis-listener'];
    const delivered = (): number => salesforce.pubsub.stats().eventsDelivered[provisioning] ?? 0;
    // Nobody else strikes the listeners meanwhile: who leads now does so then.
    const victims = await slots.those('leader', signal);
    const [approved, before] = [workload.approved.length, delivered()];
    const isInHand = (): boolean | Promise<boolean> =>
      when === 'before-start' ? delivered() > before : hasRunSince(world, workload, approved);
    await (when === 'before-start' ? link.stall() : link.slow(SLOW_MS));
    try {
      workload.sell(THAT_SELLS);
      await until(isInHand, signal);
      await killAndStart(slots, victims);
    } finally {
      await link.heal();
    }
    return seen(`${namesOf(victims)}, with an event in hand`);
  },

  'kill-workers-in-salesforce': async (fault, { world: { slots, salesforce }, workload, signal }) => {
    const victims = await slots.those('workers', signal);
    const active = salesforce.rest.faults.add(interruption(fault));
    workload.sell(fault.call === 'mark-failed' ? THAT_FAILS : THAT_SELLS);
    await until(() => active.struck > 0, signal);
    await killAndStart(slots, victims);
    return seen(namesOf(victims));
  },
};

async function killAndStart(slots: Slots, victims: readonly Victim[]): Promise<void> {
  await Promise.all(victims.map(({ slot }) => slots.kill(slot)));
  victims.forEach(({ slot }) => slots.start(slot));
}

/** Whether one of the orders approved since has its run. */
async function hasRunSince(world: World, workload: Workload, since: number): Promise<boolean> {
  for (const id of workload.approved.slice(since)) if (await world.hasRun(id)) return true;
  return false;
}

function interruption({ call, point }: Of<'kill-workers-in-salesforce'>): RestFaultInput {
  // A read changes nothing: before and after are the same to it, but for the answer.
  return { kind: point === 'before-commit' ? 'hang' : 'commitThenLose', ...WORKERS_CALLS[call], count: 1 };
}
