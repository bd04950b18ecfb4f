import { eventually } from './eventually';
import type { ProvisioningWorld } from './provisioning-world';
import type { OrderId } from '../../src/domain/order';

/** A way through the workflow whose history is kept in `test/histories`, and how to walk it. Resolves with the order. */
export type RecordedPath = (world: ProvisioningWorld) => Promise<OrderId>;

async function waiting(world: ProvisioningWorld): Promise<OrderId> {
  const orderId = world.order({ products: [null] });
  await world.orders.request(orderId, { trigger: 'cdc' });
  await world.in(orderId, 'AwaitingReprovision');
  await eventually(() => {
    if (world.record(orderId).activation !== 'Failed') throw new Error('not yet marked Failed');
  });
  return orderId;
}

function link(world: ProvisioningWorld, orderId: OrderId): void {
  const item = world.salesforce.store.rows('OrderItem').find((row) => row['OrderId'] === orderId);
  world.edit('Product2', String(item?.['Product2Id']), { WHMCS_Product_ID__c: '1' });
}

async function inDoubt(world: ProvisioningWorld): Promise<OrderId> {
  const orderId = world.order();
  world.whmcs.faults.add({ kind: 'commitThenLose', action: 'AddOrder', count: 1 });
  await world.orders.request(orderId, { trigger: 'platform-event', priority: 1, correlationId: 'recorded' });
  await eventually(async () => {
    if ((await world.status(orderId)).lastError?.code !== 'WHMCS_AMBIGUOUS') throw new Error('not yet in doubt');
  });
  return orderId;
}

/** A run whose AcceptOrder fails, until `mend` is called. */
async function unaccepted(world: ProvisioningWorld): Promise<{ orderId: OrderId; mend: () => void }> {
  const orderId = world.order();
  const outage = world.whmcs.faults.add({ kind: '503', action: 'AcceptOrder' });
  await world.orders.request(orderId, { trigger: 'cdc' });
  await eventually(() => {
    if (outage.hits === 0) throw new Error('not yet refused');
  });
  return { orderId, mend: () => outage.remove() };
}

export const RECORDED_PATHS: Record<string, RecordedPath> = {
  activated: async (world) => {
    const orderId = world.order({ products: ['1', '2'] });
    await world.provision(orderId);
    return orderId;
  },
  skipped: async (world) => {
    const orderId = world.order({ fields: { WHMCS_Order_ID__c: '4711' } });
    await world.provision(orderId);
    return orderId;
  },
  'in-doubt-then-adopted': async (world) => {
    const orderId = await inDoubt(world);
    await world.result(orderId);
    return orderId;
  },
  'failed-then-reprovisioned': async (world) => {
    const orderId = await waiting(world);
    link(world, orderId);
    await world.signal(orderId, 'reprovision');
    await world.result(orderId);
    return orderId;
  },
  'cancelled-while-waiting': async (world) => {
    const orderId = await waiting(world);
    await world.signal(orderId, 'cancel');
    await world.result(orderId);
    return orderId;
  },
  'cancelled-in-doubt-compensated': async (world) => {
    const orderId = await inDoubt(world);
    await world.signal(orderId, 'cancel', { reason: 'recorded' });
    await world.result(orderId);
    return orderId;
  },
  'cancel-too-late': async (world) => {
    const orderId = world.order();
    const reached = world.whmcs.faults.whenReached('AcceptOrder', 1, 'after-commit', { hold: true });
    await world.orders.request(orderId, { trigger: 'cdc' });
    const call = await reached;
    await world.signal(orderId, 'cancel');
    call.release();
    await world.result(orderId);
    return orderId;
  },
  'cancelled-in-salesforce': async (world) => {
    const orderId = await waiting(world);
    world.edit('Order', orderId, { Status: 'Cancelled' });
    await world.orders.tell(orderId, 'cancelled');
    await world.result(orderId);
    return orderId;
  },
  'refused-then-added': async (world) => {
    const orderId = world.order();
    world.whmcs.faults.add({ kind: '429', action: 'AddOrder', count: 1 });
    await world.provision(orderId);
    return orderId;
  },
  'cancelled-while-acceptance-in-doubt': async (world) => {
    const { orderId, mend } = await unaccepted(world);
    await world.signal(orderId, 'cancel');
    mend();
    await world.result(orderId);
    return orderId;
  },
  'withdrawn-before-acceptance': async (world) => {
    const { orderId, mend } = await unaccepted(world);
    world.edit('Order', orderId, { Status: 'Draft' });
    mend();
    await world.result(orderId);
    return orderId;
  },
  'edited-before-acceptance': async (world) => {
    const { orderId, mend } = await unaccepted(world);
    const item = world.salesforce.store.rows('OrderItem').find((row) => row['OrderId'] === orderId);
    world.edit('OrderItem', String(item?.Id), { Quantity: 2 });
    mend();
    await world.in(orderId, 'AwaitingReprovision');
    await world.signal(orderId, 'reprovision');
    await world.result(orderId);
    return orderId;
  },
  'told-late-of-an-old-cancellation': async (world) => {
    const { orderId, mend } = await unaccepted(world);
    await world.orders.tell(orderId, 'cancelled');
    mend();
    await world.result(orderId);
    return orderId;
  },
  'asked-again-while-running': async (world) => {
    const orderId = world.order();
    const reached = world.whmcs.faults.whenReached('AddOrder', 1, 'before-commit', { hold: true });
    await world.orders.request(orderId, { trigger: 'cdc' });
    const call = await reached;
    await world.orders.request(orderId, { trigger: 'cdc' });
    call.release();
    await world.result(orderId);
    return orderId;
  },
};
