import type { Reached } from '../../sandbox/whmcs/barriers';
import { orAborted } from '../or-aborted';
import { LISTENERS, PROCESSES, WORKERS } from '../plan';
import type { Slots, Victim } from '../slots';
import { seen, until, type Strikes, type Struck } from './strike';

type Kind =
  | 'kill'
  | 'freeze'
  | 'freeze-past-its-lease'
  | 'restart'
  | 'deployment'
  | 'clock-step'
  | 'zombie-worker'
  | 'all-stopped';

const MORE_APPROVED = 8;

/** A worker that runs only while another is a zombie. */
const STAND_IN = 'worker-3';

export const processFaults: Strikes<Kind> = {
  kill: async ({ who }, { world: { slots }, signal }) => {
    const victims = await slots.those(who, signal);
    await Promise.all(victims.map(({ slot }) => slots.kill(slot)));
    return { heal: each(victims, (slot) => slots.start(slot)), ...named(victims) };
  },

  freeze: async ({ who }, { world: { slots }, signal }) => {
    const victims = await slots.those(who, signal);
    victims.forEach(({ slot }) => slots.freeze(slot));
    return { heal: each(victims, (slot) => slots.thaw(slot)), ...named(victims) };
  },

  'freeze-past-its-lease': async (_fault, { world: { slots }, progress, signal }) => {
    const victims = await slots.those('leader', signal);
    victims.forEach(({ slot }) => slots.freeze(slot));
    let next = '';
    const isTakenOver = async (): Promise<boolean> => {
      next = (await slots.leaders())[0] ?? '';
      return next !== '' && victims.every(({ slot }) => slot !== next);
    };
    return {
      heal: async () => {
        const overtaken = until(isTakenOver, signal).then(() => progress.moreApproved(MORE_APPROVED, signal));
        await overtaken.catch(() => undefined);
        victims.forEach(({ slot }) => slots.thaw(slot));
      },
      evidence: () => (next === '' ? undefined : `${namesOf(victims)}; ${next} took over`),
    };
  },

  restart: async ({ who }, { world: { slots }, signal }) => {
    const victims = await slots.those(who, signal);
    await restart(slots, victims);
    return named(victims);
  },

  // One after the other, as a rolling deployment does. The release is made current when its first worker is there.
  deployment: async (_fault, { world, signal }) => {
    const { slots } = world;
    const release = world.nextRelease();
    const victims: Victim[] = [];
    for (const slot of [...WORKERS, ...LISTENERS, 'portal'] as const) {
      const [victim] = await slots.those(slot, signal);
      if (victim !== undefined) victims.push(victim);
      await restart(slots, victims.slice(-1));
      if (slot === WORKERS[0]) await world.makeCurrent();
    }
    return seen(`${release} is current; ${namesOf(victims)}`);
  },

  'clock-step': async ({ who, hours }, { world: { slots }, signal }) => {
    const victims = await slots.those(who, signal);
    victims.forEach(({ slot }) => slots.setClock(slot, hours));
    return { heal: each(victims, (slot) => slots.setClock(slot, 0)), ...named(victims) };
  },

  /**
   * The workers freeze with an AddOrder on its way; their time runs out, another worker looks and finds nothing. Only then the
   * first AddOrder commits, which no quiet period can rule out: before the other adds, or when the order has long been Activated.
   */
  'zombie-worker': async ({ commits }, { world: { slots, whmcs, salesforce }, signal }) => {
    const next = (): Promise<Reached> =>
      orAborted(whmcs.faults.whenReached('AddOrder', 1, 'before-commit', { hold: true }), signal);
    const call = await next();
    const orderId = markerOf(call) ?? '';
    const zombies = await slots.those('workers', signal);
    zombies.forEach(({ slot }) => slots.freeze(slot));
    slots.start(STAND_IN);
    let happened = false;
    const isActivated = (): boolean => salesforce.store.get('Order', orderId)?.['Activation_Status__c'] === 'Activated';
    const overtaken = async (): Promise<void> => {
      while (!happened) {
        const other = await next();
        happened = markerOf(other) === orderId;
        if (happened && commits === 'before-the-next-add') call.release();
        other.release();
      }
      if (commits === 'after-all-is-done') await until(isActivated, signal);
      call.release();
    };
    const late = overtaken().catch(() => undefined);
    return {
      heal: async () => {
        await late;
        zombies.forEach(({ slot }) => slots.thaw(slot));
        await slots.stop(STAND_IN);
      },
      evidence: () => (happened ? `order ${orderId} was overtaken; ${namesOf(zombies)}` : undefined),
    };
  },

  'all-stopped': async ({ healIn }, { world: { slots, servers }, signal }) => {
    const victims = await slots.those('everyone', signal);
    for (const { slot } of victims) await slots.kill(slot);
    await servers.temporal.kill();
    await servers.redis.kill();
    return {
      heal: async () => {
        for (const what of healIn) {
          if (what === 'temporal') await servers.temporal.start();
          else if (what === 'redis') await servers.redis.start();
          else slots.start(what);
        }
        // What a plan written by hand leaves out would stay down.
        PROCESSES.forEach((slot) => slots.start(slot));
        await Promise.all([servers.temporal.start(), servers.redis.start()]);
      },
      ...named(victims),
    };
  },
};

async function restart(slots: Slots, victims: readonly Victim[]): Promise<void> {
  for (const { slot } of victims) {
    await slots.stop(slot);
    slots.start(slot);
  }
}

function each(victims: readonly Victim[], act: (slot: string) => void): () => Promise<void> {
  return () => {
    victims.forEach(({ slot }) => act(slot));
    return Promise.resolve();
  };
}

function named(victims: readonly Victim[]): Pick<Struck, 'evidence'> {
  return seen(namesOf(victims));
}

/** `worker-1 (process 4711), …` */
export function namesOf(victims: readonly Victim[]): string {
  return victims.map(({ slot, pid }) => `${slot} (process ${pid})`).join(', ');
}

/** The Salesforce order that an AddOrder is for. */
function markerOf({ call }: Reached): string | undefined {
  const [fields] = Object.values(call.customFields);
  return Object.values(fields ?? {})
    .find((value) => value.includes(':'))
    ?.split(':')[0];
}
