import { RETENTION_MS } from '../../sandbox/salesforce/events/topic';
import { ORDERS } from '../workload';
import type { Strikes } from './strike';

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

const done = Promise.resolve();

export const streamFaults: Strikes<Kind> = {
  'streams-cut': (_fault, { world: { salesforce } }) => {
    salesforce.faults.cutStreams({ code: 'service.unavailable' });
    return Promise.resolve({});
  },
  'streams-half-open': (_fault, { world: { salesforce } }) => {
    salesforce.faults.halfOpen();
    return Promise.resolve({ heal: () => (salesforce.faults.halfOpen(false), done) });
  },
  'streams-silent': (_fault, { world: { salesforce } }) => {
    salesforce.faults.silence();
    return Promise.resolve({ heal: () => (salesforce.faults.unsilence(), done) });
  },
  'events-repeated': ({ count }, { world: { salesforce } }) => {
    salesforce.faults.repeatLast(ORDERS, count);
    return Promise.resolve({});
  },
  'events-disordered': ({ count }, { world: { salesforce } }) => {
    salesforce.faults.disorder(ORDERS, count);
    return Promise.resolve({ fired: () => salesforce.faults.disorderOf(ORDERS) === 0 });
  },
  'events-delayed': ({ ms }, { world: { salesforce } }) => {
    salesforce.faults.delay(ORDERS, ms);
    return Promise.resolve({ heal: () => (salesforce.faults.delay(ORDERS, 0), done) });
  },
  'gap-events': ({ count }, { workload }) => Promise.resolve(workload.disguise('gap', count)),
  overflow: ({ count }, { workload }) => Promise.resolve(workload.disguise('overflow', count)),

  /** Nobody listens for longer than Salesforce keeps events; orders are approved meanwhile. */
  'replay-id-expired': async (_fault, { world: { slots, salesforce } }) => {
    const listeners = await slots.those('listeners');
    for (const slot of listeners) await slots.stop(slot);
    return {
      heal: () => {
        salesforce.clock.advance(RETENTION_MS + 60_000);
        listeners.forEach((slot) => slots.start(slot));
        return done;
      },
    };
  },
  'sessions-expired': (_fault, { world: { salesforce } }) => {
    salesforce.sessions.expireAll();
    return Promise.resolve({});
  },
};
