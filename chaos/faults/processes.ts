import { setTimeout as sleep } from 'node:timers/promises';
import type { Reached } from '../../sandbox/whmcs/barriers';
import { orAborted } from '../or-aborted';
import { LISTENERS, PROCESSES, WORKERS } from '../plan';
import type { Strikes } from './strike';

type Kind = 'kill' | 'freeze' | 'restart' | 'deployment' | 'clock-step' | 'zombie-worker' | 'all-stopped';

/** A worker that runs only while another is a zombie. */
const STAND_IN = 'worker-3';
const LOOK_EVERY_MS = 50;

export const processFaults: Strikes<Kind> = {
  kill: async ({ who }, { world: { slots } }) => {
    const victims = await slots.those(who);
    await Promise.all(victims.map((slot) => slots.kill(slot)));
    return {
      heal: each(victims, (slot) => slots.start(slot)),
      fired: () => victims.length > 0,
    };
  },

  freeze: async ({ who }, { world: { slots } }) => {
    const victims = await slots.those(who);
    victims.forEach((slot) => slots.freeze(slot));
    return {
      heal: each(victims, (slot) => slots.thaw(slot)),
      fired: () => victims.length > 0,
    };
  },

  restart: async ({ who }, { world: { slots } }) => {
    const victims = await slots.those(who);
    for (const slot of victims) {
      await slots.stop(slot);
      slots.start(slot);
    }
    return { fired: () => victims.length > 0 };
  },

  // One after the other, as a rolling deployment does.
  deployment: async (_fault, { world: { slots } }) => {
    for (const slot of [...WORKERS, ...LISTENERS, 'portal']) {
      await slots.stop(slot);
      slots.start(slot);
    }
    return {};
  },

  'clock-step': async ({ who }, { world: { slots } }) => {
    const victims = await slots.those(who);
    const step = each(victims, (slot) => slots.stepClock(slot));
    await step();
    return { heal: step, fired: () => victims.length > 0 };
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
    const zombies = await slots.those('workers');
    zombies.forEach((slot) => slots.freeze(slot));
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
      while (commits === 'after-all-is-done' && !isActivated()) await sleep(LOOK_EVERY_MS, undefined, { signal });
      call.release();
    };
    const late = overtaken().catch(() => undefined);
    return {
      heal: async () => {
        await late;
        zombies.forEach((slot) => slots.thaw(slot));
        await slots.stop(STAND_IN);
      },
      fired: () => happened,
    };
  },

  'all-stopped': async ({ healIn }, { world: { slots, servers } }) => {
    for (const slot of PROCESSES) await slots.kill(slot);
    await servers.killTemporal();
    await servers.killRedis();
    return {
      heal: async () => {
        for (const what of healIn) {
          if (what === 'temporal') await servers.startTemporal();
          else if (what === 'redis') await servers.startRedis();
          else slots.start(what);
        }
      },
    };
  },
};

function each(slots: string[], act: (slot: string) => void): () => Promise<void> {
  return () => {
    slots.forEach(act);
    return Promise.resolve();
  };
}

/** The Salesforce order that an AddOrder is for. */
function markerOf({ call }: Reached): string | undefined {
  const [fields] = Object.values(call.customFields);
  return Object.values(fields ?? {})
    .find((value) => value.includes(':'))
    ?.split(':')[0];
}
