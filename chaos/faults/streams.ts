import { REQUESTS } from '../topics';
import { THAT_SELLS } from '../workload';
import type { World } from '../world';
import { namesOf } from './processes';
import { counted, seen, until, type Strikes } from './strike';

type Kind =
  | 'streams-cut'
  | 'streams-half-open'
  | 'streams-silent'
  | 'events-repeated'
  | 'events-disordered'
  | 'events-delayed'
  | 'gap-events'
  | 'overflow'
  | 'replay-id-expired'
  | 'sessions-expired';

const ASK_AGAIN_MS = 1_000;

export const streamFaults: Strikes<Kind> = {
  'streams-cut': async (_fault, { world, signal }) => {
    await until(() => open(world) > 0, signal);
    const before = open(world);
    world.salesforce.faults.cutStreams({ code: 'service.unavailable' });
    const cut = before - open(world);
    return counted(() => cut, 'streams');
  },

  'streams-half-open': async (_fault, { world, signal }) => {
    const { faults } = world.salesforce;
    return untilGivenUp(world, signal, { begin: () => faults.halfOpen(), end: () => faults.halfOpen(false) });
  },

  'streams-silent': async (_fault, { world, signal }) => {
    const { faults } = world.salesforce;
    return untilGivenUp(world, signal, { begin: () => faults.silence(), end: () => faults.unsilence() });
  },

  'events-repeated': async ({ count }, { world, signal }) => {
    const { salesforce, provisioning } = world;
    const now = (what: 'eventsRepeated' | 'eventsDelivered' | 'openStreams'): number =>
      salesforce.pubsub.stats()[what][provisioning] ?? 0;
    const before = now('eventsRepeated');
    let askedAt = -ASK_AGAIN_MS;
    // A stream that ends before they were sent, or that is silent, takes them with it: they are asked for again.
    await until(() => {
      if (now('openStreams') > 0 && now('eventsDelivered') > 0 && performance.now() - askedAt > ASK_AGAIN_MS) {
        askedAt = performance.now();
        salesforce.faults.repeatLast(provisioning, count);
      }
      return now('eventsRepeated') > before;
    }, signal);
    return counted(() => now('eventsRepeated') - before, 'events came again');
  },

  // They wait for each other: orders of its own see to it that so many come.
  'events-disordered': ({ count }, { world: { salesforce, provisioning }, workload }) => {
    salesforce.faults.disorder(provisioning, count);
    const eventsOfAnOrder = provisioning === REQUESTS ? 1 : 2;
    for (let told = 0; told < count; told += eventsOfAnOrder) workload.sell(THAT_SELLS);
    const left = (): number => salesforce.faults.disorderOf(provisioning);
    return Promise.resolve(counted(() => (left() === 0 ? count : 0), 'events, newest first'));
  },

  'events-delayed': ({ ms }, { world: { salesforce, provisioning } }) => {
    const log = salesforce.events.topics.get(provisioning)?.log;
    const from = log?.tip ?? 0n;
    let late = 0;
    salesforce.faults.delay(provisioning, ms);
    return Promise.resolve({
      heal: () => {
        late = log?.retained().filter(({ position }) => position > from).length ?? 0;
        salesforce.faults.delay(provisioning, 0);
        return Promise.resolve();
      },
      ...counted(() => late, 'events'),
    });
  },

  'gap-events': ({ count }, { workload }) => Promise.resolve(workload.disguise('gap', count)),
  overflow: ({ count }, { workload }) => Promise.resolve(workload.disguise('overflow', count)),

  /** Nobody listens for longer than Salesforce keeps events; orders are approved meanwhile. */
  'replay-id-expired': async (_fault, { world: { slots, salesforce }, signal }) => {
    const refused = (): number => salesforce.pubsub.stats().failures['subscription.fetch.replayid.corrupted'] ?? 0;
    const before = refused();
    const listeners = await slots.those('listeners', signal);
    for (const { slot } of listeners) await slots.stop(slot);
    return {
      heal: () => {
        // Not by the clock: what the product compares with its own would be days ahead ever after.
        salesforce.faults.events.dropAll();
        listeners.forEach(({ slot }) => slots.start(slot));
        return Promise.resolve();
      },
      ...counted(() => refused() - before, `subscriptions refused, after ${namesOf(listeners)}`),
    };
  },

  'sessions-expired': async (_fault, { world, signal }) => {
    const { sessions } = world.salesforce;
    await until(() => sessions.live > 0, signal);
    const { live } = sessions;
    sessions.expireAll();
    return seen(`${live} sessions`);
  },
};

function open({ salesforce }: World): number {
  return Object.values(salesforce.pubsub.stats().openStreams).reduce((sum, count) => sum + count, 0);
}

/** Streams that were open once and are no more. */
function ended(world: World): number {
  const { streamsOpened } = world.salesforce.pubsub.stats();
  return Object.values(streamsOpened).reduce((sum, count) => sum + count, 0) - open(world);
}

/** Streams on which nothing comes, at least until the listener has noticed and given one up. */
async function untilGivenUp(world: World, signal: AbortSignal, fault: { begin: () => void; end: () => void }) {
  await until(() => open(world) > 0, signal);
  const before = ended(world);
  fault.begin();
  let givenUp = 0;
  return {
    heal: async () => {
      await until(() => ended(world) > before, signal).catch(() => undefined);
      givenUp = ended(world) - before;
      fault.end();
    },
    ...counted(() => givenUp, 'streams were given up'),
  };
}
