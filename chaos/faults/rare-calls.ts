import { MARKER_FIELD_NAME } from '../../sandbox/whmcs';
import { orAborted } from '../or-aborted';
import { WORKERS, type RareCall } from '../plan';
import { THAT_SELLS, THAT_SELLS_IN_ONE_CURRENCY } from '../workload';
import type { World } from '../world';
import { namesOf } from './processes';
import { seen, type Stage, type Strikes } from './strike';
import { whmcsFault } from './vendors';

/** Kills in calls to WHMCS that have to be brought about first. */
export const rareCallFaults: Strikes<'kill-workers-in-rare-call'> = {
  'kill-workers-in-rare-call': async ({ call, point }, stage) => {
    const { world, workload, signal } = stage;
    const { slots, whmcs } = world;
    await slots.those('workers', signal);
    // A worker remembers what these have told it for as long as it lives.
    const isOncePerLife = call === 'GetProducts' || call === 'GetClientsDetails';
    if (isOncePerLife) await Promise.all(WORKERS.map((slot) => slots.stop(slot)));
    const reached = whmcs.faults.whenReached(call, 1, point, { hold: true });
    const brought = bringAbout(call, stage);
    workload.sell(call === 'GetClientsDetails' ? THAT_SELLS_IN_ONE_CURRENCY : THAT_SELLS);
    if (isOncePerLife) WORKERS.forEach((slot) => slots.start(slot));
    await brought;
    const held = await orAborted(reached, signal);
    // One of them makes the call; the other may be on its way, and is not waited for.
    const victims = slots.running('workers');
    try {
      await Promise.all(WORKERS.map((slot) => slots.kill(slot)));
    } finally {
      held.release();
    }
    WORKERS.forEach((slot) => slots.start(slot));
    return seen(namesOf(victims));
  },
};

async function bringAbout(call: RareCall, { world, signal }: Pick<Stage, 'world' | 'signal'>): Promise<void> {
  const once = { kind: 'whmcs', count: 1 } as const;
  const { faults } = world.whmcs;
  switch (call) {
    case 'CancelOrder':
      faults.add(whmcsFault({ ...once, fault: 'partialAdd', action: 'AddOrder' }));
      return;
    case 'GetOrders':
      // The look-up finds what was added, and asks in which state it is.
      faults.add(whmcsFault({ ...once, fault: 'commitThenLose', action: 'AddOrder' }));
      return;
    case 'ModuleCreate':
      faults.add(whmcsFault({ ...once, fault: 'moduleCreateFailure', action: 'AcceptOrder' }));
      return;
    case 'UpdateClientProduct':
      return loseMarker(world, signal);
    case 'GetProducts':
    case 'GetClientsDetails':
      return;
  }
}

/** Somebody empties the field of an order just after it was accepted. */
async function loseMarker({ whmcs: { faults, store } }: World, signal: AbortSignal): Promise<void> {
  const accepted = await orAborted(faults.whenReached('AcceptOrder', 1, 'after-commit', { hold: true }), signal);
  for (const id of store.orders.get(Number(accepted.call.params['orderid']))?.serviceIds ?? []) {
    const service = store.services.get(id);
    if (service === undefined) continue;
    for (const { field } of store.customFieldsOf(service))
      if (field.name === MARKER_FIELD_NAME) service.customFields.delete(field.id);
  }
  accepted.release();
}
